"""Hosts that look like ECR's and are somebody else's: nobody signs anything for them, whatever a rule says.

Whoever asks has keys in the environment, and a server of the test stands in for all of AWS, or for the way to it: it counts
what arrives.
"""

import http.server
import json
import os
import shutil
import threading

import pytest

from conftest import UID, launch, make_home, store_message

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
SECRET = "obviously-fake-secret-for-lookalikes"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAFAKELOOKALIKE001", "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_EC2_METADATA_DISABLED": "true"}
NOT_FOUND = "credentials not found in native keychain\n"

LOOKALIKES = [
    # More behind it, or before it.
    f"{ECR}.evil.com", f"{ECR}.evil.com/image", f"{ECR}.fake.example.com/image:latest", f"{ECR}.cn.evil.com",
    f"{ECR}evil.com", f"{ECR}-evil.com", f"evil.com/{ECR}", f"evil.{ECR}", f"evil-{ECR}", f"evil{ECR}",
    "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com.fake.example.com",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn.fake.example.com.cn",
    "123456789012.dkr-ecr.us-west-2.on.aws.evil.com", "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu.evil.eu",
    "public.ecr.aws.fake.example.com", "ecr-public.aws.com.evil.com", "evil.public.ecr.aws", "evil-public.ecr.aws",
    # Almost it.
    "123456789012.dkr.ecr.us-east-1.amazonaws.co", "123456789012.dkr.ecr.us-east-1.amazonaws.com.co",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com.br", "123456789012.dkr.ecr.us-east-1.amazonaws.net",
    "123456789012.dkr.ecr.us-east-1.amazonaws-com.evil.com", "123456789012.dkr.ecr.us-east-1.amaz0naws.com",
    "123456789012.dkr.ecr.us-east-1.evil.com", "123456789012.dkr.ecr.us-east-1.evilamazonaws.com",
    "123456789012.dkr.ecr.evil.com", "123456789012.dkr.ecr.amazonaws.com", "123456789012.dkr.ecr.evil.com.amazonaws.com",
    "123456789012.dkr.ecr.us.east.1.amazonaws.com", "123456789012.dkr_ecr.us-east-1.amazonaws.com",
    "123456789012.dkrecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr-evil.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr-fipsy.us-east-1.amazonaws.com", "123456789012.dkr.ecr.fips.us-east-1.amazonaws.com",
    "123456789012.dkr.s3.us-east-1.amazonaws.com", "123456789012.ecr.dkr.us-east-1.amazonaws.com",
    "12345678901.dkr.ecr.us-east-1.amazonaws.com", "1234567890123.dkr.ecr.us-east-1.amazonaws.com",
    "12345678901a.dkr.ecr.us-east-1.amazonaws.com", "dkr.ecr.us-east-1.amazonaws.com",
    "api.ecr.us-east-1.amazonaws.com", "ecr.us-east-1.amazonaws.com", "sts.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr.cn-north-1.on.aws.com.cn", "123456789012.dkr-ecr.us-west-2.on.aws.com",
    "123456789012.dkr-ecr.us-west-2.off.aws", "123456789012.dkr-ecr.us-west-2.aws",
    "public.ecr.aw", "public.ecr.aws.com", "public-ecr.aws", "xn--public-9za.ecr.aws",
    # Its name, and another port.
    f"{ECR}:8443", f"{ECR}:80", f"{ECR}:4430", "public.ecr.aws:8443",
    # Its region in another partition.
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
    "123456789012.dkr.ecr.us-east-1.amazonaws.eu", "123456789012.dkr.ecr.us-east-1.c2s.ic.gov",
]
MALFORMED = [
    f"user@{ECR}", f"https://user:password@{ECR}", f"https://{ECR}@evil.com", f"https://evil.com\\@{ECR}",
    f"https://evil.com#{ECR}", f"https://evil.com?{ECR}", f"{ECR}%2eevil.com", f"{ECR} .evil.com",
    f"{ECR}\x00.evil.com", f"{ECR}\nevil.com", f"evil.com\r\n{ECR}", "１２３456789012.dkr.ecr.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr.us-east-1.amazonaws。com", "123456789012.dkr.ecr..us-east-1.amazonaws.com",
    f".{ECR}", f"{ECR}..", f"{ECR}:", f"{ECR}:0", f"{ECR}:443:443", f"ftp://{ECR}", f"//{ECR}",
]


