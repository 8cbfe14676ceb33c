"""`setup`, `setup` again and `setup --undo` on configuration files as people have them."""

import json
import os

import pytest

HOST = "images.example.com"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
AUTH = "ZmFrZTpmYWtlLXBhc3N3b3Jk"  # fake:fake-password

DOCKERS_OWN = """{
\t"auths": {
\t\t"https://index.docker.io/v1/": {
\t\t\t"auth": "%s"
\t\t},
\t\t"registry.example.org": {}
\t},
\t"HttpHeaders": {
\t\t"X-Meta": "fake-header"
\t},
\t"psFormat": "table {{.ID}}\\\\t{{.Image}}",
\t"detachKeys": "ctrl-e,e",
\t"currentContext": "rootless",
\t"plugins": {
\t\t"debug": {
\t\t\t"hooks": "exec"
\t\t}
\t},
\t"aliases": {
\t\t"builder": "buildx"
\t},
\t"proxies": {
\t\t"default": {
\t\t\t"httpProxy": "http://user:fake-password@proxy.example.org:3128"
\t\t}
\t},
\t"features": {
\t\t"hooks": "true"
\t}
}""" % AUTH

FILES = {
    "docker's own": DOCKERS_OWN,
    "final newline": DOCKERS_OWN + "\n",
    "many final newlines": '{\n  "auths": {}\n}\n\n\n',
    "two spaces": json.dumps(json.loads(DOCKERS_OWN), indent=2) + "\n",
    "four spaces": json.dumps(json.loads(DOCKERS_OWN), indent=4),
    "no indentation": json.dumps(json.loads(DOCKERS_OWN), indent=0),
    "one line": json.dumps(json.loads(DOCKERS_OWN)),
    "one line without blanks": json.dumps(json.loads(DOCKERS_OWN), separators=(",", ":")) + "\n",
    "Windows line ends": DOCKERS_OWN.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + DOCKERS_OWN,
    "byte order mark alone": "\ufeff",
    "empty": "",
    "only blanks": " \n\n",
    "nothing in it": "{}",
    "nothing in it, with line": "{}\n",
    "nothing in it, two lines": "{\n}\n",
    "purser already": '{ "credsStore":   "purser"  }',
    "another store": '{\n\t"credsStore": "desktop"\n}',
    "another store, first of many": '{"credsStore":"pass","auths":{},"currentContext":"x"}',
    "empty store": '{"credsStore": ""}',
    "null store": '{"credsStore": null, "credHelpers": null}',
    "another case": '{"credsstore": "pass", "CREDHELPERS": {"%s": "ecr-login"}}' % ECR,
    "no helpers": '{\n    "credHelpers": {},\n    "auths": {}\n}\n',
    "others' helpers": '{\n  "credHelpers": {\n    "gcr.io": "gcloud",\n    "eu.gcr.io": "gcloud"\n  }\n}\n',
    "ecr-login": '{"credHelpers": {"public.ecr.aws": "ecr-login", "%s": "ecr-login", "ghcr.io": "gh"}}' % ECR,
    "helpers on one line": '{\n  "credHelpers": {"gcr.io": "gcloud"},\n  "auths": {"a": {"auth": "%s"}}\n}' % AUTH,
    "our helper already": '{"credHelpers": {"%s": "purser"}}' % HOST,
    "plain text": '{\n  "auths": {\n    "a": {"username": "x", "password": "fake-password"}\n  }\n}',
    "blank lines": '{\n\n  "auths": {},\n\n\n  "currentContext": "a"\n\n}\n',
    "odd blanks": '{"auths" :{ } ,\t"credsStore" :"osxkeychain" , "x":[1 , 2]}',
    "closing brace behind": '{"auths": {},\n "currentContext": "a"}',
    "braces in texts": '{"currentContext": "}{\\"][,", "x\\"y": {"credsStore": "}"}, "ü": "\\u00fc"}',
    "unknown to docker": '{\n\t"x-team": [{"credsStore": "inner"}, null, true, -1.5e-3, []],\n\t"$schema": "s"\n}\n',
}
assert len(FILES) >= 30


