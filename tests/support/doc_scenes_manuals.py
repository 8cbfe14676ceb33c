"""The scenes of the manual pages' examples."""

import json

from doc_stage import COM, GHCR, HUB, Stage, scene
from rig_ecr import PROD
from rig_world import ECR


@scene(f"docs/man/purser.1: purser doctor {ECR}")
def why(stage: Stage):
    stage.home.keys_in_environment(PROD)
    stage.home.start_daemon()
    before = len(stage.world.ecr.ledger.issued())
    done = yield
    assert "token" in done.ok().stdout and len(stage.world.ecr.ledger.issued()) == before + 2


@scene("docs/man/purser.1: purser doctor registry.example.org/team/app:pull,push")
def may_push(stage: Stage):
    stage.log_in(HUB)
    done = yield
    done.ok()


@scene("docs/man/purser.1: curl -L -H @<(purser token --header ghcr.io/team/app) https://ghcr.io/v2/team/app/manifests/latest")
def manifest(stage: Stage):
    stage.log_in(GHCR)
    stage.docker()
    stage.local_image("docker", f"{GHCR}/team/app:latest")
    stage.home.run("docker", "push", f"{GHCR}/team/app:latest").ok()
    done = yield
    assert json.loads(done.ok().stdout)["schemaVersion"] in (1, 2)


@scene("""docs/man/docker-credential-purser.1: echo '{"ServerURL":"registry.example.com","Username":"ann","Secret":"not-this-one"}' """
       "| docker-credential-purser store")
def verbs(stage: Stage):
    done = yield
    assert json.loads(done.ok().stdout) == {"ServerURL": COM, "Username": "ann", "Secret": "not-this-one"}
    assert stage.stored(COM) is None


@scene('docs/man/purserd.8: curl --unix-socket "$XDG_RUNTIME_DIR/purser/agent.sock" http://purser/v1/status')
def by_curl(stage: Stage):
    stage.home.start_daemon()
    done = yield
    assert json.loads(done.ok().stdout)["entries"] == []
