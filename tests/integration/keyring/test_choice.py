"""store.kind "auto": which store purser chooses, once, and that it stays with it."""

import json
import signal

import pytest
from conftest import Programs
from rig_keyring_home import ANSWERED, NOT_FOUND

KEY = "registry.example.org"
OTHER = "other.example.org"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
SECRET = "fake-secret-of-ann"


def reason(home):
    answer = json.loads(home.purser("store", "--json").ok().stdout)
    assert answer["reason"] in home.purser("status").ok().stdout
    assert answer["reason"] in home.purser("doctor").stdout
    return answer["reason"]


def test_without_a_session_bus_nothing_is_started(homes, bus):
    bus.start_keyring()
    home = homes(bus=False, watched=True)
    assert home.helper("get", KEY).stdout == NOT_FOUND
    assert "not chosen yet" in reason(home) and home.chosen() is None
    home.login(KEY, "ann", SECRET)
    assert home.secret(KEY) == SECRET
    assert home.chosen() == "file" and "there was no session bus" in reason(home)
    assert home.verbs() == []


def test_a_bus_that_comes_later_is_noticed_before_the_choice(homes, own):
    home = homes(bus=False)
    assert home.helper("get", KEY).stdout == NOT_FOUND
    own.docker_store(KEY, "ann", SECRET)
    (home.runtime / "bus").symlink_to(own.service.socket)
    assert home.secret(KEY) == SECRET
    assert home.chosen() == "secret-service"


def test_a_desktop_finds_what_docker_stored_and_stays_there(homes, own):
    own.docker_store(KEY, "ann", SECRET)
    home = homes()
    assert home.secret(KEY) == SECRET
    assert home.chosen() == "secret-service" and "it answered, and was unlocked" in reason(home)
    own.service.stop_keyring()
    assert "no Secret Service answers" in home.refusal("get", KEY)
    assert "no Secret Service answers" in home.refusal("get", OTHER)
    assert "no Secret Service answers" in home.refusal("store", '{"ServerURL":"%s","Username":"a","Secret":"b"}' % OTHER)
    home.stop()
    assert "no Secret Service answers" in home.refusal("get", KEY)
    assert not home.sealed_file.exists()
    own.service.start_keyring()
    assert home.secret(KEY) == SECRET


def test_whoever_has_logins_in_the_file_stays_with_it(homes, own):
    home = homes(watched=True)
    home.choose("file")
    home.login(KEY, "ann", SECRET)
    home.purser_config()
    own.docker_store(OTHER, "bob", "fake-secret-of-bob")
    assert home.secret(KEY) == SECRET
    assert home.helper("get", OTHER).stdout == NOT_FOUND
    assert home.chosen() == "file" and "it had logins already" in reason(home)
    assert home.verbs() == []


def test_a_choice_outlives_the_daemon_and_all_logins(homes, bus):
    home = homes(watched=True)
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "file" and home.verbs() == ["probe"]
    assert home.helper("erase", KEY).status == 0
    home.stop()
    bus.start_keyring()
    home.login(KEY, "ann", SECRET)
    assert home.sealed_file.exists() and bus.items() == []
    assert home.verbs() == ["probe"]


def test_a_keyring_that_hangs_is_not_chosen_and_not_taken_for_empty(homes, own):
    own.docker_store(OTHER, "bob", "fake-secret-of-bob")
    own.service.signal_keyring(signal.SIGSTOP)
    home = homes(watched=True)
    assert "the Secret Service does not answer" in home.refusal("get", KEY)
    assert 'set store.kind to "file"' in home.refusal("get", KEY)
    assert home.verbs() == ["probe"] and home.chosen() is None
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "file" and "did not answer within 2 s" in reason(home)
    own.service.signal_keyring(signal.SIGCONT)
    assert home.secret(KEY) == SECRET
    assert home.verbs() == ["probe", "probe"]


