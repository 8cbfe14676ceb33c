"""`purser audit --follow` and `purser logs` against a scripted daemon: what is new, what was lost, and a daemon that is
restarted. With the real one: tests/integration/terminal/test_real_daemon.py."""

import json
import subprocess
import threading

import pytest

from rig_process import wait_until
from scripted_daemon import ScriptedDaemon
from test_cli import PURSER, one_line

SECONDS = 60
RUN = "86-4242"


def event(number, registry="a.example", outcome="ok"):
    return {"number": number, "at": "2026-01-02T03:04:05Z", "verb": "get", "registry": registry, "provider": "ecr",
            "source": "profile prod", "outcome": outcome, "pid": 7, "uid": 1000, "executable": "/usr/bin/x", "cgroup": "/c"}


def line(number, text="text", level="info"):
    return {"number": number, "at": "2026-01-02T03:04:05Z", "level": level, "text": text}


class Growing:
    """A daemon's list that a test adds to, answered as docs/protocol.md says."""

    def __init__(self, name, make):
        self.name, self.make, self.run, self.items, self.last = name, make, RUN, [], 0
        self.lock = threading.Lock()

    def add(self, count=1, **fields):
        with self.lock:
            for _ in range(count):
                self.last += 1
                self.items.append(self.make(self.last, **fields))

    def forget(self, count):
        with self.lock:
            del self.items[:count]

    def restart(self, run):
        with self.lock:
            self.run, self.items, self.last = run, [], 0

    def __call__(self, target):
        query = dict(part.split("=") for part in target.partition("?")[2].split("&") if part)
        with self.lock:
            after = int(query.get("after", 0)) if query.get("run", self.run) == self.run else 0
            items = [item for item in self.items if item["number"] > after]
            return {"run": self.run, "last": self.last, "journal": False, self.name: items}


