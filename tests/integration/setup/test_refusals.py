"""What setup does not touch, and says so in one line, while it goes on with the other clients."""

import fcntl
import json
import os

import pytest

VALID = '{\n\t"auths": {"a": {"auth": "ZmFrZS1wYXNzd29yZA=="}}\n}\n'


def folder(user):
    user.docker.mkdir(parents=True)


def read_only(user):
    user.write(user.docker, VALID, mode=0o400)


def link_to_nothing(user):
    user.docker.parent.mkdir()
    user.docker.symlink_to("nowhere.json")


def file_for_folder(user):
    user.write(user.docker.parent, "")


def others(user):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can make files of others")
    user.write(user.docker, VALID)
    os.chown(user.docker, 12345, 12345)


def fifo(user):
    user.docker.parent.mkdir()
    os.mkfifo(user.docker)


def content(text):
    return lambda user: user.write(user.docker, text)


@pytest.mark.parametrize("prepare,words", [
    (folder, "is a folder; a file was expected"),
    (read_only, "is read-only"),
    (link_to_nothing, "is a link to nothing"),
    (file_for_folder, "Not a directory"),
    (others, "belongs to another user"),
    (fifo, "is not a regular file"),
    (content('{"auths": fake-password}'), "line 1, column 13: not valid JSON"),
    (content('{\n  // mine\n  "auths": {}\n}'), "line 2, column 3: a comment, and JSON has none"),
    (content('{"a": 1} fake-password'), "line 1, column 12: not valid JSON"),
    (content('{"a": 1, "a": "fake-password"}'), 'the key "a" stands twice in one object'),
    (content('["fake-password"]'), "line 1, column 1: not a JSON object"),
    (content('{"credHelpers": "fake-password"}'), "credHelpers is not an object"),
    (content('{"credsStore": ["fake-password"]}'), "credsStore does not name a program"),
    (content("[" * 5000), "nested more than 16 levels deep"),
    (content('{"a": "' + "x" * (1 << 20) + '"}'), "is larger than 1 MiB"),
    (content(b'{"a": "\xff\xfe"}'), "not valid JSON"),
], ids=lambda value: getattr(value, "__name__", "") if callable(value) else value[:30])
def test_one_line_and_on_with_the_others(user, prepare, words):
    prepare(user)
    before = user.docker.read_bytes() if user.docker.is_file() else None
    user.install("helm")
    done = user.run("--yes", "--registry", "images.example.com")
    assert done.returncode == 1
    assert words in done.stderr and done.stderr.startswith("purser: docker: "), done.stderr
    assert len(done.stderr.splitlines()) == 1 and "fake-password" not in done.stderr
    assert json.loads(user.helm.read_text())["credsStore"] == "purser"
    if before is not None:
        assert user.docker.read_bytes() == before
    undone = user.run("--undo", "--yes")
    assert undone.returncode == 0 and not user.helm.exists()


@pytest.mark.parametrize("words,says", [
    (["nonsense"], "setup does not know the client nonsense; it knows docker, "),
    (["--registry", "user:fake-password@host"], "--registry wants the name of a registry: HOST[:PORT]"),
    (["--json"], "setup --json does not ask: it wants --yes or --dry-run"),
    (["kubelet", "--yes"], "setup kubelet wants --bin-dir DIR and --config FILE, absolute paths"),
])
def test_a_wrong_command_line(user, words, says):
    done = user.run(*words)
    assert done.returncode == 2 and done.stderr.startswith(f"purser: {says}")
    assert "fake-password" not in done.stderr and user.files() == {}


@pytest.mark.parametrize("variable,value,says", [
    ("HOME", "", "HOME is not set"),
    ("DOCKER_CONFIG", "relative", "DOCKER_CONFIG is not an absolute path"),
])
def test_a_home_that_nobody_knows(user, variable, value, says):
    user.environment[variable] = value
    done = user.run("docker", "--yes", cwd=user.home)
    assert done.returncode == 1 and done.stderr == f"purser: {says}\n"
    assert user.files() == {}


def test_without_the_helper_on_path_it_says_so(user):
    (user.programs / "docker-credential-purser").unlink()
    done = user.run("docker", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith("purser: docker-credential-purser is not on PATH: ")


def test_without_a_terminal_nobody_is_asked(user):
    user.write(user.docker, VALID)
    done = user.run("docker")
    assert done.returncode == 1 and done.stderr.endswith("was not changed: nobody is here to ask; say --yes\n")
    assert user.docker.read_text() == VALID


@pytest.mark.parametrize("name,text,words", [
    ("registries.conf", "[registries.search]\nregistries = ['a']\n", "has the old format"),
    ("registries.conf", 'credential-helpers = [\n "containers-auth.json"]\n', "in a way that purser does not read"),
    ("registries.conf", '"credential-helpers" = ["secretservice"]\n', "in a way that purser does not read"),
    ("registries.conf.d/99.conf", 'credential-helpers = ["pass"]\n', "is read last and names other helpers"),
    ("registries.conf.d/90-purser.conf", "unqualified-search-registries = []\n", "is there already"),
])
def test_what_it_does_not_read_for_sure_is_left_to_a_person(user, name, text, words):
    file = user.home / ".config/containers" / name
    user.write(file, text)
    done = user.run("podman", "--yes")
    assert done.returncode == 1 and words in done.stderr and str(file) in done.stderr, done.stderr
    assert user.files() == {str(file.relative_to(user.home)): text.encode()}


@pytest.mark.parametrize("name,text,helpers", [
    ("registries.conf", "# credential-helpers = ['x']\n[[registry]]\ncredential-helpers = 1\n", []),
    ("registries.conf", "credential-helpers = ['containers-auth.json', 'pass'] # mine\n", ["pass"]),
    ("registries.conf.d/10.conf", 'credential-helpers=["containers-auth.json","secretservice",]\n', ["secretservice"]),
    ("registries.conf.d/10.other", "credential-helpers = 7\n", []),
])
def test_helpers_that_are_asked_so_far_are_asked_on(user, name, text, helpers):
    user.write(user.home / ".config/containers" / name, text)
    user.setup("podman")
    names = ", ".join(f'"{helper}"' for helper in ["containers-auth.json", *helpers, "purser"])
    assert f"credential-helpers = [{names}]" in user.drop_in.read_text()


def test_purser_in_the_users_own_file_is_enough(user):
    user.write(user.home / ".config/containers/registries.conf", 'credential-helpers = ["purser"]\n')
    assert user.setup("podman") == {} and not user.drop_in.exists()


def test_a_journal_that_is_not_ours_stops_everything(user):
    user.write(user.state / "journal.json", '{"version": 99}')
    for words in (["docker"], ["--undo"]):
        done = user.run("--yes", *words)
        assert done.returncode == 1 and "is not what this purser writes" in done.stderr
    assert not user.docker.exists()


def test_only_one_setup_runs_at_a_time(user):
    user.state.mkdir(parents=True, mode=0o700)
    held = os.open(user.state, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    try:
        done = user.run("docker", "--yes")
    finally:
        os.close(held)
    assert done.returncode == 1 and done.stderr == "purser: another purser setup is running\n"
    assert not user.docker.exists()
