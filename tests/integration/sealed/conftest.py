import json
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))

from rig_home import NOT_FOUND, Home  # noqa: E402
from rig_process import wait_until  # noqa: E402

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


class Purser(Home):
    """A home in which people log in, and jobs do in namespaces of theirs."""

    def __init__(self, folder):
        super().__init__(folder)
        self.state = self.home / ".local/state/purser"
        self.credentials = self.state / "credentials"
        self.key = self.home / ".local/share/purser/key"
        self.index = self.state / "managed-hosts"

    @staticmethod
    def job(space):
        """The variables of a job, or of nobody's."""
        return {} if space is None else {"PURSER_NAMESPACE": space}

    def login(self, registry, secret, space=None, user="ann"):
        message = json.dumps({"ServerURL": registry, "Username": user, "Secret": secret})
        return self.helper("store", message, **self.job(space))

    def secret(self, registry, space=None):
        """None where it is not found; fails the test where it is an error."""
        done = self.helper("get", registry, **self.job(space))
        if done.status == 1 and done.stdout.strip() == NOT_FOUND:
            return None
        return json.loads(done.ok().stdout)["Secret"]

    def logout(self, registry, space=None):
        return self.helper("erase", registry, **self.job(space)).ok()

    def stored(self, space=None):
        return sorted(json.loads(self.helper("list", **self.job(space)).ok().stdout))

    def purser(self, *words, stdin="", **variables):
        return self.run(str(self.programs / "purser"), *words, stdin=stdin, seconds=60, **variables)

    def end_daemons(self):
        """In order: what they hold is kept."""
        self.stop()

    def indexed(self):
        return self.index.read_text().split() if self.index.exists() else []

    def wait_until_indexed(self, *hosts):
        wait_until(lambda: self.indexed() == sorted(hosts), 20, f"the index never had {hosts}: {self.indexed()}")


@pytest.fixture
def purser():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="purser-"))  # short: it is part of the socket's path
    made = Purser(folder)
    yield made
    made.stop()
    shutil.rmtree(folder, ignore_errors=True)
