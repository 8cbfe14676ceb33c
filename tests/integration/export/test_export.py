"""`purser export`: files for tools that ask no helper (docs/export.md)."""

import base64
import json
import netrc
import os
import pathlib
import pty
import signal
import stat
import subprocess
import tempfile

import pytest

from rig_process import wait_until

HOST = "registry.example"
OTHER = "other.example:5000"


class User:
    """Somebody who logged in to registries, and exports."""

    def __init__(self, home):
        self.home = home
        self.purser = str(home.programs / "purser")
        self.keepers = []

    def login(self, registry: str, username: str, secret: str) -> None:
        entry = json.dumps({"ServerURL": registry, "Username": username, "Secret": secret})
        self.home.helper("store", entry).ok()

    def export(self, *words: str, **variables: str):
        return self.home.run(self.purser, "export", *words, **variables)

    def exported(self, *words: str) -> pathlib.Path:
        """The file; fails the test where there is none."""
        done = self.export(*words).ok()
        assert done.stderr == ""
        return pathlib.Path(done.stdout.removesuffix("\n"))

    def keep(self, *words: str, interval: int = 1) -> tuple[subprocess.Popen, pathlib.Path]:
        keeper = subprocess.Popen([self.purser, "export", "--keep", "--interval", str(interval), *words], text=True,
                                  env=self.home.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.keepers.append(keeper)
        line = keeper.stdout.readline()
        assert line, keeper.communicate()
        return keeper, pathlib.Path(line.removesuffix("\n"))


@pytest.fixture
def user(home):
    user = User(home)
    yield user
    for keeper in user.keepers:
        keeper.kill()
        keeper.communicate()


def pair(username: str, secret: str) -> str:
    return base64.b64encode(f"{username}:{secret}".encode()).decode()


def test_it_writes_what_containers_tools_read(user):
    user.login(HOST, "ann", "fake-password")
    user.login(OTHER, "bob", "fake:other")
    user.login("https://index.docker.io/v1/", "hub", "fake-hub")
    file = user.exported(HOST, OTHER, "docker.io", f"https://{HOST}/v2/")
    assert file == user.home.runtime / "purser/auth.json"
    assert json.loads(file.read_text()) == {"auths": {
        HOST: {"auth": pair("ann", "fake-password")}, OTHER: {"auth": pair("bob", "fake:other")},
        "docker.io": {"auth": pair("hub", "fake-hub")}}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir() if each.name.startswith("auth.json.")] == []


def test_an_identity_token_is_no_password(user):
    user.login(HOST, "<token>", "fake-identity")
    (entry,) = json.loads(user.exported(HOST).read_text())["auths"].values()
    assert entry == {"auth": pair("<token>", ""), "identitytoken": "fake-identity"}


def test_it_writes_a_secret_of_kubernetes(user):
    user.login("https://index.docker.io/v1/", "hub", "fake-hub")
    file = user.exported("--format", "dockerconfigjson", "--name", "pull-secret", "docker.io")
    secret = json.loads(file.read_text())
    assert (secret["apiVersion"], secret["kind"], secret["type"]) == ("v1", "Secret", "kubernetes.io/dockerconfigjson")
    assert secret["metadata"] == {"name": "pull-secret"}
    inner = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"], validate=True))
    assert inner == {"auths": {"https://index.docker.io/v1/": {"auth": pair("hub", "fake-hub")}}}
    assert user.export("--format", "dockerconfigjson", "--name", "Pull_Secret", HOST).status == 2


def test_it_writes_a_netrc(user):
    user.login(HOST, "ann", "fake-p4$$w0rd!#%")
    user.login(OTHER, "bob", "fake-other")
    parsed = netrc.netrc(str(user.exported("--format", "netrc", HOST, OTHER)))
    assert parsed.authenticators(HOST)[::2] == ("ann", "fake-p4$$w0rd!#%")
    assert parsed.authenticators("other.example")[::2] == ("bob", "fake-other")


@pytest.mark.parametrize("registry, username, secret", [
    (HOST, "ann", "fake password"), (HOST, "ann", 'fake"quoted'), (HOST, "ann", "fake\\x"), (HOST, "a b", "fake"),
    (HOST, "<token>", "fake"), (HOST, "ann", "#fake"), (HOST, "ann", "fäke"), (f"{HOST}/team", "ann", "fake"),
    ("[::1]:5000", "ann", "fake")])
def test_what_a_netrc_cannot_say_is_refused(user, registry, username, secret):
    user.login(registry, username, secret)
    done = user.export("--format", "netrc", registry)
    assert done.status == 1 and f"{registry}: a netrc file cannot express" in done.stderr
    assert secret not in done.output and not (user.home.runtime / "purser/netrc").exists()


def test_two_ports_of_a_host_are_one_machine_too_many(user):
    user.login(HOST, "ann", "fake")
    user.login(f"{HOST}:5000", "ann", "fake")
    assert "two ports of one host" in user.export("--format", "netrc", HOST, f"{HOST}:5000").stderr


def test_nothing_is_written_unless_all_are_known(user):
    user.login(HOST, "ann", "fake-password")
    done = user.export(HOST, "nobody.example")
    assert (done.status, done.stdout) == (5, "")
    assert done.stderr == ("purser: nobody.example: nobody knows a credential for it; see: purser doctor "
                           "nobody.example\n")
    assert not (user.home.runtime / "purser/auth.json").exists()


def test_a_failure_is_told_in_the_daemons_words(user):
    user.home.purser_config({"match": HOST, "provider": "env", "username": "ci", "secret_env": "GITHUB_TOKEN"})
    done = user.export(HOST)
    assert done.status == 1 and done.stderr.startswith(f"purser: {HOST}: the variable GITHUB_TOKEN of whoever asks")
    assert len(done.stderr.splitlines()) == 1
    assert user.export(HOST, GITHUB_TOKEN="fake-job").status == 0


class TestPlaces:
    def test_a_disk_is_refused_unless_it_is_meant(self, user):
        user.login(HOST, "ann", "fake-password")
        with tempfile.TemporaryDirectory(dir=os.environ.get("PURSER_DISK", "/var/tmp")) as folder:
            kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=True)
            if kind.stdout.strip() in ("tmpfs", "ramfs"):
                pytest.skip("no disk here")
            file = pathlib.Path(folder) / "auth.json"
            done = user.export("--output", str(file), HOST)
            assert done.status == 1 and "is on a disk" in done.stderr and "--plaintext-file" in done.stderr
            assert not file.exists()
            done = user.export("--output", str(file), "--plaintext-file", HOST).ok()
            assert "holds passwords in plain text on a disk" in done.stderr
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def test_a_folder_that_others_write_is_refused(self, user):
        user.login(HOST, "ann", "fake-password")
        folder = user.home.folder / "open"
        folder.mkdir()
        folder.chmod(0o777)
        assert "everybody can write the folder" in user.export("--output", str(folder / "f"), HOST).stderr
        folder.chmod(0o1777)
        user.export("--output", str(folder / "f"), HOST).ok()

    def test_a_link_is_not_followed(self, user):
        user.login(HOST, "ann", "fake-password")
        target = user.home.write("precious", "kept")
        link = user.home.runtime / "link"
        link.symlink_to(target)
        assert "is no plain file" in user.export("--output", str(link), HOST).stderr
        assert target.read_text() == "kept"

    def test_an_older_file_with_an_open_mode_is_replaced(self, user):
        user.login(HOST, "ann", "fake-password")
        old = user.home.write("auth.json", "old")
        old.chmod(0o644)
        with old.open() as held:
            assert user.exported("--output", str(old), HOST) == old
            assert held.read() == "old", "what others hold open is not what is written"
        assert stat.S_IMODE(old.stat().st_mode) == 0o600

    def test_without_a_runtime_folder_a_name_is_wanted(self, user):
        user.login(HOST, "ann", "fake-password")
        environment = {**user.home.environment, "PURSER_SOCKET": str(user.home.socket)}
        del environment["XDG_RUNTIME_DIR"]
        done = subprocess.run([user.purser, "export", HOST], env=environment, capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and "name one with --output" in done.stderr

    def test_standard_output_is_for_pipes(self, user):
        user.login(HOST, "ann", "fake-password")
        assert json.loads(user.export("--output", "-", HOST).ok().stdout)["auths"]
        ours, theirs = pty.openpty()
        try:
            done = subprocess.run([user.purser, "export", "--output", "-", HOST], env=user.home.environment,
                                  stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=30)
        finally:
            os.close(theirs)
        assert done.returncode == 2 and "not printed to a terminal" in done.stderr
        os.close(ours)

    @pytest.mark.parametrize("words", [["--keep", "--output", "-"], ["--format", "toml"], ["--interval", "0"]])
    def test_a_wrong_command_line(self, user, words):
        assert user.export(*words, HOST).status == 2
        assert user.export("bad host").status == 2


class TestKeep:
    def test_the_file_follows_the_credential_and_goes_with_the_process(self, user):
        user.login(HOST, "ann", "fake-one")
        keeper, file = user.keep(HOST)
        assert pair("ann", "fake-one") in file.read_text()
        user.login(HOST, "ann", "fake-two")
        wait_until(lambda: pair("ann", "fake-two") in file.read_text(), 15, "the file is stale")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        keeper.send_signal(signal.SIGTERM)
        assert keeper.wait(15) == 0 and not file.exists()

    def test_what_is_asked_for_is_renewed(self, user):
        """Nobody else asks: the keeper is who uses the token."""
        runs = user.home.folder / "runs"
        tool = user.home.write("mint", f"""#!/bin/sh
echo run >>{runs}
printf '{{"username":"u","secret":"fake-%s","expires":"%s"}}' $(wc -l <{runs}) \
  $(date -u -d '+6 seconds' +%Y-%m-%dT%H:%M:%SZ)
""")
        tool.chmod(0o700)
        user.home.purser_config({"match": HOST, "provider": "exec", "command": [str(tool)]})
        keeper, file = user.keep(HOST)
        wait_until(lambda: pair("u", "fake-2") in file.read_text(), 30, "the token is not renewed")
        assert keeper.poll() is None

    def test_an_unchanged_file_is_left_alone(self, user):
        user.login(HOST, "ann", "fake-one")
        keeper, file = user.keep(HOST)
        before = file.stat()
        count = len(user.home.answered(HOST))
        wait_until(lambda: len(user.home.answered(HOST)) >= count + 2, 15, "it does not ask")
        assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
        file.unlink()
        wait_until(file.exists, 15, "a file that is gone is not written again")

    def test_a_daemon_that_dies_is_no_loss(self, user):
        user.login(HOST, "ann", "fake-one")
        keeper, file = user.keep(HOST)
        for pid in user.home.daemons():
            os.kill(pid, signal.SIGKILL)
        user.login(HOST, "ann", "fake-two")
        wait_until(lambda: pair("ann", "fake-two") in file.read_text(), 15, "the file is stale")

    def test_a_failure_keeps_what_is_known_and_a_logout_drops_it(self, user):
        rule = {"match": HOST, "provider": "store"}
        user.login(HOST, "ann", "fake-one")
        user.login(OTHER, "bob", "fake-two")
        keeper, file = user.keep(HOST, OTHER)
        user.home.purser_config({**rule, "provider": "env", "username": "u", "secret_env": "GITHUB_TOKEN"})
        assert "GITHUB_TOKEN" in keeper.stderr.readline()
        assert pair("ann", "fake-one") in file.read_text()
        user.home.purser_config(rule)
        assert "has a credential again" in keeper.stderr.readline()
        user.home.helper("erase", HOST).ok()
        wait_until(lambda: HOST not in json.loads(file.read_text())["auths"], 15, "a logout is not noticed")
        assert pair("bob", "fake-two") in file.read_text()

    def test_the_file_of_somebody_else_is_not_removed(self, user):
        user.login(HOST, "ann", "fake-one")
        keeper, file = user.keep(HOST, interval=300)
        other = user.home.write("other", "theirs")
        other.rename(file)
        keeper.send_signal(signal.SIGINT)
        assert keeper.wait(15) == 0 and file.read_text() == "theirs"

    def test_a_second_signal_is_not_needed_while_it_asks(self, user):
        user.login(HOST, "ann", "fake-one")
        keeper, file = user.keep(HOST)
        for pid in user.home.daemons():
            os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: _children(keeper.pid), 15, "it does not ask")
            keeper.send_signal(signal.SIGTERM)
            assert keeper.wait(5) == 0 and not file.exists()
        finally:
            for pid in user.home.daemons():
                os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> str:
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
