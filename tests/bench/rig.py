"""What every measurement stands on: a folder, the fake ECR, the daemon, the tools."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import rig_ecr  # noqa: E402  (beside the other parts of the test rig)
import rig_authority  # noqa: E402

BIN = ROOT / "build/bench/bin"
HELPER = BIN / "docker-credential-purser"
# Further addresses of the fake ECR: what one endpoint is asked in a second is limited.
ADDRESSES = tuple(f"127.0.0.{i}" for i in range(2, 52))
HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
PATH = "/usr/local/bin:/usr/bin:/bin"


def keys(count):
    """Access keys of nobody: each is an identity of its own."""
    return [rig_ecr.AccessKey(f"key{i}", f"AKIAFAKE{i:012d}", f"fake/secret/not/a/real/key/{i:013d}")
            for i in range(count)]


class Rig:
    def __init__(self, key_count):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="purser-bench-", dir="/tmp"))
        self.folder.chmod(0o700)
        self.keys = keys(key_count)
        authority = rig_authority.Authority(self.folder / "authority")
        self.ecr = rig_ecr.FakeEcr(authority, names=("localhost", "127.0.0.1", *ADDRESSES),
                                   keys=tuple(self.keys))
        self.certificate = authority.certificate
        self.stdin = self.write("host", HOST)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def aws(self, key, endpoint=None):
        """What an asker's shell has."""
        return {"AWS_ACCESS_KEY_ID": key.key_id, "AWS_SECRET_ACCESS_KEY": key.secret,
                "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_ECR": endpoint or self.ecr.endpoint,
                "AWS_CA_BUNDLE": str(self.certificate)}

    def close(self):
        self.ecr.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Home:
    """A home with a purser of its own."""

    def __init__(self, rig, name):
        self.rig, self.folder = rig, rig.folder / name
        self.folder.mkdir(mode=0o700)
        self.socket = self.folder / "agent.sock"

    def environment(self, key=None, endpoint=None):
        variables = {"HOME": str(self.folder), "PATH": PATH, "PURSER_SOCKET": str(self.socket)}
        if key:
            variables.update(self.rig.aws(key, endpoint))
        return variables

    def helper(self, verb, text, key=None):
        return subprocess.run([HELPER, verb], input=text, env=self.environment(key), text=True,
                              capture_output=True, check=False, timeout=30)

    def start(self):
        """A daemon, as a helper starts it; asked for nothing yet."""
        done = self.helper("get", "nobody.example.org")
        if not self.socket.exists():
            raise RuntimeError("no daemon: " + done.stdout + done.stderr)

    def status(self):
        done = subprocess.run([BIN / "purser", "status", "--json"], env=self.environment(),
                              capture_output=True, text=True, check=True, timeout=30)
        return json.loads(done.stdout)

    def pid(self):
        return self.status()["pid"]

    def stop(self):
        try:
            pid = self.pid()
        except subprocess.CalledProcessError:
            return
        os.kill(pid, 15)
        deadline = time.monotonic() + 20
        while os.path.exists(f"/proc/{pid}") and not is_zombie(pid):
            if time.monotonic() > deadline:
                raise RuntimeError("the daemon does not stop")
            time.sleep(0.001)


def is_zombie(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def frozen_request(environment, stdin):
    """The bytes of one `get` of the helper (docs/protocol.md)."""
    entries = [f"{name}={value}" for name, value in environment.items()
               if name.startswith(("AWS_", "PURSER_", "XDG_")) or name == "HOME"] + ["/"]
    body = b"".join(entry.encode() + b"\0" for entry in entries) + b"\0" + stdin.encode()
    head = ("POST /v1/docker/get HTTP/1.1\r\nHost: purser\r\nPurser-Version: 1\r\n"
            f"Purser-Deadline-Ms: 8700\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n")
    return head.encode() + body


def tool(name, spec, rig):
    path = rig.write(f"{name}.json", json.dumps(spec))
    done = subprocess.run([BIN / name, path], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{name}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def load(rig, socket, requests, count):
    """The requests in turn, by 8 clients; what bench_load says of them."""
    done = tool("bench_load", {"socket": str(socket), "requests": [str(request) for request in requests],
                               "clients": 8, "count": count}, rig)
    if done["failed"]:
        raise RuntimeError(f"{done['failed']} of {count} requests failed at {socket}")
    return done


class Echo:
    """The bare server."""

    def __init__(self, rig, size):
        self.socket = rig.folder / "echo.sock"
        self.socket.unlink(missing_ok=True)  # of the one before
        self._process = subprocess.Popen([BIN / "bench_echo", self.socket, str(size)], text=True,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == "ready\n"

    def close(self):
        self._process.stdin.close()
        self._process.wait()
