"""purser store migrate: everything arrives, nothing is lost, and nothing that is not purser's is touched."""

import json

import pytest
from rig_keyring_home import NOT_FOUND

LOGINS = {"a.example.org": "fake-secret-a", "b.example.org:5000": "fake-ä\"\\\n", "docker.io/team": "fake-" + "x" * 5000}
KEY = "a.example.org"


@pytest.fixture
def home(homes, own):
    """With logins in the sealed file, which is chosen."""
    made = homes(watched=True)
    made.choose("file")
    for key, secret in LOGINS.items():
        made.login(key, "ann", secret)
    made.purser_config()
    assert made.secret(KEY) == LOGINS[KEY] and made.chosen() == "file"
    return made


def all_of(home):
    return {key: home.secret(key) for key in LOGINS}


def in_keyring(own):
    return {key: own.get(key)[2] for key, _ in own.list()}


def stored(home):
    return json.loads(home.purser("store", "--json").ok().stdout)


def test_there_and_back(home, own):
    done = home.purser("store", "migrate", "--to", "secret-service").ok()
    assert done.stdout == 'the store is now "secret-service": 3 copied, 3 erased where they were\n'
    assert "fake-" not in done.output
    assert all_of(home) == LOGINS == in_keyring(own)
    assert (stored(home)["kind"], stored(home)["stored"], stored(home)["left_in_file"]) == ("secret-service", 3, 0)
    assert own.docker_get("a.example.org") == ("a.example.org", "ann", LOGINS[KEY])

    done = home.purser("store", "migrate", "--to", "file").ok()
    assert done.stdout == 'the store is now "file": 3 copied, 0 erased where they were\n'
    assert all_of(home) == LOGINS and stored(home)["kind"] == "file"
    assert in_keyring(own) == LOGINS  # docker's own program may need them

    done = home.purser("store", "migrate", "--to", "file", "--erase-keyring").ok()
    assert done.stdout == 'the store is now "file": 0 copied, 3 erased where they were\n'
    assert all_of(home) == LOGINS and in_keyring(own) == {}
    verbs = [event["verb"] for event in home.audit()]
    assert verbs.count("migrate") == 3


def test_what_is_not_pursers_stays(home, own):
    own.docker_store("no registry at all", "ann", "fake")
    own.service.keep_password_of_another_program("a mail account", server=KEY, username="ann")
    home.purser("store", "migrate", "--to", "secret-service").ok()
    home.purser("store", "migrate", "--to", "file", "--erase-keyring").ok()
    assert [item["Label"] for item in own.service.items()] == ["no registry at all"]
    assert own.service.labels(server=KEY) == ["a mail account"]


def test_what_differs_stops_it_until_somebody_decides(home, own):
    own.docker_store(KEY, "ann", "fake-other")
    done = home.purser("store", "migrate", "--to", "secret-service")
    assert done.status == 1 and f"{KEY} is stored in both places and differ" in done.stderr
    assert "fake-" not in done.output
    assert in_keyring(own) == {KEY: "fake-other"} and all_of(home) == LOGINS and home.chosen() == "file"
    assert home.purser("store", "migrate", "--to", "secret-service", "--keep-target", "--keep-source").status == 2
    home.purser("store", "migrate", "--to", "secret-service", "--keep-target").ok()
    assert all_of(home) == {**LOGINS, KEY: "fake-other"} and not stored(home)["left_in_file"]


def test_the_source_may_be_right(home, own):
    own.docker_store(KEY, "bob", "fake-other")
    home.purser("store", "migrate", "--to", "secret-service", "--keep-source").ok()
    assert all_of(home) == LOGINS == in_keyring(own)


def test_an_explicit_configuration_has_to_be_changed_first(home, own):
    home.choose("file")
    done = home.purser("store", "migrate", "--to", "secret-service")
    assert done.status == 1 and "nothing was moved: change it to \"auto\" or \"secret-service\"" in done.stderr
    assert in_keyring(own) == {}
    home.choose("secret-service")
    assert home.helper("get", KEY).stdout == NOT_FOUND
    assert "3 in the sealed file" in home.purser("store").stdout
    home.purser("store", "migrate", "--to", "secret-service").ok()
    assert all_of(home) == LOGINS


def test_a_locked_keyring_takes_nothing_and_loses_nothing(home, own):
    own.service.lock()
    done = home.purser("store", "migrate", "--to", "secret-service")
    assert done.status == 1 and "purser store unlock" in done.stderr
    assert all_of(home) == LOGINS and home.chosen() == "file"


def test_one_that_is_too_large_is_named(home, own):
    home.login("large.example.org", "ann", "fake-" + "x" * 150_000)
    done = home.purser("store", "migrate", "--to", "secret-service")
    assert done.status == 1 and "large.example.org: " in done.stderr and "128 KiB" in done.stderr
    assert all_of(home) == LOGINS and home.chosen() == "file"


@pytest.mark.parametrize("to,when", [("secret-service", "before"), ("file", "after")])
def test_a_daemon_that_is_killed_loses_nothing_and_the_next_one_ends_it(home, own, to, when):
    """At every verb that the keyring is asked for during it."""
    there = ["store", "migrate", "--to", to, *(["--erase-keyring"] if to == "file" else [])]
    back = ["store", "migrate", "--to", "file" if to == "secret-service" else "secret-service", "--erase-keyring"]
    if to == "file":
        home.purser(*back).ok()
    for verb in range(1, 100):
        home.die_at(when, verb)
        done = home.purser(*there)
        killed = home.live()
        if done.status == 0 and not killed:
            break  # it asks for fewer verbs
        if done.status == 0:  # before it began, by a verb that was still under way, or when it was done
            home.purser(*back).ok()
            continue
        assert done.status in (1, 3), done
        home.stop()
        assert all_of(home) == LOGINS, f"killed {when} verb {verb}"
        home.purser(*there).ok()
        assert all_of(home) == LOGINS and home.chosen() == to
        assert (in_keyring(own), stored(home)["stored"]) == (LOGINS if to == "secret-service" else {}, len(LOGINS))
        assert stored(home)["left_in_file"] == 0 and "not finished" not in stored(home)["reason"]
        home.purser(*back).ok()
    assert verb > 8