class Counter:
    """A server that answers everything with a refusal. `arrived` has the first line of each request."""

    def __init__(self):
        self.arrived = arrived = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_one_request(self):
                line = self.rfile.readline(65537).decode(errors="replace").strip()
                self.close_connection = True
                if line:
                    arrived.append(line)
                    self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = "http://127.0.0.1:{}".format(self.server.server_address[1])

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def counter():
    counter = Counter()
    yield counter
    counter.stop()


def ways(counter):
    """The environments of somebody whose every call to AWS reaches the counter."""
    return ({**KEYS, "AWS_ENDPOINT_URL": counter.url},
            {**KEYS, "HTTPS_PROXY": counter.url, "HTTP_PROXY": counter.url})


def test_ecr_itself_is_asked(daemon, counter):
    """Or the others would prove nothing."""
    for environment in ways(counter):
        counter.arrived.clear()
        answer = daemon.helper("get", ECR, **environment)
        assert answer.returncode == 1 and answer.stdout != NOT_FOUND, answer
        assert counter.arrived and SECRET not in answer.stdout + answer.stderr, answer


def test_a_lookalike_is_nobody_that_we_know(daemon, counter):
    for host in LOOKALIKES:
        for name in (host, f"https://{host}"):
            for environment in ways(counter):
                answer = daemon.helper("get", name, **environment)
                assert (answer.returncode, answer.stdout) == (1, NOT_FOUND), (name, answer)
    assert counter.arrived == []


def test_a_name_that_is_none_is_refused(daemon, counter):
    for host in MALFORMED:
        for environment in ways(counter):
            answer = daemon.helper("get", host, **environment)
            assert answer.returncode == 1 and SECRET not in answer.stdout + answer.stderr, (host, answer)
            assert counter.arrived == [], (host, answer)


def test_what_was_stored_for_a_lookalike_is_all_that_it_gets(daemon, counter):
    (environment, _) = ways(counter)
    for number, host in enumerate(LOOKALIKES):
        if "/" in host:
            continue
        stored = daemon.helper("store", store_message(host, f"fake-stored-{number}"), **environment)
        assert stored.returncode == 0, (host, stored)
        answer = daemon.helper("get", host, **environment)
        assert json.loads(answer.stdout)["Secret"] == f"fake-stored-{number}", (host, answer)
    assert counter.arrived == []


def test_no_rule_makes_a_lookalike_ecr(counter):
    """Only "registry" does, which names what stands behind one host."""
    home = make_home()
    patterns = ["*.dkr.ecr.*.amazonaws.com.evil.com", "*.dkr.ecr.us-east-1.evil.com", "*.*.*.*.*.*", "*.*.*.*.*.*.*.*",
                "evil.com/*", "123456789012.dkr.ecr.us-east-1.amaz0naws.com", "public.ecr.aws.fake.example.com"]
    config = home / ".config/purser/config.json"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"version": 1, "registries": [
        {"match": pattern, "provider": "ecr"} for pattern in patterns]}))
    for path in (config, config.parent, config.parent.parent):
        if os.geteuid() == 0:
            os.chown(path, UID, UID)
    daemon = launch(home)
    try:
        for host in LOOKALIKES:
            for environment in ways(counter):
                answer = daemon.helper("get", host, **environment)
                assert answer.returncode == 1 and SECRET not in answer.stdout, (host, answer)
        assert counter.arrived == []
    finally:
        daemon.process.terminate()
        daemon.process.wait(20)
        shutil.rmtree(home)
