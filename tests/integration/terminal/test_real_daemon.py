"""The screens of a real daemon: its requests as they come, its log, and its restart."""

import json
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from rig_home import Home
from rig_terminal import SECONDS, Terminal

LOGIN = '{{"ServerURL":"{0}","Username":"ann","Secret":"fake-password"}}'


class World:
    def __init__(self, folder):
        self.home = Home(pathlib.Path(folder))
        self.daemon = self.home.start_daemon()
        self.terminals = []

    def open(self, columns, *arguments):
        environment = {**self.home.environment, "LANG": "C.UTF-8"}
        self.terminals.append(Terminal(columns, 40, environment, list(arguments)))
        return self.terminals[-1]

    def log_in(self, registry):
        self.home.helper("store", LOGIN.format(registry)).ok()

    def restart(self):
        self.daemon.stop()
        self.daemon = self.home.start_daemon()


@pytest.fixture
def world():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        yield world
        for terminal in world.terminals:
            terminal.close()
        world.home.stop()


def test_requests_are_followed_over_a_restart(world):
    world.log_in("one.example")
    terminal = world.open(80, "purser", "audit", "--follow")
    screen = terminal.shows("store  one.example")
    assert "ok" in screen and "docker-credential-purser" in screen and "pid" in screen
    world.home.get("one.example")
    terminal.shows("get  one.example")
    world.restart()
    world.home.get("one.example")
    terminal.shows("-- another daemon answers now")
    assert "fake-password" not in terminal.written().decode()


def test_the_status_is_watched_over_a_restart(world):
    terminal = world.open(120, "purser", "status", "--watch", "0.2")
    first = f"pid {world.daemon.pid}"
    terminal.shows(first)
    world.restart()
    assert first not in terminal.shows(f"pid {world.daemon.pid}")
    terminal.type("q")
    terminal.ended()
    assert terminal.status() == 0


def test_the_log_is_there_where_nobody_keeps_it(world):
    """A daemon that a helper started writes to /dev/null; it tells its owner what it said."""
    world.daemon.stop()
    world.log_in("two.example")  # the helper starts another
    shown = world.home.run("purser", "logs").ok().stdout
    assert "answers on" in shown and "fake-password" not in shown
    (line,) = [json.loads(text) for text in world.home.run("purser", "logs", "--json").ok().stdout.splitlines()
               if "answers on" in text]
    assert line["level"] == "info" and line["number"] >= 1
    terminal = world.open(120, "purser", "logs", "--follow")
    terminal.shows("answers on")
    (daemon,) = world.home.daemons()
    subprocess.run(["kill", "-HUP", str(daemon)], check=True)
    terminal.shows("configuration loaded")


JOURNALD = "/lib/systemd/systemd-journald"
# In namespaces of its own, so that neither the machine's journal nor another test is touched.
INSIDE = """
mount -t tmpfs tmpfs /run/systemd && mkdir -p /run/systemd/journal /run/systemd/journald.conf.d
mount -t tmpfs tmpfs /run/log && mkdir -p /run/log/journal
printf '[Journal]\\nStorage=volatile\\nAudit=no\\nReadKMsg=no\\n' > /run/systemd/journald.conf.d/test.conf
{journald} & journald=$!
until [ -S /run/systemd/journal/socket ]; do sleep 0.05; done
{purserd} & purserd=$!
until [ -S {socket} ]; do sleep 0.05; done
printf %s {asked} | {helper} get
until journalctl --directory="$(echo /run/log/journal/*)" --output=json PURSER_REGISTRY={asked} > {out} && [ -s {out} ]; do
  sleep 0.05; done
kill $purserd $journald; wait
"""


def test_the_machines_journal_finds_an_event_by_its_fields():
    """With systemd's own journald: what it understood of the native protocol."""
    assert pathlib.Path(JOURNALD).exists()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(pathlib.Path(folder))
        out = pathlib.Path(folder) / "out"
        program = INSIDE.format(journald=JOURNALD, purserd=shutil.which("purserd", path=home.environment["PATH"]),
                                helper=shutil.which("docker-credential-purser", path=home.environment["PATH"]),
                                socket=home.socket, asked="three.example", out=out)
        done = subprocess.run(["unshare", "--mount", "--propagation", "private", "timeout", str(SECONDS), "sh", "-c", program],
                              env={**home.environment, "PURSER_AUDIT_JOURNAL": "1"}, capture_output=True, text=True, check=False)
        assert out.exists() and out.read_text(), done.stderr
        entry = json.loads(out.read_text().splitlines()[0])
    assert entry["PURSER_VERB"] == "get" and entry["PURSER_OUTCOME"] == "not_configured"
    assert entry["PURSER_CLIENT_EXE"].endswith("docker-credential-purser") and entry["PURSER_CLIENT_UID"] == "0"
    assert entry["SYSLOG_IDENTIFIER"] == "purserd" and entry["_COMM"] == "purserd"
    assert entry["MESSAGE"].startswith("audit: get three.example: not_configured, for pid ")
