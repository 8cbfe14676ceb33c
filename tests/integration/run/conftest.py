import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))

from rig_job import JobHome  # noqa: E402


@pytest.fixture
def user(tmp_path):
    home = JobHome(tmp_path)
    yield home
    home.stop()