def expected(text):
    """What setup makes of the parsed file."""
    value = json.loads(text.lstrip("\ufeff").strip() or "{}")
    spelled = {key.lower(): key for key in value}
    store, helpers = spelled.get("credsstore", "credsStore"), spelled.get("credhelpers", "credHelpers")
    named = dict(value.get(helpers) or {})
    value[store] = "purser"
    value[helpers] = {**{host: "purser" if "ecr" in host else helper for host, helper in named.items()},
                      HOST: "purser"}
    return value


@pytest.mark.parametrize("name", FILES)
def test_undo_gives_back_every_byte(user, name):
    original = FILES[name].encode()
    user.write(user.docker, original, mode=0o640)
    before = user.docker.stat()
    user.setup("docker", "--registry", HOST)
    between = user.docker.read_bytes()
    assert json.loads(between.decode("utf-8-sig")) == expected(FILES[name])
    if b"\r\n" in original:
        assert between.count(b"\r\n") == between.count(b"\n")
    if b":" in original and b"\t" not in original:
        assert b"\t" not in between
    assert set(user.setup("docker", "--registry", HOST).values()) == {"unchanged"}
    assert user.docker.read_bytes() == between
    assert set(user.undo().values()) == {"restored"}
    assert user.docker.read_bytes() == original
    after = user.docker.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert [path.name for path in user.docker.parent.iterdir()] == ["config.json"]


def test_what_was_not_there_is_gone_again(user):
    user.install("helm", "podman")
    files = user.setup("--registry", HOST)
    assert set(files.values()) == {"changed"} and len(files) == 4
    assert json.loads(user.docker.read_text()) == {"credsStore": "purser", "credHelpers": {HOST: "purser"}}
    assert json.loads(user.auth.read_text()) == {"credHelpers": {HOST: "purser"}}
    assert 'credential-helpers = ["containers-auth.json", "purser"]' in user.drop_in.read_text()
    assert user.docker.stat().st_mode & 0o777 == 0o600
    assert user.docker.parent.stat().st_mode & 0o777 == 0o700
    assert set(user.setup("--registry", HOST).values()) == {"unchanged"}
    assert set(user.undo().values()) == {"removed"}
    assert sorted(os.listdir(user.home)) == [".local"]


def test_a_link_stays_one(user):
    target = user.home / "dotfiles/docker.json"
    user.write(target, DOCKERS_OWN)
    user.docker.parent.mkdir()
    user.docker.symlink_to("../dotfiles/docker.json")
    assert set(user.setup("docker").values()) == {"changed"}
    assert user.docker.is_symlink() and json.loads(target.read_text())["credsStore"] == "purser"
    user.undo()
    assert user.docker.is_symlink() and target.read_text() == DOCKERS_OWN


def test_each_of_several_runs_is_undone(user):
    user.write(user.docker, DOCKERS_OWN)
    user.setup("docker")
    user.setup("docker", "--registry", HOST)
    user.setup("docker", "--registry", "other.example.com:5000")
    assert set(json.loads(user.docker.read_text())["credHelpers"]) == {HOST, "other.example.com:5000"}
    user.undo()
    assert user.docker.read_text() == DOCKERS_OWN


def test_of_an_edited_file_only_our_own_edits_are_undone(user):
    user.write(user.docker, '{"credsStore": "desktop", "credHelpers": {"%s": "ecr-login"}}' % ECR)
    user.setup("docker", "--registry", HOST)
    value = json.loads(user.docker.read_text())
    value["credHelpers"][ECR] = "somebody"
    value["auths"] = {"registry.example.org": {}}
    user.docker.write_text(json.dumps(value, indent="\t"))  # as docker login does
    assert set(user.undo().values()) == {"partly_restored"}
    assert json.loads(user.docker.read_text()) == {
        "credsStore": "desktop", "credHelpers": {ECR: "somebody"}, "auths": {"registry.example.org": {}}}
    assert user.run("--undo", "--yes").stdout == "nothing to undo\n"


def test_a_file_that_we_made_stays_where_somebody_put_something_in(user):
    user.setup("docker", "--registry", HOST)
    value = json.loads(user.docker.read_text()) | {"currentContext": "x"}
    user.docker.write_text(json.dumps(value))
    user.undo()
    assert json.loads(user.docker.read_text()) == {"currentContext": "x"}


def test_one_client_can_be_undone_alone(user):
    user.install("helm")
    user.setup()
    assert list(user.undo("helm")) == [str(user.helm)]
    assert user.docker.exists() and not user.helm.exists()


