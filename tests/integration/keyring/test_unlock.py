"""purser store unlock: the keyring asks its person, and nobody else waits for that."""

import subprocess

import pytest
from rig_keyring_home import ended, prompted

KEY = "registry.example.org"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
SECRET = "fake-secret-of-ann"


@pytest.fixture
def home(homes, own):
    """With a login in a keyring that is locked."""
    made = homes(watched=True)
    made.login(KEY, "ann", SECRET)
    assert made.chosen() == "secret-service"
    own.service.lock()
    return made


def start_unlocking(home):
    return subprocess.Popen([str(home.programs / "purser"), "store", "unlock"], env=home.environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_a_person_types_the_password(home):
    prompter = home.prompter("yes")
    done = home.purser("store", "unlock").ok()
    assert done.output == "the keyring is unlocked\n"
    prompted(prompter)
    assert home.secret(KEY) == SECRET
    assert home.purser("store", "unlock").ok() and prompter.tail().splitlines().count("prompt") == 1
    assert "unlock" in [event["verb"] for event in home.audit()]
    prompter.stop()


def test_a_person_dismisses_the_prompt(home):
    prompter = home.prompter("no")
    done = home.purser("store", "unlock")
    assert done.status == 1 and "still locked: the prompt was dismissed" in done.stderr, done
    assert done.stderr.count("\n") == 1
    prompted(prompter)
    assert "the keyring is locked" in home.refusal("get", KEY)
    prompter.stop()


def test_without_a_display_it_says_so(home):
    done = home.purser("store", "unlock")
    assert done.status == 1 and "there is no display to show it on" in done.stderr


def test_a_prompt_that_nobody_answers_holds_up_nobody_else(home):
    home.login(ECR, "AWS", "fake-token")  # held in memory
    prompter = home.prompter("wait")
    waiting = start_unlocking(home)
    prompted(prompter)
    assert "the keyring is locked" in home.refusal("get", KEY)
    assert home.secret(ECR) == "fake-token"
    assert waiting.poll() is None
    prompter.stop()  # its window is gone
    status, out, err = ended(waiting)
    assert (status, out) == (1, "") and "still locked" in err, err


def test_gets_open_no_prompt(home):
    prompter = home.prompter("yes")
    assert "the keyring is locked" in home.refusal("get", KEY)
    assert "prompt" not in prompter.tail().splitlines()
    prompter.stop()


def test_a_file_has_nothing_to_do_with_it(home):
    home.choose("file")
    done = home.purser("store", "unlock")
    assert done.status == 1 and "the keyring has nothing to do with them" in done.stderr
