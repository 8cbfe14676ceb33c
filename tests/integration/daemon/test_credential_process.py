"""Credentials of a program that a profile names (credential_process)."""

import json
import os
import pathlib
import random
import re
import shlex
import signal
import time

import pytest

from rig_aws import arn
from rig_ecr import DEV, PROD
from rig_home import Home, environment_of
from rig_keys import session_key, timestamp
from rig_process import wait_until
from rig_signature import AccessKey
from rig_world import ECR


class Tool:
    """A program below a home, which counts its runs, and a profile "tool" that names it."""

    def __init__(self, world, home: Home):
        self.home = home
        self.ecr = world.ecr
        self._runs = home.folder / "runs"
        self.path = home.home / "bin/mint"
        home.aws_config(tool={"credential_process": f"{self.path} --profile 'a b'"})
        home.environment["AWS_PROFILE"] = "tool"

    def does(self, script: str) -> None:
        self.home.write("bin/mint", f"#!/bin/sh\necho run >>{self._runs}\n{script}\n").chmod(0o700)

    def writes(self, answer: object) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.does(f"printf %s {shlex.quote(text)}")

    def gives(self, key: AccessKey, **more) -> None:
        self.writes(answer_of(key, **more))

    def runs(self) -> int:
        return len(self._runs.read_text().splitlines()) if self._runs.exists() else 0

    def get(self, registry: str = ECR, **variables: str) -> str:
        return self.ecr.ledger.find(self.home.get(registry, **variables)["Secret"]).label

    def works(self) -> bool:
        return self.home.helper("get", ECR).status == 0

    def refused(self, **variables: str) -> str:
        return self.home.refused(ECR, **variables)


def answer_of(key: AccessKey, **more) -> dict:
    answer = {"Version": 1, "AccessKeyId": key.key_id, "SecretAccessKey": key.secret, **more}
    return {**answer, "SessionToken": key.session_token} if key.session_token else answer


def issue(world, label: str, seconds: float = 3600) -> tuple[AccessKey, str]:
    """A session's key that dies, and when."""
    key = session_key(label)
    end = time.time() + seconds
    world.ecr.learn_key(key, end)
    return key, timestamp(end)


@pytest.fixture
def tool(world, home) -> Tool:
    return Tool(world, home)


def test_a_program_gives_keys(world, tool):
    key, end = issue(world, "minted")
    tool.gives(key, Expiration=end)
    assert tool.get() == "minted"
    assert tool.get() == "minted"
    assert tool.runs() == 1 and len(world.ecr.calls()) == 1, "a warm get runs nothing and asks nobody"


def test_it_is_run_as_its_command_says_and_by_no_shell(tool):
    marker = tool.home.folder / "arguments"
    tool.home.aws_config(tool={"credential_process": f"{tool.path} 'a b' $HOME ~ && touch x; * \"c\\\"d\" e\\ f"})
    tool.does(f'printf "<%s>" "$@" >{marker}; exit 1')
    tool.refused()
    assert marker.read_text() == '<a b><$HOME><~><&&><touch><x;><*><c"d><e f>'


def test_it_has_the_words_that_python_splits_it_into(tool):
    """shlex is what the aws command uses."""
    marker = tool.home.folder / "arguments"
    tool.does(f'printf "%s\\n" "$#" "$@" >{marker}; exit 1')
    draw = random.Random(20261122)
    for _ in range(60):
        rest = "".join(draw.choices("ab\"'\\ $;*", k=draw.randint(1, 14)))
        # What the file's own grammar takes for blanks at the end and for comments is no part of the command.
        rest = re.sub(r"\s[#;].*", "", f" {rest}").strip()
        marker.unlink(missing_ok=True)
        tool.home.aws_config(tool={"credential_process": f"{tool.path} {rest}"})
        line = tool.refused()
        try:
            expected = shlex.split(rest)
        except ValueError:
            assert "has a credential_process that" in line and not marker.exists(), rest
        else:
            assert marker.read_text() == "".join(f"{word}\n" for word in [len(expected), *expected]), rest


