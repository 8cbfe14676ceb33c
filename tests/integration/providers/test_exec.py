"""Credentials that a program mints (`"provider": "exec"`, docs/exec.md)."""

import datetime
import json
import os
import pathlib
import shlex
import shutil

import pytest

from rig_crowd import Crowd
from rig_home import NOT_FOUND
from rig_process import wait_until

HOST = "registry.example"
ANSWER = {"username": "robot", "secret": "fake-minted"}


def moment(seconds: float, zone=datetime.timezone.utc, form="%Y-%m-%dT%H:%M:%SZ") -> str:
    return (datetime.datetime.now(zone) + datetime.timedelta(seconds=seconds)).strftime(form)


class Tool:
    """A program below a home, which counts its runs and keeps what it was asked, and a rule that names it."""

    def __init__(self, home):
        self.home = home
        self.path = home.home / "bin/mint"
        self._runs = home.folder / "runs"
        self.asked = home.folder / "asked"
        self.rule()
        self.gives()

    def rule(self, *words: str, **settings) -> None:
        self.home.purser_config({"match": HOST, "provider": "exec", "command": [str(self.path), *words], **settings})

    def does(self, script: str) -> None:
        new = self.home.write("bin/new", f"#!/bin/sh\necho run >>{self._runs}\n{script}\n")
        new.chmod(0o700)
        new.replace(self.path)

    def writes(self, answer: object) -> None:
        text = answer if isinstance(answer, str) else json.dumps(answer)
        self.does(f"cat >{self.asked}; printf %s {shlex.quote(text)}")

    def gives(self, **more) -> None:
        self.writes({**ANSWER, **more})

    def runs(self) -> int:
        return len(self._runs.read_text().splitlines()) if self._runs.exists() else 0

    def entry(self) -> dict:
        (entry,) = self.home.ask("/v1/status")["entries"]
        return entry

    def refused(self, **variables: str) -> str:
        line = self.home.refused(HOST, **variables)
        assert "fake-minted" not in line
        return line


@pytest.fixture
def tool(home) -> Tool:
    return Tool(home)


def test_a_program_gives_a_credential(tool):
    answer = tool.home.get(HOST)
    assert (answer["Username"], answer["Secret"]) == ("robot", "fake-minted")
    assert json.loads(tool.asked.read_text()) == {"version": 1, "registry": HOST}
    assert tool.home.get(HOST) == answer and tool.runs() == 1, "a warm get runs nothing"


def test_it_is_asked_for_the_repository_where_the_client_says_it(tool):
    tool.home.get(f"https://{HOST}/team/app")
    assert json.loads(tool.asked.read_text()) == {"version": 1, "registry": HOST, "repository": "team/app"}
    tool.home.get(f"{HOST}/team/other")
    assert tool.runs() == 2


def test_its_words_are_those_of_the_rule_and_no_shell_reads_them(tool):
    marker = tool.home.folder / "words"
    tool.rule("a b", "$HOME", "~", ";", "*")
    tool.does(f'printf "<%s>" "$@" >{marker}; exit 1')
    tool.refused()
    assert marker.read_text() == "<a b><$HOME><~><;><*>"


def test_it_gets_the_variables_that_the_rule_names_and_no_others(tool):
    marker = tool.home.folder / "variables"
    tool.rule(environment={"MINT_FOR": "ci", "PURSER_AREA": "default"},
              pass_env=["GITHUB_TOKEN", "PURSER_AREA", "CI_JOB_TOKEN"])
    tool.does(f"env >{marker}; printf %s {shlex.quote(json.dumps(ANSWER))}")
    tool.home.get(HOST, GITHUB_TOKEN="fake-job", PURSER_OTHER="x", AWS_PROFILE="prod", PURSER_AREA="asked")
    variables = dict(line.split("=", 1) for line in marker.read_text().splitlines())
    assert variables["MINT_FOR"] == "ci" and variables["PURSER_AREA"] == "asked"
    assert variables["GITHUB_TOKEN"] == "fake-job" and variables["HOME"] == str(tool.home.home)
    assert not {"CI_JOB_TOKEN", "PURSER_OTHER", "AWS_PROFILE", "PURSER_SOCKET"} & set(variables)


def test_two_jobs_have_runs_of_their_own(tool):
    tool.rule(pass_env=["GITHUB_TOKEN"])
    tool.does("""printf '{"username": "u", "secret": "for-%s"}' "$GITHUB_TOKEN" """)
    for _ in range(3):
        assert tool.home.get(HOST, GITHUB_TOKEN="fake-a")["Secret"] == "for-fake-a"
        assert tool.home.get(HOST, GITHUB_TOKEN="fake-b")["Secret"] == "for-fake-b"
    assert tool.home.get(HOST)["Secret"] == "for-"
    assert tool.runs() == 3


