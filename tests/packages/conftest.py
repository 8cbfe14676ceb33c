import itertools
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[0] / "support")]
from package_tree import MADE, Tree, packages  # noqa: E402

_numbers = itertools.count()


def pytest_configure(config):
    config.pluginmanager.import_plugin("rig_fixtures")


@pytest.fixture
def new_tree(session):
    """Makes trees, each as its cached one was; they end with the test."""
    trees = []

    def make(name, **options):
        trees.append(Tree(session / "trees" / str(next(_numbers)), name, **options))
        return trees[-1]

    yield make
    for tree in trees:
        tree.stop()


@pytest.fixture
def debs():
    """The packages of this commit."""
    return packages("this")


@pytest.fixture
def tarball():
    [file] = (MADE / "this").glob("*.tar.gz")
    return file
