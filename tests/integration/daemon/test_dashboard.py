"""The dashboard and the alerts of docs/grafana, evaluated by a real Prometheus on what a real daemon says."""

import json
import pathlib
import re

import pytest

from rig_ecr import PROD
from rig_home import environment_of
from rig_prometheus import Prometheus
from rig_world import ECR, PUBLIC

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "docs/grafana"
DASHBOARD = json.loads((FOLDER / "purser.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
# A dashboard of this schema opens in Grafana 11 and later without being converted.
SCHEMA_VERSION = 39


def as_grafana_asks(expression: str) -> str:
    """With "All" chosen in both lists."""
    return expression.replace("$instance", ".*").replace("$user", ".*").replace("$__rate_interval", "1m")


@pytest.fixture(scope="module")
def prometheus(session, running_world):
    """After a token, a stored login, a public image and an error."""
    from rig_home import Home

    home = Home(session / "homes/dashboard")
    home.start_daemon()
    home.get(ECR, **environment_of(PROD))
    home.get(ECR, **environment_of(PROD))
    home.helper("get", PUBLIC)
    home.helper("store", json.dumps({"ServerURL": "registry.example.org", "Username": "ann", "Secret": "fake-password"})).ok()
    started = Prometheus(session / "prometheus", home, FOLDER / "alerts.yml")
    started.scraped(2)
    # An error between two scrapes: it is seen to happen.
    home.refused(ECR, AWS_ACCESS_KEY_ID="AKIAFAKEUNKNOWN00000", AWS_SECRET_ACCESS_KEY="fake-secret-key-of-nobody")
    started.scraped(5)
    yield started
    started.stop()
    home.stop()


def test_the_dashboard_is_one():
    assert DASHBOARD["schemaVersion"] == SCHEMA_VERSION and DASHBOARD["uid"] == "purser"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource", "instance", "user"]
    for panel in PANELS:
        assert panel["title"] and panel["description"] and panel["datasource"]["uid"] == "${datasource}", panel
        assert [target["refId"] for target in panel["targets"]] == list("ABCDEF")[:len(panel["targets"])]


def test_no_panel_covers_another():
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken and at["x"] + at["w"] <= 24, panel["title"]
        taken |= cells


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_shows_something(prometheus, panel):
    for target in panel["targets"]:
        series = prometheus.query(as_grafana_asks(target["expr"]))
        assert series, target["expr"]
        legend = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
        assert all(legend <= set(each["metric"]) for each in series), f"{target['legendFormat']}: {series[0]['metric']}"


def test_every_metric_is_on_the_dashboard(prometheus):
    """What a daemon counts can be seen."""
    written = {series["metric"]["__name__"] for series in prometheus.query('{__name__=~"purser_.*"}')}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in written}
    shown = {re.sub(r"_bucket$", "", name) for panel in PANELS for target in panel["targets"]
             for name in re.findall(r"purser_\w+", target["expr"])}
    assert families - shown == {"purser_uptime_seconds"} - shown
    assert shown - families == set()


def test_the_lists_of_the_dashboard_are_filled(prometheus):
    (build,) = prometheus.query("purser_build_info")
    assert (build["metric"]["instance"], build["metric"]["user"]) == ("machine", "ann")
    queries = [each["query"]["query"] for each in DASHBOARD["templating"]["list"][1:]]
    assert all(query.startswith("label_values(purser_build_info") for query in queries)


def test_the_alerts_are_evaluated(prometheus):
    rules = {rule["name"]: rule for rule in prometheus.rules()}
    assert len(rules) > 5 and all(rule["health"] in ("ok", "unknown") for rule in rules.values()), rules
    for rule in rules.values():
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]
        metrics = set(re.findall(r"purser_\w+", rule["query"]))
        assert metrics and all(prometheus.query(name) for name in metrics), rule["name"]


def test_a_refused_client_is_an_alert(prometheus):
    rule = next(rule for rule in prometheus.rules() if rule["name"] == "RegistryTokensRefused")
    assert prometheus.query(rule["query"]) and rule["state"] in ("pending", "firing")
