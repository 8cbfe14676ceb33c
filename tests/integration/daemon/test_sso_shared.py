"""One session of IAM Identity Center, two programs that renew it: the aws command and purser.

A refresh token is good once, and nobody locks the file. The aws command's part is played by its own code, Debian's, with
one difference: what takes it long is done before both begin. It writes into the file that is there, so half a file can be
seen while it does.
"""

import json
import pathlib
import stat
import subprocess
import time

import pytest

import rig_clients
from rig_aws import ACCOUNT
from rig_crowd import Crowd
from rig_ecr import Behaviour
from rig_keys import timestamp
from rig_sso import OIDC, REGION, START_URL, token_file, write_token
from rig_world import ECR

ALWAYS = -1
ROUNDS = 25
SOON, OVER = 240, -60  # seconds until the end of a token that both renew
SESSION = {"sso_region": REGION, "sso_start_url": START_URL, "sso_registration_scopes": "sso:account:access"}

AWS_COMMAND = """
import sys
from awscli.botocore.session import Session
from awscli.botocore.tokens import SSOTokenProvider
while True:
    provider = SSOTokenProvider(Session(profile="role0"))
    provider._client, provider._sso_config
    print("ready", flush=True)
    if not sys.stdin.readline():
        break
    try:
        print(provider.load_token().get_frozen_token().token, flush=True)
    except Exception as error:
        print("error", type(error).__name__, error, flush=True)
"""


class AwsCommand:
    """Renews the session as often as it is told to."""

    def __init__(self, home):
        environment = {**home.environment, "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}
        self._process = subprocess.Popen(["/usr/bin/python3", "-c", AWS_COMMAND], env=environment, text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == "ready\n"

    def begin(self) -> None:
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def token(self) -> str:
        """The access token that it has now, or an error."""
        token = self._process.stdout.readline().strip()
        assert self._process.stdout.readline() == "ready\n"
        return token

    def stop(self) -> None:
        self._process.communicate(timeout=20)


class User:
    """A home with a session and a role for each round, so that purser has to ask for each."""

    def __init__(self, aws, home):
        self.aws = aws
        self.home = home
        roles = {f"role{number}": {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": f"R{number}"}
                 for number in range(2 * ROUNDS)}
        for settings in roles.values():
            aws.sso.assign(ACCOUNT, settings["sso_role_name"])
        home.aws_config({"corp": SESSION}, **roles)
        write_token(home, "corp", aws.sso.log_in())
        home.start_daemon()
        self.file = token_file(home, "corp")

    def stored(self) -> dict:
        return json.loads(self.file.read_text())

    def age(self, seconds: int) -> None:
        """The token has only `seconds` left now."""
        token = self.stored()
        self.aws.sso.tokens[token["accessToken"]] = time.time() + seconds
        write_token(self.home, "corp", {**token, "expiresAt": timestamp(time.time() + seconds)})


@pytest.fixture
def user(aws, aws_home) -> User:
    if not pathlib.Path("/usr/bin/aws").exists():
        rig_clients.missing("/usr/bin/aws", "scripts/install installs Debian's awscli")
    return User(aws, aws_home)


@pytest.fixture
def aws_command(user):
    command = AwsCommand(user.home)
    yield command
    command.stop()


@pytest.mark.parametrize("left", [SOON, OVER], ids=["before its end", "after its end"])
def test_both_renew_a_session_and_nobody_is_logged_out(aws, user, aws_command, folder, left):
    aws.sso.script(Behaviour("slow", ALWAYS, seconds=0.02, at=OIDC))
    for number in range(ROUNDS):
        user.age(left)
        (round_folder := folder / str(number)).mkdir()
        user.home.environment["AWS_PROFILE"] = f"role{number}"
        aws_command.begin()
        crowd = Crowd(user.home, round_folder, ECR, 1)
        token = aws_command.token()
        assert crowd.answers()[0].secret(), f"round {number}"
        stored = user.stored()
        # The aws command gives up at once where it comes second and has no living token.
        assert token in aws.sso.tokens or left == OVER, f"round {number}: {token}"
        assert stored["refreshToken"] in aws.sso.refresh_tokens, f"round {number}: the session is lost"
        assert aws.sso.tokens[stored["accessToken"]] > time.time() + 600
        assert stat.S_IMODE(user.file.stat().st_mode) == 0o600
        aws_command.begin()
        assert aws_command.token() == stored["accessToken"], f"round {number}: logged out"
    outcomes = [call.outcome for call in aws.sso.oidc_calls()]
    assert outcomes.count("issued") == ROUNDS
    assert outcomes.count("InvalidGrantException") > 0, "they never met"
    assert set(user.file.parent.iterdir()) == {user.file}, "something was left behind"
