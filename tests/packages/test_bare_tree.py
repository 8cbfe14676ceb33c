"""The packages and the tarball on the smallest Debian 12: without systemd, without a certificate authority, without OpenSSL."""

import json
import subprocess

import pytest

import doc_pages
from package_tree import packages
from rig_ecr import PROD
from rig_home import environment_of
from rig_process import wait_until
from rig_world import ECR

LOGIN = {"ServerURL": "registry.example.org", "Username": "ann", "Secret": "fake-password-for-tests"}
OLDEST_GLIBC = (2, 35)


@pytest.fixture
def tree(new_tree):
    return new_tree("minbase")


def user_with_home(tree, name, uid):
    tree.run("useradd", "--create-home", "--uid", str(uid), name)
    return f"/home/{name}"


def as_user(tree, home, uid, *arguments, **options):
    return tree.run(*arguments, uid=uid, HOME=home, **options)


def store_and_get(tree, home, uid, helper="docker-credential-purser"):
    as_user(tree, home, uid, helper, "store", text=json.dumps(LOGIN))
    answer = as_user(tree, home, uid, helper, "get", text=LOGIN["ServerURL"]).stdout
    assert json.loads(answer) == LOGIN


def test_without_systemd_the_helper_starts_the_daemon_and_the_package_upgrades_it(tree, debs):
    before = tree.files()
    home = user_with_home(tree, "bob", 4300)
    added = tree.files() - before
    tree.apt("install", "--no-install-recommends", *tree.copy_in(*debs.values()))
    store_and_get(tree, home, 4300)
    assert tree.daemons()
    tree.apt("install", "--no-install-recommends", *tree.copy_in(*packages("newer").values()))
    newer = tree.run("purser", "--version").stdout.split()[1]
    status = ("purser", "status", "--json")
    # By itself it would look again half a minute later.
    wait_until(lambda: json.loads(as_user(tree, home, 4300, *status).stdout)["version"] == newer, 15, "not the newer daemon")
    tree.apt("purge", "purser", "docker-credential-purser")
    assert tree.daemons() == []
    tree.apt("autoremove", "--purge")
    assert tree.files() - before == added


def test_without_libsecret_logins_go_to_the_sealed_file(tree, debs):
    home = user_with_home(tree, "bob", 4300)
    tree.apt("install", "--no-install-recommends", *tree.copy_in(*debs.values()))
    bus = "unix:path=/run/nobody-listens-here"
    as_user(tree, home, 4300, "docker-credential-purser", "store", text=json.dumps(LOGIN), DBUS_SESSION_BUS_ADDRESS=bus)
    assert tree.inside(f"{home}/.local/state/purser/credentials").exists()


def test_the_helper_alone_answers_over_a_mounted_socket(new_tree, home, debs):
    home.start_daemon()
    tree = new_tree("minbase", binds={str(home.socket.parent): "/run/purser"})
    [file] = tree.copy_in(debs["docker-credential-purser"])
    tree.run("dpkg", "--install", file)
    variables = {"PURSER_SOCKET": "/run/purser/agent.sock", "HOME": "/root"}
    tree.run("docker-credential-purser", "store", text=json.dumps(LOGIN), **variables)
    answer = tree.run("docker-credential-purser", "get", text=LOGIN["ServerURL"], **variables).stdout
    assert json.loads(answer) == LOGIN
    assert tree.daemons() == []


def write(tree, uid, path, text):
    tree.run("sh", "-c", f"mkdir -p $(dirname {path}) && cat >{path}", text=text, uid=uid)


