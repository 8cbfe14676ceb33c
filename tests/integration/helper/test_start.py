"""Starting a daemon where nobody listens (design: one authority)."""

import fcntl
import os
import signal
import socket
import stat
import subprocess

import pytest

from fake_daemon import ANSWER, answering
from helper_program import NOT_FOUND


def test_the_first_request_starts_a_daemon(starter):
    outcome = starter.get()
    assert (outcome.code, outcome.out, outcome.err) == (0, ANSWER, b"")
    (start,) = starter.starts()
    assert start["arguments"] == ["--started-by-helper", "--ready-fd", "3"]


def test_the_second_request_uses_it(starter):
    starter.get()
    assert starter.get().out == ANSWER
    assert len(starter.starts()) == 1


@pytest.mark.parametrize("verb", ["get", "store", "erase", "list"])
def test_every_verb_starts_one(starter, verb):
    assert starter.run(verb).out == ANSWER
    assert len(starter.starts()) == 1


def test_where_somebody_listens_nobody_is_started(starter, daemon):
    daemon()
    assert starter.get().out == ANSWER
    assert starter.starts() == []
    assert not os.path.exists(os.path.join(os.path.dirname(starter.socket), "agent.lock"))


def test_sixty_four_at_once_start_one(starter):
    processes = [starter.start("get") for _ in range(64)]
    for process in processes:
        process.stdin.write(b"r.example.com")
        process.stdin.close()
    answers = [process.stdout.read() for process in processes]
    codes = [process.wait(timeout=20) for process in processes]
    for process in processes:
        process.stdout.close()
        process.stderr.close()
    assert answers == [ANSWER] * 64
    assert codes == [0] * 64
    assert len(starter.starts()) == 1


def test_the_environment_is_made_from_scratch(starter):
    given = {
        **{"AWS_PROFILE": "prod", "AWS_SECRET_ACCESS_KEY": "not-a-real-secret", "GITHUB_TOKEN": "fake"},
        **{"CI_JOB_TOKEN": "fake", "GOOGLE_X": "x", "DOCKER_CONFIG": "/x", "HTTPS_PROXY": "http://x"},
        **{"LD_PRELOAD": "", "LD_LIBRARY_PATH": "/x", "SSH_AUTH_SOCK": "/x", "PATH": "/tmp:/usr/bin"},
        **{"LANG": "C.UTF-8", "LC_ALL": "C", "LC_TIME": "C", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x/bus", "DBUS_OTHER": "z", "XDG_STATE_HOME": "/x", "XDG_X": "x"},
        **{"PURSER_X": "y", "PURSER_SECRET": "not-a-real-secret", "PURSER_REGISTRY_SECRET": "not-a-real-secret", "PURSER_NAMESPACE": "job-1"},
        **{"PURSER_CONFIG": "/c.json", "PURSER_CONFIG_X": "x", "PURSER_AUDIT_JOURNAL": "0"},
    }
    starter.get(env=given)
    (start,) = starter.starts()
    expected = {name: starter.environment[name] for name in ("HOME", "XDG_RUNTIME_DIR")}
    expected.update(LANG="C.UTF-8", LC_ALL="C", DBUS_SESSION_BUS_ADDRESS="unix:path=/x/bus", XDG_STATE_HOME="/x", PURSER_CONFIG="/c.json", PURSER_AUDIT_JOURNAL="0")
    expected["PATH"] = "/usr/local/bin:/usr/bin:/bin"
    assert start["environment"] == expected


def test_any_number_of_variables_is_no_obstacle(starter):
    given = {"PURSER_SOCKET": starter.socket, **{f"PURSER_{number}": "x" for number in range(2000)}}
    assert starter.get(env=given).out == ANSWER
    (start,) = starter.starts()
    assert set(start["environment"]) == {"HOME", "PATH", "XDG_RUNTIME_DIR", "PURSER_SOCKET"}


def test_nothing_of_ours_is_left_to_it(starter):
    read, write = os.pipe()
    os.set_inheritable(write, True)
    starter.get(pass_fds=[write])
    os.close(read)
    os.close(write)
    (start,) = starter.starts()
    descriptors = start["descriptors"]
    assert [descriptors[number] for number in "012"] == ["/dev/null"] * 3
    assert descriptors["3"].startswith("pipe:")
    others = {number: name for number, name in descriptors.items() if number not in "0123"}
    assert all(name.startswith("/proc/") for name in others.values()), others


def test_it_is_on_its_own(starter):
    starter.get(start_new_session=True, cwd="/usr")
    (start,) = starter.starts()
    assert start["folder"] == "/"
    assert start["umask"] == 0o077
    assert start["session"] == start["group"]
    assert start["session"] not in (start["pid"], os.getsid(0))


def test_the_signals_of_our_caller_are_not_its(starter):
    dropped = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM, signal.SIGUSR1}

    def drop():
        for number in dropped:
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, dropped)

    starter.get(preexec_fn=drop)
    (start,) = starter.starts()
    assert start["blocked"] == 0
    assert start["ignored"] & sum(1 << (number - 1) for number in dropped) == 0


def test_a_terminals_interrupt_does_not_reach_it(starter):
    """Ctrl-C goes to the whole group of the client."""
    with starter.start("get", start_new_session=True) as process:
        assert process.communicate(b"r.example.com", timeout=20)[0] == ANSWER
        group = process.pid
    with pytest.raises(ProcessLookupError):  # nobody of ours is left in it
        os.killpg(group, signal.SIGINT)
    assert starter.get().out == ANSWER
    assert len(starter.starts()) == 1


