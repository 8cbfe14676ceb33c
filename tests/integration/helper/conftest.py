import json
import os
import pathlib
import shutil
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))

from fake_daemon import FakeDaemon, answering  # noqa: E402
from helper_program import Helper, programs, short_folder  # noqa: E402

FAKE_PURSERD = str(pathlib.Path(__file__).parents[2] / "support" / "fake_purserd.py")


@pytest.fixture(params=programs(), ids=lambda program: pathlib.Path(program).parent.name)
def helper(request):
    """A helper with a fresh HOME, in which nobody may be started."""
    if not os.access(request.param, os.X_OK):
        pytest.fail(f"{request.param} is not built")
    home = short_folder()
    made = Helper(request.param, home)
    made.environment["PURSER_NO_START"] = "1"
    yield made
    shutil.rmtree(home)


@pytest.fixture
def daemon(helper):
    """Starts a fake daemon where `helper` looks for it: `daemon(serve)`."""
    started = []

    def start(serve=None, **options):
        started.append(FakeDaemon(helper.socket, serve or answering(), **options))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def starter(helper):
    """`helper`, which may start daemons: fake ones, listed by `helper.starts()`. `helper.daemons("exit")` says how they are."""
    folder = pathlib.Path(helper.home, "fake")
    folder.mkdir()
    folder.chmod(0o777)  # for tests that run the helper as somebody else
    log = folder / "starts"
    daemon = folder / "purserd"
    daemon.symlink_to(FAKE_PURSERD)
    del helper.environment["PURSER_NO_START"]
    helper.environment.update(PURSER_DAEMON=str(daemon))

    def starts():
        if not os.path.exists(log):
            return []
        with open(log, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    helper.starts = starts
    helper.daemons = (folder / "mode").write_text
    yield helper
    for start in starts():
        try:
            os.kill(start["pid"], signal.SIGKILL)
        except ProcessLookupError:
            pass


@pytest.fixture
def without_run_user(helper):
    """What to run `helper` with so that it has no /run/user folder, which would be the socket's place."""
    helper.environment["XDG_RUNTIME_DIR"] = None
    if not os.path.isdir(f"/run/user/{os.geteuid()}"):
        return {}
    if os.geteuid() != 0:
        pytest.skip("only root can run the helper as a user who has no /run/user folder")
    somebody = 54321
    helper.program = shutil.copy(helper.program, os.path.join(helper.home, "helper"))
    os.chown(helper.home, somebody, somebody)
    return {"user": somebody, "group": somebody, "cwd": "/"}