def test_it_has_the_askers_variables_and_no_secret_of_another_source(tool):
    marker = tool.home.folder / "variables"
    tool.does(f"env >{marker}; exit 1")
    tool.refused(AWS_REGION="eu-west-1", AWS_CUSTOM="c", GITHUB_TOKEN="fake-github", AWS_SESSION_TOKEN="fake-session",
                 HTTPS_PROXY="http://127.0.0.1:1")
    seen = dict(line.split("=", 1) for line in marker.read_text().splitlines())
    assert seen["AWS_PROFILE"] == "tool" and seen["AWS_REGION"] == "eu-west-1" and seen["AWS_CUSTOM"] == "c"
    assert seen["HOME"] == str(tool.home.home) and seen["HTTPS_PROXY"] == "http://127.0.0.1:1"
    assert "/usr/bin" in seen["PATH"].split(":")
    assert not {"GITHUB_TOKEN", "AWS_SESSION_TOKEN", "PURSER_SOCKET", "NOTIFY_SOCKET", "LISTEN_FDS"} & set(seen)


def test_it_inherits_nothing_of_the_daemon(tool):
    marker = tool.home.folder / "inherited"
    tool.does(f"(cd /proc/self/fd && ls -l; umask; pwd; ulimit -c; grep ^SigBlk /proc/self/status) >{marker}; exit 1")
    tool.refused()
    seen = marker.read_text()
    links = re.findall(r" (\d+) -> (\S+)", seen)
    # 10 is the shell's own file; `ls` has the folder open.
    assert {number for number, _ in links} <= {"0", "1", "2", "3", "10"}, links
    assert dict(links)["0"] == "/dev/null"
    assert not [target for _, target in links if target.startswith("socket:") or "purser/" in target], links
    assert seen.endswith("0077\n/proc/self/fd\n0\nSigBlk:\t0000000000000000\n")


def test_a_rule_names_variables_and_the_path(tool, world):
    key, end = issue(world, "minted")
    tool.gives(key, Expiration=end)
    marker = tool.home.folder / "variables"
    tool.does(f"env >{marker}; exec {tool.path}.real")
    tool.home.write("bin/mint.real", f"#!/bin/sh\nprintf %s {shlex.quote(json.dumps(answer_of(key)))}\n").chmod(0o700)
    tool.home.aws_config(tool={"credential_process": "mint"})
    assert "the program mint cannot be started" in tool.refused()
    tool.home.purser_config({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "environment": {
        "PATH": f"{tool.path.parent}:/usr/bin:/bin", "VAULT_ADDR": "https://vault.example"}})
    wait_until(lambda: tool.works(), 10, "the rule's PATH does not count")
    assert "VAULT_ADDR=https://vault.example" in marker.read_text().splitlines()


def test_keys_at_their_end_are_asked_for_again(world, tool):
    first, end = issue(world, "first", 3)
    tool.gives(first, Expiration=end)
    token = tool.home.get(ECR)
    wait_until(lambda: world.ecr.keys.expired(first.key_id), 10, "the end of the keys")
    second, end = issue(world, "second")
    tool.gives(second, Expiration=end)
    before = tool.runs()
    assert tool.home.get(ECR) == token, "an ECR token outlives the keys"
    assert tool.get("public.ecr.aws") == "second"
    assert tool.runs() - before in (0, 1), "0: one that was running then brought the second ones already"


def test_a_role_stands_on_a_program(world, aws, aws_home):
    tool = Tool(world, aws_home)
    key, end = issue(world, "minted")
    aws.sts.allow(arn("deploy"), "minted")
    tool.gives(key, Expiration=end)
    aws_home.aws_config(tool={"credential_process": str(tool.path)},
                        app={"role_arn": arn("deploy"), "source_profile": "tool"})
    assert tool.get(AWS_PROFILE="app") == "role deploy"
    assert tool.runs() == 1


BROKEN = [
    ("nothing", "true", "wrote something other than one JSON object"),
    ("text", "echo hello", "wrote something other than one JSON object"),
    ("another version", """echo '{"Version":2}'""", "wrote another Version than 1"),
    ("half a key", """echo '{"Version":1,"AccessKeyId":"AKIAFAKE"}'""", "wrote no AccessKeyId or no SecretAccessKey"),
    ("expired", """echo '{"Version":1,"AccessKeyId":"AKIAFAKE","SecretAccessKey":"fake/secret/of/expired","""
     """"Expiration":"2020-01-01T00:00:00Z"}'""", "gave keys that have expired already"),
    ("failure", "echo fake/secret/of/failure; echo 'log in first' >&2; exit 7",
     'ended with exit code 7 and said "log in first"'),
    ("a signal", "kill -SEGV $$", "was killed by signal 11"),
    ("a flood", "yes fake/secret/of/flood", "wrote more than 64 KiB"),
]