def test_who_reads_our_output_is_not_held(starter):
    """The end of the file comes with our end, though the daemon lives on."""
    with starter.start("get") as process:
        process.communicate(b"r.example.com", timeout=20)  # reads both streams to their end
    os.kill(starter.starts()[0]["pid"], 0)


def test_the_answer_may_be_large(starter):
    assert starter.get(b"large").out == b"x" * (1 << 20)


def test_folder_and_lock_are_ours_alone(starter):
    starter.get(preexec_fn=lambda: os.umask(0))
    folder = os.path.dirname(starter.socket)
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(os.path.join(folder, "agent.lock")).st_mode) == 0o600


def test_folders_below_home_are_made(starter, without_run_user):
    assert starter.get(**without_run_user).out == ANSWER
    for name in [".cache", ".cache/purser", ".cache/purser/run"]:
        assert stat.S_IMODE(os.stat(os.path.join(starter.home, name)).st_mode) == 0o700


def test_a_socket_that_nobody_listens_at_is_no_obstacle(starter):
    os.mkdir(os.path.dirname(starter.socket), mode=0o700)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(starter.socket)
    stale.close()
    assert starter.get().out == ANSWER
    assert len(starter.starts()) == 1


def test_starting_may_be_forbidden(starter):
    outcome = starter.get(env={"PURSER_NO_START": "1"})
    assert (outcome.code, outcome.out) == (1, NOT_FOUND)
    assert starter.starts() == []
    assert not os.path.exists(os.path.dirname(starter.socket))


def install(helper, *folders):
    """A helper in `bin`, reached by a link from elsewhere, and daemons in `folders`."""
    top = os.path.join(helper.home, "installed")
    os.makedirs(os.path.join(top, "bin"))
    subprocess.run(["cp", helper.program, os.path.join(top, "bin", "helper")], check=True)
    for folder in folders:
        os.makedirs(os.path.join(top, folder), exist_ok=True)
        daemon = os.path.join(top, folder, "purserd")
        with open(daemon, "w", encoding="ascii") as script:
            script.write(f'#!/bin/sh\nPURSER_FOUND={folder} exec {helper.environment["PURSER_DAEMON"]} "$@"\n')
        os.chmod(daemon, 0o755)
    link = os.path.join(helper.home, "docker-credential-linked")
    os.symlink(os.path.join(top, "bin", "helper"), link)
    return link


@pytest.mark.parametrize("folders", [["bin"], ["libexec"], ["bin", "libexec"]])
def test_the_daemon_is_found_beside_the_program_itself(starter, folders):
    link = install(starter, *folders)
    assert starter.get(command=[link, "get"], env={"PURSER_DAEMON": None}, cwd="/").out == ANSWER
    (start,) = starter.starts()
    assert start["environment"]["PURSER_FOUND"] == folders[0]


# Where `scripts/install` puts daemons: a test of what is missing must not find that one.
INSTALLED = "/usr/local/libexec"


def without_what_is_installed():
    """What to begin a command with."""
    if not os.path.exists(os.path.join(INSTALLED, "purserd")):
        return []
    return ["unshare", "-rm", "sh", "-c", f'mount -t tmpfs none {INSTALLED} && exec "$@"', "sh"]


def test_the_path_is_not_searched_for_it(starter):
    link = install(starter)
    elsewhere = os.path.join(starter.home, "elsewhere")
    os.mkdir(elsewhere)
    os.symlink(starter.environment["PURSER_DAEMON"], os.path.join(elsewhere, "purserd"))
    outcome = starter.get(
        b"123456789012.dkr.ecr.us-east-1.amazonaws.com",
        command=[*without_what_is_installed(), link, "get"],
        env={"PATH": f"{elsewhere}:/usr/bin:/bin", "PURSER_DAEMON": None},
        cwd=elsewhere,
    )
    assert outcome.code == 1 and b"purserd is not installed in " in outcome.out
    assert starter.starts() == []


@pytest.mark.parametrize("daemon_program", ["purserd", "./purserd", "/nonexistent/purserd", "/etc/passwd"])
def test_a_daemon_that_is_no_program_is_an_error(starter, daemon_program):
    outcome = starter.get(
        b"123456789012.dkr.ecr.us-east-1.amazonaws.com", env={"PURSER_DAEMON": daemon_program}
    )
    assert outcome.code == 1 and b"PURSER_DAEMON" in outcome.out


def test_a_new_listener_under_the_lock_is_used(starter, daemon):
    """Somebody else started one while we waited for the lock."""
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder, mode=0o700)
    with open(os.path.join(folder, "agent.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with starter.start("get") as process:
            process.stdin.write(b"r.example.com")
            process.stdin.close()
            wait_until_blocked_on_lock(process)
            daemon(answering())
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert process.stdout.read() == ANSWER
    assert starter.starts() == []


def wait_until_blocked_on_lock(process):
    """Until /proc/locks shows the process as a waiter for a lock; it gives up by itself."""
    while process.poll() is None:
        with open("/proc/locks", encoding="ascii") as locks:
            if any("->" in line and f" {process.pid} " in line for line in locks):
                return
    pytest.fail("the helper did not wait for the lock")
