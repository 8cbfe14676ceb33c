"""A thousand askers at once cost as few questions as there can be."""

import itertools
import random

import pytest

from test_tokens import together

REGISTRIES = 5
ASKERS = 1000
ACTIONS = ("pull", "pull,push", "delete,pull,push", "*")


def targets() -> list[tuple[int, str, str]]:
    """50 scopes over 5 registries: registry, repository, actions."""
    every = [(registry, f"team/app{number}", actions)
             for registry in range(REGISTRIES) for number in range(3) for actions in ACTIONS]
    return random.Random(6).sample(every, 50)


def covers(a: tuple[int, str, str], b: tuple[int, str, str]) -> bool:
    """Whether a token for `a` has all the rights of `b`."""
    return a[:2] == b[:2] and (a[2] == "*" or set(b[2].split(",")) <= set(a[2].split(",")))


def greatest(wanted) -> list:
    """Those that no other covers. Each of them needs a question of its own, and no more than these are needed."""
    return [a for a in wanted if not any(b != a and covers(b, a) for b in wanted)]


@pytest.fixture
def registries(fake, ann) -> list[str]:
    registries = [fake.add(f"registry{number}", f"127.0.1.{number + 1}") for number in range(REGISTRIES)]
    for registry in registries:
        ann.log_in(registry)
    return registries


def ask(ann, registries, wanted):
    return [lambda t=target: ann.token(f"{registries[t[0]]}/{t[1]}:{t[2]}") for target in wanted]


def test_a_thousand_askers_cost_one_question_for_each_scope_that_no_other_covers(fake, registries, ann):
    wanted = targets()
    most = greatest(wanted)
    assert 0 < len(most) < len(wanted) == 50
    # Who wants most comes first, each of them ten times at once; then everybody.
    together(ask(ann, registries, most * 10))
    crowd = list(itertools.islice(itertools.cycle(wanted), ASKERS))
    random.Random(7).shuffle(crowd)
    answers = together(ask(ann, registries, crowd))
    for target, answer in zip(crowd, answers):
        granted = answer.ok()["granted"]
        assert granted == answer.json["scopes"] and len(granted) == 1
        name, _, actions = granted[0].removeprefix("repository:").rpartition(":")
        assert covers((target[0], name, actions), target) and answer.json["registry"] == registries[target[0]]
    assert len(fake.questions()) == len(most)
    assert len(fake.pings()) == REGISTRIES


def test_in_any_order_there_is_never_more_than_one_question_for_a_scope(fake, registries, ann):
    wanted = targets()
    crowd = wanted * 6
    random.Random(8).shuffle(crowd)
    for answer in together(ask(ann, registries, crowd)):
        answer.ok()
    asked = [(call.server, *call.scopes) for call in fake.questions()]
    assert len(set(asked)) == len(asked)
    assert len(greatest(wanted)) <= len(asked) <= len(wanted)
