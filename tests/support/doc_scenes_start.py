"""The scenes of docs/start.md."""

import json
import shutil

from doc_stage import COM, PASSWORD, USER, Stage, scene
from rig_aws import ACCOUNT, arn
from rig_ecr import DEV, PROD
from rig_sso import write_token
from rig_world import ECR, OTHER_ACCOUNT

SUBJECT = "repo:team/app:ref:refs/heads/main"
PLAIN = '{"credsStore": "desktop"}\n'


def push_as(stage: Stage, name: str, program: str = "docker") -> None:
    """Puts an image into the registry, by a user of keys who is not the page's."""
    stage.local_image(program, name)
    before = dict(stage.home.environment)
    stage.home.keys_in_environment(PROD)
    stage.home.run(program, "push", name).ok()
    stage.home.run(program, "rmi", name).ok()
    stage.home.environment = before


def shown_since(stage: Stage) -> set[str]:
    """Whose tokens the registry was shown."""
    return {each.label for each in stage.shown()}


@scene("docs/start.md: purser setup docker / aws sso login --profile dev")
def laptop(stage: Stage):
    """The browser's part of `aws sso login` is played: it writes what the aws command writes."""
    label = stage.aws.sso.assign(ACCOUNT, "Developer")
    write_token(stage.home, "company", stage.aws.sso.log_in())
    cache = stage.home.home / ".aws/sso/cache"
    shutil.move(cache, stage.folder / "sso")
    asked = stage.stand_in("aws", f"mkdir -p {cache.parent} && cp -r {stage.folder}/sso {cache}")
    stage.home.write(".aws/config", stage.block_of("docs/aws.md", "ini", "[profile dev]\nsso_session"))
    stage.docker(PLAIN)
    stage.local_image("docker", f"{ECR}/team/app:1")
    stage.answers = ["y"]
    done = yield
    done.ok()
    assert asked.read_text() == "sso login --profile dev\n" and shown_since(stage) == {label}


@scene("docs/start.md: AWS_PROFILE=dev docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/base:1")
def several_profiles(stage: Stage):
    stage.docker()
    push_as(stage, f"{ECR}/team/base:1")
    stage.home.profile("dev", DEV)
    stage.home.profile("prod", PROD)
    stage.local_image("docker", f"{OTHER_ACCOUNT}/team/app:1")
    stage.mark()
    done = yield
    done.ok()
    assert [(each.host, each.label) for each in stage.shown()][0] == (ECR, "dev")
    assert {(each.host, each.label) for each in stage.shown()} == {(ECR, "dev"), (OTHER_ACCOUNT, "prod")}


@scene("docs/start.md: purser doctor 210987654321.dkr.ecr.us-east-1.amazonaws.com")
def the_registry_decides(stage: Stage):
    """With the configuration above it on the page, and another profile in the shell."""
    stage.home.profile("dev", DEV)
    stage.home.profile("prod", PROD)
    stage.home.write(".config/purser/config.json", stage.block_of("docs/start.md", "jsonc", '"profile": "dev"'))
    stage.home.environment["AWS_PROFILE"] = "dev"
    stage.home.start_daemon()
    done = yield
    assert 'profile "prod"' in done.ok().stdout


@scene('docs/start.md: export PURSER_NAMESPACE="job-$CI_JOB_ID"')
def shared_runner(stage: Stage):
    stage.docker()
    stage.home.environment.update(CI_JOB_ID="17", REGISTRY_PASSWORD=PASSWORD)
    stage.local_image("docker", f"{COM}/team/app:1")
    done = yield
    assert "ann is known" in done.ok().output or done.status == 0
    assert stage.stored(COM) is None and "job-17" not in stage.purser("namespace", "list").ok().stdout


@scene("docs/start.md: docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:ci")
def github(stage: Stage):
    stage.aws.sts.register(stage.aws.actions.issuer)
    stage.aws.sts.allow(arn("ci"), subjects=(SUBJECT,))
    stage.home.environment.update(stage.aws.actions.start_job(SUBJECT).variables)
    stage.home.write(".config/purser/config.json", stage.block_of("docs/start.md", "jsonc", '"web_identity": "github"'))
    stage.docker()
    stage.local_image("docker", f"{ECR}/team/app:ci")
    done = yield
    done.ok()
    assert shown_since(stage) == {f"role ci of {SUBJECT}"}


