"""One cause, one exit code, whichever command meets it: a real daemon, without a network."""

import json

import pytest

from rig_home import Home

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "fake-secret"}
NO_KEYS = {"AWS_EC2_METADATA_DISABLED": "true"}
# Nobody listens there.
REFUSES = {"match": ECR, "provider": "ecr", "endpoint": "http://127.0.0.1:1"}
COMMANDS = [["doctor", ECR], ["doctor", f"{ECR}/app:pull"], ["token", f"{ECR}/app:pull"], ["refresh", ECR]]


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "h")
    yield made
    made.stop()


def no_aws_credentials(home):
    home.environment.update(NO_KEYS)
    return 5


def no_variable(home):
    home.purser_config({"match": ECR, "provider": "env", "username": "ci", "secret_env": "GITHUB_TOKEN"})
    return 5


def no_such_profile(home):
    home.environment.update(NO_KEYS, AWS_PROFILE="nope")
    return 6


def ecr_refuses_connections(home):
    home.environment.update(KEYS)
    home.purser_config(REFUSES)
    return 6


def a_configuration_that_was_never_right(home):
    home.environment.update(KEYS)
    home.write(".config/purser/config.json", '{"version": 1, "registrys": []}')
    return 4


@pytest.mark.parametrize("cause", [no_aws_credentials, no_variable, no_such_profile, ecr_refuses_connections,
                                   a_configuration_that_was_never_right])
def test_each_command_ends_with_the_same(home, cause):
    code = cause(home)
    home.start_daemon()
    ended = {" ".join(command): home.run("purser", *command).status for command in COMMANDS}
    assert ended == {command: code for command in ended}


def test_the_daemon_says_it_beside_the_code(home):
    no_aws_credentials(home)
    home.start_daemon()
    done = home.run("purser", "refresh", "--json", ECR)
    assert (json.loads(done.stdout)["outcome"], json.loads(done.stdout)["code"]) == ("no_credentials", "misconfigured")


def test_a_login_that_nothing_has_to_be_stored_for_is_no_matter_of_the_configuration(home):
    home.start_daemon()
    done = home.run("purser", "login", ECR, "-u", "AWS", "--password-stdin", stdin="fake-password")
    assert done.status == 1 and "nothing has to be stored" in done.stderr
