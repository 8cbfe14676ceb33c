"""The scenes of docs/ci.md. What its jobs do besides is tested in tests/integration/run and tests/e2e/test_action.py."""

import re

from doc_stage import Stage, scene
from rig_aws import arn
from rig_ecr import PROD
from rig_world import ECR

SUBJECT = "project_path:team/app:ref_type:branch:ref:main"
STOP = 'if [ -n "${PURSER_JOB:-}" ]; then purser job stop; fi'


def nothing_is_left(stage: Stage) -> bool:
    return not stage.home.daemons() and not [path for path in stage.home.runtime.rglob("*") if path.is_socket()]


@scene("docs/ci.md: purser run -- docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
       "docs/start.md: purser run -- docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:job")
def one_command(stage: Stage):
    """docker has no configuration of its own."""
    stage.docker("{}")
    stage.home.keys_in_environment(PROD)
    stage.local_image("docker", re.search(rf"{ECR}\S+", stage.text)[0])
    done = yield
    done.ok()
    assert {each.label for each in stage.shown()} == {"prod"} and nothing_is_left(stage)


@scene("docs/ci.md: AWS_ID_TOKEN=$(buildkite-agent oidc request-token --audience sts.amazonaws.com --lifetime 3600)")
def buildkite(stage: Stage):
    """The agent is played; then a push, and the hook that ends the job."""
    stage.aws.sts.register(stage.aws.gitlab)
    stage.aws.sts.allow(arn("ci"), subjects=(SUBJECT,))
    asked = stage.stand_in("buildkite-agent", f"echo {stage.aws.gitlab.token(SUBJECT)}")
    stage.docker("{}")
    stage.local_image("docker", f"{ECR}/app:buildkite")
    stage.text += f"docker push {ECR}/app:buildkite\n{STOP}\n"
    done = yield
    done.ok()
    assert asked.read_text() == "oidc request-token --audience sts.amazonaws.com --lifetime 3600\n"
    assert {each.label for each in stage.shown()} == {f"role ci of {SUBJECT}"} and nothing_is_left(stage)


@scene(f"docs/ci.md: {STOP}")
def the_end_of_a_job(stage: Stage):
    """Also where no job began."""
    stage.text += 'eval "$(purser job start)"\ntest -d "$PURSER_JOB"\n' + stage.text + 'test ! -e "$PURSER_JOB"\n'
    done = yield
    done.ok()
    assert nothing_is_left(stage)
