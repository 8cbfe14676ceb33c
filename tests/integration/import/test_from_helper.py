"""`purser import --from-helper NAME`: what other helpers hold."""

import json
import shutil

import pytest

import rig_secret_service

ENTRIES = {"reg.example": ("ann", "fake-password"), "https://index.docker.io/v1/": ("<token>", "fake-token")}


def script(answers):
    """A helper that has these."""
    listed = json.dumps({name: username for name, (username, _) in answers.items()})
    cases = "\n".join(f"'{name}') echo '{json.dumps({'ServerURL': name, 'Username': username, 'Secret': secret})}';;"
                      for name, (username, secret) in answers.items())
    return f"""
case "$1" in
list) echo '{listed}';;
get) key=$(cat); case "$key" in {cases}
  *) echo 'credentials not found in native keychain'; exit 1;; esac;;
esac"""


def test_everything_it_lists_is_imported(user):
    user.program("docker-credential-other", script(ENTRIES) + "\necho fake-noise >&2")
    shown = user.purser("--dry-run", "--from-helper", "other").ok()
    assert "fake" not in shown.output and user.names() == []
    done = user.imported("--from-helper", "other")
    assert "stored 2" in done.stdout and "fake" not in done.output
    assert user.stored("reg.example") == ("ann", "fake-password") and user.stored("docker.io") == ("<token>", "fake-token")
    user.imported("--undo")
    assert user.names() == []


def test_what_it_does_not_give_is_said(user):
    broken = script({"a.example": ("ann", "fake-a")}).replace('{"a.example"', '{"b.example": "bob", "a b": "c", "a.example"')
    user.program("docker-credential-other", broken)
    done = user.imported("--from-helper", "other")
    assert "that helper does not give it" in done.stdout and "not the name of a registry" in done.stdout
    assert user.names() == ["a.example"]


@pytest.mark.parametrize("text", ["echo 'fake-password is locked'; exit 1", "echo no json", "exit 0", "yes fake-password"])
def test_a_helper_that_fails_is_one_line_without_its_words(user, text):
    user.program("docker-credential-other", text)
    done = user.purser("--yes", "--from-helper", "other")
    assert done.status == 1 and done.stderr.count("\n") == 1 and "docker-credential-other" in done.stderr
    assert "fake-password" not in done.output and user.names() == []


@pytest.mark.parametrize("name, words", [
    ("ecr-login", "purser obtains ECR's tokens by itself"), ("purser", "is purser itself"), ("link", "is purser itself"),
    ("copy", "is purser itself"), ("missing", "is not on PATH"), ("../x", "--from-helper takes"), ("", "needs a value")])
def test_from_these_nothing_is_imported(user, name, words):
    helper = user.programs / "docker-credential-purser"
    (user.programs / "docker-credential-link").symlink_to(helper)
    shutil.copy(helper.resolve(), user.programs / "docker-credential-copy")
    done = user.purser("--yes", "--from-helper", name) if name else user.purser("--from-helper")
    assert done.status == (1 if name else 2) and done.stderr.count("\n") == 1
    assert words in done.stderr or not name


@pytest.mark.skipif(any(shutil.which(each) is None for each in ("pass", "gpg", "docker-credential-pass")),
                    reason="NOT TESTED: pass, gpg or docker-credential-pass is not installed")
def test_from_pass(user):
    try:
        user.run("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "ann@example.org").ok()
        user.run("pass", "init", "ann@example.org").ok()
        for name, (username, secret) in ENTRIES.items():
            message = json.dumps({"ServerURL": name, "Username": username, "Secret": secret})
            user.run("docker-credential-pass", "store", stdin=message).ok()
        user.imported("--from-helper", "pass")
        assert user.stored("reg.example") == ("ann", "fake-password") and user.stored("docker.io") == ("<token>", "fake-token")
        held = json.loads(user.run("docker-credential-pass", "list").ok().stdout)
        assert set(held) == set(ENTRIES), "it keeps its own"
    finally:
        user.run("gpgconf", "--kill", "all")


def test_from_the_secret_service(user):
    if reason := rig_secret_service.missing():
        pytest.skip(reason)
    service = rig_secret_service.SecretService()
    try:
        service.start_keyring()
        bus = {"DBUS_SESSION_BUS_ADDRESS": service.environment["DBUS_SESSION_BUS_ADDRESS"]}
        settings = user.home / ".config/purser/config.json"  # by itself purser would keep them where they are
        settings.parent.mkdir(parents=True)
        settings.write_text('{"version": 1, "store": {"kind": "file"}}')
        for name, (username, secret) in ENTRIES.items():
            message = json.dumps({"ServerURL": name, "Username": username, "Secret": secret})
            user.run("docker-credential-secretservice", "store", stdin=message, **bus).ok()
        user.imported("--from-helper", "secretservice", **bus)
        assert user.stored("reg.example") == ("ann", "fake-password")
    finally:
        service.close()
