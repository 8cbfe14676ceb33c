"""The rows 53 to 67 of the catalogue of attacks: registries and token endpoints that are wrong, or hostile."""

import gzip
import json
import time

import pytest

from rig_bearer import PASSWORD, USER, Reply, raw

PULL = "repository:team/app:pull"


@pytest.fixture
def evil(fake) -> str:
    """Another server, which no registry may name as its realm."""
    return fake.add("evil", "127.0.0.2")


def nobody_but(fake, *servers: str) -> bool:
    """Whether no server but these was asked for anything, or shown anything."""
    return {call.server for call in fake.calls()} <= set(servers)


# 53: a realm on the attacker's host


def test_53_a_password_goes_to_no_other_host_than_the_registry_because_a_challenge_says_so(fake, registry, known, evil):
    fake.challenge = [f'Bearer realm="{fake.realm("evil")}",service="x"']
    refused = known.token(f"{registry}/team/app")
    assert refused.status == 403 and refused.code == "unsafe"
    assert registry in refused.message and evil in refused.message
    assert f'"realms": ["{evil}"]' in refused.message  # how to allow it
    assert nobody_but(fake, "registry")


def test_53_a_realm_that_the_rule_names_is_asked(fake, registry, known, evil):
    known.home.purser_config({"match": registry, "provider": "store", "realms": [evil]})
    fake.challenge = [f'Bearer realm="{fake.realm("evil")}",service="x"']
    known.token(f"{registry}/team/app").ok()
    assert [(call.server, call.secret) for call in fake.questions()] == [("evil", PASSWORD)]


def test_53_a_realm_that_changes_is_an_error_that_says_how_to_allow_it(fake, registry, known, evil):
    known.home.purser_config({"match": registry, "provider": "store", "realms": [evil]})
    fake.challenge = [f'Bearer realm="{fake.realm("evil")}",service="x"']
    known.token(f"{registry}/team/app").ok()
    known.home.purser_config({"match": registry, "provider": "store", "realms": ["127.0.0.9:1"]})
    fake.challenge = ['Bearer realm="{realm}",service="x"']
    assert known.token(f"{registry}/team/other").code == "unsafe"  # which drops what the registry said before
    refused = known.token(f"{registry}/team/third")
    assert refused.code == "unsafe" and "before" in refused.message
    assert registry in refused.message and f'"realms": ["{registry}"]' in refused.message
    known.home.purser_config({"match": registry, "provider": "store", "realms": [registry]})
    known.token(f"{registry}/team/third").ok()


# 54: realms that are no https URL


NO_HTTPS_URLS = [
    "http://{host}/token", "file:///etc/passwd", "gopher://{host}/token", "https://ann@{host}/token", "https://{host}/token#x",
    "//{host}/token", "/token", "https:///token", "https://{host}\\\\@evil.example.com/token", "javascript:alert(1)",
    "https://{host}:0/token", "https://%31%32%37.0.0.1/token",
]


def test_54_a_realm_that_is_no_plain_https_url_is_refused(fake, registry, known):
    for realm in NO_HTTPS_URLS:
        fake.challenge = [f'Bearer realm="{realm.replace("{host}", registry)}",service="x"']
        assert known.token(f"{registry}/team/app").code == "unsafe", realm
    assert fake.questions() == []


# 55: addresses of this machine, of the network, and of the metadata services


INNER = [
    "127.0.0.2", "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "0.0.0.0", "[::]", "[::1]",
    "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.100.100.200", "224.0.0.1",
]


@pytest.mark.parametrize("anonymous", [True, False])
def test_55_a_realm_at_an_inner_address_is_refused(fake, registry, known, anonymous):
    for host in INNER:
        fake.challenge = [f'Bearer realm="https://{host}/token",service="x"']
        assert known.token(f"{registry}/team/app", anonymous=anonymous).code == "unsafe", host
    assert fake.questions() == []


