"""Containers without an init, a user, a home, or anything that can be written to: a client is answered, or one line says what
is missing."""

import itertools
import json
import shutil

import pytest

import rig_clients
from rig_container import Container
from rig_ecr import PROD
from rig_home import environment_of
from rig_world import ECR

NOBODY = 12345  # no name, no home
GET = f"printf {ECR} | docker-credential-purser get"
_COVERED = 'mount -t tmpfs -o ro none "$root/dev/shm"\n'
PLACES = {
    "writable": "",
    "read-only": 'mount -o remount,ro "$root"\n',
    "16 MiB": _COVERED + 'mount -t tmpfs -o size=16m,mode=1777 none "$root/tmp"\nmount -o remount,ro "$root"\n',
    "nothing": _COVERED + 'mount -o remount,ro "$root"\n',
}
HOMES = {"no HOME": {}, "HOME is /": {"HOME": "/"}, "HOME is not there": {"HOME": "/home/of-{uid}"}}


@pytest.fixture(scope="module")
def prefix(session):
    prefix = session / "odd-prefix"
    prefix.mkdir()
    for program in ("purser", "docker-credential-purser", "purserd"):
        shutil.copy(rig_clients.purser_bin() / program, prefix)
    return prefix


@pytest.fixture(scope="module", params=PLACES)
def place(request, session, prefix, running_world):
    name = request.param
    container = Container(session / "places" / name.replace(" ", "-"), {"/opt/purser": prefix}, PLACES[name])
    yield name, container
    container.stop()


@pytest.fixture
def container(session, prefix, world):
    made = Container(session / "places/one", {"/opt/purser": prefix})
    yield made
    made.stop()
    made.root.rmdir()


def environment(**more: str) -> dict[str, str]:
    return {"PATH": "/opt/purser:/usr/bin", **environment_of(PROD), **more}


def home_of(home: str, uid: int) -> dict[str, str]:
    return {name: value.format(uid=uid) for name, value in HOMES[home].items()}


def is_answer(done) -> bool:
    return done.status == 0 and json.loads(done.stdout)["Username"] == "AWS"


def one_line(text: str) -> bool:
    return text.startswith("purser: ") and len(text.splitlines()) == 1


@pytest.mark.parametrize(("home", "uid"), itertools.product(HOMES, (0, NOBODY)))
def test_run_works_wherever_anything_can_be_written_to(world, place, home, uid):
    name, container = place
    done = container.run("/opt/purser/purser", "run", "--", "sh", "-c", GET, environment=environment(**home_of(home, uid)), uid=uid)
    if name == "nothing":
        assert done.status == 125 and one_line(done.stderr), done
        assert "there is no place for the folder of this job" in done.stderr and "Read-only file system" in done.stderr
    else:
        assert is_answer(done), done
    assert container.processes() == []
    assert "purser" not in container.run("/usr/bin/ls", "/tmp", "/dev/shm").stdout


@pytest.mark.parametrize(("home", "uid"), itertools.product(HOMES, (0, NOBODY)))
def test_the_helper_alone_is_answered_or_says_what_is_missing(world, place, home, uid):
    name, container = place
    done = container.run("sh", "-c", GET, environment=environment(**home_of(home, uid)), uid=uid)
    if name == "writable" and uid == 0 and home == "HOME is /":
        assert is_answer(done), done
    elif not is_answer(done):
        assert one_line(done.stdout) and "PURSER_SOCKET" in done.stdout, done
    stop(container)


@pytest.mark.parametrize(("home", "uid"), itertools.product(HOMES, (0, NOBODY)))
def test_a_socket_that_is_named_is_enough(world, place, home, uid):
    """What the line above says to do."""
    name, container = place
    named = environment(PURSER_SOCKET=f"/tmp/{uid}/agent.sock", **home_of(home, uid))
    container.run("/usr/bin/mkdir", "-m", "0700", "-p", f"/tmp/{uid}", uid=uid)
    done = container.run("sh", "-c", GET, environment=named, uid=uid)
    if name in ("writable", "16 MiB"):
        assert is_answer(done), done
    elif not is_answer(done):
        assert one_line(done.stdout), done
    stop(container)


def test_run_as_the_first_process_reaps_what_the_job_leaves(world, container):
    """Nobody else does; and signals reach the command, which the kernel keeps from a first process."""
    unshare = ["unshare", "--pid", "--fork", "--mount-proc", "/opt/purser/purser", "run", "--", "bash", "-c"]
    script = "for n in 1 2 3; do (sleep 0.1 &); done; for n in {1..200}; do ps -e -o comm= | grep -q ^sleep || exit 5; sleep 0.05 & wait; done"
    assert container.run(*unshare, script, environment=environment()).status == 5
    trapped = "trap 'exit 6' TERM; kill -TERM 1; while :; do sleep 0.1; done"
    assert container.run(*unshare, trapped, environment=environment()).status == 6


@pytest.fixture
def ann(container):
    """The home of a user, in a container whose root is next to her."""
    container.run("/usr/bin/install", "-d", "-m", "0755", "-o", "1000", "-g", "1000", "/home/ann").ok()
    return {"HOME": "/home/ann"}


@pytest.mark.parametrize("more", [{}, {"XDG_RUNTIME_DIR": "/tmp"}])
def test_root_with_a_users_home_is_refused(world, container, ann, more):
    """As after `sudo -E docker`. Nothing is left in the home that its owner could not read."""
    variables = environment(**ann, **more)
    done = container.run("sh", "-c", GET, environment=variables)
    words = "HOME is /home/ann, which belongs to another user"
    assert done.status == 1 and one_line(done.stdout) and words in done.stdout and "sudo -H" in done.stdout, done
    for command in ("status", "doctor", "setup docker --yes", "run true", "job start"):
        said = container.run("/opt/purser/purser", *command.split(), environment=variables)
        assert said.status in (1, 3, 125) and words in said.stdout + said.stderr, (command, said)
    assert container.run("/usr/bin/find", "/home/ann", "-mindepth", "1").stdout == ""
    assert container.processes() == []


def test_the_user_next_to_root_is_answered(world, container, ann):
    assert is_answer(container.run("sh", "-c", GET, environment=environment(**ann), uid=1000))
    stop(container)


def stop(container: Container) -> None:
    container.run("/usr/bin/pkill", "-x", "purserd")
    container.run("bash", "-c", "while pgrep -x -r D,R,S purserd >/dev/null; do sleep 0.05; done")
