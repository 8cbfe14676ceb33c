"""A key is found under every spelling, and keeps one entry."""

import subprocess
import time

import pytest
from rig_process import wait_until

SPELLINGS = [("https://registry.example.org/v1/", "registry.example.org"),
             ("https://registry.example.org", "registry.example.org"),
             ("Registry.Example.ORG:443", "registry.example.org"),
             ("https://index.docker.io/v1/", "docker.io"),
             ("index.docker.io", "docker.io")]


@pytest.mark.parametrize("spelling,key", SPELLINGS)
def test_an_entry_of_docker_is_found_replaced_and_erased(programs, spelling, key):
    programs.docker_store(spelling, "ann", "fake-old")
    assert programs.list() == [(key, "ann")]
    assert programs.get(key) == (key, "ann", "fake-old")
    programs.store(key, "bob", "fake-new")
    assert [item["Attributes"]["username"] for item in programs.service.items()] == ["bob"]
    assert programs.get(key) == (key, "bob", "fake-new")
    programs.erase(key)
    assert programs.service.items() == []
    programs.docker_store(spelling, "ann", "fake-old")
    programs.erase(key)
    assert programs.service.items() == []


def test_other_keys_stay_as_they_are(programs):
    programs.docker_store("https://registry.example.org/v1/", "ann", "fake-1")
    programs.docker_store("registry.example.org/team", "bob", "fake-2")
    programs.docker_store("registry.example.org:5000", "eve", "fake-3")
    programs.store("registry.example.org", "ann", "fake-new")
    programs.erase("registry.example.org:5000")
    assert programs.list() == [("registry.example.org", "ann"), ("registry.example.org/team", "bob")]
    assert programs.get("registry.example.org/team")[2] == "fake-2"


def store_in_a_new_second(programs, *entry):
    """The Secret Service counts in seconds."""
    now = int(time.time())
    wait_until(lambda: int(time.time()) > now, 5, "the clock stands still")
    programs.docker_store(*entry)


def test_of_several_the_last_written_is_it(programs):
    for username in ("ann", "bob", "ann"):
        store_in_a_new_second(programs, "https://registry.example.org/v1/", username, f"fake-{username}")
        assert programs.get("registry.example.org")[1:] == (username, f"fake-{username}")
        assert programs.list() == [("registry.example.org", username)]
    assert len(programs.service.items()) == 2
    programs.store("registry.example.org", "bob", "fake-new")
    assert len(programs.service.items()) == 1
    assert programs.get("registry.example.org") == ("registry.example.org", "bob", "fake-new")


def test_what_is_no_registry_is_left_out_and_alone(programs):
    programs.docker_store("no registry at all", "ann", "fake")
    programs.docker_store("registry.example.org", "ann", "fake")
    assert programs.list() == [("registry.example.org", "ann")]
    programs.erase("registry.example.org")
    assert [item["Label"] for item in programs.service.items()] == ["no registry at all"]
    programs.docker("erase", b"no registry at all")


def test_who_erases_what_is_gone_meanwhile_succeeds(programs):
    for _ in range(5):
        programs.docker_store("https://registry.example.org/v1/", "ann", "fake")
        programs.docker_store("registry.example.org", "bob", "fake")
        erasers = [programs.start("erase", stdin=b"registry.example.org") for _ in range(6)]
        for each in erasers:
            _, err = each.communicate(timeout=45)
            assert (each.returncode, err) == (0, b"")
        assert programs.service.items() == []


def test_the_new_one_is_written_before_the_old_one_goes(programs):
    programs.docker_store("https://registry.example.org/v1/", "ann", "fake-old")
    calls = programs.service.calls_during(lambda: programs.store("registry.example.org", "bob", "fake-new"))
    assert calls.count("CreateItem") == 1 and calls.count("Delete") == 1
    assert calls.index("CreateItem") < calls.index("Delete")


def test_only_the_chosen_secret_is_loaded_and_by_get_alone(programs):
    programs.docker_store("registry.example.org", "ann", "fake-1")
    programs.docker_store("other.example.org", "ann", "fake-2")
    calls = programs.service.calls_during(lambda: programs.get("registry.example.org"))
    assert calls.count("GetSecret") + calls.count("GetSecrets") == 1
    for action in (programs.list, lambda: programs.erase("other.example.org"), lambda: programs.run("check")):
        calls = programs.service.calls_during(action)
        assert "OpenSession" in calls
        assert not {"GetSecret", "GetSecrets", "Unlock"} & set(calls)


def test_the_environment_chooses_no_other_keyring_and_no_output(programs):
    programs.store("registry.example.org", "ann", "fake")
    done = programs.run("get", stdin=b"registry.example.org", G_MESSAGES_DEBUG="all", SECRET_BACKEND="file",
                        SECRET_SERVICE_BUS_NAME="org.example.Other", G_DBUS_DEBUG="all", GIO_EXTRA_MODULES="/tmp")
    assert done.returncode == 0 and done.stdout.count(b"\n") == 1 and done.stderr == b""


def test_an_answer_that_nobody_takes_is_no_success(programs):
    programs.store("registry.example.org", "ann", "fake-secret")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(programs.command("get"), input=b"registry.example.org", stdout=full,
                              stderr=subprocess.PIPE, env=programs.environment, timeout=45, check=False)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and b"fake-secret" not in done.stderr


def test_check_is_content_with_an_unlocked_keyring(programs):
    done = programs.run("check")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