def test_55_a_password_goes_to_no_name_of_this_machine(fake, registry, known):
    fake.challenge = ['Bearer realm="https://localhost/token",service="x"']
    assert known.token(f"{registry}/team/app").code == "unsafe"


# 56: see tests/integration/daemon/test_token_rebinding.py, and NeverConnectsToARefusedAddress in tests/unit/http/dial_test.cpp

# 57: a realm that is right for another registry


def test_57_the_realm_of_docker_hub_is_refused_to_every_other_registry(fake, registry, known):
    fake.challenge = ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io"']
    refused = known.token(f"{registry}/team/app")
    assert refused.code == "unsafe" and "auth.docker.io" in refused.message


# 58: redirects


REDIRECTS = (301, 302, 303, 307, 308)


@pytest.mark.parametrize("target", ["https://{evil}/token", "http://{evil}/token", "https://{registry}/token2", "/token2"])
def test_58_no_redirect_is_followed_with_a_credential(fake, registry, known, evil, target):
    where = target.replace("{evil}", evil).replace("{registry}", registry)
    for status in REDIRECTS:
        fake.reply = lambda call: Reply(status, headers={"Location": where})
        assert known.token(f"{registry}/team/app{status}").code == "unsafe", status
    assert [call.path for call in fake.questions()] == ["/token"] * len(REDIRECTS)
    assert nobody_but(fake, "registry")


def test_58_no_redirect_of_a_registry_is_followed(fake, known, evil):
    for status in REDIRECTS:
        registry = fake.add(f"registry{status}")
        known.log_in(registry)
        fake.ping = lambda call: None if call.server == "evil" else Reply(status, headers={"Location": f"https://{evil}/v2/"})
        assert known.token(f"{registry}/team/app").code == "unsafe", status
    assert not [call for call in fake.calls() if call.server == "evil"]


# 59: challenges that mean to confuse


@pytest.mark.parametrize("lines", [
    ['Basic realm="x"', 'Bearer realm="{realm}",service="{service}"'],
    ['Bearer realm="{realm}",service="{service}"', 'Basic realm="x"'],
    ['Basic realm="x", Bearer realm="{realm}",service="{service}"'],
    ['Negotiate YII=, BASIC realm="a, Bearer b", bEaReR rEaLm = "{realm}" , service={service}'],
    ['Bearer realm="open', 'Bearer realm="{realm}",service="{service}"'],
])
def test_59_bearer_goes_before_basic_wherever_they_stand(fake, registry, known, lines):
    fake.challenge = lines
    assert known.token(f"{registry}/team/app").ok()["scheme"] == "bearer"
    assert [call.values("service") for call in fake.questions()] == [["fake-service"]]


def test_59_two_realms_in_one_challenge_are_none(fake, registry, known, evil):
    fake.challenge = [f'Bearer realm="{{realm}}",realm="{fake.realm("evil")}",service="x"']
    assert known.token(f"{registry}/team/app").code == "protocol_error"
    assert fake.questions() == []


def test_59_unknown_schemes_are_named(fake, registry, known):
    fake.challenge = ["Negotiate", "Digest realm=x"]
    refused = known.token(f"{registry}/team/app")
    assert refused.code == "protocol_error" and "negotiate" in refused.message and "digest" in refused.message


# 60: challenges that ask for more


@pytest.mark.parametrize("scope", ["repository:*:*", "registry:catalog:*", "repository:team/app:*", "a b c", "x" * 5000])
def test_60_a_challenge_adds_nothing_to_what_was_wanted(fake, registry, known, scope):
    fake.challenge = [f'Bearer realm="{{realm}}",service="x",scope="{scope}"']
    known.token(f"{registry}/team/app").ok()
    (question,) = fake.questions()
    assert question.scopes == [PULL]


def test_60_too_many_scopes_are_refused_before_anybody_is_asked(fake, registry, known):
    many = [f"repository:team/app{number}:pull" for number in range(65)]
    assert known.token(f"{registry}/team/app", scopes=many).code == "bad_request"
    assert known.token(f"{registry}/team/app", scopes=["repository:" + "a" * 5000 + ":pull"]).code == "bad_request"
    assert known.token(f"{registry}/team/app", scopes=['repository:a:pull"\r\nX: y']).code == "bad_request"
    assert fake.calls() == []


