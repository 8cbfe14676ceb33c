"""`purser import` from files, with the real helper and daemon: what is stored, what goes and what stays."""

import json
import os
import re
import shutil
import subprocess

import pytest

from conftest import CONFIG, auth

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
STYLED = """{
    "auths": {
        "reg.example": { "auth": "%s", "email": "ann@example" },
        "https://index.docker.io/v1/": {"username": "ann", "password": "fake-hub"},
        "old.example": {}
    },
    "credsStore":"purser",
  "HttpHeaders": {"X": [1,  2]}
}
"""


def test_it_first_shows_what_it_would_do(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    before = file.read_bytes()
    for words in (["--dry-run"], ["--dry-run", "--json"], []):
        done = user.purser(*words)
        assert done.status == (0 if words else 1)
        assert "reg.example" in done.stdout and "ann" in done.stdout
        assert "fake-password" not in done.output and auth("ann", "fake-password") not in done.output
        assert file.read_bytes() == before and user.names() == []
    assert "nobody is here to ask" in user.purser().stderr


def test_plain_text_goes_and_every_other_byte_stays(user):
    file = user.write(CONFIG, STYLED % auth("ann", "fake-password"))
    done = user.imported()
    assert user.stored("reg.example") == ("ann", "fake-password")
    assert user.stored("docker.io") == ("ann", "fake-hub")
    left = STYLED.replace('"auth": "%s", ', "").replace(', "password": "fake-hub"', "")
    assert file.read_text() == left
    assert "stored 2" in done.stdout and "fake" not in done.output
    assert user.files_with("fake-password", "fake-hub", "ann:fake-password") == []


def test_what_is_emptied_keeps_its_place(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    user.imported()
    assert json.loads(file.read_text()) == {"auths": {"reg.example": {}}, "credsStore": "purser"}
    assert file.stat().st_mode & 0o7777 == 0o600


def test_a_second_import_has_nothing_to_do(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    user.imported()
    before = file.stat()
    assert "there is nothing to import" in user.imported().stdout
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_at_a_terminal_it_asks(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    before = file.read_bytes()
    terminal = user.at_a_terminal()
    assert terminal.answer("n") == 0 and file.read_bytes() == before and user.names() == []
    terminal = user.at_a_terminal()
    assert terminal.answer("y") == 0 and user.stored("reg.example") == ("ann", "fake-password")
    assert b"auth\"" not in file.read_bytes() and "fake-password" not in terminal.shown


@pytest.mark.parametrize("secret", ["fa:ke:", "fäke-пароль-🔑", "x" * (64 << 10), "fake \"quoted\\\" \t\n end"],
                         ids=["colons", "unicode", "64 KiB", "quotes"])
def test_secrets_arrive_as_they_are(user, secret):
    file = user.config({"reg.example": {"auth": auth("ann", secret)}, "b.example:5000": {"identitytoken": secret}})
    user.imported()
    assert user.stored("reg.example") == ("ann", secret)
    assert user.stored("b.example:5000") == ("<token>", secret)
    assert set(json.loads(file.read_text())["auths"]) == {"reg.example", "b.example:5000"}
    assert len(file.read_bytes()) < 200


def test_plain_text_stays_where_clients_would_find_it_nowhere_else(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}}, credsStore=None)
    before = file.read_bytes()
    done = user.imported()
    assert user.stored("reg.example") == ("ann", "fake-password") and file.read_bytes() == before
    assert "purser setup" in done.stdout
    user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    done = user.imported()
    assert "stored already" in done.stdout and "auth\"" not in file.read_text()


def test_what_another_helper_is_asked_for_stays(user):
    auths = {name: {"auth": auth("ann", "fake-password")} for name in ("a.example", "b.example", "c.example")}
    (user.programs / "docker-credential-link").symlink_to("docker-credential-purser")
    file = user.config(auths, credsStore="secretservice", credHelpers={"b.example": "purser", "c.example": "link"})
    assert "docker-credential-secretservice" in user.imported().stdout
    left = json.loads(file.read_text())["auths"]
    assert left == {"a.example": auths["a.example"], "b.example": {}, "c.example": {}}


def test_options_decide_about_plain_text(user):
    asked = user.config({"a.example": {"auth": auth("ann", "fake-password")}})
    before = asked.read_bytes()
    user.imported("--keep-plain-text")
    assert asked.read_bytes() == before and user.stored("a.example")
    other = user.config({"a.example": {"auth": auth("ann", "fake-password")}}, path="other.json", credsStore=None)
    user.imported("--remove-plain-text", str(other))
    assert json.loads(other.read_text()) == {"auths": {"a.example": {}}} and asked.read_bytes() == before


def test_another_one_in_the_store_is_a_conflict(user):
    user.store("reg.example", "ann", "fake-newer")
    file = user.config({"reg.example": {"auth": auth("ann", "fake-older")}, "b.example": {"auth": auth("b", "fake-b")}})
    done = user.purser("--yes")
    assert done.status == 1 and "CONFLICT" in done.stdout and "--overwrite" in done.stdout
    assert user.stored("reg.example") == ("ann", "fake-newer") and user.stored("b.example") == ("b", "fake-b")
    assert json.loads(file.read_text())["auths"] == {"reg.example": {"auth": auth("ann", "fake-older")}, "b.example": {}}
    user.imported("--overwrite")
    assert user.stored("reg.example") == ("ann", "fake-older") and user.files_with("fake-older") == []


def test_spellings_of_one_registry_that_differ_are_a_conflict(user):
    auths = {"docker.io": {"auth": auth("ann", "fake-a")}, "https://index.docker.io/v1/": {"auth": auth("ann", "fake-b")},
             "reg.example": {"auth": auth("ann", "fake-same")}, "https://reg.example:443/v2/": {"auth": auth("ann", "fake-same")}}
    file = user.config(auths)
    before = json.loads(file.read_text())["auths"]
    assert user.purser("--yes", "--overwrite").status == 1
    left = json.loads(file.read_text())["auths"]
    assert {name: left[name] for name in list(auths)[:2]} == {name: before[name] for name in list(auths)[:2]}
    assert left["reg.example"] == {} and left["https://reg.example:443/v2/"] == {}
    assert user.stored("docker.io") is None and user.stored("reg.example") == ("ann", "fake-same")


def test_registries_that_purser_mints_for_are_left(user):
    user.purser_config({"match": "registry.corp.example", "provider": "ecr",
                        "registry": ECR})
    auths = {name: {"auth": auth("AWS", "fake-token")} for name in (ECR, "registry.corp.example", "public.ecr.aws")}
    file = user.config(auths)
    done = user.imported()
    assert done.stdout.count("purser obtains its tokens by itself") == 3
    assert json.loads(file.read_text())["auths"] == auths
    assert all(event["verb"] != "store" for event in user.audit())


def test_what_cannot_be_carried_is_said_and_left(user):
    bad = {"a.example": {"auth": "no base64"}, "b.example": {"auth": "YW5u"}, "c.example": {"registrytoken": "fake-token"},
           "d.example": {"auth": auth("", "fake")}, "e f": {"auth": auth("ann", "fake")}}
    file = user.config({**bad, "good.example": {"auth": auth("ann", "fake-password")}, "empty.example": {}})
    done = user.imported()
    for reason in ("not base64", "no colon", "registrytoken", "no user name", "not the name of a registry"):
        assert reason in done.stdout
    assert json.loads(file.read_text())["auths"] == {**bad, "good.example": {}, "empty.example": {}}
    assert user.names() == ["good.example"] and "empty.example" not in done.stdout


def test_every_file_that_clients_have_is_looked_at(user):
    entry = {"auth": auth("ann", "fake-password")}
    user.write(".config/containers/registries.conf", 'credential-helpers = ["containers-auth.json", "purser"]\n')
    docker = user.config({"a.example": entry}, path="d/config.json")
    podman = user.config({"b.example": entry, "b.example/team": {"auth": auth("bob", "fake-other")}},
                         path=".config/containers/auth.json", credsStore=None)
    helm = user.config({"c.example": entry}, path=".config/helm/registry/config.json")
    old = user.write(".dockercfg", json.dumps({"d.example": {**entry, "email": ""}}))
    done = user.imported(DOCKER_CONFIG=str(docker.parent), REGISTRY_AUTH_FILE=str(podman))
    assert user.names() == ["a.example", "b.example", "b.example/team", "c.example", "d.example"]
    assert user.stored("b.example/team") == ("bob", "fake-other")
    assert [json.loads(file.read_text())["auths"] for file in (docker, helm)] == [{"a.example": {}}, {"c.example": {}}]
    assert json.loads(podman.read_text())["auths"]["b.example"] == {}
    assert "whole registries only" in done.stdout and "auth" in json.loads(podman.read_text())["auths"]["b.example/team"]
    assert "cannot name a helper" in done.stdout and "auth" in json.loads(old.read_text())["d.example"]


def test_a_link_stays_and_what_it_leads_to_is_edited(user):
    target = user.config({"reg.example": {"auth": auth("ann", "fake-password")}}, path="dotfiles/config.json")
    link = user.home / CONFIG
    link.parent.mkdir()
    link.symlink_to(target)
    user.imported()
    assert link.is_symlink() and user.files_with("fake-password", "ann:fake-password") == []
    assert json.loads(target.read_text())["auths"] == {"reg.example": {}}


def spoil_owner(file):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: giving a file away needs root")
    os.chown(file, 12345, -1)


SPOILED = {
    "another user's": (spoil_owner, "belongs to another user"),
    "writable by others": (lambda file: file.chmod(0o666), "others may write to it"),
    "cut off": (lambda file: file.write_text(file.read_text()[:-2]), "config.json"),
    "huge": (lambda file: file.write_text(file.read_text() + " " * (300 << 10)), "larger than"),
    "a folder": (lambda file: (file.unlink(), file.mkdir()), "is a folder"),
    "a link to nothing": (lambda file: (file.unlink(), file.symlink_to("gone")), "is a link to nothing"),
    "no object": (lambda file: file.write_text("[]"), "config.json"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_bad_file_is_one_line_and_the_others_count(user, how):
    spoil, words = SPOILED[how]
    bad = user.config({"a.example": {"auth": auth("ann", "fake-password")}})
    user.config({"b.example": {"auth": auth("ann", "fake-other")}}, path=".config/helm/registry/config.json")
    spoil(bad)
    done = user.purser("--yes")
    assert done.status == 1 and done.stderr.startswith("purser: ") and done.stderr.count("\n") == 1
    assert words in done.stderr and str(bad) in done.stderr and "fake" not in done.output
    assert user.names() == ["b.example"]


def test_files_that_are_named_have_to_be_there(user):
    user.config({"a.example": {"auth": auth("ann", "fake-password")}})
    done = user.purser("--yes", "gone.json")
    assert done.status == 1 and "there is no file" in done.stderr and user.names() == []


def test_a_namespace_is_no_place_for_an_import(user):
    done = user.purser("--yes", PURSER_NAMESPACE="job-1")
    assert done.status == 1 and "unset PURSER_NAMESPACE" in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["--yes", "--dry-run"], ["--undo", "--forget"], ["f", "--from-helper", "pass"],
                                   ["--undo", "f"], ["--keep-plain-text", "--remove-plain-text"], ["--what"]])
def test_words_that_exclude_each_other(user, words):
    done = user.purser(*words)
    assert done.status == 2 and done.stderr.count("\n") == 1 and user.daemons() == []


def test_json_is_for_scripts(user):
    file = user.config({"reg.example": {"auth": auth("ann", "fake-password")}, "b.example": {"auth": "*"}})
    told = user.report("--yes")
    assert told["dry_run"] is False and told["troubles"] == []
    assert told["files"] == [{"path": str(file), "members_removed": 1}]
    good, bad = sorted(told["entries"], key=lambda entry: entry["fate"])
    assert good == {"registry": "reg.example", "name": "reg.example", "username": "ann", "source": str(file),
                    "fate": "import", "why": None, "verified": True, "plain_text": "removed", "plain_text_why": None}
    assert (bad["fate"], bad["verified"], bad["plain_text"]) == ("unusable", False, "kept")


def tracing_works():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not tracing_works(), reason="NOT TESTED: strace is missing or may not trace here")
def test_secrets_are_in_no_argument_and_no_variable_and_nobody_may_look(user):
    user.config({"reg.example": {"auth": auth("ann", "fake-password")}})
    assert user.names() == []  # the daemon runs, or strace would wait for it
    log = user.folder / "trace"
    user.run("strace", "-f", "-v", "-s", "100000", "-o", str(log), "-e", "trace=execve,prctl,openat",
             str(user.programs / "purser"), "import", "--yes", ASAN_OPTIONS="detect_leaks=0").ok()
    text = log.read_text()
    starts = [line for line in text.splitlines() if "execve(" in line]
    assert len(starts) >= 5
    assert all("fake-password" not in line and auth("ann", "fake-password") not in line for line in starts)
    hidden = re.search(r"prctl\(PR_SET_DUMPABLE, SUID_DUMP_DISABLE\)", text)
    assert hidden and hidden.start() < text.index(CONFIG)
    assert user.stored("reg.example") == ("ann", "fake-password")