def test_one_run_answers_a_crowd(tool):
    gate = tool.home.folder / "gate"
    os.mkfifo(gate)
    tool.home.start_daemon()
    tool.does(f"cat {gate} >/dev/null; printf %s {shlex.quote(json.dumps(ANSWER))}")
    folder = tool.home.folder / "crowd"
    folder.mkdir()
    crowd = Crowd(tool.home, folder, HOST, 100)
    wait_until(lambda: tool.runs() > 0 and connections(tool.home) >= 100, 20, "the crowd did not come")
    gate.write_text("go")
    assert {answer.secret() for answer in crowd.answers()} == {"fake-minted"}
    assert tool.runs() == 1


def connections(home) -> int:
    metrics = home.run(str(home.programs / "purser"), "metrics").ok().stdout
    (line,) = [line for line in metrics.splitlines() if line.startswith("purser_connections_open ")]
    return int(float(line.split()[1]))


@pytest.mark.parametrize("form, zone", [
    ("%Y-%m-%dT%H:%M:%SZ", 0), ("%Y-%m-%dT%H:%M:%S+00:00", 0), ("%Y-%m-%dT%H:%M:%S.123456Z", 0),
    ("%Y-%m-%dT%H:%M:%S.5+02:00", 2), ("%Y-%m-%dt%H:%M:%S-05:00", -5)])
def test_it_lives_as_long_as_it_says(tool, form, zone):
    zone = datetime.timezone(datetime.timedelta(hours=zone))
    tool.gives(expires=moment(3600, zone, form), version=1, whatever=[1, {}])
    tool.home.get(HOST)
    assert 3400 < tool.entry()["remaining_seconds"] <= 3600
    assert tool.entry()["source"] == "program mint"


def test_for_ever_is_a_day(tool):
    tool.gives(expires="9999-12-31T23:59:59Z")
    tool.home.get(HOST)
    assert 86300 < tool.entry()["remaining_seconds"] <= 86400


def test_what_says_nothing_lives_as_the_rule_says(tool):
    tool.home.get(HOST)
    assert 200 < tool.entry()["remaining_seconds"] <= 300
    tool.rule(life_seconds=7200)
    tool.home.get(HOST)
    assert sorted(entry["remaining_seconds"] > 7000 for entry in tool.home.ask("/v1/status")["entries"]) == [False, True]


def test_a_credential_is_renewed_while_it_is_in_use(tool):
    """Six seconds are long enough to see it: the second half of a life is for its successor."""
    tool.does(f"""
n=$(wc -l <{tool.home.folder}/runs)
printf '{{"username": "u", "secret": "fake-%s", "expires": "%s"}}' $n $(date -u -d '+6 seconds' +%Y-%m-%dT%H:%M:%SZ)""")
    first = tool.home.get(HOST)["Secret"]
    assert first == "fake-1"
    wait_until(lambda: tool.runs() > 1, 10, "nobody renewed it")
    wait_until(lambda: tool.home.get(HOST)["Secret"] != first, 10, "the successor is not handed out")


@pytest.mark.parametrize("answer, says", [
    ("<html>fake-minted</html>", "wrote something other than one JSON object"),
    ("", "wrote something other than one JSON object"),
    ('{"username":"robot","secret":"fake-minted"} trailing', "wrote something other than one JSON object"),
    ('["fake-minted"]', "wrote something other than one JSON object"),
    ({**ANSWER, "version": 2}, 'wrote another "version" than 1'),
    ({**ANSWER, "version": "1"}, 'wrote another "version" than 1'),
    ({"username": "robot"}, 'wrote no "username" or no "secret"'),
    ({**ANSWER, "secret": 17}, 'wrote no "username" or no "secret"'),
    ({**ANSWER, "username": ""}, 'wrote no "username" or no "secret"'),
    ({**ANSWER, "secret": "fake-minted\r\nX: y"}, "control characters"),
    ({**ANSWER, "username": "a:b"}, "a user name with a colon"),
    ({**ANSWER, "expires": "tomorrow"}, 'wrote an "expires" that is no time'),
    ({**ANSWER, "expires": 1790000000}, 'wrote an "expires" that is no time'),
    ({**ANSWER, "expires": None}, 'wrote an "expires" that is no time'),
    ({**ANSWER, "expires": "2026-01-01T00:00:00Z"}, "gave a credential that has expired already"),
    ("[" * 100_000, "wrote more than 64 KiB"),
    ("[" * 60_000, "wrote something other than one JSON object"),
])
def test_what_is_no_answer_is_said(tool, answer, says):
    tool.home.write("answer", answer if isinstance(answer, str) else json.dumps(answer))
    tool.does(f"cat {tool.home.home}/answer")
    line = tool.refused()
    assert line.startswith(f"purser: {HOST}: the program {tool.path} ") and says in line


