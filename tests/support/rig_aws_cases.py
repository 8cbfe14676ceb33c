"""What people have in ~/.aws, in their environment and around them: drawn by chance, from a seed."""

import dataclasses
import json
import random

from rig_aws import ACCOUNT, arn
from rig_ecr import DEV, PROD, SESSION
from rig_home import environment_of
from rig_signature import AccessKey
from rig_sso import REGION, START_URL

HOME = "@HOME@"  # in a text: the folder of the user
CONTAINER = "@CONTAINER@"  # the container's endpoint
MACHINE = "@MACHINE@"  # the metadata of the machine
NOBODY = "@NOBODY@"  # an endpoint where nobody listens
MAIN = "main"

SESSION_NAMES = ("ci@build+1", "a,b=c.d-e_f", "x" * 64)
AGENT_TOKEN = "FAKE-agent-token"  # what the container's endpoint wants
GUARDED_BY = "a/b=c:d"  # the external id of the role "guarded"
PROPERTIES_OF_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")

_PLACE = {"sso_start_url": START_URL, "sso_region": REGION}

Settings = dict[str, str]


@dataclasses.dataclass
class Case:
    """What a user has. `explicit`: the profile is named by an option, or by a rule, and not by a variable."""

    number: int
    config: dict[str, Settings] = dataclasses.field(default_factory=dict)  # by profile
    credentials: dict[str, Settings] = dataclasses.field(default_factory=dict)
    sso_sessions: dict[str, Settings] = dataclasses.field(default_factory=dict)
    logins: dict[str, str] = dataclasses.field(default_factory=dict)  # the state, by the key of the cached token
    web_identity: str | None = None  # the content of the token's file, or how it is missing
    variables: Settings = dataclasses.field(default_factory=dict)
    profile: str = "default"
    explicit: bool = False
    texts: tuple[str, str] = ("", "")  # config and credentials, as they are written

    def profile_of(self, name: str) -> Settings:
        """Both files together; the credentials file wins."""
        return {**self.config.get(name, {}), **self.credentials.get(name, {})}

    def reached(self) -> dict[str, Settings]:
        """The chosen profile and those that it leads to."""
        found, name = {}, self.profile
        while name is not None and name not in found:
            found[name] = self.profile_of(name)
            name = found[name].get("source_profile")
        return found

    def __str__(self) -> str:
        said = [f"case {self.number}: profile {self.profile}{' by option' if self.explicit else ''}"]
        said += [f"{name}={value}" for name, value in self.variables.items()]
        said += [f"login {key}: {state}" for key, state in self.logins.items()]
        said.append(f"web identity: {self.web_identity}")
        said += [f"--- {name}\n{text}" for name, text in zip(("config", "credentials"), self.texts)]
        return "\n".join(said)


def draw(seed: int) -> Case:
    return _Drawing(seed).case


def settings_of(key: AccessKey) -> Settings:
    settings = dict(zip(PROPERTIES_OF_KEYS, (key.key_id, key.secret, key.session_token)))
    return {name: value for name, value in settings.items() if value}


