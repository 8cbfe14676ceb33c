"""The file is what its description says: judged by another implementation."""

import os

import sealed_store


def test_another_implementation_reads_what_we_wrote(store):
    store.store("registry.example.com", "fake-1")
    store.store("registry.example.com/team", "fake-2", user="bob")
    assert store.run("store", "job", "registry.example.com", "ci", stdin="fake-3").returncode == 0
    key = bytes.fromhex(store.key_file.read_text().strip())
    assert sealed_store.decode(key, store.credentials.read_bytes()) == {
        (b"", b"registry.example.com"): (b"ann", b"fake-1"),
        (b"", b"registry.example.com/team"): (b"bob", b"fake-2"),
        (b"job", b"registry.example.com"): (b"ci", b"fake-3")}


def test_we_read_what_another_implementation_wrote(store):
    key = os.urandom(32)
    store.key_file.parent.mkdir(parents=True)
    store.key_file.write_bytes(key)
    store.key_file.chmod(0o600)
    store.credentials.parent.mkdir(parents=True)
    credentials = {(b"", f"host-{i}.example.com".encode()): (b"ann", f"fake-{i}".encode())
                   for i in range(1000)}
    store.credentials.write_bytes(sealed_store.encode(key, credentials))
    store.credentials.chmod(0o600)
    assert store.secret("host-7.example.com") == "fake-7"
    assert len(store.keys()) == 1000
    store.store("host-7.example.com", "fake-new")
    credentials[b"", b"host-7.example.com"] = b"ann", b"fake-new"
    assert sealed_store.decode(key, store.credentials.read_bytes()) == credentials


def test_systemd_credential_is_the_first_place_of_a_key(store, tmp_path):
    key = os.urandom(32)
    place = tmp_path / "credentials-directory"
    place.mkdir()
    (place / "purser-key").write_bytes(key)
    (place / "purser-key").chmod(0o400)
    environment = {**os.environ, "CREDENTIALS_DIRECTORY": str(place)}
    done = store.run("store", "", "a.example.com", "ann", stdin="fake", env=environment)
    assert done.returncode == 0, done.stderr
    assert not store.key_file.exists()
    assert sealed_store.decode(key, store.credentials.read_bytes())
    # Without it, the file is not taken for an empty one, and no other key is made for it.
    done = store.run("store", "", "b.example.com", "ann", stdin="fake")
    assert done.returncode == 2 and done.stderr.startswith("misconfigured: ")
    assert str(store.credentials) in done.stderr and not store.key_file.exists()


def test_marker_is_in_no_file(store, tmp_path):
    marker = "fake-marker-5f1c"
    store.store(marker + ".example.com", marker, user=marker)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    for path in files:
        assert marker.encode() not in path.read_bytes(), path
