"""`purser logout` says what it did: the daemon's answer has one outcome for both."""

import pytest
from conftest import ECR

HOST = "registry.example.com"


def logout(purser, name: str, space: str | None = None) -> str:
    return purser.purser("logout", name, **purser.job(space)).ok().stdout


@pytest.mark.parametrize("name", [HOST, f"{HOST}/team/image", "localhost:5000"])
def test_a_login_is_erased_once(purser, name):
    purser.login(name, "fake-password").ok()
    assert logout(purser, name) == f"the login for {name} is erased\n"
    assert purser.secret(name) is None
    assert logout(purser, name) == f"no login was stored for {name}\n"


def test_one_of_another_namespace_is_none(purser):
    purser.login(HOST, "fake-password", "job").ok()
    assert logout(purser, HOST) == f"no login was stored for {HOST}\n"
    assert logout(purser, HOST, "job") == f"the login for {HOST} is erased\n"


def test_where_tokens_are_obtained_there_is_no_login_to_speak_of(purser):
    for _ in range(2):
        assert logout(purser, ECR) == (f"nothing is kept for {ECR} any more; "
                                       "tokens for it are obtained by ecr all the same\n")
        purser.login(ECR, "fake-override").ok()