# 61: whose token is whose


def test_61_another_credential_registry_service_or_scope_is_another_token(fake, registry, known, evil):
    other = fake.add("other", "127.0.0.3")
    known.log_in(other)
    fake.users["bob"] = "fake-password-of-bob"
    tokens = [known.token(f"{registry}/team/app").token, known.token(f"{other}/team/app").token,
              known.token(f"{registry}/team/app2").token, known.token(f"{registry}/team/app:delete").token,
              known.token(f"{registry}/team/app", anonymous=True).token]
    known.log_in(registry, "bob", fake.users["bob"])
    tokens.append(known.token(f"{registry}/team/app").token)
    assert len(set(tokens)) == len(tokens)
    assert [fake.issued[token][0] for token in tokens] == [USER, USER, USER, USER, "", "bob"]


def test_61_namespaces_with_different_logins_have_different_tokens(fake, registry, known):
    fake.users["bob"] = "fake-password-of-bob"
    login = {"ServerURL": registry, "Username": "bob", "Secret": fake.users["bob"]}
    known.home.helper("store", json.dumps(login), PURSER_NAMESPACE="job-1").ok()
    mine = known.token(f"{registry}/team/app").token
    theirs = known.token(f"{registry}/team/app", PURSER_NAMESPACE="job-1").token
    assert [fake.issued[token][0] for token in (mine, theirs)] == [USER, "bob"]
    empty = known.token(f"{registry}/team/app:push", PURSER_NAMESPACE="job-2")
    assert empty.code == "not_configured"


# 62: too much, too slow, and not what was asked for


