"""What a running daemon says of itself: metrics, status, its log, and `purser refresh`."""

import json
import pathlib
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from rig_crowd import Crowd
from rig_ecr import DEV, PROD, Behaviour
from rig_process import wait_until
from rig_world import ECR, LOCAL, user_of

ALWAYS = -1
OUTAGE = Behaviour("status", ALWAYS, status=503)
REFUSAL = Behaviour("error", ALWAYS, code="AccessDeniedException")
HALF_DAY = "(12 h|11 h 59 m)"  # the issuer's Date has whole seconds
DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs/metrics.md"


@pytest.fixture
def user(home):
    """A home with keys and a daemon."""
    home.keys_in_environment(PROD)
    home.daemon = home.start_daemon()
    home.ask("/v1/version")  # it listens before it has read its configuration
    return home


def purser(home, *arguments, **variables):
    return home.run(str(home.programs / "purser"), *arguments, **variables)


class Metrics:
    """What `purser metrics` prints, read by somebody else's parser."""

    def __init__(self, home):
        self.text = purser(home, "metrics").ok().stdout
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self.samples = {(sample.name, frozenset(sample.labels.items())): sample.value
                        for family in self.families.values() for sample in family.samples}

    def value(self, name, **labels):
        return self.samples.get((name, frozenset(labels.items())), 0)

    def token(self, name, **labels):
        return self.value(name, kind="token", **labels)


def test_the_audit_names_program_and_cgroup_of_who_asked(user):
    user.get(ECR)
    event = user.answered(ECR)[-1]
    assert pathlib.Path(event["executable"]).name == "docker-credential-purser"
    memberships = pathlib.Path("/proc/self/cgroup").read_text().splitlines()  # of all that a test starts
    assert event["cgroup"] and any(line.endswith(":" + event["cgroup"]) for line in memberships)


def entry(home):
    (only,) = home.ask("/v1/status")["entries"]
    return only


def issue_longer(world):
    """What comes next lives longer: the Date of an answer has whole seconds, so that within one nothing is certain."""
    world.ecr.lifetime += 60


def log_lines(home, level, token=True):
    lines = home.daemon.log.read_text().splitlines()
    return [line for line in lines if f" {level}: " in line and (not token or "token " in line)]


# Metrics.


def test_metrics_are_read_by_prometheus_own_parser(user):
    user.get(ECR)
    metrics = Metrics(user)
    assert all(family.documentation and family.type in ("counter", "gauge", "histogram")
               for family in metrics.families.values())
    for family in metrics.families.values():
        if family.type != "histogram":
            continue
        for labels in {frozenset((k, v) for k, v in s.labels.items() if k != "le") for s in family.samples}:
            buckets = [s for s in family.samples if s.name == family.name + "_bucket"
                       and labels == frozenset((k, v) for k, v in s.labels.items() if k != "le")]
            bounds = [float(s.labels["le"]) for s in buckets]
            assert bounds == sorted(bounds) and bounds[-1] == float("inf")
            assert [s.value for s in buckets] == sorted(s.value for s in buckets)
            assert buckets[-1].value == metrics.value(family.name + "_count", **dict(labels))


def test_every_name_is_documented_and_every_documented_name_is_there(user):
    documented = dict(re.findall(r"^\| `(purser_\w+)` \| (\w+) \|", DOCUMENT.read_text(), re.MULTILINE))
    user.get(ECR)
    written = dict(re.findall(r"^# TYPE (\w+) (\w+)$", Metrics(user).text, re.MULTILINE))
    assert written == documented
    assert all(name.endswith("_total") == (kind == "counter") for name, kind in written.items())


def test_every_label_and_its_values_are_documented(user):
    text = DOCUMENT.read_text()
    user.get(ECR)
    rows = dict(re.findall(r"^\| `(purser_\w+)` \| \w+ \| (.*?) \|", text, re.MULTILINE))
    rows["purser_request_duration_seconds"] += rows["purser_requests_total"]
    free = {"version", "kind", "code", "outcome", "le"}  # explained above the table, or by the format
    for family in Metrics(user).families.values():
        row = rows.get(family.name) or rows[family.name + "_total"]
        for sample in family.samples:
            for label, value in sample.labels.items():
                assert label == "le" or f"`{label}`" in row, family.name
                assert label in free or f"`{value}`" in row, (family.name, label, value)


def test_fifty_who_miss_together_are_one_fetch(world, user, folder):
    world.ecr.script(Behaviour("hold"))
    before = Metrics(user)
    crowd = Crowd(user, folder, ECR, 50)
    wait_until(lambda: Metrics(user).token("purser_misses_total") == 50, 10, "not all have asked")
    world.ecr.release()
    assert len({answer.secret() for answer in crowd.answers()}) == 1
    after = Metrics(user)
    assert after.token("purser_coalesced_total") == 49
    assert after.token("purser_awaited_total") == 50
    assert after.token("purser_fetches_total", cause="foreground") == 1
    assert after.token("purser_fetch_outcomes_total", code="ok") == 1
    assert after.value("purser_requests_total", verb="get", outcome="ok") == 50
    assert after.value("purser_request_duration_seconds_count", verb="get") == 50
    grown = after.value("purser_connections_accepted_total") - before.value("purser_connections_accepted_total")
    assert grown > 50
    assert len(world.ecr.calls()) == 1
    user.get(ECR)
    assert Metrics(user).token("purser_served_total", state="fresh") == 1


def test_metrics_hold_no_name_and_no_secret(world, user):
    secret = user.get(ECR)["Secret"]
    text = Metrics(user).text
    for each in (secret, PROD.key_id, PROD.secret, "amazonaws", entry(user)["identity"]):
        assert each not in text


