"""The same files, variables and services for the aws command and for purser: the same credentials, or an error in both.

The aws command is Debian's, and the judge. It knows no AWS_ENDPOINT_URL_STS and its like, so both programs find the
services by their real names, which the session's /etc/hosts leads to the fakes. Credentials that no service accepts
count as an error, since purser can only be seen to use them.

PURSER_DIFFERENTIAL_CASES says how many cases are drawn (64 unless it does).
"""

import collections
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import subprocess
from collections.abc import Callable

import pytest

import rig_aws_cases
import rig_clients
from rig_aws import ACCOUNT, arn
from rig_aws_cases import AGENT_TOKEN, CONTAINER, GUARDED_BY, HOME, MACHINE, NOBODY, SESSION_NAMES, Case
from rig_ecr import DEV, PROD
from rig_home import environment_of
from rig_process import free_port
from rig_signature import Refused
from rig_sso import REGION, START_URL, token_path
from rig_web_identity import web_identity_token
from rig_world import ECR

AWS = "/usr/bin/aws"
CASES = int(os.environ.get("PURSER_DIFFERENTIAL_CASES", "64"))
PARALLEL = 4
FAILED = "error"
BY_RULE = {"main": "main", "default": "default", "team/ci@2.0": "team"}  # folders of repositories, by profile


