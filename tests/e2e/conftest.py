import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

from rig_fixtures import *  # noqa: E402, F403