def test_a_flood_ends(tool):
    tool.does("yes fake-minted")
    assert "wrote more than 64 KiB and was killed" in tool.refused()


@pytest.mark.parametrize("script, says", [
    ("echo no luck >&2; exit 1", 'ended with exit code 1 and said "no luck"'),
    ("kill -9 $$", "was killed by signal 9"),
    ("exec sleep 1000", "was still running after 1 s and was killed"),
    ("echo fake-minted; exit 45", "ended with exit code 45: run it by hand"),
])
def test_failures_are_told_apart(tool, script, says):
    tool.rule(timeout_seconds=1)
    tool.does(script)
    assert says in tool.refused()


def test_what_hangs_is_gone_with_its_children(tool):
    tool.rule(timeout_seconds=1)
    pid = tool.home.folder / "pid"
    tool.does(f"sleep 1000 & echo $! >{pid}; wait")
    tool.refused()
    wait_until(lambda: not pathlib.Path(f"/proc/{pid.read_text().strip()}").exists(), 10, "a child is left")


def test_no_credential_is_an_error_or_not_found(tool):
    tool.does("exit 44")
    assert 'knows of no credential for this registry: give it one, or set "anonymous"' in tool.refused()
    tool.rule(anonymous=True)
    outcome = tool.home.helper("get", HOST)
    assert (outcome.status, outcome.stdout) == (1, NOT_FOUND + "\n")
    tool.does("exit 1")
    tool.rule("other", anonymous=True)
    assert "ended with exit code 1" in tool.refused(), "a failure is no absence"


@pytest.mark.parametrize("spoil, says", [
    (lambda path: path.chmod(0o722), "can be written by others: run: chmod go-w"),
    (lambda path: path.chmod(0o770), "can be written by others: run: chmod go-w"),
    (lambda path: path.chmod(0o600), "is not executable"),
    (lambda path: path.parent.chmod(0o777), "is in a folder that everybody can write: run: chmod o-w"),
    (lambda path: path.unlink(), "cannot be found"),
    (lambda path: (path.unlink(), path.mkdir()), "is no plain file"),
])
def test_others_do_not_decide_what_runs(tool, spoil, says):
    if os.geteuid() == 0 and "not executable" in says:
        tool.path.chmod(0o600)  # for root, too: no bit at all
    spoil(tool.path)
    assert says in tool.refused()
    assert tool.runs() == 0


def test_a_file_of_another_user_is_not_run(tool):
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a file away")
    os.chown(tool.path, 12345, 12345)
    assert "belongs to another user: chown it" in tool.refused()
    os.chown(tool.path, 0, 0)
    os.chown(tool.path.parent, 12345, 12345)
    tool.rule("anew")
    assert "is in a folder of another user" in tool.refused()


def test_other_hosts_do_not_run_it(tool):
    for name in (f"{HOST}.evil.example", f"evil.{HOST}", f"{HOST}:8443", "registry.examplе", f"evil.example/{HOST}"):
        assert tool.home.helper("get", name).status == 1
    assert tool.runs() == 0


def test_a_container_has_it_run_and_is_heard_only_where_the_rule_says(tool, in_container):
    """The configuration names the program, so it is run for everybody; what else a container brings does not count."""
    tool.rule(pass_env=["GITHUB_TOKEN"])
    tool.does("""printf '{"username": "%s", "secret": "for-%s"}' "$HOME" "$GITHUB_TOKEN" """)
    tool.home.start_daemon()
    answer = json.loads(in_container(HOST, GITHUB_TOKEN="fake-a", HOME="/elsewhere", PURSER_SOCKET=str(tool.home.socket)))
    assert (answer["Username"], answer["Secret"]) == (str(tool.home.home), "for-fake-a")
    assert tool.home.audit()[-1]["local"] is False