def test_62_a_body_without_end_is_cut_off(fake, registry, known):
    size = 100 * 2**20
    fake.reply = lambda call: raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n{" % size + b" " * 2**20)
    assert known.token(f"{registry}/team/app").code == "unsafe"


def test_62_a_slow_drip_ends_within_the_time_that_is_given(fake, registry, known):
    def drip(handler):
        for _ in range(300):
            handler.wfile.write(b" ")
            handler.fake.pause(0.1)
            if handler.fake._stopped.is_set():
                return

    fake.reply = lambda call: raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{", drip)
    begun = time.monotonic()
    refused = known.token(f"{registry}/team/app")
    assert refused.code == "timeout" and registry in refused.message
    assert time.monotonic() - begun < 12


@pytest.mark.parametrize("reply", [
    Reply(body=b"<html><body>Please log in to the fake wireless network</body></html>", content_type="text/html"),
    Reply(body=gzip.compress(b'{"token":"fake-token"}'), headers={"Content-Encoding": "gzip"}),
    Reply(body=gzip.compress(b" " * 2**24), headers={"Content-Encoding": "gzip"}),
    Reply(body=b""), Reply(body=b"null"), Reply(body=b'["fake-token"]'), Reply(body=b'{"token":"fake-token"'),
    Reply(body=b'{"token":"a"}' * 2), Reply(body=b"[" * 10000), Reply(204),
], ids=["captive-portal", "gzip", "gzip-bomb", "empty", "null", "list", "half", "twice", "deep", "no-content"])
def test_62_what_is_no_answer_is_a_clear_error_and_the_old_token_stays(fake, registry, known, reply):
    held = known.token(f"{registry}/team/app").token
    fake.reply = lambda call: reply
    refused = known.token(f"{registry}/team/other")
    assert refused.code == "protocol_error", refused.text
    assert registry in refused.message and "\n" not in refused.message and "fake-token" not in refused.text
    assert known.token(f"{registry}/team/app").token == held


def test_62_the_type_of_the_content_says_nothing(fake, registry, known):
    fake.reply = lambda call: Reply(body=json.dumps({"access_token": fake.issue(USER, [PULL])}).encode(), content_type="text/plain")
    known.token(f"{registry}/team/app").ok()


# 63: tokens that are none


@pytest.mark.parametrize(("answer", "code"), [
    ({}, "rejected"), ({"token": ""}, "rejected"), ({"token": None, "access_token": ""}, "rejected"),
    ({"token": "fake\r\nX-Evil: 1"}, "protocol_error"), ({"token": "fake\nx"}, "protocol_error"),
    ({"token": "fake token"}, "protocol_error"), ({"token": "fake\u0000"}, "protocol_error"),
    ({"token": "f\u00e4ke"}, "protocol_error"), ({"token": 1}, "protocol_error"), ({"token": ["fake"]}, "protocol_error"),
])
def test_63_a_token_that_is_none_is_refused(fake, registry, known, answer, code):
    fake.reply = lambda call: Reply.of(answer)
    refused = known.token(f"{registry}/team/app")
    assert refused.code == code and "fake" not in refused.message


def test_63_of_two_tokens_the_first_counts_and_either_will_do(fake, registry, known):
    fake.reply = lambda call: Reply.of({"token": "fake-a", "access_token": "fake-b"})
    assert known.token(f"{registry}/team/app").token == "fake-a"
    fake.reply = lambda call: Reply.of({"token": "", "access_token": "fake-b"})
    assert known.token(f"{registry}/team/other").token == "fake-b"


# 64: lives


@pytest.mark.parametrize(("expires_in", "seconds"), [
    (None, 60), (300, 300), ("300", 300), (300.9, 300), (1e18, 86400), (10**30, 86400), (2**63, 86400),
])
def test_64_a_life_is_kept_within_bounds(fake, registry, known, expires_in, seconds):
    answer = {"token": "fake-token"} | ({} if expires_in is None else {"expires_in": expires_in})
    fake.reply = lambda call: Reply.of(answer)
    known.token(f"{registry}/team/app").ok()
    (entry,) = known.home.ask("/v1/status")["entries"]
    assert seconds - 20 <= entry["remaining_seconds"] <= seconds


@pytest.mark.parametrize("expires_in", [0, -1, "0", "-60", "soon", [], True])
def test_64_a_life_that_is_none_is_an_error(fake, registry, known, expires_in):
    fake.reply = lambda call: Reply.of({"token": "fake-token", "expires_in": expires_in})
    assert known.token(f"{registry}/team/app").code == "protocol_error"


# 65: wrong clocks


@pytest.mark.parametrize("issued_at", ["2001-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "yesterday", 5, "", "9999-99-99T99:99:99Z"])
def test_65_issued_at_makes_no_token_immortal_and_none_dead(fake, registry, known, issued_at):
    fake.reply = lambda call: Reply.of({"token": "fake-token", "expires_in": 300, "issued_at": issued_at})
    known.token(f"{registry}/team/app").ok()
    (entry,) = known.home.ask("/v1/status")["entries"]
    assert 280 <= entry["remaining_seconds"] <= 300


# 66: what has expired already


def test_66_an_expired_answer_is_an_error_once_and_not_a_storm(fake, registry, known):
    held = known.token(f"{registry}/team/app").token
    fake.reply = lambda call: Reply.of({"token": _jwt(exp=int(time.time()) - 60)})
    for _ in range(10):
        assert known.token(f"{registry}/team/other").code == "protocol_error"
    assert len(fake.questions()) <= 3
    assert known.token(f"{registry}/team/app").token == held


# 67: the same token again


def test_67_the_same_token_again_is_no_tight_loop(fake, registry, known):
    end = int(time.time()) + 4
    fake.reply = lambda call: Reply.of({"token": _jwt(exp=end)})
    until = time.monotonic() + 3
    while time.monotonic() < until:
        known.token(f"{registry}/team/app")
        time.sleep(0.01)  # between questions, not for an outcome
    assert len(fake.questions()) <= 8


def _jwt(**claims) -> str:
    import base64

    def part(value) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.ZmFrZQ"
