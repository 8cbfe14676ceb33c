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
    done = subprocess.run(["lintian", "--allow-root", *debs.values()], capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout == "" and done.returncode == 0, done.stdout + done.stderr


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


# Of each kind of program: a group of sources (tests/together.cmake).
SAMPLE = ("purser_common/0.cpp", "purser_registry/0.cpp", "purser_cli/0.cpp")


def objects(build):
    """{group: its object} of a build."""
    entries = json.loads((build / "compile_commands.json").read_text())
    groups = {"/".join(pathlib.Path(entry["file"]).parts[-2:]): entry["command"] for entry in entries if "/together/" in entry["file"]}
    return {name: re.search(r" -o (\S+)", groups[name])[1] for name in SAMPLE}


@pytest.fixture
def elsewhere(folder):
    """A build of another name and depth, configured as the packages' is, and without a compiler cache: that would give
    it the objects of the other."""
    build = folder / "quite/elsewhere"
    cache = (ROOT / "build/tested-deb/CMakeCache.txt").read_text()
    flags = re.search(r"^CMAKE_EXE_LINKER_FLAGS:\w+=(.*)", cache, re.M)[1]
    subprocess.run(["cmake", "--preset", "release", "-B", build, "-DBUILD_TESTING=OFF", "-DCMAKE_INSTALL_PREFIX=/usr",
                    f"-DCMAKE_EXE_LINKER_FLAGS={flags}"], cwd=ROOT, check=True, capture_output=True)
    return build


def make(build, *targets):
    subprocess.run(["ninja", "-C", build, *targets], env={**os.environ, "CCACHE_DISABLE": "1"}, check=True, capture_output=True)


def test_the_compiler_notes_nothing_of_folders(elsewhere, folder):
    theirs, ours = objects(elsewhere), objects(ROOT / "build/tested-deb")
    make(elsewhere, *theirs.values())
    for name in SAMPLE:
        stripped = []
        for file in (elsewhere / theirs[name], ROOT / "build/tested-deb" / ours[name]):
            subprocess.run(["strip", "--strip-unneeded", "-o", folder / "stripped", file], check=True)
            stripped.append(digest(folder / "stripped"))
        assert stripped[0] == stripped[1], name


def test_nor_does_the_linker(elsewhere):
    make(elsewhere, "docker-credential-purser")
    program = "bin/docker-credential-purser"
    assert digest(elsewhere / program) == digest(ROOT / "build/tested-deb" / program)


@pytest.mark.parametrize("package", ["purser", "docker-credential-purser"])
def test_no_path_of_a_source_is_in_a_program(package, folder):
    subprocess.run(["dpkg-deb", "--extract", packages("this")[package], folder], check=True)
    programs = [file for place in ("usr/bin", "usr/libexec") for file in (folder / place).glob("*") if not file.is_symlink()]
    assert programs
    path = re.compile(rb"(common|daemon|cli|helper|keyring)/[\w/]+\.[ch]pp|" + re.escape(str(ROOT).encode()))
    assert [(file.name, found.group()) for file in programs if (found := path.search(file.read_bytes()))] == []
