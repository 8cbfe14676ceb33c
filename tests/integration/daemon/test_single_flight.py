"""One upstream call, however many ask."""

import pytest

from rig_crowd import Crowd
from rig_ecr import PROD, Behaviour
from rig_process import wait_until
from rig_world import ECR


@pytest.mark.parametrize("started_by", ["hand", "helper"])
def test_a_thousand_helpers_on_a_cold_cache_make_one_call(world, home, folder, started_by):
    home.keys_in_environment(PROD)
    if started_by == "hand":
        home.start_daemon()
    # Held, so that nobody finds a warm cache.
    world.ecr.script(Behaviour("hold"))
    crowd = Crowd(home, folder, ECR, 1000)
    assert world.ecr.wait_for_calls(1, 5)
    assert crowd.running() == 1000, "the call is held, and yet somebody has an answer"
    world.ecr.release()
    secrets = {answer.secret() for answer in crowd.answers()}
    assert len(secrets) == 1
    assert [call.outcome for call in world.ecr.calls()] == ["issued"]


def test_all_who_wait_share_a_failure(world, home, folder):
    home.keys_in_environment(PROD)
    home.start_daemon()
    world.ecr.script(Behaviour("hold", code="AccessDeniedException"))
    crowd = Crowd(home, folder, ECR, 200)
    assert world.ecr.wait_for_calls(1, 5)
    world.ecr.release()
    answers = crowd.answers()
    assert {answer.status for answer in answers} == {1}
    assert len({answer.stdout for answer in answers}) == 1, "all waited for the same call"
    assert len(world.ecr.calls()) == 1


def test_an_impatient_client_does_not_end_the_call(world, home):
    """The call belongs to the daemon: whoever asked first may go away."""
    home.keys_in_environment(PROD)
    home.start_daemon()
    world.ecr.script(Behaviour("hold"))
    impatient = home.start_helper("get", ECR)
    assert world.ecr.wait_for_calls(1, 5)
    impatient.kill()
    impatient.wait(5)
    world.ecr.release()
    assert home.get(ECR)["Username"] == "AWS"
    assert len(world.ecr.calls()) == 1


def test_a_client_is_told_in_time_and_the_call_goes_on(world, home):
    """An issuer that takes longer than a client may wait: the client gets an error, the next one the token."""
    home.keys_in_environment(PROD)
    home.start_daemon()
    world.ecr.script(Behaviour("hold"))
    late = home.helper("get", ECR)
    assert late.status == 1 and ECR in late.stdout
    world.ecr.release()
    wait_until(lambda: [call.outcome for call in world.ecr.calls()] == ["issued"], 5, "the call was given up")
    assert home.get(ECR)["Username"] == "AWS"
    assert len(world.ecr.calls()) == 1
