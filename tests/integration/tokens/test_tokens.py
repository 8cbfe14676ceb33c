"""Tokens by scope: what is asked for, of whom, how often, and what is answered."""

import base64
import threading
import time

import pytest

from rig_bearer import PASSWORD, USER, Reply, refusal

PULL, BOTH = "repository:team/app:pull", "repository:team/app:pull,push"


def test_a_stored_login_becomes_a_token_of_the_scopes_that_were_wanted(fake, registry, known):
    answer = known.token(f"{registry}/team/app:push,pull").ok()
    (question,) = fake.questions()
    assert (question.method, question.user, question.secret) == ("GET", USER, PASSWORD)
    assert question.fields == (("account", USER), ("client_id", "purser"), ("scope", BOTH), ("service", "fake-service"))
    assert answer["scheme"] == "bearer" and answer["token"] in fake.issued
    assert answer["header"] == f"Authorization: Bearer {answer['token']}"
    assert answer["scopes"] == answer["granted"] == [BOTH]
    assert (answer["registry"], answer["realm"], answer["service"]) == (registry, fake.realm("registry"), "fake-service")
    assert (answer["username"], answer["source"]) == (USER, "stored login")
    assert answer["expires_at"].endswith("Z")


def test_the_same_scopes_in_other_words_are_the_same_token(fake, registry, known):
    first = known.token(f"{registry}/team/app:push,pull").token
    again = known.token(f"https://{registry}/team/app:pull,push", scopes=[PULL]).token
    assert first == again and len(fake.questions()) == 1
    assert len(fake.pings()) == 1  # how the registry wants to be asked is remembered


def test_each_entry_is_a_scope_parameter_of_its_own_the_one_with_most_rights_first(fake, registry, known):
    known.token(f"{registry}/team/app:pull,push", scopes=["repository:other/app:pull", "registry:catalog:*"]).ok()
    (question,) = fake.questions()
    assert question.values("scope") == ["registry:catalog:*", BOTH, "repository:other/app:pull"]


def test_a_token_with_more_rights_serves_who_wants_less(fake, registry, known):
    wide = known.token(f"{registry}/team/app:pull,push").ok()
    narrow = known.token(f"{registry}/team/app").ok()
    assert narrow["token"] == wide["token"] and narrow["scopes"] == [BOTH]
    assert len(fake.questions()) == 1


def test_a_token_that_was_granted_less_than_it_was_asked_for_serves_nobody_else(fake, registry, known):
    fake.reply = lambda call: (Reply.of({"token": fake.issue(USER, [PULL]), "scope": PULL, "expires_in": 300})
                               if call.scopes == [BOTH] else None)
    assert known.token(f"{registry}/team/app:pull,push").ok()["granted"] == [PULL]
    known.token(f"{registry}/team/app:push").ok()
    assert [call.scopes for call in fake.questions()] == [[BOTH], ["repository:team/app:push"]]


def test_exact_scopes_of_the_configuration_give_each_asker_no_more_than_it_wants(fake, registry, known, home):
    home.purser_config({"match": registry, "provider": "store", "exact_scopes": True})
    wide = known.token(f"{registry}/team/app:pull,push").token
    assert known.token(f"{registry}/team/app").token != wide
    assert [call.scopes for call in fake.questions()] == [[BOTH], [PULL]]


def test_without_a_login_there_is_a_token_for_pulling_and_for_nothing_else(fake, registry, ann):
    """What Helm 3.13 to 3.18 got wrong: an anonymous question for more than pull breaks public pulls."""
    fake.challenge = ['Bearer realm="{realm}",service="{service}",scope="repository:user/image:pull,push"']
    answer = ann.token(f"{registry}/team/app").ok()
    assert (answer["username"], answer["source"]) == ("", "anonymous")
    (question,) = fake.questions()
    assert question.fields == (("client_id", "purser"), ("scope", PULL), ("service", "fake-service"))
    assert question.user == ""
    refused = ann.token(f"{registry}/team/app:pull,push")
    assert refused.status == 404 and refused.code == "not_configured" and "log in" in refused.message
    assert len(fake.questions()) == 1


def test_who_wants_to_be_nobody_is_nobody_and_only_pulls(fake, registry, known):
    known.token(f"{registry}/team/app:pull,push").ok()
    known.token(f"{registry}/team/app", anonymous=True).ok()
    assert [call.user for call in fake.questions()] == [USER, ""]  # the wider one is somebody's
    assert known.token(f"{registry}/team/app:push", anonymous=True).code == "bad_request"


def test_a_login_that_fails_is_never_left_out_to_try_without(fake, registry, ann):
    ann.log_in(registry, USER, "fake-wrong-password")
    refused = ann.token(f"{registry}/team/app")
    assert refused.status == 403 and refused.code == "rejected"
    assert "incorrect username or password" in refused.message and "fake-wrong" not in refused.text
    assert [call.user for call in fake.questions()] == [USER]


def test_a_wrong_password_is_shown_once_whoever_wants_whatever(fake, registry, ann):
    ann.log_in(registry, USER, "fake-wrong-password")
    answers = together([lambda n=n: ann.token(f"{registry}/team/app{n}") for n in range(20)])
    assert {answer.code for answer in answers} == {"rejected"}
    assert len(fake.questions()) == 1
    assert ann.token(f"{registry}/team/later:pull,push").json["error"]["retry_at"]
    assert len(fake.questions()) == 1
    ann.log_in(registry)  # another password is another credential
    ann.token(f"{registry}/team/app").ok()


