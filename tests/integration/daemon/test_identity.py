"""A token that was minted for one identity is never given to another."""

import ctypes
import json
import os
import pathlib
import shlex
import struct
import subprocess

import pytest

from rig_ecr import DEV, PROD, SESSION
from rig_home import Home, environment_of
from rig_signature import AccessKey
from rig_world import ECR

# Each of the four shells asks for the same host this often.
GETS = 2500


@pytest.fixture
def user(home) -> Home:
    home.profile("prod", PROD)
    home.profile("dev", DEV)
    home.start_daemon()
    return home


def test_10000_gets_of_four_shells_get_their_own_tokens(world, user, folder):
    """Two shells with keys in the environment and two with AWS_PROFILE ask one daemon for one host at the same time."""
    ways = {f"{key.label}-keys": (key, environment_of(key)) for key in (PROD, DEV)}
    ways |= {f"{key.label}-profile": (key, {"AWS_PROFILE": key.label}) for key in (PROD, DEV)}
    shells = {name: _shell(user, folder / name, variables) for name, (_, variables) in ways.items()}
    for name, shell in shells.items():
        assert shell.wait(200) == 0, (folder / name).read_text()[-500:]
        lines = (folder / name).read_text().splitlines()
        assert len(lines) == GETS
        labels = {_label(world, json.loads(line)) for line in set(lines)}
        assert labels == {ways[name][0].label}
    assert len(world.ecr.calls()) <= len(ways), "more calls than identities"


def test_an_edited_profile_is_another_identity_at_once(world, user):
    assert _label(world, user.get(ECR, AWS_PROFILE="prod")) == "prod"
    credentials = user.home / ".aws/credentials"
    for key in (DEV, PROD, DEV, SESSION):
        credentials.write_text("")
        user.profile("prod", key)
        assert _label(world, user.get(ECR, AWS_PROFILE="prod")) == key.label


def test_an_edit_that_keeps_size_and_time_is_noticed(world, user):
    """Two edits within one tick of the file system's clock, to contents of the same length."""
    credentials = user.home / ".aws/credentials"
    twin = AccessKey("twin", PROD.key_id, "fake/secret/that/is/wrong/" + "0" * (len(PROD.secret) - 26))
    credentials.write_text("")
    user.profile("prod", twin)
    stamp = os.stat(credentials)
    assert user.helper("get", ECR, AWS_PROFILE="prod").status == 1
    new = credentials.with_suffix(".new")
    new.write_text(credentials.read_text().replace(twin.secret, PROD.secret))
    new.chmod(0o600)
    os.utime(new, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    new.replace(credentials)
    assert os.stat(credentials).st_size == stamp.st_size
    assert _label(world, user.get(ECR, AWS_PROFILE="prod")) == "prod"


def test_environment_keys_win_over_no_profile_and_lose_nothing(world, user):
    assert _label(world, user.get(ECR, **environment_of(SESSION))) == "session"
    assert user.helper("get", ECR, **{**environment_of(SESSION), "AWS_SESSION_TOKEN": "FAKE-other"}).status == 1
    assert _label(world, user.get(ECR, **environment_of(SESSION))) == "session"


# A peer in another mount namespace may be a container that has the socket mounted. What it names are its own files.


def test_a_foreign_peer_makes_the_daemon_read_no_file(world, user):
    secrets = user.write("elsewhere/credentials", (user.home / ".aws/credentials").read_text())
    variables = {"AWS_SHARED_CREDENTIALS_FILE": str(secrets), "AWS_PROFILE": "prod"}
    with Watch(secrets) as watch:
        assert _foreign_get(user, **variables).returncode == 1
        assert _foreign_get(user, AWS_CONFIG_FILE=str(secrets), AWS_PROFILE="prod").returncode == 1
        assert watch.opened() == 0
        # The same request from the daemon's own namespace: the watch sees, and the file is good.
        assert _label(world, user.get(ECR, **variables)) == "prod"
        assert watch.opened() > 0


def test_a_foreign_peer_does_not_get_the_daemons_own_profiles_by_home(world, user):
    with Watch(user.home / ".aws/credentials") as watch:
        assert _foreign_get(user, AWS_PROFILE="prod").returncode == 1
        assert watch.opened() == 0
    assert world.ecr.calls() == []


def test_a_foreign_peer_does_not_get_what_is_warm(world, user):
    """What the same request gets from the daemon's own namespace lies in the cache."""
    user.get(ECR, AWS_PROFILE="prod")
    assert _foreign_get(user, AWS_PROFILE="prod").returncode == 1


def test_a_foreign_peer_makes_the_daemon_run_no_program(world, user):
    marker = user.folder / "program-ran"
    program = user.write("elsewhere/program", f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o700)
    config = user.write("elsewhere/config", f"[profile run]\ncredential_process = {program}\n")
    outcome = _foreign_get(user, AWS_CONFIG_FILE=str(config), AWS_PROFILE="run")
    assert outcome.returncode == 1
    assert not marker.exists()


def test_a_foreign_peer_may_use_keys_that_it_brings(world, user):
    outcome = _foreign_get(user, **environment_of(SESSION))
    assert outcome.returncode == 0, outcome.stdout
    assert _label(world, json.loads(outcome.stdout)) == "session"


def test_a_foreign_peer_may_use_what_the_daemons_configuration_names(world, home):
    home.profile("prod", PROD)
    home.purser_config({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "profile": "prod"})
    home.start_daemon()
    outcome = _foreign_get(home)
    assert outcome.returncode == 0, outcome.stdout
    assert _label(world, json.loads(outcome.stdout)) == "prod"


class Watch:
    """Counts how often a file is opened (inotify)."""

    _IN_OPEN, _IN_NONBLOCK = 0x20, 0o4000

    def __init__(self, file: pathlib.Path):
        self._file = file
        self._libc = ctypes.CDLL(None, use_errno=True)

    def __enter__(self) -> "Watch":
        self._fd = self._libc.inotify_init1(self._IN_NONBLOCK)
        assert self._libc.inotify_add_watch(self._fd, os.fsencode(self._file), self._IN_OPEN) >= 0
        return self

    def __exit__(self, *_) -> None:
        os.close(self._fd)

    def opened(self) -> int:
        """Since the last time that this was asked."""
        try:
            events = os.read(self._fd, 65536)
        except BlockingIOError:
            return 0
        return len(events) // struct.calcsize("iIII")


def _shell(home: Home, answers: pathlib.Path, variables: dict[str, str]) -> subprocess.Popen:
    helper = shlex.quote(str(home.programs / "docker-credential-purser"))
    script = f"set -e; for ((n = 0; n < {GETS}; n++)); do {helper} get <<<{ECR}; done >{shlex.quote(str(answers))}"
    return subprocess.Popen(["bash", "-c", script], env={**home.environment, **variables}, cwd=home.home)


def _foreign_get(home: Home, **variables: str) -> subprocess.CompletedProcess:
    """A get from another mount namespace, which sees the same socket."""
    helper = str(home.programs / "docker-credential-purser")
    return subprocess.run(["unshare", "--mount", helper, "get"], input=ECR, text=True, capture_output=True, timeout=20,
                          env={**home.environment, **variables}, cwd="/")


def _label(world, answer: dict) -> str:
    return world.ecr.ledger.find(answer["Secret"]).label