def test_nothing_secret_is_shown_or_kept(user):
    user.write(user.docker, DOCKERS_OWN.replace("\n", "").replace("\t", ""))
    user.write(user.home / ".bazelrc", "build --remote_header=Authorization=fake-password")
    shown = ""
    for words in (["--dry-run"], ["--yes"], ["--undo", "--dry-run"], ["--undo", "--yes"]):
        done = user.run(*words, *(["docker", "bazel"] if "--undo" not in words else []))
        assert done.returncode == 0, done.stderr
        shown += done.stdout + done.stderr
        for kept in user.state.glob("*"):
            shown += kept.read_text()
            assert kept.stat().st_mode & 0o777 == 0o600
    assert "purser" in shown and "registry.example.org" in shown
    for secret in ("fake-password", "fake-header", AUTH):
        assert secret not in shown
    assert user.state.stat().st_mode & 0o777 == 0o700


def test_a_dry_run_touches_nothing(user):
    user.install("helm", "podman")
    user.write(user.docker, DOCKERS_OWN)
    done = user.run("--dry-run", "--registry", HOST)
    assert done.returncode == 0 and '+\t"credsStore": "purser"' in done.stdout
    assert user.files() == {".docker/config.json": DOCKERS_OWN.encode()}
    assert sorted(os.listdir(user.home)) == [".docker"]


def test_the_places_are_those_that_the_environment_names(user):
    user.install("helm", "podman")
    places = {"DOCKER_CONFIG": "d", "REGISTRY_AUTH_FILE": "a.json", "HELM_REGISTRY_CONFIG": "h.json",
              "XDG_STATE_HOME": "s"}
    user.environment |= {name: str(user.home / path) for name, path in places.items()}
    assert set(user.setup("--registry", HOST)) == {
        str(user.home / path) for path in
        ("d/config.json", "a.json", "h.json", ".config/containers/registries.conf.d/90-purser.conf")}
    assert (user.home / "s/purser/setup/journal.json").exists()
    del user.environment["HELM_REGISTRY_CONFIG"]
    user.environment["XDG_CONFIG_HOME"] = str(user.home / "x")
    assert list(user.setup("helm")) == [str(user.home / "x/helm/registry/config.json")]


def test_rules_with_literal_hosts_are_named(user):
    user.install("podman")
    rules = [{"match": match, "provider": "store"} for match in
             ("images.example.com", "images.example.com/team/*", "registry.example.org:5000", "docker.io")]
    rules.append({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr"})
    user.write(user.home / ".config/purser/config.json", json.dumps({"version": 1, "registries": rules}))
    user.setup()
    assert set(json.loads(user.docker.read_text())["credHelpers"]) == {
        "images.example.com", "registry.example.org:5000", "https://index.docker.io/v1/"}
    assert set(json.loads(user.auth.read_text())["credHelpers"]) == {
        "images.example.com", "registry.example.org:5000", "docker.io"}


def test_bazel_gets_lines_for_each_registry(user):
    user.write(user.home / ".bazelrc", "build --jobs=2")
    user.setup("bazel", "--registry", HOST, "--registry", "docker.io")
    helper = user.programs / "docker-credential-purser"
    assert (user.home / ".bazelrc").read_text() == "build --jobs=2\n" + "".join(
        f"common --credential_helper={scope}={helper}\n" for scope in ("*.amazonaws.com", "public.ecr.aws", HOST))
    assert set(user.setup("bazel").values()) == {"unchanged"}
    (user.home / ".bazelrc").open("a").write("build --color=no\n")
    assert set(user.undo().values()) == {"partly_restored"}
    assert (user.home / ".bazelrc").read_text() == "build --jobs=2\nbuild --color=no\n"


def test_the_kubelet_gets_a_file(user):
    config = user.home / "providers.yaml"
    user.install("purser-kubelet-provider")
    words = ("kubelet", "--bin-dir", str(user.programs), "--config", str(config), "--registry", HOST)
    assert user.setup(*words) == {str(config): "changed"}
    text = config.read_text()
    assert f'- "{HOST}"' in text and "kind: CredentialProviderConfig" in text
    assert user.setup(*words) == {str(config): "unchanged"}
    assert user.undo("kubelet") == {str(config): "removed"}