class _Drawing:
    """Much is right in most cases, and at most one thing is wrong: two mistakes would hide each other."""

    def __init__(self, seed: int):
        self.chance = random.Random(seed)
        self.case = Case(seed)
        self.names = iter(("base", "second", "third", "fourth"))
        self.mistakes = 1 if self.chance.random() < 0.5 else 0
        self._choose_profile()
        self._add_profile(self.case.profile, 0)
        self._add_environment()
        self._add_surroundings()
        if self._now_and_then(0.3):
            self.case.config["unrelated"] = settings_of(DEV)
        self.case.texts = _Writer(self.chance).write(self.case)

    def _now_and_then(self, probability: float) -> bool:
        return self.chance.random() < probability

    def _mistake(self, probability: float) -> bool:
        if self.mistakes == 0 or not self._now_and_then(probability):
            return False
        self.mistakes -= 1
        return True

    def _choose_profile(self) -> None:
        way = self.chance.choice(["nothing", "AWS_PROFILE", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "both", "option"])
        case = self.case
        case.explicit = way == "option"
        if way != "nothing":
            case.profile = self.chance.choice([MAIN, MAIN, "default", "team/ci@2.0"])
        if way in ("AWS_PROFILE", "both"):
            case.variables["AWS_PROFILE"] = case.profile
        if way in ("AWS_DEFAULT_PROFILE", "both"):
            case.variables["AWS_DEFAULT_PROFILE"] = case.profile if way != "both" else "unrelated"

    # Profiles.

    def _add_profile(self, name: str, depth: int) -> None:
        kinds = {"keys": 4, "role": 8 - 3 * depth, "web identity": 2, "session": 3, "legacy": 2, "program": 2}
        if depth == 0:
            kinds |= {"empty": 2, "absent": 1}
        match self.chance.choices(list(kinds), list(kinds.values()))[0]:
            case "keys":
                self._place(name, self._keys())
            case "role":
                self._add_role(name, depth)
            case "web identity":
                self._place(name, self._web_identity())
            case "session":
                self._place(name, self._session())
            case "legacy":
                self._place(name, self._legacy())
            case "program":
                self._place(name, self._program())
            case "empty":
                self._place(name, {"output": "json"})

    def _place(self, name: str, settings: Settings) -> None:
        """In one file or the other; keys may be in both, and differ."""
        where = self.chance.choice(["config", "credentials", "credentials", "both"])
        if "sso_account_id" in settings or "credential_process" in settings:
            where = "config"
        if self._now_and_then(0.4):
            self.case.config.setdefault(name, {})["region"] = self.chance.choice(["us-east-1", "eu-west-1"])
        if where != "credentials":
            self.case.config.setdefault(name, {}).update(settings)
        if where == "credentials":
            self.case.credentials.setdefault(name, {}).update(settings)
        if where == "both" and "aws_access_key_id" in settings:
            self.case.credentials.setdefault(name, {}).update(self._keys())

    def _keys(self) -> Settings:
        settings = settings_of(self.chance.choice([PROD, PROD, DEV, SESSION]))
        if self._mistake(0.4):
            damaged = self.chance.choice(PROPERTIES_OF_KEYS[:2])
            if self._now_and_then(0.5):
                settings[damaged] = ""
            else:
                del settings[damaged]
        return settings

    def _program(self) -> Settings:
        """One that writes keys, or something else."""
        key = self.chance.choice([PROD, DEV, SESSION])
        answer = {"Version": 1, "AccessKeyId": key.key_id, "SecretAccessKey": key.secret}
        if key.session_token:
            answer |= {"SessionToken": key.session_token, "Expiration": "2099-01-01T00:00:00Z"}
        if self._mistake(0.4):
            wrong = self.chance.choice(["version", "id", "failure", "text", "nothing"])
            if wrong in ("failure", "text", "nothing"):
                return {"credential_process": {"failure": "/bin/false", "text": "/bin/echo hello",
                                               "nothing": "/no/such/program"}[wrong]}
            answer |= {"Version": 2} if wrong == "version" else {"AccessKeyId": None}
        text = json.dumps({name: value for name, value in answer.items() if value is not None})
        return {"credential_process": self.chance.choice(["echo", "/bin/echo", "sh -c 'echo \"$0\"'"]) + f" '{text}'"}

    def _add_role(self, name: str, depth: int) -> None:
        settings = self._role()
        source = self.chance.choice(["profile"] * 5 + ["itself", "Environment", "EcsContainer", "ecscontainer",
                                                       "Ec2InstanceMetadata"])
        if self._mistake(0.3):
            source = self.chance.choice(["itself without keys", "circle", "nowhere", "nothing", "Moon", "two"])
        match source:
            case "profile" | "two":
                settings["source_profile"] = base = next(self.names)
                self._add_profile(base, depth + 1)
                if source == "two":
                    settings["credential_source"] = "Environment"
            case "itself" | "itself without keys":
                settings["source_profile"] = name
                settings |= self._keys() if source == "itself" else {}
            case "circle" | "nowhere":
                settings["source_profile"] = self.case.profile if source == "circle" else "nowhere"
            case "nothing":
                pass
            case _:
                settings["credential_source"] = source
                self._provide(source)
        if self._now_and_then(0.1):
            settings |= self._keys()
        self._place(name, settings)

    def _provide(self, source: str) -> None:
        if self._now_and_then(0.8):
            match source.lower():
                case "environment":
                    self.case.variables.update(environment_of(PROD))
                case "ecscontainer":
                    self.case.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = CONTAINER
                case "ec2instancemetadata":
                    self.case.variables["AWS_EC2_METADATA_DISABLED"] = "false"

    def _role(self) -> Settings:
        """Mostly one that may be assumed."""
        role = self.chance.choice(["deploy"] * 6 + ["guarded", "guarded", "short"])
        settings = {"role_arn": arn("forbidden" if self._mistake(0.1) else role)}
        if role == "guarded" and not self._mistake(0.3):
            settings["external_id"] = GUARDED_BY
        if self._now_and_then(0.4):
            settings["role_session_name"] = self.chance.choice(SESSION_NAMES)
        if self._now_and_then(0.3):
            settings["duration_seconds"] = self.chance.choice(["900", "3600", "7200"])
        return settings

    def _web_identity(self) -> Settings:
        settings = self._role()
        settings["web_identity_token_file"] = self._token_file()
        if self._mistake(0.15):
            del settings["role_arn"]
        return settings

    def _token_file(self) -> str:
        if self.case.web_identity is None:
            wrong = self._mistake(0.3)
            self.case.web_identity = self.chance.choice(["stranger", "expired", "missing"]) if wrong else "good"
        return f"{HOME}/var/token"

    def _session(self) -> Settings:
        self.case.sso_sessions["corp"] = dict(_PLACE)
        self._log_in("corp", ["good", "to be renewed"])
        settings = {"sso_session": "nowhere" if self._mistake(0.1) else "corp", **self._sso_role()}
        if self._now_and_then(0.2):
            settings["sso_region"] = "eu-west-1" if self._mistake(0.5) else REGION
        if self._mistake(0.15):
            del self.case.sso_sessions["corp"][self.chance.choice(list(_PLACE))]
        return settings

    def _legacy(self) -> Settings:
        self._log_in(START_URL, ["good"])
        settings = {**_PLACE, **self._sso_role()}
        if self._mistake(0.15):
            del settings[self.chance.choice(list(_PLACE))]
        return settings

    def _sso_role(self) -> Settings:
        settings = {"sso_account_id": ACCOUNT, "sso_role_name": "Other" if self._mistake(0.1) else "Dev"}
        if self._mistake(0.2):
            del settings[self.chance.choice(list(settings))]
        return settings

    def _log_in(self, key: str, good: list[str]) -> None:
        self.case.logins[key] = self.chance.choice(["absent", "expired"] if self._mistake(0.3) else good)

    # What is not in files.

    def _add_environment(self) -> None:
        variables = self.case.variables
        if self._now_and_then(0.15):
            keys = self._keys()
            variables.update((name.upper(), keys[name]) for name in keys)
        if self._now_and_then(0.15):
            variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = self._token_file()
            if not self._mistake(0.3):
                variables["AWS_ROLE_ARN"] = arn("deploy")
            if self._now_and_then(0.5):
                variables["AWS_ROLE_SESSION_NAME"] = self.chance.choice(SESSION_NAMES)

    def _add_surroundings(self) -> None:
        variables = self.case.variables
        if self._now_and_then(0.3):
            variables.setdefault("AWS_CONTAINER_CREDENTIALS_FULL_URI", NOBODY if self._mistake(0.3) else CONTAINER)
        if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in variables and not self._mistake(0.1):
            variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = AGENT_TOKEN
        machine = self.chance.choice(["off", "there", "nobody"])
        variables.setdefault("AWS_EC2_METADATA_DISABLED", "true" if machine == "off" else "false")
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = NOBODY if machine == "nobody" else MACHINE


