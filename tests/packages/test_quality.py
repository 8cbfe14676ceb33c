"""What one sees of the packages without installing them: lintian's opinion, and that they can be built again."""

import hashlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from package_tree import MADE, ROOT, packages

FILES = ("purser_*.deb", "docker-credential-purser_*.deb", "purser-*.tar.gz")


def test_lintian_is_content(debs):
    done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", "--show-overrides", *debs.values()],
                          capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def members(file):
    """What it holds, with owners, modes, sizes and times."""
    command = ["dpkg-deb", "--contents", file] if file.suffix == ".deb" else ["tar", "-tvf", file]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def differences(one, other):
    """For a person: which members differ."""
    said = set(members(one)) ^ set(members(other))
    return "\n".join(sorted(said)) or "members of the same names and sizes differ; diffoscope shows where"


@pytest.mark.parametrize("pattern", FILES)
def test_two_builds_of_one_commit_are_identical(pattern):
    [one], [other] = (list((MADE / which).glob(pattern)) for which in ("this", "again"))
    assert digest(one) == digest(other), differences(one, other)


# Of each kind of program; a compiler cache would give the second build the objects of the first.
SAMPLE = ("common/secret.cpp", "common/version.cpp", "daemon/registry/scope_set.cpp", "cli/version.cpp", "helper/main.cpp")


def what_is_linked(file, folder):
    """Digest of an object without what the linker leaves out."""
    subprocess.run(["strip", "--strip-unneeded", "-o", folder / "stripped", file], check=True)
    return digest(folder / "stripped")


def test_the_compiler_notes_nothing_of_folders_and_times(folder):
    elsewhere = folder / "quite" / "elsewhere"  # another depth, too
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    subprocess.run(["cmake", "--preset", "release", "-B", elsewhere, "-DBUILD_TESTING=OFF", "-DCMAKE_INSTALL_PREFIX=/usr"],
                   cwd=ROOT, env=environment, check=True, capture_output=True)
    objects = {}
    for build in (elsewhere, ROOT / "build/tested-deb"):
        for entry in json.loads((build / "compile_commands.json").read_text()):
            name = str(pathlib.Path(entry["file"]).relative_to(ROOT))
            if name in SAMPLE:
                objects.setdefault((name, entry["output"]), []).append(build / entry["output"])
    assert {name for name, _ in objects} == set(SAMPLE)
    subprocess.run(["ninja", "-C", elsewhere, *(str(pair[0].relative_to(elsewhere)) for pair in objects.values())],
                   env=environment, check=True, capture_output=True)
    for (name, _), (one, other) in objects.items():
        assert what_is_linked(one, folder) == what_is_linked(other, folder), name


@pytest.mark.parametrize("package", ["purser", "docker-credential-purser"])
def test_no_path_of_a_source_is_in_a_program(package, folder):
    subprocess.run(["dpkg-deb", "--extract", packages("this")[package], folder], check=True)
    programs = [file for place in ("usr/bin", "usr/libexec") for file in (folder / place).glob("*") if not file.is_symlink()]
    assert programs
    path = re.compile(rb"(common|daemon|cli|helper|keyring)/[\w/]+\.[ch]pp|" + re.escape(str(ROOT).encode()))
    assert [(file.name, found.group()) for file in programs if (found := path.search(file.read_bytes()))] == []