@pytest.mark.parametrize("script, said", [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_program_that_gives_no_keys_is_an_error_that_names_it(world, tool, script, said):
    daemon = tool.home.start_daemon()
    tool.does(script)
    line = tool.refused()
    assert f'profile "tool": the program mint {said}' in line and line.count("\n") == 1
    assert "fake/secret" not in line + daemon.log.read_text()
    assert world.ecr.calls() == []


def test_a_program_that_is_not_there_is_an_error(tool):
    assert "the program mint cannot be started (No such file or directory)" in tool.refused()


def test_a_program_that_is_mended_counts_at_once(world, tool):
    tool.does("exit 1")
    tool.refused()
    key, end = issue(world, "minted")
    tool.gives(key, Expiration=end)
    wait_until(lambda: tool.works(), 4, "the failure is still answered")


def test_a_file_that_others_can_write_names_no_program(world, tool):
    tool.gives(PROD)
    config = tool.home.home / ".aws/config"
    for mode in (0o620, 0o602):
        config.chmod(mode)
        line = tool.refused()
        assert f"others than its owner can write {config}: run: chmod go-w {config}" in line
    assert tool.runs() == 0
    config.chmod(0o644)
    wait_until(lambda: tool.works(), 12, "chmod is not noticed")


def test_many_askers_run_it_once(world, tool):
    key, end = issue(world, "minted")
    tool.does(f"sleep 0.3; printf %s {shlex.quote(json.dumps(answer_of(key, Expiration=end)))}")
    helpers = [tool.home.start_helper("get", ECR) for _ in range(20)]
    answers = [json.loads(helper.communicate(timeout=20)[0]) for helper in helpers]
    assert {world.ecr.ledger.find(answer["Secret"]).label for answer in answers} == {"minted"}
    assert tool.runs() == 1


def test_what_the_program_sees_makes_another_identity(world, tool):
    key, other = PROD, DEV
    tool.does(f"""if [ "$AWS_REGION" = eu-west-1 ]; then printf %s {shlex.quote(json.dumps(answer_of(other)))}
              else printf %s {shlex.quote(json.dumps(answer_of(key)))}; fi""")
    for _ in range(2):
        assert tool.get(AWS_REGION="us-west-2") == PROD.label
        assert tool.get(AWS_REGION="eu-west-1") == DEV.label
    assert tool.runs() == 2


def test_keys_in_the_environment_come_first(world, tool):
    tool.gives(PROD)
    assert tool.get(**environment_of(DEV)) == DEV.label
    assert tool.runs() == 0


def test_a_slow_program_is_waited_for_by_nobody_too_long(tool):
    pids = tool.home.folder / "pid"
    tool.does(f"echo $$ >{pids}; sleep 1000")
    begin = time.monotonic()
    line = tool.refused()
    assert time.monotonic() - begin < 9.5
    assert ECR in line
    # It goes on for those who come later; a daemon that ends takes it along.
    daemon = tool.home.daemons()[0]
    os.kill(daemon, signal.SIGTERM)
    wait_until(lambda: not pathlib.Path(f"/proc/{pids.read_text().strip()}").exists(), 12, "it outlives the daemon")


def test_a_daemon_that_is_killed_leaves_no_program_and_no_broker(tool):
    pids = tool.home.folder / "pid"
    tool.does(f"(sleep 1000 & echo $! >{pids}; wait)")
    helper = tool.home.start_helper("get", ECR)
    wait_until(lambda: pids.exists() and pids.read_text().strip(), 10, "the program does not begin")
    for daemon in tool.home.daemons():
        os.kill(daemon, signal.SIGKILL)
    wait_until(lambda: not pathlib.Path(f"/proc/{pids.read_text().strip()}").exists(), 10, "the program is left")
    helper.kill()
    helper.wait()
    tool.does("exit 1")
    for daemon in tool.home.daemons():  # which the helper started anew
        os.kill(daemon, signal.SIGKILL)
    wait_until(lambda: not tool.home.brokers(), 10, "a broker is left")


def test_a_daemon_whose_broker_died_says_so(tool):
    daemon = tool.home.start_daemon()
    tool.gives(PROD)
    wait_until(tool.home.brokers, 10, "the broker, which gives itself its name")
    for broker in tool.home.brokers():
        os.kill(broker, signal.SIGKILL)
    wait_until(lambda: not tool.home.brokers(), 10, "")
    assert "purserd cannot start programs any more: restart it" in tool.refused()
    assert daemon.pid


def test_the_last_resort_runs_programs_too(tool):
    """`purserd --once`, where no daemon can live."""
    tool.gives(PROD)
    assert tool.get(PURSER_SOCKET="/dev/null/agent.sock") == PROD.label
    wait_until(lambda: not tool.home.daemons() and not tool.home.brokers(), 10, "a process is left")
