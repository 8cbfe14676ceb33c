"""No secret is written down: not in the log at its most talkative, not in an error, not in what the daemon tells of
itself, not in its files, its arguments or its environment."""

import json
import pathlib

import pytest

from rig_ecr import PROD, SESSION, Behaviour
from rig_home import environment_of
from rig_signature import AccessKey
from rig_world import ECR, LOCAL, UNRESOLVABLE, UNTRUSTED, user_of

WRONG = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/0000000000")


@pytest.fixture
def busy(world, home):
    """A daemon that has seen secrets of all kinds, in success and in failure; and the secrets."""
    home.profile("prod", PROD)
    home.purser_config(log={"level": "debug"})
    daemon = home.start_daemon()
    name, password = user_of(LOCAL)
    home.helper("store", json.dumps({"ServerURL": LOCAL, "Username": name, "Secret": password})).ok()
    home.get(LOCAL)
    said = [
        home.helper("get", ECR, **environment_of(WRONG)),
        home.helper("get", UNRESOLVABLE, **environment_of(SESSION)),
        home.helper("get", UNTRUSTED, **environment_of(SESSION)),
        home.helper("store", '{"ServerURL": "broken.example.test", "Username": "u", "Secret": "fake-broken-secret'),
    ]
    assert {outcome.status for outcome in said} == {1}
    home.get(ECR, AWS_PROFILE="prod")
    home.get(ECR, **environment_of(SESSION))
    world.ecr.script(Behaviour("status", -1, status=200, body="<html>fake-body-secret</html>"))
    said.append(home.helper("get", "public.ecr.aws", **environment_of(SESSION)))
    secrets = [PROD.secret, SESSION.secret, SESSION.session_token, WRONG.secret, password]
    secrets += ["fake-broken-secret", "fake-body-secret", *(issued.password for issued in world.ecr.ledger.issued())]
    return home, daemon, said, secrets


def test_errors_logs_and_status_tell_no_secret(busy):
    home, daemon, said, secrets = busy
    log = daemon.tail(10**7)
    assert ECR in log and LOCAL in log, "the log says nothing at all"
    texts = {"log": log, "status": json.dumps(home.ask("/v1/status")), "audit": json.dumps(home.ask("/v1/audit"))}
    texts |= {f"answer {number}": outcome.output for number, outcome in enumerate(said)}
    for name, text in texts.items():
        assert not [secret for secret in secrets if secret in text], name


def test_files_arguments_and_environment_hold_no_secret(busy):
    home, daemon, _, secrets = busy
    ours = {home.home / ".aws/credentials"}
    files = [file for file in home.folder.rglob("*") if file.is_file() and not file.is_symlink() and file not in ours]
    assert len(files) >= 3, "where is the store?"
    places = [*files, pathlib.Path(f"/proc/{daemon.pid}/cmdline"), pathlib.Path(f"/proc/{daemon.pid}/environ")]
    for place in places:
        content = place.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in content], place


def test_files_are_for_their_owner_only(busy):
    home, _, _, _ = busy
    for file in home.folder.rglob("*"):
        if "purser" in str(file.relative_to(home.folder)) and not file.is_symlink() and file.suffix != ".log":
            assert file.stat().st_mode & 0o077 == 0 or file.name == "config.json", file