def test_where_get_is_not_spoken_the_password_goes_out_with_post_and_next_time_at_once(fake, registry, known):
    fake.reply = lambda call: refusal(405, "UNSUPPORTED", "POST only") if call.method == "GET" else None
    known.token(f"{registry}/team/app").ok()
    known.token(f"{registry}/team/other").ok()
    assert [call.method for call in fake.questions()] == ["GET", "POST", "POST"]
    post = fake.questions()[1]
    assert dict(post.fields) == {"grant_type": "password", "username": USER, "password": PASSWORD, "client_id": "purser",
                                 "service": "fake-service", "scope": PULL}


def test_a_registry_that_wants_basic_is_shown_the_login_itself(fake, registry, known):
    fake.challenge = ['Basic realm="fake registry"']
    answer = known.token(f"{registry}/team/app:push").ok()
    assert answer["scheme"] == "basic" and answer["expires_at"] is None
    assert base64.b64decode(answer["token"]).decode() == f"{USER}:{PASSWORD}"
    assert answer["header"] == f"Authorization: Basic {answer['token']}"
    assert fake.questions() == []


def test_a_registry_that_wants_nothing_is_shown_nothing(fake, registry, known):
    fake.ping = lambda call: Reply.of({})
    answer = known.token(f"{registry}/team/app").ok()
    assert (answer["scheme"], answer["token"], answer["header"]) == ("none", "", "")


def test_a_registry_whose_own_address_is_free_is_asked_about_the_repository(fake, registry, known):
    fake.ping = lambda call: Reply.of({}) if call.path == "/v2/" else None
    assert known.token(f"{registry}/team/app").ok()["scheme"] == "bearer"
    assert [call.path for call in fake.pings()] == ["/v2/", "/v2/team/app/tags/list"]


def test_who_logs_out_is_not_spoken_for_any_more(fake, registry, known):
    known.token(f"{registry}/team/app").ok()
    known.log_out(registry)
    assert known.token(f"{registry}/team/app").ok()["source"] == "anonymous"
    assert [call.user for call in fake.questions()] == [USER, ""]
    assert not [entry for entry in known.home.ask("/v1/status")["entries"] if USER in entry["source"]]


def test_a_new_password_is_used_at_once(fake, registry, known):
    first = known.token(f"{registry}/team/app").token
    fake.users[USER] = "fake-new-password"
    known.log_in(registry, USER, "fake-new-password")
    assert known.token(f"{registry}/team/app").token != first
    assert fake.questions()[-1].secret == "fake-new-password"


def test_a_short_life_is_renewed_before_it_ends(fake, registry, known):
    fake.expires_in = 2
    tokens = set()
    end = time.monotonic() + 5
    while time.monotonic() < end and len(tokens) < 3:
        tokens.add(known.token(f"{registry}/team/app").token)
        time.sleep(0.05)  # between questions, not for an outcome
    assert len(tokens) >= 3


def test_status_and_audit_name_the_token_and_never_show_it(fake, registry, known, home):
    token = known.token(f"{registry}/team/app").token
    (entry,) = home.ask("/v1/status")["entries"]
    assert entry["provider"] == "bearer" and entry["registries"] == [registry]
    assert entry["source"] == f"user {USER}, {PULL}"
    (event,) = [event for event in home.audit() if event["verb"] == "token"]
    assert (event["registry"], event["provider"], event["outcome"]) == (f"{registry}/team/app", "store", "ok")
    log = (home.folder / "purserd.log").read_text()
    assert token not in log and PASSWORD not in log


def test_tokens_survive_a_restart_of_the_daemon(fake, registry, known, home):
    token = known.token(f"{registry}/team/app").token
    home.daemon.stop()
    home.daemon = home.start_daemon()
    assert known.token(f"{registry}/team/app").token == token
    assert len(fake.questions()) == 1


def test_while_it_is_locked_there_is_no_token_and_afterwards_it_is_the_same(fake, registry, known, home):
    token = known.token(f"{registry}/team/app").token
    purser = str(home.programs / "purser")
    home.run(purser, "lock", stdin="fake passphrase\n").ok()
    refused = known.token(f"{registry}/team/app")
    assert (refused.status, refused.code) == (409, "interaction_required") and "purser unlock" in refused.message
    home.run(purser, "unlock", stdin="fake passphrase\n").ok()
    assert known.token(f"{registry}/team/app").token == token
    known.token(f"{registry}/team/other").ok()
    assert [call.user for call in fake.questions()] == [USER, USER]


@pytest.mark.parametrize("request_text", [
    "", "[]", "{}", '{"target":1}', '{"target":"registry.example.com/a","scope":"b"}', '{"target":"a/b","target":"c/d"}',
    '{"target":"registry.example.com/a:latest"}', '{"target":"registry.example.com/a@sha256:00"}', '{"target":"http://"}',
    '{"target":"registry.example.com/a","scopes":[1]}', '{"target":"registry.example.com/a","anonymous":"yes"}',
    '{"target":"registry.example.com/a:"}', '{"target":"registry.example.com/A B"}', "not json",
])
def test_a_request_of_another_form_is_refused(ann, request_text):
    answer = ann.ask("/v1/token", request_text)
    assert (answer.status, answer.code) == (400, "bad_request")


def together(calls):
    """The answers of calls that are made at once."""
    answers: list = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def call(number):
        barrier.wait()
        answers[number] = calls[number]()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