class Follower:
    def __init__(self, path, *arguments):
        self.process = subprocess.Popen([PURSER, *arguments], env={"PURSER_SOCKET": str(path), "PATH": "/usr/bin:/bin"},
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.output = {"stdout": [], "stderr": []}
        self.threads = [threading.Thread(target=self._read, args=(name,), daemon=True) for name in self.output]
        for thread in self.threads:
            thread.start()

    def _read(self, name):
        for text in getattr(self.process, name):
            self.output[name].append(text.rstrip("\n"))

    def lines(self, count, name="stdout"):
        return wait_until(lambda: len(self.output[name]) >= count and self.output[name], SECONDS,
                          f"{count} lines on {name}: {self.output}")

    def end(self):
        self.process.terminate()
        self.process.wait(SECONDS)
        for thread in self.threads:
            thread.join(SECONDS)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def world(tmp_path):
    class World:
        audit, logs = Growing("events", event), Growing("lines", line)
        daemon = ScriptedDaemon(tmp_path / "agent.sock", {"/v1/audit": audit, "/v1/logs": logs,
                                                          "/v1/version": {"version": "9", "protocol": 1}})
        followers = []

        def follow(self, *arguments):
            self.followers.append(Follower(self.daemon.path, *arguments))
            return self.followers[-1]

        def run(self, *arguments):
            return subprocess.run([PURSER, *arguments], env={"PURSER_SOCKET": self.daemon.path, "PATH": "/usr/bin:/bin"},
                                  capture_output=True, text=True, timeout=SECONDS, check=False)

    world = World()
    yield world
    for follower in world.followers:
        follower.end()
    world.daemon.stop()


def test_each_request_is_shown_once(world):
    world.audit.add(2)
    follower = world.follow("audit", "--follow")
    assert follower.lines(2)[0] == ("2026-01-02T03:04:05Z  get  a.example  ok from ecr (profile prod), for /usr/bin/x, pid 7, "
                                    "uid 1000, cgroup /c")
    world.audit.add(1, registry="b.example")
    assert "b.example" in follower.lines(3)[2]
    seen = len(world.daemon.targets)
    wait_until(lambda: len(world.daemon.targets) > seen + 2, SECONDS, "it does not look again")
    assert len(follower.output["stdout"]) == 3 and follower.output["stderr"] == []
    assert world.daemon.targets[0] == "/v1/audit" and world.daemon.targets[-1] == f"/v1/audit?run={RUN}&after=3"


def test_only_the_last_of_those_before(world):
    world.audit.add(30)
    assert len(world.follow("audit", "--follow", "--json").lines(10)) == 10
    few = [json.loads(text)["number"] for text in world.follow("audit", "--follow", "--json", "--lines", "2").lines(2)]
    assert few == [29, 30]


def test_it_says_how_many_were_lost(world):
    world.audit.add(1)
    follower = world.follow("audit", "--follow")
    structured = world.follow("audit", "--follow", "--json")
    follower.lines(1), structured.lines(1)
    with world.audit.lock:
        world.audit.last += 40
    world.audit.add(1)
    assert follower.lines(3)[1] == "-- 40 requests before these are not kept any more"
    assert json.loads(structured.lines(3)[1]) == {"notice": "lost", "count": 40}
    assert json.loads(structured.lines(3)[2])["number"] == 42


def test_a_restarted_daemon_is_followed(world):
    world.audit.add(5)
    follower = world.follow("audit", "--follow", "--json")
    follower.lines(5)
    world.daemon.stop()
    assert "no daemon listens at" in follower.lines(1, "stderr")[0]
    world.audit.restart("99-4343")
    world.audit.add(1)
    world.daemon.start()
    after = [json.loads(text) for text in follower.lines(7)[5:]]
    assert after[0] == {"notice": "restarted"} and after[1]["number"] == 1
    assert len(follower.output["stderr"]) == 1


def test_only_a_registry(world):
    world.audit.add(1, registry="a.example/team")
    world.audit.add(1, registry="a.example.evil")
    world.audit.add(1, registry="a.example")
    done = world.run("audit", "--json", "--registry", "https://A.example/")
    assert [each["number"] for each in json.loads(done.stdout)["events"]] == [1, 3]
    done = world.run("audit", "--json", "--registry", "a.example", "--lines", "1")
    assert [each["number"] for each in json.loads(done.stdout)["events"]] == [3]
    done = world.run("audit", "--registry", "user:fake-password@host")
    assert done.returncode == 2 and "fake-password" not in done.stderr


def test_it_ends_with_its_reader(world):
    world.audit.add(1)
    follower = world.follow("audit", "--follow", "--json")
    follower.lines(1)
    with subprocess.Popen([PURSER, "audit", "--follow"], env={"PURSER_SOCKET": world.daemon.path},
                          stdout=subprocess.PIPE) as piped:
        piped.stdout.readline()
        piped.stdout.close()
        piped.wait(SECONDS)


def test_an_old_daemon_cannot_be_followed(world):
    world.daemon.answers["/v1/audit"] = {"events": [event(1)]}
    done = world.run("audit", "--follow")
    assert done.returncode == 1 and "older than this program" in done.stderr and one_line(done.stderr)
    assert world.run("audit").returncode == 0


@pytest.mark.parametrize("verb", ["audit", "logs"])
def test_nobody_to_follow(world, verb):
    world.daemon.stop()
    done = world.run(verb, "--follow")
    assert done.returncode == 3 and one_line(done.stderr) and done.stdout == ""


def test_logs_are_the_daemons_own(world):
    world.logs.add(1, text="started")
    world.logs.add(1, text="bad\nnews", level="warning")
    done = world.run("logs")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2026-01-02T03:04:05Z  info     started\n2026-01-02T03:04:05Z  warning  bad?news\n"
    assert world.run("logs", "--lines", "1").stdout.count("\n") == 1
    assert [json.loads(text)["number"] for text in world.run("logs", "--json").stdout.splitlines()] == [1, 2]
    follower = world.follow("logs", "--follow")
    follower.lines(2)
    world.logs.add(1, text="more")
    assert follower.lines(3)[2].endswith("more")


def test_logs_without_a_daemon_say_where_they_went(world):
    world.daemon.stop()
    done = world.run("logs")
    assert done.returncode == 3 and "ends with it" in done.stderr and one_line(done.stderr)


def test_where_the_log_is_in_the_journal_journalctl_shows_it(world, tmp_path):
    """Of a user whose manager runs, and no daemon: the journal has what the last one said."""
    world.daemon.stop()
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd/private").touch()
    program = tmp_path / "journalctl"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    done = subprocess.run([PURSER, "logs", "--follow", "--lines", "5"], capture_output=True, text=True, timeout=SECONDS,
                          env={"PURSER_SOCKET": world.daemon.path, "XDG_RUNTIME_DIR": str(tmp_path), "PATH": str(tmp_path)},
                          check=False)
    assert (done.returncode, done.stdout) == (0, "--user --unit purser.service --lines 5 --follow\n")