def test_a_keyring_that_hangs_holds_up_nobody_who_needs_no_store(homes, own):
    own.service.signal_keyring(signal.SIGSTOP)
    home = homes(watched=True)
    home.login(ECR, "AWS", "fake-token")  # held in memory: see docs/configuration.md
    assert home.secret(ECR) == "fake-token"
    assert home.verbs() == []
    hung = [home.start_helper("get", KEY) for _ in range(20)]
    assert home.secret(ECR) == "fake-token"
    for helper in hung:
        answer, _ = helper.communicate(timeout=ANSWERED)
        assert helper.returncode == 1 and b"the Secret Service does not answer" in answer, answer
    assert home.verbs() == ["probe"]


def test_a_locked_keyring_with_logins_is_where_logins_are(homes, own):
    own.docker_store(KEY, "ann", SECRET)
    own.service.lock()
    home = homes()
    assert "purser store unlock" in home.refusal("get", KEY)
    assert home.chosen() == "secret-service" and "though it was locked" in reason(home)
    assert "purser store unlock" in home.refusal("store", '{"ServerURL":"%s","Username":"a","Secret":"b"}' % OTHER)
    assert not home.sealed_file.exists()


def test_a_locked_keyring_without_logins_is_left_alone(homes, own):
    own.service.lock()
    home = homes()
    assert home.helper("get", KEY).stdout == NOT_FOUND
    assert home.chosen() is None
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "file" and "the keyring was locked" in reason(home)
    assert home.secret(KEY) == SECRET


def test_a_crowd_is_one_probe(homes, own):
    own.docker_store(KEY, "ann", SECRET)
    home = homes(watched=True)
    helpers = [home.start_helper("get", KEY) for _ in range(20)]
    answers = [helper.communicate(timeout=ANSWERED)[0] for helper in helpers]
    assert {json.loads(answer)["Secret"] for answer in answers} == {SECRET}
    assert home.verbs().count("probe") == 1


def test_looking_starts_nothing_and_chooses_nothing(homes, own):
    home = homes(watched=True)
    home.start_daemon()
    for words in (("status",), ("store",), ("store", "status", "--json"), ("doctor",)):
        home.purser(*words).ok()
    assert home.verbs() == [] and home.chosen() is None


def test_the_configuration_is_stronger_than_the_choice(homes, own):
    home = homes()
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "secret-service"
    home.choose("file")
    assert home.helper("get", KEY).stdout == NOT_FOUND
    assert reason(home) == "configured"
    home.choose("auto")
    assert home.secret(KEY) == SECRET


def test_a_choice_that_cannot_be_read_is_an_error(homes, own):
    home = homes()
    home.login(KEY, "ann", SECRET)
    home.choice_file.write_text("nonsense\n")
    line = home.refusal("get", KEY)
    assert f"{home.choice_file} does not say which store is used" in line and "remove it" in line
    home.choice_file.unlink()
    assert home.secret(KEY) == SECRET


def test_without_the_program_the_file_is_chosen(homes, own):
    home = homes()
    home.copy_programs()
    assert home.helper("get", KEY).stdout == NOT_FOUND
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "file" and home.secret(KEY) == SECRET


@pytest.mark.parametrize("victim", ["keyring", "bus"])
def test_what_dies_before_the_choice_is_as_if_it_had_never_been(homes, bus, victim):
    bus.start_keyring()
    home = homes()
    if victim == "keyring":
        bus.stop_keyring()
    else:
        bus.bus.stop()
    assert home.helper("get", KEY).stdout == NOT_FOUND
    home.login(KEY, "ann", SECRET)
    assert home.chosen() == "file" and home.secret(KEY) == SECRET


def test_docker_finds_what_purser_stored_by_its_own_choice(homes, own):
    home = homes()
    home.login(KEY, "ann", SECRET)
    assert Programs(own.service).docker_get(KEY) == (KEY, "ann", SECRET)
