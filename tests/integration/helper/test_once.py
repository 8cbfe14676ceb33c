"""The last resort: `purserd --once`, where no daemon can live."""

from fake_daemon import ANSWER
from helper_program import NOT_FOUND

ECR = b"123456789012.dkr.ecr.us-east-1.amazonaws.com"
NO_PLACE = {"XDG_RUNTIME_DIR": "/" + "x" * 120}


def once(starter, **environment):
    outcome = starter.get(ECR, env={**NO_PLACE, **environment})
    starts = starter.starts()
    assert [start["arguments"] for start in starts] == [["--once"]]
    return outcome, starts[0]


def test_it_answers_the_request(starter):
    outcome, _ = once(starter)
    assert (outcome.code, outcome.out, outcome.err) == (0, ANSWER, b"")


def test_it_has_the_connection_and_nothing_else_of_ours(starter):
    _, start = once(starter)
    descriptors = start["descriptors"]
    assert descriptors["0"].startswith("socket:")
    assert [descriptors["1"], descriptors["2"]] == ["/dev/null"] * 2
    others = {number: name for number, name in descriptors.items() if number not in "012"}
    assert all(name.startswith("/proc/") for name in others.values()), others


def test_its_environment_is_made_from_scratch(starter):
    _, start = once(starter, AWS_SECRET_ACCESS_KEY="not-a-real-secret", GITHUB_TOKEN="fake", PURSER_SECRET="not-a-real-secret",
                    PURSER_CONFIG="/c.json")
    assert set(start["environment"]) == {"HOME", "PATH", "XDG_RUNTIME_DIR", "PURSER_CONFIG"}
    assert start["environment"]["HOME"] == starter.home
    assert (start["folder"], start["umask"]) == ("/", 0o077)


def test_its_failure_is_the_error_about_the_daemon(starter):
    starter.daemons("exit")
    outcome, _ = once(starter)
    assert outcome.code == 1
    assert b"the path of purserd's socket is too long (XDG_RUNTIME_DIR); " in outcome.out


def test_without_home_there_is_an_answer_too(starter, without_run_user):
    outcome = starter.get(env={"HOME": None}, **without_run_user)
    assert outcome.out == ANSWER
    assert [start["arguments"] for start in starter.starts()] == [["--once"]]


def test_a_daemon_that_ends_at_its_start_is_started_again_and_then_like_this(starter):
    starter.daemons("exit")
    outcome = starter.get(ECR)
    started = [start["arguments"][0] for start in starter.starts()]
    assert started == ["--started-by-helper", "--started-by-helper", "--once"]
    assert outcome.code == 1
    assert outcome.out == (
        b"purser: " + ECR + b": purserd was started and ended at once; run `purserd` to see what it says\n"
    )


def test_starting_may_be_forbidden(starter):
    outcome = starter.get(env={**NO_PLACE, "PURSER_NO_START": "1"})
    assert (outcome.code, outcome.out) == (1, NOT_FOUND)
    assert starter.starts() == []
