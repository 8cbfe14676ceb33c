"""The scenes of the reference pages. Those of the quick starts are in doc_scenes_start.py."""

import base64
import json
import os
import pwd

import rig_clients
from doc_pages import ROOT
from doc_stage import COM, GHCR, HUB, PASSWORD, USER, Stage, printed, same_words, scene
from rig_ecr import PROD
from rig_world import ECR

CLIENT_FILES = (".docker/config.json", ".config/helm/registry/config.json",
                ".config/containers/registries.conf.d/90-purser.conf")


@scene("README.md: purser setup")
def setup(stage: Stage):
    """Every client on the machine; a person agrees to each change."""
    for name in ("helm", "podman", "skopeo", "buildah"):
        stage.stand_in(name, "exit 1")
    stage.answers = ["y"] * len(CLIENT_FILES)
    done = yield
    done.ok()
    files = [(stage.home.home / file).read_text() for file in CLIENT_FILES]
    assert json.loads(files[0]) == json.loads(files[1]) == {"credsStore": "purser"} and '"purser"' in files[2]


@scene("docs/clients.md: purser setup")
def setup_and_undo(stage: Stage):
    """docker's file is there; the files of others that setup makes are gone afterwards."""
    before = stage.home.write(".docker/config.json", '{\n\t"psFormat": "x"\n}')
    text = before.read_text()
    stage.answers = ["y"] * 2 * (1 + bool(rig_clients.find("podman")))
    done = yield
    done.ok()
    assert '+\t"credsStore": "purser"' in done.stdout or '"credsStore": "purser"' in done.stdout
    assert before.read_text() == text


@scene("docs/tokens.md: purser token ghcr.io/team/app")
def tokens(stage: Stage):
    """curl fetches a manifest that is there, with a token for that."""
    for name in (GHCR, HUB):
        stage.log_in(name)
    stage.docker()
    stage.local_image("docker", f"{GHCR}/team/app:latest")
    stage.home.run("docker", "push", f"{GHCR}/team/app:latest").ok()

    done = yield
    done.ok()
    *printed_tokens, = done.stdout.splitlines()[:3]
    assert all(token.count(".") == 2 for token in printed_tokens) and len(set(printed_tokens)) == 3
    assert json.loads("\n".join(done.stdout.splitlines()[3:]))["schemaVersion"] in (1, 2)  # an old registry converts


@scene("docs/tokens.md: purser doctor registry.example.org/team/app:pull,push || exit")
def before_a_long_job(stage: Stage):
    stage.log_in(HUB)
    stage.text += "echo goes on\n"
    done = yield
    assert done.ok().stdout.endswith("goes on\n")
    assert stage.home.helper("erase", HUB).ok()
    stopped = stage.home.run("bash", "-c", stage.text)
    assert stopped.status != 0 and "goes on" not in stopped.stdout


@scene("docs/tokens.md: printenv REGISTRY_PASSWORD | purser login registry.example.org -u ann --password-stdin")
def logging_in(stage: Stage):
    stage.home.environment["REGISTRY_PASSWORD"] = PASSWORD
    stage.answers = [PASSWORD]
    stage.put("purser logout", "purser status >/dev/null && docker-credential-purser get <<<registry.example.org\npurser logout")
    done = yield
    assert '"Username":"ann"' in done.ok().stdout.replace(" ", "")
    assert stage.stored(HUB) is None


@scene("docs/operations.md: export PURSER_NAMESPACE=job-$CI_JOB_ID")
def jobs(stage: Stage):
    stage.docker()
    stage.home.environment.update(CI_JOB_ID="17", REGISTRY_PASSWORD=PASSWORD)
    stage.put('purser namespace clear', "purser namespace list\npurser namespace clear")
    done = yield
    assert "job-17" in done.ok().stdout and stage.stored(COM) is None
    assert "job-17" not in stage.purser("namespace", "list").ok().stdout