@scene("docs/start.md: purser setup docker / docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:role")
def instance(stage: Stage):
    """On EC2; tests/e2e/test_ways_of_running.py has the others."""
    stage.world.sink.lead("169.254.169.254", stage.aws.imds.address)
    stage.docker(PLAIN)
    stage.local_image("docker", f"{ECR}/team/app:role")
    stage.answers = ["y"]
    done = yield
    stage.world.sink.lead_nowhere()
    assert "EC2" in done.ok().stdout and shown_since(stage) == {"machine"}


@scene("docs/start.md: mkdir -p /etc/kubernetes/credential-providers")
def kubelet(stage: Stage):
    etc = stage.folder / "etc"
    stage.text = stage.text.replace("/etc/kubernetes", str(etc))
    provider = stage.home.programs / "purser-kubelet-provider"
    provider.symlink_to((stage.home.programs / "docker-credential-purser").resolve())
    done = yield
    done.ok()
    config = (etc / "credential-providers.yaml").read_text()
    assert "purser-kubelet-provider" in config and "credentialprovider.kubelet.k8s.io/v1" in config
    request = {"apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest", "image": f"{ECR}/a:1"}
    stage.home.keys_in_environment(PROD)
    asked = stage.home.run(str(etc / "credential-providers/purser-kubelet-provider"), stdin=json.dumps(request))
    assert json.loads(asked.ok().stdout)["auth"]


@scene("docs/start.md: purser setup bazel")
def bazel(stage: Stage):
    """bazel is played: it reads ~/.bazelrc and asks the helper that it finds there, as the real one."""
    stage.home.keys_in_environment(PROD)
    uri = f"https://{ECR}/v2/team/app/manifests/1"
    stage.stand_in("bazel", "helper=$(sed -n 's/.*--credential_helper=[^=]*=//p' ~/.bazelrc | head -1)\n"
                            f"echo '{{\"uri\": \"{uri}\"}}' | \"$helper\" get")
    stage.answers = ["y"]
    done = yield
    assert '"Authorization"' in done.ok().stdout


@scene("docs/start.md: purser setup docker / purser login registry.example.com --username ann")
def own_registry(stage: Stage):
    stage.docker(PLAIN)
    stage.local_image("docker", f"{COM}/team/app:own")
    stage.answers = ["y", PASSWORD]
    done = yield
    done.ok()
    assert PASSWORD not in done.stdout and stage.stored(COM) is None


@scene("docs/start.md: purser setup docker / docker pull 123456789012.dkr.ecr.us-east-1.amazonaws.com/team/base:moved")
def moving(stage: Stage):
    stage.docker()
    push_as(stage, f"{ECR}/team/base:moved")
    stage.home.keys_in_environment(DEV)
    stage.home.write(".ecr/cache.json", "{}")
    file = stage.home.write(".docker/config.json", json.dumps({"credsStore": "ecr-login", "credHelpers": {ECR: "ecr-login"}}))
    stage.answers = ["y"]
    stage.mark()
    done = yield
    done.ok()
    assert "ecr-login" not in file.read_text() and not (stage.home.home / ".ecr").exists()
    assert shown_since(stage) == {"dev"}


@scene("docs/start.md: mkdir -p ~/.local/bin")
def old_name(stage: Stage):
    stage.home.keys_in_environment(PROD)
    done = yield
    done.ok()
    answer = stage.home.run(str(stage.home.home / ".local/bin/docker-credential-ecr-login"), "get", stdin=ECR)
    assert json.loads(answer.ok().stdout)["Username"] == "AWS"


@scene("docs/start.md: purser setup docker / purser import")
def plain_text(stage: Stage):
    auths = {COM: {"username": USER, "password": PASSWORD}}
    file = stage.home.write(".docker/config.json", json.dumps({"auths": auths}))
    stage.answers = ["y", "y"]
    done = yield
    done.ok()
    assert stage.stored(COM) == USER and PASSWORD not in file.read_text() + done.stdout


@scene("docs/start.md: purser setup podman")
def podman_only(stage: Stage):
    stage.podman()
    stage.home.containers_helper()
    push_as(stage, f"{ECR}/team/base:podman", "podman")
    (stage.home.home / ".config/containers/registries.conf").unlink()
    del stage.home.environment["CONTAINERS_REGISTRIES_CONF"]
    stage.home.keys_in_environment(DEV)
    stage.answers = ["y"]
    stage.mark()
    done = yield
    done.ok()
    assert shown_since(stage) == {"dev"}
