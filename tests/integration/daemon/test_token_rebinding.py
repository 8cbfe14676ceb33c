"""Row 56 of the attacks: names of realms that lead into this machine or its network."""

import pathlib
import subprocess

import pytest

from rig_bearer import Asker, BearerRegistry

# AS112 (RFC 7535): public by its number, and leading nowhere inside the session's namespaces.
PUBLIC, ALSO_PUBLIC = "192.31.196.56", "192.31.196.57"
HUB, AUTH = "registry-1.docker.io", "auth.docker.io"
HOSTS = pathlib.Path("/etc/hosts")


class Names:
    """What this session's /etc/hosts says besides."""

    def __init__(self):
        self._before = HOSTS.read_text()

    def set(self, **addresses: str) -> None:
        names = {"hub": HUB, "auth": AUTH, "other": "realm.example.test"}
        HOSTS.write_text(self._before + "".join(f"{address} {names[name]}\n" for name, address in addresses.items()))

    def restore(self) -> None:
        HOSTS.write_text(self._before)


@pytest.fixture
def names():
    names = Names()
    for address in (PUBLIC, ALSO_PUBLIC):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True, timeout=10)
    yield names
    names.restore()
    for address in (PUBLIC, ALSO_PUBLIC):
        subprocess.run(["ip", "address", "delete", f"{address}/32", "dev", "lo"], check=True, timeout=10)


@pytest.fixture
def fake(running_world, names):
    """Docker Hub at a public address, whose realm answers at a public and at an inner one."""
    fake = BearerRegistry(running_world.authority)
    fake.add("hub", PUBLIC, 443, HUB)
    fake.add("auth", ALSO_PUBLIC, 443, AUTH)
    fake.add("inner", "127.0.0.56", 443, AUTH)
    fake.challenge = [f'Bearer realm="https://{AUTH}/token",service="registry.docker.io"']
    yield fake
    fake.stop()


@pytest.fixture
def ann(home, running_world, fake):
    home.start_daemon()
    ann = Asker(home, running_world.authority)
    ann.log_in("docker.io")
    return ann


def test_56_a_realm_at_a_public_address_is_asked(fake, names, ann):
    names.set(hub=PUBLIC, auth=ALSO_PUBLIC)
    ann.token("docker.io/team/app").ok()
    assert {call.server for call in fake.questions()} == {"auth"}


@pytest.mark.parametrize("anonymous", [True, False])
def test_56_a_realm_whose_name_leads_inside_is_not_connected_to(fake, names, ann, anonymous):
    names.set(hub=PUBLIC, auth="127.0.0.56")
    refused = ann.token("docker.io/team/app", anonymous=anonymous)
    assert refused.code == "unsafe" and "127.0.0.56" in refused.message and AUTH in refused.message
    assert fake.questions() == []


def test_56_a_name_that_leads_elsewhere_later_is_judged_anew(fake, names, ann):
    names.set(hub=PUBLIC, auth=ALSO_PUBLIC)
    ann.token("docker.io/team/app").ok()
    names.set(hub=PUBLIC, auth="127.0.0.56")
    assert ann.token("docker.io/team/other").code == "unsafe"
    assert {call.server for call in fake.questions()} == {"auth"}


def test_56_a_registry_inside_the_network_may_have_its_realm_there(fake, names, ann):
    fake.add("inner hub", "127.0.0.57", 443, HUB)
    fake.challenge = [f'Bearer realm="https://{AUTH}/token",service="registry.docker.io"']
    names.set(hub="127.0.0.57", auth="127.0.0.56")
    ann.token("docker.io/team/app").ok()
    assert {call.server for call in fake.questions()} == {"inner"}
