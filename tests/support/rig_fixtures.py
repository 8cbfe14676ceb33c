"""The fixtures of the tests that run in a session of tests/e2e/run."""

import itertools
import pathlib
import tempfile

import pytest

import rig_clients
from rig_aws import Aws
from rig_engine import Engine
from rig_home import Home
from rig_registry import missing_programs
from rig_token_registries import TokenRegistries
from rig_world import World, session_folder

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def session() -> pathlib.Path:
    """The session's folder."""
    folder = session_folder()
    if folder is None:
        rig_clients.missing("a session of its own namespaces", "run these tests with tests/e2e/run")
    return folder


@pytest.fixture(scope="session")
def running_world(session):
    if missing := missing_programs():
        rig_clients.missing(" and ".join(missing), "scripts/install installs it")
    world = World(session / "world")
    yield world
    world.stop()


@pytest.fixture
def world(running_world):
    """The fakes and the registries, with nothing scripted and nothing counted yet."""
    running_world.ecr.forget()
    running_world.untrusted.forget()
    running_world.sink.forget()
    yield running_world
    running_world.ecr.release()


@pytest.fixture(scope="session")
def running_aws(running_world):
    aws = Aws(running_world.authority, running_world.ecr)
    yield aws
    aws.stop()


@pytest.fixture
def aws(running_aws, world):
    """The services that AWS credentials come from, with no roles, nothing scripted and nothing counted yet."""
    running_aws.forget()
    yield running_aws
    running_aws.forget()


@pytest.fixture(scope="session")
def token_registries(session, running_world):
    """Registries that take tokens only, and the servers that issue these."""
    registries = TokenRegistries(session / "token-registries", running_world.authority)
    yield registries
    registries.stop()


@pytest.fixture
def new_home(session, world):
    """Makes homes, each another user; their daemons end with the test."""
    homes = []

    def make(with_daemon: bool = True) -> Home:
        home = Home(session / "homes" / str(next(_numbers)), with_daemon)
        homes.append(home)
        return home

    yield make
    for home in homes:
        home.stop()


@pytest.fixture
def home(new_home) -> Home:
    return new_home()


@pytest.fixture
def aws_home(aws, home) -> Home:
    """A user whose environment leads to all services of `aws`, and names no credentials."""
    home.environment.update(aws.endpoints)
    return home


@pytest.fixture(scope="session")
def engine(session, running_world):
    """A Docker engine."""
    rig_clients.client("dockerd")
    engine = Engine(session / "engine")
    yield engine
    engine.stop()


@pytest.fixture
def repository() -> str:
    """The name of a repository that no other test uses."""
    return f"team/app{next(_numbers)}"


@pytest.fixture
def folder():
    """A folder for the test's own files."""
    with tempfile.TemporaryDirectory(prefix="rig-files.") as path:
        yield pathlib.Path(path)
