"""A user who has just installed purser: a fresh home, one line of configuration, no login."""

import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess

import rig_clients
from rig_process import Program, wait_until
from rig_signature import AccessKey

NOT_FOUND = "credentials not found in native keychain"
_SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS")
BROKER = b"purserd-broker"


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a client ended."""

    arguments: list[str]
    status: int
    stdout: str
    stderr: str

    def ok(self) -> "Outcome":
        """Itself, or the failure of the test, with what the client said."""
        assert self.status == 0, f"{' '.join(self.arguments)} ended with {self.status}\n{self.stdout}\n{self.stderr}"
        return self

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


class Home:
    """Below `folder`: HOME, XDG_RUNTIME_DIR, and a folder on PATH with the programs under test.

    The environment is built from scratch; nothing of the machine's comes in. A daemon that a helper started is found
    by its HOME and ended by stop().
    """

    def __init__(self, folder: pathlib.Path, with_daemon: bool = True):
        self.folder = folder
        self.home = folder / "home"
        self.runtime = folder / "run"
        self.programs = folder / "bin"
        for each in (self.home, self.runtime, self.programs):
            each.mkdir(parents=True, mode=0o700)
        self.socket = self.runtime / "purser/agent.sock"
        self.environment = {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "PATH": f"{self.programs}:{rig_clients.SYSTEM_PATH}",
            "LANG": "C.UTF-8",
        }
        # What a sanitizer's build is told is no part of the user's environment, and has to come along.
        self.environment.update({name: os.environ[name] for name in _SANITIZERS if name in os.environ})
        self._started: list[Program] = []
        self._install(with_daemon)

    def remove_daemon(self) -> None:
        """As if purserd had never been installed: the helper alone is left, and finds none beside it."""
        for name in ("docker-credential-purser", "purserd", "purser"):
            (self.programs / name).unlink()
        self._copy_helper()

    def copy_programs(self) -> None:
        """Files of its own in the place of links: a test may replace them."""
        for name in ("docker-credential-purser", "purserd", "purser"):
            program = self.programs / name
            built = program.resolve()
            program.unlink()
            shutil.copy(built, program)

    # What the user configures.

    def write(self, path: str, content: str) -> pathlib.Path:
        """A file below HOME, as only its owner may read it."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(content)
        return file

    def creds_store(self) -> None:
        """The one line for docker and everything that reads its configuration."""
        self.write(".docker/config.json", json.dumps({"credsStore": rig_clients.helper_suffix()}))

    def cred_helpers(self, *registries: str) -> None:
        """The one line for clients that know no credsStore, or for one registry only."""
        helpers = {registry: rig_clients.helper_suffix() for registry in registries}
        self.write(".docker/config.json", json.dumps({"credHelpers": helpers}))

    def helm_store(self) -> None:
        """The one line of helm's own configuration."""
        self.write(".config/helm/registry/config.json", json.dumps({"credsStore": rig_clients.helper_suffix()}))

    def containers_helper(self) -> None:
        """The one line of registries.conf for podman, buildah and skopeo."""
        line = f'credential-helpers = ["{rig_clients.helper_suffix()}"]\n'
        self.environment["CONTAINERS_REGISTRIES_CONF"] = str(self.write(".config/containers/registries.conf", line))

    def keys_in_environment(self, key: AccessKey) -> None:
        self.environment.update(environment_of(key))

    def profile(self, name: str, key: AccessKey) -> None:
        """Adds a profile with static keys to the shared credentials file."""
        file = self.home / ".aws/credentials"
        before = file.read_text() if file.exists() else ""
        section = f"[{name}]\naws_access_key_id = {key.key_id}\naws_secret_access_key = {key.secret}\n"
        if key.session_token:
            section += f"aws_session_token = {key.session_token}\n"
        self.write(".aws/credentials", before + section)

    def aws_config(self, sso_sessions: dict[str, dict[str, str]] | None = None, /, **profiles: dict[str, str]) -> None:
        """The profiles and sessions of the shared config file, all of them."""
        named = {f"sso-session {name}": settings for name, settings in (sso_sessions or {}).items()}
        named |= {f"profile {name}": settings for name, settings in profiles.items()}
        sections = (f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
                    for name, settings in named.items())
        self.write(".aws/config", "\n".join(sections))

    def purser_config(self, *registries: dict, **settings) -> None:
        """purser's own configuration: rules, and settings by their names."""
        config = {"version": 1, "registries": list(registries), **settings}
        self.write(".config/purser/config.json", json.dumps(config))

    # What the user runs.

    def run(self, *arguments: str, stdin: str | bytes = "", seconds: float = 60, cwd: pathlib.Path | None = None,
            **variables: str) -> Outcome:
        """Runs a program to its end, with the home's environment and `variables`."""
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            arguments, input=raw, capture_output=True, timeout=seconds, cwd=cwd or self.home,
            env={**self.environment, **variables}
        )
        out, err = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
        return Outcome(list(arguments), done.returncode, out, err)

    def helper(self, verb: str, stdin: str = "", **variables: str) -> Outcome:
        program = self.programs / f"docker-credential-{rig_clients.helper_suffix()}"
        return self.run(str(program), verb, stdin=stdin, seconds=15, **variables)

    def start_helper(self, verb: str, stdin: str, **options) -> subprocess.Popen:
        """A helper that the test waits for itself; it has its own session, as if from another terminal."""
        program = str(self.programs / "docker-credential-purser")
        pipes = {stream: subprocess.PIPE for stream in ("stdin", "stdout", "stderr")}
        helper = subprocess.Popen([program, verb], env=self.environment, start_new_session=True, **pipes, **options)
        helper.stdin.write(stdin.encode())
        helper.stdin.close()
        helper.stdin = None  # or communicate() would flush it
        return helper

    def get(self, registry: str, **variables: str) -> dict:
        """What the helper answers for a registry; fails the test if that is an error."""
        return json.loads(self.helper("get", registry, **variables).ok().stdout)

    def refused(self, registry: str, **variables: str) -> str:
        """The line in which the helper says why it has no answer; fails the test where it has one, or says more."""
        outcome = self.helper("get", registry, **variables)
        assert outcome.status == 1 and outcome.stderr == "", outcome
        assert outcome.stdout.endswith("\n") and len(outcome.stdout.splitlines()) == 1, outcome.stdout
        assert NOT_FOUND not in outcome.stdout and "credentials not found" not in outcome.stdout
        return outcome.stdout

    def start_daemon(self, **variables: str) -> Program:
        """Starts purserd in the foreground, instead of letting a helper do it."""
        arguments = [str(self.programs / "purserd")]
        daemon = Program(arguments, self.folder / "purserd.log", {**self.environment, **variables})
        self._started.append(daemon)
        daemon.wait_until(lambda: _listening(self.socket))
        return daemon

    # What the daemon says of itself.

    def ask(self, path: str):
        """The JSON that the daemon answers to a GET."""
        return json.loads(self.ask_text(path))

    def ask_text(self, path: str) -> str:
        """What the daemon answers to a GET."""
        connection = _UnixConnection(self.socket)
        try:
            connection.request("GET", path, headers={"Host": "purser", "Connection": "close"})
            response = connection.getresponse()
            body = response.read()
            assert response.status == 200, f"GET {path}: {response.status} {body!r}"
            return body.decode()
        finally:
            connection.close()

    def audit(self) -> list[dict]:
        return self.ask("/v1/audit")["events"]

    def answered(self, registry: str) -> list[dict]:
        """The audit's events about a registry."""
        return [event for event in self.audit() if registry in json.dumps(event)]

    def daemons(self) -> list[int]:
        """The processes of purserd that belong to this home, those that start programs for it left out."""
        mark = b"HOME=" + bytes(self.home)
        return [pid for pid in _processes("purserd") if mark in _read(f"/proc/{pid}/environ").split(b"\0")
                and _read(f"/proc/{pid}/comm").strip() != BROKER]

    def brokers(self) -> list[int]:
        """The processes that start programs for those."""
        mark = b"HOME=" + bytes(self.home)
        return [pid for pid in _processes("purserd") if mark in _read(f"/proc/{pid}/environ").split(b"\0")
                and _read(f"/proc/{pid}/comm").strip() == BROKER]

    def stop(self) -> None:
        for daemon in self._started:
            daemon.stop()
        for pid in self.daemons():
            _kill(pid, signal.SIGTERM)
        try:
            wait_until(lambda: not self.daemons(), 10, "")
        finally:
            for pid in self.daemons():
                _kill(pid, signal.SIGKILL)

    def _install(self, with_daemon: bool) -> None:
        """Links the programs under test, or copies the helper alone, so that it finds no daemon beside it."""
        if rig_clients.foreign_helper():
            name = f"docker-credential-{rig_clients.helper_suffix()}"
            (self.programs / name).symlink_to(rig_clients.client(name))
            return
        built = rig_clients.purser_bin()
        if not (built / "docker-credential-purser").is_file():
            rig_clients.missing(f"{built}/docker-credential-purser", "build it, or set PURSER_BIN")
        if with_daemon:
            for name in ("docker-credential-purser", "purserd", "purser"):
                (self.programs / name).symlink_to(built / name)
        else:
            self._copy_helper()

    def _copy_helper(self) -> None:
        copy = self.programs / "docker-credential-purser"
        copy.write_bytes((rig_clients.purser_bin() / "docker-credential-purser").read_bytes())
        copy.chmod(0o755)


def environment_of(key: AccessKey) -> dict[str, str]:
    variables = {"AWS_ACCESS_KEY_ID": key.key_id, "AWS_SECRET_ACCESS_KEY": key.secret}
    if key.session_token:
        variables["AWS_SESSION_TOKEN"] = key.session_token
    return variables


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: pathlib.Path):
        super().__init__("purser", timeout=10)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def _listening(path: pathlib.Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return probe.connect_ex(str(path)) == 0


def _processes(name: str) -> list[int]:
    pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [pid for pid in pids if os.path.basename(_read(f"/proc/{pid}/cmdline").split(b"\0")[0]) == name.encode()]


def _read(path: str) -> bytes:
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def _kill(pid: int, sig: signal.Signals) -> None:
    try:
        os.kill(pid, sig)
    except ProcessLookupError:
        pass
