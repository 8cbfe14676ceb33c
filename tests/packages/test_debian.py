"""The Debian packages on a Debian 12 with a user manager and docker: installed, used, upgraded under load, removed."""

import json
import pathlib
import subprocess

import pytest

import doc_pages
from package_tree import packages
from rig_ecr import DEV, PROD, SESSION
from rig_engine import layer
from rig_home import environment_of
from rig_process import wait_until
from rig_world import ECR, OTHER_ACCOUNT
from user_session import HOME, RUNTIME, Session, add_user

RATE = 200  # helpers a second
KEYS = (PROD, DEV, SESSION)
LOGIN = {"ServerURL": "registry.example.org", "Username": "ann", "Secret": "fake-password-for-tests"}
TRAFFIC = pathlib.Path(__file__).parents[1] / "integration/systemd/traffic.py"


@pytest.fixture
def machine(new_tree, session, engine):
    (session / "engine/docker.sock").chmod(0o666)  # its group is this machine's
    binds = {"/etc/ssl/certs": "/etc/ssl/certs", str(session / "engine"): "/run/engine"}
    tree = new_tree("machine", binds=binds)
    add_user(tree)
    return tree


def install(tree, which="this"):
    return tree.apt("install", *tree.copy_in(*packages(which).values()))


def documented(beginning):
    """The block of docs/packaging.md that begins so."""
    [text] = [block.text for block in doc_pages.blocks("docs/packaging.md") if block.text.startswith(beginning)]
    return text


@pytest.fixture
def user(machine):
    """Somebody who logs in once purser is installed."""
    install(machine)
    session = Session(machine)
    yield session
    session.stop()


def docker(user, *arguments, check=True, **environment):
    return user.run("docker", *arguments, check=check, DOCKER_HOST="unix:///run/engine/docker.sock", **environment)


def version_of(which):
    return packages(which)["purser"].name.split("_")[1].removesuffix("-1")


def use_purser(user):
    user.run("mkdir", "-p", f"{HOME}/.docker")
    user.run("tee", f"{HOME}/.docker/config.json", text='{"credsStore": "purser"}')


def test_docker_pulls_through_socket_activation(user, world, folder, repository):
    use_purser(user)
    image = f"{ECR}/{repository}:1"
    keys = environment_of(PROD)
    docker(user, "import", *user.tree.copy_in(layer(folder / "layer.tar")), image)
    assert user.show("purser.socket", "ActiveState") == "active"
    assert user.daemon() == 0  # nobody has asked yet
    docker(user, "push", image, **keys)
    assert user.daemon() > 0
    docker(user, "rmi", image)
    docker(user, "pull", image, **keys)
    assert [call.outcome for call in world.ecr.calls()] == ["issued"]


class Load:
    """Helpers at a steady rate, for every pair of registry and key."""

    def __init__(self, user):
        folder = f"{HOME}/traffic"
        user.run("mkdir", folder)
        [script] = user.tree.copy_in(TRAFFIC)
        self.asks = [[registry, {"HOME": HOME, "XDG_RUNTIME_DIR": RUNTIME, **environment_of(key)}]
                     for registry in (ECR, OTHER_ACCOUNT) for key in KEYS]
        self._process = subprocess.Popen(
            user.command("python3", script, "/usr/bin/docker-credential-purser", str(RATE), folder),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._process.stdin.write(json.dumps(self.asks) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "begun\n"

    def finish(self):
        out, _ = self._process.communicate("stop\n", timeout=60)
        return json.loads(out)


def test_nobody_notices_upgrades(user, world):
    load = Load(user)
    daemon, restarts = user.daemon(), user.show("purser.service", "NRestarts")
    for which in ("newer", "this", "newer"):
        user.tree.apt("install", "--allow-downgrades", *user.tree.copy_in(*packages(which).values()))
        # By itself it would look again half a minute later.
        wait_until(lambda: user.version() == version_of(which), 15, f"the daemon is not {which}")
    seen = load.finish()
    assert (seen["failed"], seen["failures"]) == (0, [])
    assert seen["asked"] > 500  # even where the machine cannot start so many
    assert (user.daemon(), user.show("purser.service", "NRestarts")) == (daemon, restarts)
    assert len(world.ecr.calls()) == len(KEYS)  # one token serves all accounts of a region


def test_what_is_left_is_the_users(machine):
    before = machine.files()
    install(machine)
    user = Session(machine)
    try:
        use_purser(user)
        user.run("docker-credential-purser", "store", text=json.dumps(LOGIN))
        assert user.daemon() > 0 and machine.daemons()
        left = machine.run("ls", "-lnR", "--time-style=full-iso", f"{HOME}/.local/state/purser/credentials").stdout
        said = machine.apt("remove", "purser", "docker-credential-purser").stdout
        assert f"  {HOME}/.docker/config.json\n" in said and "purser setup --undo" in said
        assert machine.daemons() == []
        assert user.show("purser.socket", "LoadState") == "not-found"
        machine.apt("purge", "purser", "docker-credential-purser")
        machine.apt("autoremove", "--purge")
        assert machine.files() == before
        assert machine.run("ls", "-lnR", "--time-style=full-iso", f"{HOME}/.local/state/purser/credentials").stdout == left
        # And it is read again.
        install(machine)
        wait_until(lambda: user.show("purser.socket", "ActiveState") == "active", 20, "no socket in the running session")
        answer = user.run("docker-credential-purser", "get", text=LOGIN["ServerURL"]).stdout
        assert json.loads(answer) == LOGIN
    finally:
        user.stop()


def test_apt_does_what_the_document_says(machine):
    machine.copy_in(*packages("this").values())
    machine.run("sh", "-c", "cd /tmp && " + documented("apt install").replace("apt install", "apt install -y"), timeout=300)
    assert machine.run("purser", "--version").stdout == f"purser {version_of('this')}\n"


def test_the_tarball_in_a_home(machine, tarball):
    machine.copy_in(tarball)
    user = Session(machine)
    try:
        user.run("sh", "-ec", "cd /tmp; " + documented("mkdir -p ~/.local"))
        user.run(f"{HOME}/.local/bin/docker-credential-purser", "store", text=json.dumps(LOGIN))
        assert user.daemon() > 0
        program = machine.run("readlink", f"/proc/{user.daemon()}/exe").stdout
        assert program == f"{HOME}/.local/libexec/purserd\n"
    finally:
        user.stop()


def test_what_an_administrator_disabled_stays_so(machine):
    install(machine)
    link = machine.inside("/etc/systemd/user/sockets.target.wants/purser.socket")
    assert link.is_symlink()
    machine.run("systemctl", "--global", "disable", "purser.socket")
    install(machine, "newer")
    assert not link.is_symlink()
