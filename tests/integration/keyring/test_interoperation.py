"""What one program stored, the other reads, lists and erases: ours and docker-credential-secretservice."""

import json
import random

import pytest

COUNT = 100
UNUSUAL = [("registry.example.org:5000", "<token>", "fake\"\\\n\t\x01</script>&amp;"),
           ("docker.io", "Zoë 名前", "pässwörd 🔑 \u2028 \x7f"),
           ("registry.example.org/team/app", "a\"b\\c/d", "fake secret with blanks "),
           ("127.0.0.1:5000", "ann@example.org", "x" * 65536),
           ("[2001:db8::1]:5000", "$oauthtoken", "e"),
           ("big.example.org", "ann", "é\"" * 16384)]


def random_entries(seed):
    source = random.Random(seed)
    alphabet = "abcXYZ019-_.~<>\"'\\/{}[]:,$%&é名🔑\t\n"

    def text(most):
        return "".join(source.choice(alphabet) for _ in range(source.randint(1, most)))

    entries = list(UNUSUAL)
    for i in range(COUNT - len(entries)):
        port = source.choice(["", ":5000", ":65535"])
        path = source.choice(["", "/team", f"/team/app-{i}"])
        entries.append((f"r{i}.example.org{port}{path}", text(40), text(2000)))
    source.shuffle(entries)
    return entries


@pytest.fixture
def entries():
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # pytest shows it where a test fails
    return random_entries(seed)


def spelled(key):
    return "https://index.docker.io/v1/" if key == "docker.io" else key


def test_docker_reads_lists_and_erases_what_we_stored(programs, entries):
    for entry in entries:
        programs.store(*entry)
    listed = json.loads(programs.docker("list").stdout)
    assert listed == {spelled(key): username for key, username, _ in entries}
    for key, username, secret in entries:
        assert programs.docker_get(spelled(key)) == (spelled(key), username, secret)
        assert programs.docker("erase", spelled(key).encode()).returncode == 0
    assert programs.list() == []


def test_we_read_list_and_erase_what_docker_stored(programs, entries):
    # docker's program reads lines of less than 64 KiB.
    entries = [(key, username, secret[:30_000]) for key, username, secret in entries]
    for key, username, secret in entries:
        programs.docker_store(spelled(key), username, secret)
    assert programs.list() == sorted((key, username) for key, username, _ in entries)
    for entry in entries:
        assert programs.get(entry[0]) == entry
        programs.erase(entry[0])
    assert programs.docker("list").stdout.strip() == b"{}"


@pytest.mark.parametrize("key", ["docker.io", "registry.example.org:5000", "registry.example.org/team/app"])
def test_our_item_is_dockers_to_the_byte(programs, key):
    programs.docker_store(spelled(key), "ann", "fake-docker")
    dockers = programs.service.items()
    assert programs.docker("erase", spelled(key).encode()).returncode == 0
    programs.store(key, "ann", "fake-ours")
    assert programs.service.items() == dockers and len(dockers) == 1
    assert dockers[0]["Label"] == spelled(key)
    assert dockers[0]["Attributes"] == {
        "xdg:schema": "io.docker.Credentials", "label": "Docker Credentials", "docker_cli": "1",
        "server": spelled(key), "username": "ann"}


@pytest.mark.parametrize("label", ["", "my registry \U0001f511"])
def test_a_label_is_for_people(programs, label):
    """Somebody may change it; what is looked at are the attributes."""
    programs.docker_store("https://index.docker.io/v1/", "ann", "fake-hub")
    programs.docker_store("registry.example.org", "<token>", "fake-identity")
    programs.service.relabel(label)
    assert programs.list() == [("docker.io", "ann"), ("registry.example.org", "<token>")]
    assert programs.get("registry.example.org") == ("registry.example.org", "<token>", "fake-identity")
    programs.store("docker.io", "ann", "fake-new")
    assert programs.docker_get("https://index.docker.io/v1/")[2] == "fake-new"
    programs.erase("registry.example.org")
    assert [item["Attributes"]["server"] for item in programs.service.items()] == ["https://index.docker.io/v1/"]
