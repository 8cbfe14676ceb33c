"""Identity tokens: logins that token servers replace with each use, and that nothing may lose."""

import os
import signal

import pytest

from rig_bearer import IDENTITY_TOKEN, USER, Reply, raw
from rig_fake import Behaviour
from test_tokens import together


@pytest.fixture
def rotating(fake, registry, ann):
    """Logged in with an identity token of a server that takes each of them once."""
    fake.rotates = True
    ann.log_in(registry, IDENTITY_TOKEN, fake.new_identity())
    return ann


def stored_is_good(fake, registry, ann) -> bool:
    return fake.identities.get(ann.stored(registry)) == USER


def test_an_identity_token_goes_out_with_post_and_is_no_password(fake, registry, ann):
    token = fake.new_identity()
    ann.log_in(registry, IDENTITY_TOKEN, token)
    ann.token(f"{registry}/team/app").ok()
    (question,) = fake.questions()
    assert (question.method, question.user) == ("POST", "")
    assert dict(question.fields) == {"grant_type": "refresh_token", "refresh_token": token, "client_id": "purser",
                                     "service": "fake-service", "scope": "repository:team/app:pull"}
    assert ann.stored(registry) == token


def test_one_that_is_replaced_is_stored_before_the_token_is_handed_out(fake, registry, rotating):
    before = rotating.stored(registry)
    rotating.token(f"{registry}/team/app").ok()
    assert rotating.stored(registry) != before and stored_is_good(fake, registry, rotating)


def test_a_login_that_was_replaced_is_still_the_same_login(fake, registry, rotating):
    wide = rotating.token(f"{registry}/team/app:pull,push").token
    rotating.token(f"{registry}/team/other").ok()  # which replaces it again
    assert rotating.token(f"{registry}/team/app:pull,push").token == wide
    assert rotating.token(f"{registry}/team/app").token == wide
    assert len(fake.questions()) == 2


def test_many_at_once_use_it_one_after_the_other(fake, registry, rotating):
    answers = together([lambda n=n: rotating.token(f"{registry}/team/app{n % 10}") for n in range(50)])
    assert len({answer.token for answer in answers}) == 10
    assert [call.outcome for call in fake.questions()] == ["200"] * 10  # none was shown an old one
    assert stored_is_good(fake, registry, rotating)


def test_an_answer_that_is_lost_does_not_cost_the_login(fake, registry, ann):
    token = fake.new_identity()
    ann.log_in(registry, IDENTITY_TOKEN, token)
    fake.script(Behaviour("reset", 1, at="/token"))
    assert ann.token(f"{registry}/team/app").code == "transient"
    assert ann.stored(registry) == token
    ann.token(f"{registry}/team/other").ok()


@pytest.mark.parametrize("reply", [
    Reply(400, b'{"error":"invalid_grant"}'), Reply(401, b"{}"), Reply(500, b"{}"), Reply(200, b"<html>"),
    raw(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"token\":\"fake\",\"refresh_token\":\"fake-ha"),
], ids=["invalid-grant", "401", "500", "html", "half"])
def test_no_refusal_costs_the_login(fake, registry, rotating, reply):
    before = rotating.stored(registry)
    fake.reply = lambda call: reply
    assert rotating.token(f"{registry}/team/app").status != 200
    assert rotating.stored(registry) == before


def test_a_server_without_oauth_is_named_and_shown_nothing_else(fake, registry, rotating):
    fake.reply = lambda call: Reply(404, b"{}")
    refused = rotating.token(f"{registry}/team/app")
    assert refused.code == "misconfigured" and "identity token" in refused.message
    assert [call.method for call in fake.questions()] == ["POST"]


def test_a_killed_daemon_leaves_a_login_that_works(fake, registry, rotating, home):
    """Whatever was handed out, its successor was on the disk by then."""
    for number in range(5):
        rotating.token(f"{registry}/team/app{number}").ok()
        restart_killed(home)
        assert stored_is_good(fake, registry, rotating)
    rotating.token(f"{registry}/team/last").ok()
    assert {call.outcome for call in fake.questions()} == {"200"}


def test_a_daemon_that_is_killed_in_the_middle_of_an_exchange_leaves_the_old_login(fake, registry, ann, home):
    token = fake.new_identity()
    ann.log_in(registry, IDENTITY_TOKEN, token)
    fake.script(Behaviour("hold", -1, at="/token"))

    def ask():
        try:
            ann.token(f"{registry}/team/app")
        except (OSError, ValueError):
            pass  # its daemon is gone

    def kill():
        assert fake.wait_for_calls(2, 20)
        os.kill(home.daemon.pid, signal.SIGKILL)

    together([ask, kill])
    fake.release()
    restart_killed(home)
    assert ann.stored(registry) == token
    ann.token(f"{registry}/team/app").ok()


def test_who_logs_out_during_an_exchange_stays_logged_out(fake, registry, rotating):
    fake.script(Behaviour("hold", -1, at="/token"))
    answers = together([lambda: rotating.token(f"{registry}/team/app"), lambda: log_out_then_release(fake, registry, rotating)])
    assert answers[0].status != 200
    assert rotating.home.helper("get", registry).status == 1


def restart_killed(home) -> None:
    os.kill(home.daemon.pid, signal.SIGKILL)
    home.daemon.stop()
    home.daemon = home.start_daemon()


def log_out_then_release(fake, registry, ann) -> None:
    assert fake.wait_for_calls(2, 20)
    ann.log_out(registry)
    fake.release()
