"""The judge of the races: it must find what is wrong, or nothing that it finds right means anything."""

import random

import pytest
from linear import NotLinearizable, Operation, check


def write(value, called, returned):
    return Operation("write", value, called, returned)


def repeated(value, called, returned):
    return Operation("write", value, called, returned, repeats=1)


def read(value, called, returned):
    return Operation("read", value, called, returned)


RIGHT = {
    "nothing": [],
    "one after the other": [write("a", 0, 1), read("a", 2, 3), write("b", 4, 5), read("b", 6, 7)],
    "found before it was acknowledged": [write("a", 0, 9), read("a", 1, 2)],
    "either of two at once": [write("a", 0, 5), write("b", 1, 6), read("a", 7, 8)],
    "old, then new, during a write": [write("a", 0, 1), write("b", 2, 9), read("a", 3, 4), read("b", 5, 6)],
    "erased": [write("a", 0, 1), write(None, 2, 3), read(None, 4, 5)],
    "unheard and never done": [write("a", 0, 1), write("b", 2, None), read("a", 3, 4)],
    "unheard and done late": [write("a", 0, 1), write("b", 2, None), read("a", 3, 4), read("b", 5, 6)],
    "an old value again by an unheard write": [write("b", 0, None), write("a", 1, 2), read("a", 3, 4), read("b", 5, 6)],
}
RIGHT |= {
    "repeated while nobody had answered": [repeated("a", 0, 9), read("a", 1, 2), write("b", 3, 4), read("b", 5, 6),
                                           read("a", 7, 8)],
    "not repeated": [repeated("a", 0, 9), write("b", 3, 4), read("b", 11, 12)],
}
WRONG = {
    "repeated too late": [repeated("a", 0, 9), write("b", 10, 11), read("b", 12, 13), read("a", 14, 15)],
    "repeated too often": [repeated("a", 0, 20), *(o for i in (1, 5, 9) for o in (
        read("a", i, i + 1), write(f"b{i}", i + 2, i + 3), read(f"b{i}", i + 3, i + 4))), read("a", 18, 19)],
    "never written": [write("a", 0, 1), read("b", 2, 3)],
    "lost": [write("a", 0, 1), read(None, 2, 3)],
    "overwritten and back": [write("a", 0, 1), write("b", 2, 3), read("a", 4, 5)],
    "erased and back": [write("a", 0, 1), write(None, 2, 3), read("a", 4, 5)],
    "new, then old": [write("a", 0, 1), write("b", 2, 9), read("b", 3, 4), read("a", 5, 6)],
    "found before it was called": [read("a", 0, 1), write("a", 2, 3)],
    "two orders at once": [write("a", 0, 3), write("b", 0, 3), read("a", 4, 5), read("b", 6, 7), read("a", 8, 9)],
    "unheard, done and undone": [write("a", 0, 1), write("b", 2, None), read("b", 3, 4), read("a", 5, 6)],
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_can_be_explained(name):
    check(RIGHT[name])


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot(name):
    with pytest.raises(NotLinearizable):
        check(WRONG[name])


def made_up(generator, workers=8, steps=60):
    """A history of a register that works: every operation happens at one moment between its call and its return."""
    moments, history, free = [], [], [0] * workers
    for number in range(steps):
        worker = generator.randrange(workers)
        called = free[worker] + generator.randrange(1, 20)
        happens = called + generator.randrange(1, 20)
        free[worker] = returned = happens + generator.randrange(1, 20)
        kind = generator.choice(["read", "write"])
        moments.append((happens, number, kind, called, returned))
    value = None
    for _, number, kind, called, returned in sorted(moments):
        if kind == "write":
            value = generator.choice([None, number])
        history.append(Operation(kind, value, called, returned))
    return history


@pytest.mark.parametrize("seed", range(20))
def test_made_up_histories_and_one_stale_read_in_each(seed):
    generator = random.Random(seed)
    history = made_up(generator)
    check(history)
    end = max(operation.returned for operation in history)
    check(history + [write("last", end + 1, end + 2), read("last", end + 3, end + 4)])
    with pytest.raises(NotLinearizable):
        stale = next(operation.value for operation in history if operation.kind == "write")
        check(history + [write("last", end + 1, end + 2), read(stale, end + 3, end + 4)])
