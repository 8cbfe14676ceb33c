"""What is left in the daemon's memory of logins and tokens by scope: as test_memory.py, for what it knows nothing of."""

import base64

import pytest

import rig_memory
from rig_process import NotReady, wait_until
from rig_purser_tokens import PurserTokens, access, log_in, store
from rig_token_registries import DEBIAN, DOCKERS, ROTATING, USERS
from rig_world import LOCAL, user_of

pytestmark = pytest.mark.usefixtures("token_registries")
SECONDS = 1  # in which every copy has to be gone


def forms_of_login(user: str, password: str) -> dict[str, str]:
    return {"password": password, "Basic": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def nothing_is_left(home):
    daemon = home.start_daemon()

    def check(secrets: dict[str, str]) -> None:
        try:
            wait_until(lambda: not rig_memory.copies(daemon.pid, secrets), SECONDS, "")
        except NotReady:
            pytest.fail(f"after {SECONDS} s: pieces of {rig_memory.copies(daemon.pid, secrets)}")

    return check


@pytest.mark.parametrize("host", [DEBIAN, DOCKERS, LOCAL])
def test_a_login_that_was_verified(home, nothing_is_left, host):
    name, password = user_of(LOCAL) if host == LOCAL else ("owner", USERS["owner"])
    log_in(home, host, name, password).ok()
    nothing_is_left(forms_of_login(name, password))
    wrong = "fake-and-wrong-password-of-somebody"
    log_in(home, host, name, wrong)
    nothing_is_left(forms_of_login(name, wrong))


def test_tokens_that_were_handed_out_and_shown(home, nothing_is_left, repository):
    store(home, DEBIAN, "owner", USERS["owner"])
    token = PurserTokens(home, DEBIAN).json(f"{DEBIAN}/owner/{repository}:pull,push")["token"]
    access(home, f"{DEBIAN}/owner/{repository}:pull,push")
    # The head of such a token is the same for all of one server, and no secret.
    nothing_is_left({"token": token.partition(".")[2], **forms_of_login("owner", USERS["owner"])})


def test_identity_tokens(token_registries, home, nothing_is_left, repository):
    scope = f"repository:owner/{repository}:pull"
    first = token_registries.rotating.identity("owner", scope)
    store(home, ROTATING, "<token>", first)
    PurserTokens(home, ROTATING).header(f"{ROTATING}/owner/{repository}")
    nothing_is_left({"first": first})
    nothing_is_left({"second": home.get(ROTATING)["Secret"]})