# purser refresh.


def test_refresh_gets_a_new_token_with_one_call(world, user):
    old = user.get(ECR)["Secret"]
    issue_longer(world)
    outcome = purser(user, "refresh", f"{ECR}/team/app").ok()
    identity = entry(user)["identity"]
    assert outcome.stderr == ""
    assert re.fullmatch(rf"{re.escape(ECR)}/team/app \({identity}, environment\): "
                        r"a new token lives 12 h( 1 m)?, until [-0-9T:]+Z\n", outcome.stdout), outcome.stdout
    assert [call.outcome for call in world.ecr.calls()] == ["issued", "issued"]
    new = user.get(ECR)["Secret"]
    assert new != old and new not in outcome.output
    assert len(world.ecr.calls()) == 2, "from memory"


def test_refresh_says_where_the_issuer_has_nothing_newer(world, user):
    old = user.get(ECR)["Secret"]
    world.ecr.lifetime -= 3600
    report = json.loads(purser(user, "refresh", ECR, "--json").ok().stdout)
    assert report["outcome"] == "unchanged" and report["token"]["remaining_seconds"] > 43_000
    assert user.get(ECR)["Secret"] == old


def test_refresh_is_for_the_identity_of_the_shell(world, user):
    user.get(ECR)
    dev = {"AWS_ACCESS_KEY_ID": DEV.key_id, "AWS_SECRET_ACCESS_KEY": DEV.secret}
    purser(user, "refresh", ECR, **dev).ok()
    assert [call.label for call in world.ecr.calls()] == ["prod", "dev"]


def test_refresh_during_an_outage_keeps_the_old_token(world, user):
    old = user.get(ECR)["Secret"]
    world.ecr.script(OUTAGE)
    outcome = purser(user, "refresh", ECR)
    assert (outcome.status, outcome.stdout) == (6, "")
    assert len(outcome.stderr.splitlines()) == 1
    assert "503" in outcome.stderr
    assert re.search(f"; the token that is held stays in use, for another {HALF_DAY}\n", outcome.stderr)
    assert user.get(ECR)["Secret"] == old
    report = json.loads(purser(user, "refresh", ECR, "--json").stdout)
    assert report["outcome"] == "failed" and report["code"] == "transient"
    assert report["token"]["remaining_seconds"] > 43_000
    assert user.get(ECR)["Secret"] == old


def test_refresh_after_somebody_mended_it_does_not_wait(world, user):
    world.ecr.script(REFUSAL)
    assert user.refused(ECR)
    calls = len(world.ecr.calls())
    assert user.refused(ECR) and len(world.ecr.calls()) == calls, "from memory"
    world.ecr.script()
    purser(user, "refresh", ECR).ok()
    assert user.get(ECR)["Username"] == "AWS"


def test_stored_credentials_are_not_renewed(world, user):
    name, password = user_of(LOCAL)
    user.helper("store", json.dumps({"ServerURL": LOCAL, "Username": name, "Secret": password})).ok()
    outcome = purser(user, "refresh", LOCAL)
    assert outcome.status == 7 and "stored credentials are not renewed" in outcome.stderr
    assert purser(user, "refresh", "nobody.example.org").status == 5
    assert not world.ecr.calls()


# purser status, and the log.


def test_status_shows_degraded_and_recovers(world, user):
    user.get(ECR)
    world.ecr.script(REFUSAL)
    assert purser(user, "refresh", ECR).status == 6
    shown = entry(user)
    assert shown["state"] == "fresh" and shown["degraded"] is True
    assert shown["last_outcome"] == "forbidden" and shown["last_error"] and shown["failing_since"]
    assert (shown["attempts"], shown["failures"]) == (2, 1)
    assert re.search(f"\ndegraded  {HALF_DAY} ", purser(user, "status").ok().stdout)
    assert "fresh and degraded" in purser(user, "status", "--verbose").ok().stdout
    assert Metrics(user).token("purser_entries_degraded") == 1
    assert user.get(ECR)["Username"] == "AWS"
    world.ecr.script()
    purser(user, "refresh", ECR).ok()
    shown = entry(user)
    assert shown["degraded"] is False and shown["last_outcome"] == "ok" and shown["failing_since"] is None
    assert Metrics(user).token("purser_entries_degraded") == 0


def test_the_log_has_the_beginning_and_the_end_of_an_outage(world, user):
    user.get(ECR)
    world.ecr.script(OUTAGE)
    for _ in range(3):
        assert purser(user, "refresh", ECR).status == 6
    world.ecr.script()
    issue_longer(world)
    purser(user, "refresh", ECR).ok()
    user.helper("erase", ECR).ok()
    identity = re.search(r"token ([0-9a-f]{8}) \(ecr, environment\): obtained", user.daemon.log.read_text())[1]
    first, last = log_lines(user, "warning")
    assert f"token {identity} (ecr, environment): not renewed, which is tried again: " in first
    assert re.search(f"; the one that is held is good for another {HALF_DAY}$", first)
    assert "renewed at the age of" in last and "and 3 failed attempts" in last
    obtained, erased = log_lines(user, "info")
    assert re.search(f": obtained, lives {HALF_DAY}$", obtained) and "erased" in erased


def test_degraded_is_said_once(world, user):
    user.get(ECR)
    world.ecr.script(REFUSAL)
    for _ in range(3):
        purser(user, "refresh", ECR)
    (line,) = log_lines(user, "warning")
    assert "degraded, until somebody mends it: " in line
