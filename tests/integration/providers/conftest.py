import pathlib
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from rig_home import Home  # noqa: E402


@pytest.fixture
def new_home():
    """Makes homes, each another user; their daemons end with the test."""
    with tempfile.TemporaryDirectory(prefix="purser-") as folder:
        homes = []

        def make() -> Home:
            homes.append(Home(pathlib.Path(folder) / str(len(homes))))
            return homes[-1]

        yield make
        for home in homes:
            home.stop()


@pytest.fixture
def home(new_home) -> Home:
    return new_home()


@pytest.fixture
def in_container(home):
    """get(REGISTRY, **variables) from another mount namespace: what a helper there writes."""
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip("needs the right to make mount namespaces")

    def get(registry: str, **variables: str) -> str:
        return home.run("unshare", "--mount", str(home.programs / "docker-credential-purser"), "get", stdin=registry,
                        **variables).stdout

    return get