@scene("docs/operations.md: purser store recover")
def recover(stage: Stage):
    """One of two records is damaged."""
    for name in (COM, HUB):
        stage.log_in(name)
    stage.home.stop()
    file = stage.home.home / ".local/state/purser/credentials"
    content = bytearray(file.read_bytes())
    content[-40] ^= 1
    file.write_bytes(bytes(content))
    assert stage.home.helper("get", COM).status == 1
    done = yield
    done.ok()
    assert (file.parent / "credentials.damaged").exists()
    assert sorted(filter(None, (stage.stored(COM), stage.stored(HUB)))) == [USER]


@scene("docs/export.md: file=$XDG_RUNTIME_DIR/purser/auth.json")
def export_in_a_job(stage: Stage):
    """podman builds on a private image, and knows nothing of purser."""
    stage.podman()
    stage.log_in(HUB)
    stage.home.containers_helper()
    base = f"{HUB}/team/base:1"
    stage.local_image("podman", base)
    stage.home.run("podman", "push", base).ok()
    stage.home.run("podman", "rmi", base).ok()
    del stage.home.environment["CONTAINERS_REGISTRIES_CONF"]
    stage.home.write("Containerfile", f"FROM {base}\nLABEL a=b\n")
    file = stage.home.runtime / "purser/auth.json"
    # XDG_RUNTIME_DIR is a tmpfs where it is real; here it is below one.
    done = yield
    done.ok()
    assert not file.exists(), "the step is over"


@scene("docs/export.md: purser export --format dockerconfigjson --name pull-secret --output - "
       "123456789012.dkr.ecr.us-east-1.amazonaws.com | kubectl apply -f -")
def export_for_a_cluster(stage: Stage):
    stage.home.keys_in_environment(PROD)
    applied = stage.folder / "applied"
    asked = stage.stand_in("kubectl", f"cat > {applied}")
    done = yield
    done.ok()
    secret = json.loads(applied.read_text())
    assert asked.read_text() == "apply -f -\n"
    assert (secret["kind"], secret["metadata"]["name"]) == ("Secret", "pull-secret")


@scene("docs/import.md: $ purser import")
def importing(stage: Stage):
    """The page shows what is printed, word for word, for /home/ann."""
    accounts = {"docker.io": ("auth", "ann", "fake-a"), COM: ("identitytoken", "<token>", "fake-b"),
                "build.example.com": ("auth", "ci", "fake-c")}
    stage.home.helper("store", json.dumps({"ServerURL": COM, "Username": "<token>", "Secret": "fake-b"})).ok()
    stage.home.helper("store", json.dumps({"ServerURL": "build.example.com", "Username": USER, "Secret": "fake-d"})).ok()
    file = stage.home.write(".docker/config.json", json.dumps({"credsStore": "purser", "auths": _auths(accounts)}, indent=2))
    stage.answers = ["y"]
    done = yield
    assert done.status == 1, done.stdout
    shown = done.stdout.replace(str(stage.home.home), "/home/ann").splitlines()
    assert "\n".join(map(same_words, shown)) == "\n".join(map(same_words, printed(stage.block)))
    assert "fake-" not in done.stdout and "identitytoken" not in file.read_text()


def _auths(accounts: dict[str, tuple[str, str, str]]) -> dict:
    spelled = {"docker.io": "https://index.docker.io/v1/"}
    return {spelled.get(name, name): {kind: base64.b64encode(f"{user}:{secret}".encode()).decode() if kind == "auth" else secret}
            for name, (kind, user, secret) in accounts.items()}


def _me() -> str:
    return pwd.getpwuid(os.getuid()).pw_name


@scene("docs/metrics.md: set -e")
def textfile(stage: Stage):
    folder = stage.folder / "textfile"
    folder.mkdir()
    stage.home.start_daemon()
    stage.put("/var/lib/prometheus/node-exporter", folder)
    done = yield
    done.ok()
    files = os.listdir(folder)
    assert len(files) == 1 and files[0].startswith("purser-") and files[0].endswith(".prom"), files
    assert f'purser_uptime_seconds{{user="{_me()}"}} ' in (folder / files[0]).read_text() and (folder / files[0]).stat().st_mode & 0o777 == 0o644


@scene("docs/metrics.md: promtool check rules docs/grafana/alerts.yml")
def alerts(stage: Stage):
    stage.put("docs/", f"{ROOT}/docs/")
    done = yield
    assert "SUCCESS" in done.ok().stdout
