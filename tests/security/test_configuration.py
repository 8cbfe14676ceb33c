"""A configuration that its user may not read for a while, which no watch can see."""

import json
import os
import shutil
import time

import pytest
from conftest import LIMIT, UID, launch, make_home

HOST = "registry.example"
RULE = {"match": HOST, "provider": "env", "username": "ci", "secret_env": "PURSER_SECRET"}


@pytest.fixture
def configured():
    """A daemon with a rule; write(rule) replaces the text of the file and leaves the file as it is."""
    home = make_home()
    file = home / "config.json"

    def write(**rule):
        file.write_text(json.dumps({"version": 1, "registries": [{**RULE, **rule}]}))

    write()
    file.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(file, UID, UID)
    started = launch(home, PURSER_CONFIG=str(file))
    started.write, started.file = write, file
    yield started
    started.process.terminate()
    started.process.wait(LIMIT)
    shutil.rmtree(home)


def user_at(daemon):
    done = daemon.helper("get", HOST, PURSER_SECRET="fake")
    assert done.returncode == 0, done.stdout
    return json.loads(done.stdout)["Username"]


def test_an_edit_counts_after_the_file_could_not_be_read(configured):
    assert user_at(configured) == "ci"
    configured.file.chmod(0)
    assert user_at(configured) == "ci", "the last good one"
    configured.write(username="another")
    configured.file.chmod(0o600)
    deadline = time.monotonic() + LIMIT
    while user_at(configured) != "another":
        assert time.monotonic() < deadline, configured.log.read_text()
    configured.write(username="a-third")
    assert user_at(configured) == "a-third", "it is watched again"
    warning = "changes of the configuration count within a second, not at once: cannot watch"
    assert configured.log.read_text().count(warning) == 1
