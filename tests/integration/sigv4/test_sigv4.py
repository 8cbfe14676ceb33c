"""Our signatures against botocore's, for random requests.

PURSER_BIN names the folder of the programs; PURSER_SIGV4_CASES how many cases (300 unless it says so).
"""

import datetime
import json
import os
import pathlib
import random
import string
import subprocess
import urllib.parse
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
CASES = int(os.environ.get("PURSER_SIGV4_CASES", "300"))
UNRESERVED = "-._~"
# What a header's value may hold, runs of blanks included.
VALUE = string.ascii_letters + string.digits + "    \t!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~"
TEXT = string.ascii_letters + string.digits + " /+=&%~üé漢"


def sign_tool():
    program = BIN / "sign_tool"
    if not program.exists():
        pytest.fail(f"{program} is missing: build the target sign_tool, or set PURSER_BIN")
    return program


def word(chance, alphabet, least, most):
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(least, most)))


def random_path(chance):
    segments = [chance.choice(["", ".", "..", urllib.parse.quote(word(chance, TEXT, 1, 8), safe=UNRESERVED)])
                for _ in range(chance.randint(0, 5))]
    return "/" + "/".join(segments)


def random_query(chance):
    pairs = [(word(chance, TEXT, 1, 6), word(chance, TEXT, 0, 8)) for _ in range(chance.randint(0, 4))]
    return "&".join(f"{urllib.parse.quote(name, safe=UNRESERVED)}={urllib.parse.quote(value, safe=UNRESERVED)}"
                    for name, value in pairs)


def random_headers(chance):
    names = chance.sample(["Content-Type", "X-Amz-Target", "x-custom", "X-CUSTOM-b", "my-Header", "Accept"],
                          chance.randint(0, 5))
    return [[name, word(chance, VALUE, 1, 30)] for name in names]


def random_case(chance):
    host = chance.choice(["api.ecr.us-east-1.amazonaws.com", "localhost", "127.0.0.1", "[::1]", "sts.example"])
    scheme = chance.choice(["https", "http"])
    port = chance.choice(["", "", ":443", ":80", ":4566"])
    query = random_query(chance)
    return {
        "method": chance.choice(["POST", "GET", "PUT"]),
        "url": f"{scheme}://{host}{port}{random_path(chance)}" + (f"?{query}" if query else ""),
        "headers": random_headers(chance),
        "body": word(chance, TEXT, 0, 100),
        "time": chance.randint(0, 4102444800),
        "region": chance.choice(["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"]),
        "service": chance.choice(["ecr", "ecr-public", "sts", "service"]),
        "key_id": "AKIAFAKE" + word(chance, string.ascii_uppercase, 4, 20),
        "secret": word(chance, string.ascii_letters + "+/", 8, 100),
        "token": word(chance, string.ascii_letters + "+/=", 0, 200) if chance.random() < 0.5 else "",
    }


def botocore_headers(case):
    request = botocore.awsrequest.AWSRequest(method=case["method"], url=case["url"], data=case["body"].encode())
    for name, value in case["headers"]:
        request.headers[name] = value
    credentials = botocore.credentials.Credentials(case["key_id"], case["secret"], case["token"] or None)
    moment = datetime.datetime.fromtimestamp(case["time"], datetime.timezone.utc).replace(tzinfo=None)
    with mock.patch("botocore.auth.datetime") as clock:
        clock.datetime.utcnow.return_value = moment
        clock.datetime.strptime = datetime.datetime.strptime
        botocore.auth.SigV4Auth(credentials, case["service"], case["region"]).add_auth(request)
    return {name: request.headers[name] for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token")
            if name in request.headers}


def our_headers(cases):
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([sign_tool()], input=lines.encode(), capture_output=True, check=True, timeout=120)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(cases)
    return answers


def test_every_signature_is_botocores():
    chance = random.Random(20260820)
    cases = [random_case(chance) for _ in range(CASES)]
    for case, ours in zip(cases, our_headers(cases)):
        theirs = botocore_headers(case)
        assert {name: ours.get(name) for name in theirs} == theirs, case
