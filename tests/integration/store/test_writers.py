"""Many processes use one file at once."""

import random
import signal
import subprocess

import pytest

PROCESSES, EACH = 8, 30


def test_no_store_of_many_processes_is_lost(store):
    """The race that lost 81 of 240 credentials of a well-known helper; here also who makes the key."""
    keys = {i: [f"host-{i}-{j}.example.com" for j in range(EACH)] for i in range(PROCESSES)}
    writers = [store.start("store-each", "", "ann", *keys[i]) for i in range(PROCESSES)]
    for i, writer in enumerate(writers):
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        assert out.split() == keys[i]
    assert store.keys() == sorted(key for each in keys.values() for key in each)
    assert store.secret("host-3-17.example.com") == "fake-host-3-17.example.com"
    assert len(list(store.key_file.parent.iterdir())) == 1


@pytest.mark.parametrize("round_number", range(5))
def test_processes_that_make_the_first_key_agree(store, round_number):
    writers = [store.start("store-each", "", "ann", f"host-{i}") for i in range(PROCESSES)]
    for writer in writers:
        assert writer.wait(timeout=60) == 0, writer.stderr.read()
    assert len(store.keys()) == PROCESSES
    assert [path.name for path in store.key_file.parent.iterdir()] == ["key"]


def test_erase_and_store_of_different_keys_do_not_meet(store):
    gone = [f"gone-{i}" for i in range(20)]
    assert store.start("store-each", "", "ann", *gone).wait(timeout=60) == 0
    writer = store.start("store-each", "", "ann", *[f"kept-{i}" for i in range(20)])
    for key in gone:
        assert store.run("erase", "", key).returncode == 0
    assert writer.wait(timeout=60) == 0
    assert store.keys() == sorted(f"kept-{i}" for i in range(20))


def test_kill_at_random_moments_loses_nothing_acknowledged(store):
    """A writer counts up; what it said before it was killed, or the next number, is what is stored."""
    for _ in range(15):
        writer = store.start("count-up", "counter")
        said = writer.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(timeout=random.uniform(0.001, 0.08))
        writer.send_signal(signal.SIGKILL)
        # Not communicate(): that forgets what readline() has read ahead.
        said = int((said + writer.stdout.read()).split()[-1])
        writer.wait(timeout=60)
        assert int(store.secret("counter")) in (said, said + 1)
    store.store("after", "fake")
    assert store.names() == ["credentials", "credentials.lock"]


def test_a_killed_holder_of_the_lock_holds_it_no_longer(store):
    writer = store.start("count-up", "counter")
    writer.stdout.readline()
    writer.send_signal(signal.SIGSTOP)
    writer.send_signal(signal.SIGKILL)
    writer.wait(timeout=60)
    store.store("after", "fake")
    assert store.secret("after") == "fake"