def test_doctor_tells_of_it(tool):
    tool.rule(pass_env=["GITHUB_TOKEN", "CI_JOB_TOKEN"])
    tool.home.start_daemon()
    purser = str(tool.home.programs / "purser")
    told = json.loads(tool.home.run(purser, "doctor", HOST, "--json", GITHUB_TOKEN="fake-job").ok().stdout)
    assert told["conclusion"] == "A get is answered with a token of program mint"
    texts = "\n".join(step["text"] for step in told["steps"])
    assert f"the program {tool.path}, for at most 30 s" in texts
    assert "the variable GITHUB_TOKEN of whoever asks\n" in texts and "CI_JOB_TOKEN of whoever asks, which is not set" in texts
    assert "fake" not in json.dumps(told)
    assert f"program {tool.path}" in tool.home.run(purser, "doctor").output
    tool.path.chmod(0o722)
    assert "can be written by others" in tool.home.run(purser, "doctor", HOST).output


def test_a_restart_keeps_it(tool):
    tool.gives(expires=moment(3600))
    tool.home.get(HOST)
    tool.home.stop()
    assert tool.home.get(HOST)["Secret"] == "fake-minted" and tool.runs() == 1


def test_a_new_rule_is_a_new_run(tool):
    tool.home.get(HOST)
    tool.rule("--other")
    tool.home.get(HOST)
    assert tool.runs() == 2


class TestDockerProtocol:
    """Other programs of docker's kind, as sources."""

    @pytest.fixture
    def helper(self, tool):
        tool.rule(protocol="docker")
        return tool

    def test_it_is_asked_as_docker_asks(self, helper):
        helper.does(f'printf "<%s>" "$@" >{helper.asked}; cat >>{helper.asked}; '
                    """printf '{"ServerURL":"x","Username":"u","Secret":"fake-minted"}'""")
        answer = helper.home.get(f"{HOST}/team/app")
        assert (answer["Username"], answer["Secret"]) == ("u", "fake-minted")
        assert helper.asked.read_text() == f"<get>{HOST}"

    def test_docker_hub_has_its_own_spelling(self, helper):
        helper.home.purser_config({"match": "docker.io", "provider": "exec", "protocol": "docker",
                                   "command": [str(helper.path)]})
        helper.writes({"ServerURL": "", "Username": "u", "Secret": "s"})
        helper.home.get("docker.io")
        assert helper.asked.read_text() == "https://index.docker.io/v1/"

    @pytest.mark.parametrize("script", [f"echo '{NOT_FOUND}'; exit 1", f"printf '{NOT_FOUND}'; exit 1",
                                        """echo '{"ServerURL":"","Username":"","Secret":""}'"""])
    def test_its_sentence_is_no_credential(self, helper, script):
        helper.does(script)
        assert "knows of no credential" in helper.refused()
        helper.rule(protocol="docker", anonymous=True)
        assert helper.home.helper("get", HOST).stdout == NOT_FOUND + "\n"

    @pytest.mark.parametrize("script, says", [
        ("echo 'gpg: no secret key'; exit 1", 'ended with exit code 1 and said "gpg: no secret key"'),
        ("echo 'credentials not found'; exit 1", 'and said "credentials not found"'),
        ("""echo '{"Secret":"fake-minted"}'; exit 1""", "ended with exit code 1: run it by hand"),
        ("""echo '{"Username":"u"}'""", 'wrote no "Username" or no "Secret"'),
        ("exit 44", "ended with exit code 44: run it by hand"),
    ])
    def test_its_failures_are_said_in_its_words(self, helper, script, says):
        helper.rule(protocol="docker", anonymous=True)
        helper.does(script)
        outcome = helper.home.helper("get", HOST)
        assert outcome.status == 1 and says in outcome.stdout and "fake-minted" not in outcome.stdout

    def test_docker_credential_pass_as_a_source(self, helper):
        """A program of Debian's, with its gpg and its store."""
        program = shutil.which("docker-credential-pass")
        if not program or not shutil.which("pass") or not shutil.which("gpg"):
            pytest.skip("needs docker-credential-pass, pass and gpg")
        home = helper.home
        gnupg = home.home / ".gnupg"
        gnupg.mkdir(mode=0o700)
        try:
            home.run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", "fake@example.org", "default", "default",
                     "never").ok()
            home.run("pass", "init", "fake@example.org").ok()
            entry = json.dumps({"ServerURL": HOST, "Username": "ann", "Secret": "fake-passed"})
            home.run(program, "store", stdin=entry).ok()
            home.purser_config({"match": "*.example", "provider": "exec", "protocol": "docker", "command": [program]},
                               {"match": HOST, "provider": "exec", "protocol": "docker", "command": [program]})
            answer = home.get(HOST)
            assert (answer["Username"], answer["Secret"]) == ("ann", "fake-passed")
            assert "knows of no credential" in home.refused("other.example")
        finally:
            home.run("gpgconf", "--kill", "gpg-agent")
