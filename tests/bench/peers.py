"""The programs that people use today, each ready to answer from its warm state."""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

from rig import HOST, PATH, ROOT
import rig_secret_service  # in the folder that rig has made known

SECRET = "fake-password-" + "x" * 2000
CREDENTIAL = f'{{"ServerURL":"{HOST}","Username":"AWS","Secret":"{SECRET}"}}'


class Missing(Exception):
    """Why a peer cannot be measured here."""


def contender(name, argv, environment, stdin, least=100, every=1):
    return {"name": name, "argv": [str(word) for word in argv], "stdin": str(stdin),
            "env": [f"{key}={value}" for key, value in environment.items()], "least": least,
            "every": every}


def program(name):
    found = shutil.which(name, path=PATH)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def newest_ecr_login():
    clients = pathlib.Path(os.environ.get("PURSER_CLIENTS", ROOT / "build/clients"))
    found = clients / "docker-credential-ecr-login"
    if not found.exists():
        raise Missing("build/clients/docker-credential-ecr-login is not built (scripts/clients)")
    return found


def ask_once(argv, environment, text, what):
    done = subprocess.run([str(word) for word in argv], input=text, env=environment, text=True,
                          capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        raise Missing(f"{what}: {(done.stdout + done.stderr).strip()[:200]}")
    return done.stdout


def ecr_home(rig):
    """A home whose ~/.ecr/cache.json the newest ecr-login has filled from the fake ECR."""
    home = rig.folder / "ecr-login"
    environment = {"HOME": str(home), "PATH": PATH, **rig.aws(rig.keys[0])}
    if not home.exists():
        home.mkdir()
        ask_once([newest_ecr_login(), "get"], environment, HOST, "ecr-login")
        if not (home / ".ecr/cache.json").exists():
            raise Missing("ecr-login keeps no cache here")
    return environment


def ecr_login_newest(rig):
    environment = ecr_home(rig)
    return contender("ecr-login, newest", [newest_ecr_login(), "get"], environment, rig.stdin,
                     every=10)


def ecr_login_debian(rig):
    path = program("docker-credential-ecr-login")
    environment = dict(ecr_home(rig), HOME=str(rig.folder / "ecr-login-debian"))
    # It cannot be pointed at our endpoint, so it gets the token of the newest one, under the
    # key of its own release. An answer at all is one from the cache: there is no other way.
    cache = json.loads((rig.folder / "ecr-login/.ecr/cache.json").read_text())
    entry = next(iter(cache["Registries"].values()))
    name = base64.b64encode(rig.keys[0].key_id.encode() + hashlib.md5(b"").digest()).decode()
    cache["Registries"] = {f"us-east-1-{name}-{HOST.partition('.')[0]}": entry}
    rig.write("ecr-login-debian/.ecr/cache.json", json.dumps(cache))
    ask_once([path, "get"], environment, HOST, "Debian's ecr-login does not read this cache")
    return contender("ecr-login, Debian's", [path, "get"], environment, rig.stdin, every=10)


def git_cache(rig):
    path = program("git")
    home = rig.folder / "git"
    home.mkdir(mode=0o700)
    environment = {"HOME": str(home), "PATH": PATH}
    what = f"protocol=https\nhost={HOST}\n"
    socket = f"--socket={home}/cache.sock"
    ask_once([path, "credential-cache", "--timeout=36000", socket, "store"], environment,
             what + f"username=AWS\npassword={SECRET}\n", "git credential-cache")
    return contender("git credential-cache", [path, "credential-cache", socket, "get"],
                     environment, rig.write("git-stdin", what + "\n"), every=4)


def stop_git_cache(rig):
    socket = rig.folder / "git/cache.sock"
    if socket.exists():
        subprocess.run(["git", "credential-cache", f"--socket={socket}", "exit"], check=False)


def pass_store(rig):
    helper = program("docker-credential-pass")
    home = rig.folder / "pass"
    home.mkdir(mode=0o700)
    environment = {"HOME": str(home), "PATH": PATH}
    (home / ".gnupg").mkdir(mode=0o700)
    ask_once([program("gpg"), "--batch", "--passphrase", "", "--quick-generate-key",
              "bench@example.org"], environment, "", "gpg")
    ask_once([program("pass"), "init", "bench@example.org"], environment, "", "pass")
    ask_once([helper, "store"], environment, CREDENTIAL, "docker-credential-pass")
    return contender("docker-credential-pass", [helper, "get"], environment, rig.stdin, every=40)


def stop_pass(rig):
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, capture_output=True,
                   env={"HOME": str(rig.folder / "pass"), "PATH": PATH})


class Keyring:
    """docker's program for the desktop's keyring, on one of its own."""

    def __init__(self):
        self._service = None

    def contender(self, rig):
        helper = program("docker-credential-secretservice")
        if reason := rig_secret_service.missing():
            raise Missing(reason)
        self._service = rig_secret_service.SecretService()
        self._service.start_keyring()
        environment = self._service.environment
        ask_once([helper, "store"], environment, CREDENTIAL, "docker-credential-secretservice")
        return contender("docker-credential-secretservice", [helper, "get"], environment, rig.stdin,
                         every=20)

    def close(self):
        if self._service:
            self._service.close()