class _Writer:
    """The same settings in many handwritings, which all mean the same."""

    def __init__(self, chance: random.Random):
        self.chance = chance
        self.equals = chance.choice([" = ", "=", "= ", "\t=  "])
        self.ending = chance.choice(["\n", "\n", "\r\n"])

    def write(self, case: Case) -> tuple[str, str]:
        config = {name if name == "default" and self.chance.random() < 0.7 else f"profile {name}": settings
                  for name, settings in case.config.items()}
        config |= {f"sso-session {name}": settings for name, settings in case.sso_sessions.items()}
        # The same name without the word is no profile.
        config |= {case.profile: settings_of(DEV)} if case.profile == MAIN and self.chance.random() < 0.2 else {}
        return self._sections(config), self._sections(case.credentials)

    def _sections(self, sections: dict[str, Settings]) -> str:
        order = list(sections)
        self.chance.shuffle(order)
        return "".join(self._section(name, sections[name]) for name in order)

    def _section(self, name: str, settings: Settings) -> str:
        lines = [f"[{name}]"]
        for key, value in settings.items():
            lines += self.chance.choice([[]] * 5 + [["# aws_access_key_id = commented"], ["; a comment"], [""]])
            spelled = self.chance.choice([key] * 4 + [key.upper(), key.title()])
            lines.append((spelled + self.equals + value).rstrip() + self.chance.choice(["", "", " ", "\t"]))
        if self.chance.random() < 0.3:
            lines.insert(self.chance.choice([1, len(lines)]), self.chance.choice(_NESTED))
        return "".join(line + self.ending for line in [*"\n".join(lines).split("\n"), ""])


_NESTED = ("s3 =\n  max_concurrent_requests = 10\n  aws_access_key_id = nested",
           "cli_history = one\n  two\n    three = 3")