def test_removal_names_the_files_that_still_name_the_helper(tree, debs):
    # Stands for a file system of another machine: one that is not among those that are known to be local.
    tree.run("sh", "-c", "mkdir /home/frank && mount -t ramfs away /home/frank && chown 4304 /home/frank")
    homes = [user_with_home(tree, name, 4300 + i) for i, name in enumerate(("bob", "carol", "dave", "erin", "frank"))]
    tree.run("dpkg", "--install", *tree.copy_in(debs["docker-credential-purser"]))
    names_us = '{"credHelpers": {"123456789012.dkr.ecr.us-east-1.amazonaws.com": "purser"}}'
    write(tree, 4300, f"{homes[0]}/.docker/config.json", names_us)
    write(tree, 4301, f"{homes[1]}/.docker/config.json", '{"credsStore": "pass"}')
    write(tree, 4302, f"{homes[2]}/elsewhere", names_us)
    tree.run("mkdir", f"{homes[2]}/.docker", uid=4302)
    tree.run("ln", "-s", "../elsewhere", f"{homes[2]}/.docker/config.json", uid=4302)
    tree.run("mkdir", f"{homes[3]}/.docker", uid=4303)
    tree.run("mkfifo", f"{homes[3]}/.docker/config.json", uid=4303)
    write(tree, 4303, f"{homes[3]}/.config/containers/registries.conf", 'credential-helpers = ["purser"]')
    write(tree, 4304, f"{homes[4]}/.docker/config.json", names_us)
    done = tree.run("dpkg", "--remove", "docker-credential-purser", timeout=60)
    assert done.stderr.count("warning") == 1 and "purser setup --undo" in done.stderr
    assert [line for line in done.stderr.splitlines() if line.startswith("  ")] == [
        f"  {homes[0]}/.docker/config.json", f"  {homes[3]}/.config/containers/registries.conf"]


def test_removal_says_nothing_where_no_file_names_it(tree, debs):
    home = user_with_home(tree, "bob", 4300)
    write(tree, 4300, f"{home}/.docker/config.json", '{"credsStore": "pass"}')
    tree.run("dpkg", "--install", *tree.copy_in(debs["docker-credential-purser"]))
    done = tree.run("dpkg", "--remove", "docker-credential-purser")
    assert done.stderr == ""


def programs_of(tarball, folder):
    subprocess.run(["tar", "-xf", tarball, "-C", folder, "--strip-components=1"], check=True)
    return [folder / "libexec/purserd", folder / "bin/purser", folder / "bin/docker-credential-purser"]


def test_the_tarball_needs_glibc_and_nothing_else(tarball, folder):
    for program in programs_of(tarball, folder):
        dynamic = subprocess.run(["readelf", "-d", program], check=True, capture_output=True, text=True).stdout
        needed = {line.split("[")[1].rstrip("]") for line in dynamic.splitlines() if "(NEEDED)" in line}
        assert needed <= {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
        assert "RPATH" not in dynamic and "RUNPATH" not in dynamic


def test_the_oldest_glibc_is_the_documented_one(tarball, folder):
    wanted = set()
    for program in programs_of(tarball, folder):
        said = subprocess.run(["readelf", "-V", program], check=True, capture_output=True, text=True).stdout
        wanted |= {tuple(map(int, word.removeprefix("GLIBC_").split("."))) for word in said.split()
                   if word.startswith("GLIBC_2")}
    assert max(wanted)[:2] == OLDEST_GLIBC
    assert "It needs glibc {}.{} ".format(*OLDEST_GLIBC) in doc_pages.read("docs/packaging.md")


def test_the_tarball_runs_from_anywhere(tree, tarball, world):
    assert not tree.run("find", "/usr/lib", "-name", "libssl*", "-o", "-name", "libsecret*").stdout
    home = user_with_home(tree, "bob", 4300)
    [file] = tree.copy_in(tarball)
    place = f"{home}/some where/else"
    as_user(tree, home, 4300, "mkdir", "-p", place)
    as_user(tree, home, 4300, "tar", "-xf", file, "-C", place, "--strip-components=1")
    store_and_get(tree, home, 4300, f"{place}/bin/docker-credential-purser")
    assert f"{place}/libexec/purserd" in tree.daemons()
    # The OpenSSL that is inside does what the system's does.
    bundle, = tree.copy_in(world.authority.certificate)
    answer = as_user(tree, home, 4300, f"{place}/bin/docker-credential-purser", "get", text=ECR, AWS_CA_BUNDLE=bundle,
                     **environment_of(PROD)).stdout
    assert json.loads(answer)["Username"] == "AWS"
    status = json.loads(as_user(tree, home, 4300, f"{place}/bin/purser", "status", "--json").stdout)
    assert status["started_by"] == "helper"
