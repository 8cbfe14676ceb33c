"""The call sequences of clients that cannot be run here, as their sources have them."""

import concurrent.futures
import json
import shutil

import pytest

from conftest import message
from rig_home import NOT_FOUND

REG = "reg.example.test"


def nerdctl_spellings(host: str) -> list[str]:
    """pkg/imgutil/dockerconfigresolver/registryurl.go: what it tries, in order, for a registry at port 443."""
    return [f"{host}:443", f"https://{host}:443", f"http://{host}:443", host, f"https://{host}", f"http://{host}"]


def test_nerdctl_is_answered_at_its_first_spelling(helper):
    helper.store(REG)
    assert helper.get(nerdctl_spellings(REG)[0])["Username"] == "ann"


def test_nerdctl_goes_on_anonymously_where_nothing_is_stored(helper):
    """An error at the last spelling would be fatal."""
    assert [helper.get(key) for key in nerdctl_spellings(REG)] == [None] * 6


def test_nerdctl_logs_in_and_out(helper):
    helper.store(f"{REG}:443")
    helper.store(REG)
    assert helper.list() == {REG: "ann"}
    for key in nerdctl_spellings(REG):
        helper.erase(key)
    assert helper.list() == {}


def test_nerdctl_finds_docker_hub(helper):
    helper.store("https://index.docker.io/v1/")
    assert helper.get("registry-1.docker.io:443")["Username"] == "ann"


def test_go_containerregistry_asks_for_the_repository_first(helper):
    """pkg/authn/keychain.go: `registry/repository`, then the registry; an error at the first would be fatal."""
    assert helper.get(f"{REG}/team/app") is None and helper.get(REG) is None
    helper.store(REG)
    assert helper.get(f"{REG}/team/app")["Username"] == "ann"


def test_testcontainers_compares_two_messages(helper):
    """RegistryAuthLocator: a failure is "not found" if a registry that cannot exist fails with an equal message."""
    probe = helper.call("get", "https://not.a.real.registry/url")
    asked = helper.call("get", REG)
    assert (probe.status, probe.stdout) == (asked.status, asked.stdout) == (1, NOT_FOUND + "\n")


def test_jib_looks_for_the_sentence_and_at_no_exit_code(helper):
    assert "credentials not found in native keychain" in helper.call("get", f"https://{REG}").stdout
    helper.store(REG)
    got = json.loads(helper.call("get", f"https://{REG}").stdout)
    assert got["Username"] and got["Secret"]


def test_fabric8_asks_for_the_version_first(helper):
    """Any exit code but 0 of `version` is logged as an error, any but 1 of `get` is a failure."""
    version = helper.call("version").ok().stdout
    assert version.startswith("docker-credential-purser ") and version.count("\n") == 1
    assert helper.call("get", f"https://{REG}").status == 1
    helper.store(REG)
    assert helper.call("get", f"https://{REG}").status == 0


def test_rules_oci_sends_a_line_feed_from_a_shell(helper, home):
    """oci/private/authn.bzl: a here-string of bash, with the raw key of docker's configuration."""
    helper.store("https://index.docker.io/v1/", "<token>", "fake-identity")
    shell = 'docker-credential-purser get <<< "$1"'
    done = home.run(shutil.which("bash"), "-c", shell, "bash", "https://index.docker.io/v1/").ok()
    assert (json.loads(done.stdout)["Username"], done.stderr) == ("<token>", "")
    assert home.run(shutil.which("bash"), "-c", shell, "bash", REG).status == 1


def test_docker_logs_in_to_hub_with_a_browser(helper):
    """docker/cli, cli/command/registry/login.go and logout.go since 27.2: three keys in, three keys out."""
    hub = "https://index.docker.io/v1/"
    assert helper.get(hub) is None
    helper.store(f"{hub}access-token", "ann", "fake-access")
    helper.store(f"{hub}refresh-token", "ann", "fake-refresh..fake-client")
    helper.store(hub, "ann", "fake-hub")
    assert helper.get(hub)["Secret"] == "fake-hub"
    assert ".." in helper.get(f"{hub}refresh-token")["Secret"]
    for key in (f"{hub}access-token", f"{hub}refresh-token", hub):
        helper.erase(key)
    assert helper.list() == {}


def test_docker_logs_out_under_four_spellings(helper):
    helper.store(REG)
    helper.store("other.example.test")
    for key in (REG, REG, f"http://{REG}", f"https://{REG}"):
        helper.erase(key)
    assert helper.list() == {"other.example.test": "ann"}


def test_dockers_old_builder_lists_and_gets_each(helper, home):
    """One failed get would void them all. (Also regctl, podman build, docker's library for Python.)"""
    keys = (REG, "other.example.test:5000", "https://index.docker.io/v1/", f"{REG}/team/app")
    for key in keys:
        helper.store(key, "ann", f"fake-{key}")
    assert set(helper.list()) == set(keys)
    assert {key: helper.get(key)["Secret"] for key in helper.list()} == {key: f"fake-{key}" for key in keys}


def test_compose_asks_for_each_image_at_once(helper):
    helper.store(REG)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(helper.get, [REG] * 48))
    assert answers == [answers[0]] * 48 and answers[0]["Username"] == "ann"


@pytest.mark.parametrize("end", ["\n", ""], ids=["docker", "oras"])
def test_containers_image_gets_what_others_stored(helper, end):
    """The names and values of its own tests, pkg/docker/config/config_test.go."""
    helper.call("store", message("registry-a.com", "foo", "bar").rstrip("\n") + end).ok()
    helper.call("store", message("registry-b.com", "<token>", "fizzbuzz").rstrip("\n") + end).ok()
    assert helper.get("registry-a.com") == {"ServerURL": "registry-a.com", "Username": "foo", "Secret": "bar"}
    assert helper.get("registry-b.com") == {"ServerURL": "registry-b.com", "Username": "<token>", "Secret": "fizzbuzz"}
    assert helper.get("registry-no-creds.com") is None