class Rig:
    """One daemon for all cases, and two homes for each: what a program writes there is not the other's."""

    def __init__(self, aws, new_home, folder: pathlib.Path):
        self.aws = aws
        self.folder = folder
        self.home = new_home()
        self.home.purser_config(*({"match": f"{ECR}/{path}/*", "provider": "ecr", "profile": profile}
                                  for profile, path in BY_RULE.items()))
        self.home.start_daemon()
        self.places = {CONTAINER: aws.container.uri, MACHINE: aws.imds.endpoint + "/",
                       NOBODY: f"http://127.0.0.1:{free_port()}"}
        self.tokens = {name: web_identity_token(name) for name in ("good", "stranger", "expired")}
        self._set_up_services()

    def _set_up_services(self) -> None:
        sts, sso = self.aws.sts, self.aws.sso
        self.aws.container.authorization = AGENT_TOKEN
        everybody = ("prod", "session", "container", "machine", "role deploy", sso.assign(ACCOUNT, "Dev"))
        roles = [sts.allow(arn("deploy"), *everybody), sts.allow(arn("guarded"), *everybody, external_id=GUARDED_BY),
                 sts.allow(arn("short"), *everybody, longest=3600), sts.allow(arn("forbidden"))]
        sts.trust(self.tokens["good"], *(role.arn for role in roles[:3]))
        sts.trust(self.tokens["expired"], roles[0].arn)
        sts.expire(self.tokens["expired"])

    def aws_command(self, case: Case) -> str:
        environment = self._environment(case, "aws")
        option = ["--profile", case.profile] if case.explicit else []
        done = subprocess.run([AWS, *option, "configure", "export-credentials", "--format", "process"], env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
        if done.returncode != 0:
            return FAILED
        found = json.loads(done.stdout)
        return self._whose(found["AccessKeyId"], found["SecretAccessKey"], found.get("SessionToken"))

    def purser(self, case: Case) -> str:
        registry = f"{ECR}/{BY_RULE[case.profile]}/app" if case.explicit else ECR
        environment = {**self.home.environment, **self._environment(case, "purser")}
        done = subprocess.run([str(self.home.programs / "docker-credential-purser"), "get"], input=registry,
                              env=environment, capture_output=True, text=True, timeout=15)
        if done.returncode != 0:
            return FAILED
        issued = self.aws.ecr.ledger.find(json.loads(done.stdout)["Secret"])
        return self._described(issued.key_id)

    def both(self, case: Case) -> tuple[str, str]:
        return self.aws_command(case), self.purser(case)

    def _whose(self, key_id: str, secret: str, token: str | None) -> str:
        try:
            key = self.aws.ecr.keys.find(key_id)
        except Refused:
            return FAILED
        return self._described(key_id) if (key.secret, key.session_token) == (secret, token) else FAILED

    def _described(self, key_id: str) -> str:
        """Whose key it is and, of a role's session, what it was asked for with."""
        label = self.aws.ecr.keys.label(key_id)
        form = self.aws.sts.granted.get(key_id)
        if form is None:
            return label
        name = form["RoleSessionName"]
        return f"{label}, {form.get('DurationSeconds', 3600)} s, " + (
            f"called {name}" if name in SESSION_NAMES else "called something")

    def _environment(self, case: Case, program: str) -> dict[str, str]:
        home = self.folder / program / str(case.number)
        for name, text in zip(("config", "credentials"), case.texts):
            self._write(home / ".aws" / name, text.replace(HOME, str(home)))
        self._write_tokens(case, home)
        variables = {name: self._value(value, home) for name, value in case.variables.items()}
        return {"HOME": str(home), "PATH": rig_clients.SYSTEM_PATH, "LANG": "C.UTF-8", "AWS_REGION": "us-east-1",
                "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt", **variables}

    def _value(self, value: str, home: pathlib.Path) -> str:
        return self.places.get(value, value.replace(HOME, str(home)))

    def _write_tokens(self, case: Case, home: pathlib.Path) -> None:
        if case.web_identity in self.tokens:
            self._write(home / "var/token", self.tokens[case.web_identity])
        for key, state in case.logins.items():
            if state != "absent":
                seconds = 8 * 3600 if state == "good" else -60
                login = self.aws.sso.log_in(seconds, refreshable=state == "to be renewed")
                self._write(home / token_path(key), json.dumps(login))

    def _write(self, file: pathlib.Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())


@pytest.fixture
def rig(aws, new_home, folder) -> Rig:
    if not pathlib.Path(AWS).exists():
        rig_clients.missing(AWS, "scripts/install installs Debian's awscli")
    return Rig(aws, new_home, folder)


# What differs on purpose. No drawn case is compared to which one of these applies.

KEYS = "aws_access_key_id = {0.key_id}\naws_secret_access_key = {0.secret}\n"
PROD_KEYS, DEV_KEYS = KEYS.format(PROD), KEYS.format(DEV)
ROLE = f"role_arn = {arn('deploy')}\n"
BASE = f"[profile base]\n{PROD_KEYS}"
SSO = f"sso_account_id = {ACCOUNT}\nsso_role_name = Dev\n"
CORP = f"[sso-session corp]\nsso_region = {REGION}\nsso_start_url = {START_URL}\n"
POD = {"AWS_WEB_IDENTITY_TOKEN_FILE": f"{HOME}/var/token", "AWS_ROLE_ARN": arn("deploy")}
TASK = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": CONTAINER, "AWS_CONTAINER_AUTHORIZATION_TOKEN": AGENT_TOKEN}
AN_HOUR, HALF_AN_HOUR = (f"role deploy, {seconds} s, called something" for seconds in (3600, 1800))
CHAINED = f"[profile second]\n{ROLE}source_profile = base\n{BASE}"


def written(config: str = "", credentials: str = "", profile: str = "main", **more) -> Case:
    """A case by hand; a profile is chosen by AWS_PROFILE."""
    variables = {"AWS_EC2_METADATA_DISABLED": "true", **more.pop("variables", {})}
    if not more.get("explicit"):
        variables["AWS_PROFILE"] = profile
    return Case(0, texts=(config, credentials), profile=profile, variables=variables, **more)


@dataclasses.dataclass(frozen=True)
class Difference:
    """Why the programs differ, where, and a case in which they do: what the aws command gives there, and purser."""

    why: str
    example: Case
    theirs: str
    ours: str
    applies: Callable[[Case], bool] = lambda case: False


def reached(case: Case, *names: str) -> bool:
    """Whether the chosen profile, or one that it leads to, has all these settings."""
    return any(all(settings.get(name) for name in names) for settings in case.reached().values())


def has_credentials(settings: dict[str, str]) -> bool:
    return any(name.startswith(("aws_", "sso_", "role_arn", "web_identity", "credential_")) for name in settings)


def chain_is_too_long(case: Case) -> bool:
    profiles = case.reached()
    for settings in profiles.values():
        keys = profiles.get(settings.get("source_profile"), {})
        of_session = "aws_session_token" in keys or "aws_access_key_id" not in keys
        if "role_arn" in settings and settings.get("duration_seconds") == "7200" and of_session:
            return True
    return False


def half_a_key(settings: dict[str, str]) -> bool:
    return bool(settings.get("aws_secret_access_key")) and "aws_access_key_id" not in settings


DIFFERENCES = {
    "web identity of the environment": Difference(
        "It is nearer than any profile, as in the Go SDK; botocore looks at the profile's role first, and mixes both.",
        written(f"[profile main]\n{ROLE}source_profile = base\nduration_seconds = 1800\n{BASE}", web_identity="good",
                variables=POD), HALF_AN_HOUR, AN_HOUR,
        lambda case: "AWS_WEB_IDENTITY_TOKEN_FILE" in case.variables and not case.explicit
        and "role_arn" in case.profile_of(case.profile)),
    "keys beside SSO": Difference(
        "Keys of a profile win, wherever they stand; botocore asks SSO before it looks into the credentials file.",
        written(f"[profile main]\n{DEV_KEYS}sso_session = corp\n{SSO}{CORP}", logins={"corp": "good"}),
        f"sso {ACCOUNT}/Dev", "dev"),
    "sources of a role beside web identity": Difference(
        "source_profile wins, as in the other SDKs; botocore takes the token's file.",
        written(f"[profile main]\n{ROLE}web_identity_token_file = {HOME}/var/token\nsource_profile = base\n"
                f"duration_seconds = 1800\n{BASE}", web_identity="good"), AN_HOUR, HALF_AN_HOUR),
    "length of a session of a web identity": Difference(
        "duration_seconds counts, as in the other SDKs; botocore leaves it out.",
        written(f"[profile main]\n{ROLE}web_identity_token_file = {HOME}/var/token\nduration_seconds = 1800\n",
                web_identity="good"), AN_HOUR, HALF_AN_HOUR,
        lambda case: reached(case, "web_identity_token_file", "duration_seconds")),
    "length of a chained session": Difference(
        "It is cut to the hour that STS allows; the aws command asks for more, and is refused.",
        written(f"[profile main]\n{ROLE}source_profile = second\nduration_seconds = 7200\n{CHAINED}"),
        FAILED, AN_HOUR, chain_is_too_long),
    "a profile without credentials that was named": Difference(
        "A rule that names it wants it, and nothing else; the aws command goes on to the container.",
        written("[profile main]\noutput = json\n", explicit=True, variables=TASK), "container", FAILED,
        lambda case: case.explicit and not has_credentials(case.profile_of(case.profile))),
    "a secret without its key's id in a profile": Difference(
        "Half of what is needed is a mistake that is said; botocore does not see it, and takes other credentials.",
        written(f"[profile main]\naws_secret_access_key = {PROD.secret}\n", variables=TASK), "container", FAILED,
        lambda case: any(half_a_key(file.get(name, {})) for name in case.reached()
                         for file in (case.config, case.credentials))),
    "a secret without its key's id in the environment": Difference(
        "The same.",
        written(f"[profile main]\n{PROD_KEYS}", variables={"AWS_SECRET_ACCESS_KEY": DEV.secret}), "prod", FAILED,
        lambda case: bool(case.variables.get("AWS_SECRET_ACCESS_KEY"))
        and not case.variables.get("AWS_ACCESS_KEY_ID")),
    "keys in the environment beside a profile that is not there": Difference(
        "What is in the environment wins over AWS_PROFILE, whether or not it exists; the aws command also wants its "
        "settings.",
        written("", variables=environment_of(DEV)), FAILED, "dev",
        lambda case: case.variables.keys() & {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE"} and not case.explicit
        and case.profile not in case.config.keys() | case.credentials.keys()),
    "the case of credential_source": Difference(
        "It does not matter, as in the other SDKs.",
        written(f"[profile main]\n{ROLE}credential_source = ecscontainer\n", variables=TASK), FAILED, AN_HOUR,
        lambda case: any(settings.get("credential_source") == "ecscontainer" for settings in case.reached().values())),
    "a session of SSO behind a role": Difference(
        "It works; this version of the aws command looks for the session in the profile with the role (mended since).",
        written(f"[profile main]\n{ROLE}source_profile = base\n[profile base]\nsso_session = corp\n{SSO}{CORP}",
                logins={"corp": "good"}), FAILED, AN_HOUR,
        lambda case: any("sso_session" in settings for name, settings in case.reached().items()
                         if name != case.profile)),
    "a session of SSO for tokens only": Difference(
        "A profile that begins with SSO and does not say which role is a mistake that is said; botocore passes it by.",
        written(f"[profile main]\nsso_session = corp\n{CORP}", logins={"corp": "good"}, variables=TASK),
        "container", FAILED),
    "a program named by a relative path": Difference(
        "What it means depends on where somebody stands, and a program's name should not.",
        written("[profile main]\ncredential_process = ../../../../../../../bin/echo '" + json.dumps(
            {"Version": 1, "AccessKeyId": PROD.key_id, "SecretAccessKey": PROD.secret}) + "'\n"), "prod", FAILED),
    "comments after a value": Difference(
        "A blank and a # begin a comment, as in the other SDKs; to botocore it is a part of the key.",
        written(f"[profile main]\naws_access_key_id = {PROD.key_id} # mine\naws_secret_access_key = {PROD.secret}\n"),
        FAILED, "prod"),
    "a profile that stands there twice": Difference(
        "Both parts count, as in the other SDKs; to botocore the file is broken.",
        written(f"[profile main]\nregion = us-east-1\n[profile main]\n{PROD_KEYS}"), FAILED, "prod"),
    "a setting that stands there twice": Difference(
        "The last one counts, as in the other SDKs; to botocore the file is broken.",
        written(f"[profile main]\nregion = us-east-1\nregion = eu-west-1\n{PROD_KEYS}"), FAILED, "prod"),
    "[default] after [profile default]": Difference(
        "[profile default] wins, as in the other SDKs; to botocore the later one.",
        written(f"[profile default]\n{PROD_KEYS}[default]\n{DEV_KEYS}", profile="default"), "dev", "prod"),
    "blanks in brackets": Difference(
        "They do not matter, as in the other SDKs; to botocore it is no profile.",
        written(f"[ profile main ]\n{PROD_KEYS}"), FAILED, "prod"),
    "colons": Difference(
        "A setting has an equals sign, as in the other SDKs; to botocore a colon will do.",
        written("[profile main]\naws_access_key_id : {0.key_id}\naws_secret_access_key : {0.secret}\n".format(PROD)),
        "prod", FAILED),
    "the mark of UTF-8": Difference(
        "What an editor of Windows puts before the first line does not matter; to botocore the file is broken.",
        written(f"\ufeff[profile main]\n{PROD_KEYS}"), FAILED, "prod"),
}


def test_drawn_configurations_mean_the_same(rig):
    """The same seeds in each run; each outcome has a good share."""
    cases = [case for case in map(rig_aws_cases.draw, range(2 * CASES))
             if not any(difference.applies(case) for difference in DIFFERENCES.values())][:CASES]
    assert len(cases) == CASES
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        outcomes = list(pool.map(rig.both, cases))
    different = [f"aws: {theirs}\npurser: {ours}\n{case}" for case, (theirs, ours) in zip(cases, outcomes)
                 if theirs != ours]
    assert not different, f"{len(different)} of {CASES}\n" + "\n\n".join(different)
    kinds = collections.Counter(theirs.split(",")[0] for theirs, _ in outcomes)
    assert CASES / 5 < kinds[FAILED] < CASES / 2, kinds
    assert kinds.keys() >= {"prod", "dev", "session", "role deploy", "role guarded", "container", "machine",
                            f"sso {ACCOUNT}/Dev"}, kinds


@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_differs_on_purpose_still_does(rig, name):
    difference = DIFFERENCES[name]
    assert rig.both(difference.example) == (difference.theirs, difference.ours), difference.why
