"""A user of `purser token`, `login` and `doctor REGISTRY/REPOSITORY:ACTIONS`."""

import json

from rig_home import Home, Outcome
from rig_registry_client import RegistryClient

# What purser(1) promises.
OK, FAILED, USAGE, NO_CREDENTIALS, SOURCE_FAILS, NOT_ALLOWED = 0, 1, 2, 5, 6, 8


class PurserTokens:
    """Authorizes a RegistryClient with nothing but what `purser token` prints."""

    def __init__(self, home: Home, host: str, *options: str):
        self.home, self.host, self.options = home, host, options
        self.purser = str(home.programs / "purser")

    def client(self) -> RegistryClient:
        return RegistryClient(self.host, self)

    def __call__(self, *scopes: str) -> str:
        named = [word for scope in scopes for word in ("--scope", scope)]
        return self.header(self.host, *named)

    def header(self, target: str, *options: str) -> str:
        """The value of the header; fails the test where there is none."""
        printed = self.run(target, "--header", *options).ok().stdout
        name, _, value = printed.partition(": ")
        assert name == "Authorization" and value.endswith("\n") and len(printed.splitlines()) == 1
        return value[:-1]

    def json(self, target: str, *options: str) -> dict:
        return json.loads(self.run(target, "--json", *options).ok().stdout)

    def run(self, *arguments: str) -> Outcome:
        return self.home.run(self.purser, "token", *arguments, *self.options, seconds=20)


def log_in(home: Home, host: str, user: str, password: str, *options: str) -> Outcome:
    purser = str(home.programs / "purser")
    return home.run(purser, "login", host, "-u", user, "--password-stdin", *options, stdin=password, seconds=40)


def log_out(home: Home, host: str) -> Outcome:
    return home.run(str(home.programs / "purser"), "logout", host, seconds=20)


def store(home: Home, host: str, user: str, secret: str) -> None:
    """As docker login does after it, without a look at the registry."""
    home.helper("store", json.dumps({"ServerURL": host, "Username": user, "Secret": secret})).ok()


def access(home: Home, target: str) -> tuple[int, dict]:
    """What `purser doctor --json` ends with, and its report."""
    done = home.run(str(home.programs / "purser"), "doctor", target, "--json", seconds=70)
    assert done.stderr == "", done.stderr
    return done.status, json.loads(done.stdout)
