"""`purser store rotate-key` and `purser store recover` through the real programs."""

import json

import sealed_store
from conftest import ECR

HOSTS = ["a.example.com", "b.example.com", "c.example.com"]


def fill(purser):
    for host in HOSTS:
        purser.login(host, f"fake-{host}").ok()
    purser.login(ECR, "fake-override").ok()
    purser.wait_until_indexed(*HOSTS)


def test_a_new_key_is_nobodys_business(purser):
    fill(purser)
    before = purser.key.read_text()
    done = purser.purser("store", "rotate-key").ok()
    assert done.stdout == f"there is a new key in {purser.key}; sealed anew: 3\n"
    assert purser.key.read_text() != before
    assert [purser.secret(host) for host in HOSTS] == [f"fake-{host}" for host in HOSTS]
    purser.end_daemons()  # kept tokens follow
    assert purser.secret(ECR) == "fake-override"
    assert len(sealed_store.decode(bytes.fromhex(purser.key.read_text()), purser.credentials.read_bytes())) == 3


def test_the_kept_cache_follows_a_new_key_also_into_a_crash(purser):
    fill(purser)
    assert purser.purser("store", "rotate-key").status == 0
    daemon, = purser.daemons()
    import os
    import signal
    os.kill(daemon, signal.SIGKILL)
    assert purser.secret(ECR) == "fake-override"


def test_whoever_is_in_the_file_already_needs_no_keyring_to_migrate_there(purser):
    fill(purser)
    done = purser.purser("store", "migrate", "--to", "file").ok()
    assert done.stdout.startswith('the store is "file" already, and nothing was moved: the other one cannot be looked into (')
    assert [purser.secret(host) for host in HOSTS] == [f"fake-{host}" for host in HOSTS]
    done = purser.purser("store", "migrate", "--to", "file", "--erase-keyring")
    assert (done.status, done.stdout) == (1, "")


def test_without_a_key_there_is_nothing_to_rotate(purser):
    done = purser.purser("store", "rotate-key")
    assert done.status == 1 and "there is no key yet" in done.stderr
    assert not purser.key.exists()


def test_what_still_opens_is_saved_and_what_is_lost_is_named(purser):
    fill(purser)
    whole = purser.credentials.read_bytes()
    damaged = bytearray(whole)
    damaged[-60] ^= 1  # the secret of the last one
    first_name = whole.index(whole[36:40]) + 4
    damaged[first_name + 20] ^= 1
    purser.credentials.write_bytes(damaged)
    assert "purser store recover" in purser.refused(HOSTS[0])
    done = purser.purser("store", "recover").ok()
    assert done.stdout.splitlines() == [
        f"kept 1, lost 2; the damaged file is now {purser.credentials}.damaged",
        "log in again: a.example.com", "log in again: c.example.com"]
    assert purser.secret("b.example.com") == "fake-b.example.com"
    assert purser.stored() == ["b.example.com"]
    assert purser.credentials.with_name("credentials.damaged").read_bytes() == damaged
    purser.wait_until_indexed("b.example.com")
    again = purser.purser("store", "recover").ok()
    assert again.stdout == "nothing is damaged; nothing was changed\n"


def test_nothing_is_recovered_by_itself(purser):
    fill(purser)
    cut = purser.credentials.read_bytes()[:-1]
    purser.credentials.write_bytes(cut)
    purser.refused(HOSTS[0])
    assert purser.login("new.example.com", "fake").status == 1
    purser.end_daemons()
    purser.refused(HOSTS[0])
    assert purser.credentials.read_bytes() == cut
    assert json.loads(purser.purser("store", "recover", "--json").ok().stdout)["kept"] == 3
    assert purser.secret(HOSTS[2]) == "fake-c.example.com"
