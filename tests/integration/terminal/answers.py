"""What the scripted daemon says: the same every time, so that screens can be compared."""

import re
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
VERSION = re.search(r"project\(purser VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
HOUR, MINUTE = 3600, 60


def token(registry, state, age, left, renew=None, retry=None, **fields):
    """An entry of the status."""
    return {"provider": "ecr", "registries": [registry], "identity": "1f0c9a2e", "source": "profile prod", "state": state,
            "degraded": False, "age_seconds": age, "remaining_seconds": left, "expires_at": "2026-01-02T15:03:05Z",
            "renew_in_seconds": renew, "renew_at": "2026-01-02T08:20:45Z", "in_flight": False, "last_outcome": "ok",
            "last_outcome_at": "2026-01-02T03:03:06Z", "last_error": None, "failing_since": None,
            "next_attempt_in_seconds": retry, "attempts": 1, "failures": 0,
            "seconds_in": {"fresh": age, "due": 0, "critical": 0, "expired": 0}, **fields}


ENTRIES = [
    token(ECR, "fresh", 20 * MINUTE, 11 * HOUR + 40 * MINUTE, renew=5 * HOUR + 4 * MINUTE),
    token("210987654321.dkr.ecr.us-east-1.amazonaws.com", "due", 7 * HOUR, 5 * HOUR, renew=0, source="role build"),
    token("ghcr.io/team/app", "fresh", 60, 240, renew=110, provider="bearer", source="stored login"),
    token("public.ecr.aws", "due", 10 * HOUR, 2 * HOUR, retry=40, degraded=True, source="profile dev",
          last_outcome="expired_source", last_error="the SSO session \"dev\" has expired; run: aws sso login --profile dev"),
]
STATUS = {"version": VERSION, "pid": 4242, "uptime_seconds": 90061, "socket": "/run/user/1000/purser/agent.sock",
          "started_by": "systemd", "config": {"path": "/home/ann/.config/purser/config.json", "error": None},
          "store": {"description": "sealed file /home/ann/.local/state/purser/credentials",
                    "reason": "no Secret Service answered", "error": None},
          "namespaces": {"count": 0, "stored": 0}, "cache": {"kept_in": "systemd", "error": None}, "locked": False,
          "memory_locked": True, "entries": ENTRIES}


def event(number, second, registry, outcome, **fields):
    return {"number": number, "at": f"2026-01-02T03:04:{second:02}Z", "verb": "get", "registry": registry, "provider": "ecr",
            "source": "profile prod", "outcome": outcome, "pid": 5000 + number, "uid": 1000, "local": True,
            "executable": "/usr/bin/docker-credential-purser", "cgroup": "/user.slice/user-1000.slice/session-2.scope",
            "took_microseconds": 210, **fields}


EVENTS = [event(1, 5, ECR, "ok"), event(2, 6, "ghcr.io/team/app", "ok", provider="store", source="stored login"),
          event(3, 9, "docker.io", "not_configured", provider="", source=""),
          event(4, 21, "public.ecr.aws", "expired_source", source="profile dev")]
AUDIT = {"run": "86-4242", "last": 4, "events": EVENTS}
LOGS = {"run": "86-4242", "last": 2, "journal": False,
        "lines": [{"number": 1, "at": "2026-01-02T03:04:05Z", "level": "info",
                   "text": "purserd 0.1.0 answers on /run/user/1000/purser/agent.sock"},
                  {"number": 2, "at": "2026-01-02T03:04:21Z", "level": "warning",
                   "text": "public.ecr.aws (profile dev): the SSO session \"dev\" has expired; run: aws sso login --profile dev"}]}
DOCTOR = {"version": VERSION, "registry": ECR, "provider": "ecr", "principal": "arn:aws:iam::123456789012:role/build",
          "token": None, "outcome": "ok", "code": None,
          "steps": [{"topic": "daemon", "state": "ok", "text": "pid 4242, started by systemd"},
                    {"topic": "name", "state": "ok", "text": f"read as {ECR}"},
                    {"topic": "rule", "state": "ok", "text": "the built-in pattern for Amazon ECR claims it"},
                    {"topic": "keys", "state": "warning",
                     "text": "profile prod assumes arn:aws:iam::123456789012:role/build with the keys of profile base, "
                             "which are 400 days old: rotate them"},
                    {"topic": "token", "state": "ok", "text": "lives another 11 h 59 m"}],
          "conclusion": f"docker pull from {ECR} gets a token of profile prod."}
ALL = {"/v1/status": STATUS, "/v1/audit": AUDIT, "/v1/logs": LOGS, "/v1/doctor": DOCTOR,
       "/v1/version": {"version": VERSION, "protocol": 1}}
