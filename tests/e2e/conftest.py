import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))


def pytest_configure(config):
    # A plugin, and not imported here: both folders run in one session and share one world.
    config.pluginmanager.import_plugin("rig_fixtures")
