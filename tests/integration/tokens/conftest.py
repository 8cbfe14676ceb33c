import pathlib
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))

from rig_authority import Authority  # noqa: E402
from rig_bearer import Asker, BearerRegistry  # noqa: E402
from rig_home import Home  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def fake(authority):
    """No server yet: see BearerRegistry.add()."""
    fake = BearerRegistry(authority)
    yield fake
    fake.stop()


@pytest.fixture
def registry(fake) -> str:
    """A registry with a token endpoint of its own; its `host:port`."""
    return fake.add("registry")


@pytest.fixture
def home():
    with tempfile.TemporaryDirectory(prefix="purser-") as folder:
        home = Home(pathlib.Path(folder) / "h")
        yield home
        home.stop()


@pytest.fixture
def ann(home, authority) -> Asker:
    """A user with a running daemon and no login."""
    home.daemon = home.start_daemon()
    return Asker(home, authority)


@pytest.fixture
def known(ann, registry) -> Asker:
    """The same, logged in to the registry."""
    ann.log_in(registry)
    return ann
