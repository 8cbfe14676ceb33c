"""The libraries that clients use to speak to helpers, run against ours: what they make of its answers, errors included.

The names and values are those of containers/image's own test, pkg/docker/config/config_test.go, which runs a program
called docker-credential-helper-registry.
"""

import json

import pytest

import rig_clients
from rig_home import Home
from rig_world import ECR

ALL = ("docker", "oras", "containers")
NOTHING = {"username": "", "secret": "", "not_found": False, "error": "", "entries": None}
PRELOADED = {"registry-a.com": ("foo", "bar"), "registry-b.com": ("<token>", "fizzbuzz")}


class Library:
    def __init__(self, home: Home, name: str):
        self._home, self._name = home, name
        self._program = rig_clients.client("libraries")
        link = home.programs / "docker-credential-helper-registry"
        link.symlink_to(home.programs / "docker-credential-purser")

    def __call__(self, *arguments: str, stdin: str = "") -> dict:
        done = self._home.run(self._program, self._name, "helper-registry", *arguments, stdin=stdin).ok()
        assert done.stderr == ""
        return json.loads(done.stdout)


@pytest.fixture(params=ALL)
def library(request, world, home) -> Library:
    return Library(home, request.param)


@pytest.fixture
def preloaded(library, home) -> Library:
    for registry, (user, secret) in PRELOADED.items():
        stored = {"ServerURL": registry, "Username": user, "Secret": secret}
        home.helper("store", json.dumps(stored)).ok()
    return library


def test_what_is_stored_is_understood(preloaded):
    for registry, (user, secret) in PRELOADED.items():
        assert preloaded("get", registry) == {**NOTHING, "username": user, "secret": secret}


def test_what_is_not_stored_is_no_error(preloaded):
    assert preloaded("get", "registry-no-creds.com") == {**NOTHING, "not_found": True}


def test_any_other_failure_is_an_error_and_shows_our_line(preloaded, home):
    home.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    failed = preloaded("get", ECR)
    assert not failed["not_found"] and ECR in failed["error"] and "purser:" in failed["error"]


def test_what_a_library_stores_it_gets_and_erases(library):
    for user, secret in (("ann", 'fake <&> "é" \u2028'), ("<token>", "fake-identity")):
        assert library("store", "registry.example.test:5000", user, stdin=secret) == NOTHING
        assert library("get", "registry.example.test:5000") == {**NOTHING, "username": user, "secret": secret}
    assert library("erase", "registry.example.test:5000") == NOTHING
    assert library("get", "registry.example.test:5000")["not_found"]


def test_erasing_what_is_not_there_is_no_error(library):
    assert library("erase", "registry-no-creds.com") == NOTHING


@pytest.mark.parametrize("library", ["docker", "containers"], indirect=True)
def test_all_are_listed(preloaded):
    assert preloaded("list") == {**NOTHING, "entries": {key: user for key, (user, _) in PRELOADED.items()}}
