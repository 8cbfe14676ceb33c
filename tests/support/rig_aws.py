"""The services that AWS credentials come from, in front of one fake ECR: STS, Identity Center, AWS Sign-In, a CI job's,
a container's, a virtual machine's."""

from rig_authority import Authority
from rig_ecr import FakeEcr
from rig_metadata import FakeContainer, FakeImds
from rig_oidc import FakeActions, JwtIssuer
from rig_signature import AccessKey
from rig_signin import FakeSignin
from rig_sso import FakeSso
from rig_sts import FakeSts

ACCOUNT = "123456789012"
# Where rig_world's names lead to.
STS_ADDRESS = ("127.0.0.5", 443)
SSO_ADDRESS = ("127.0.0.6", 443)
ACTIONS_ADDRESS = ("127.0.0.7", 443)
SIGNIN_ADDRESS = ("127.0.0.8", 443)


def arn(role: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{role}"


class Aws:
    """The keys of all of them are good at `ecr`."""

    def __init__(self, authority: Authority, ecr: FakeEcr):
        self.ecr = ecr
        self.sts = FakeSts(authority, ecr.keys, STS_ADDRESS)
        self.sso = FakeSso(authority, ecr.keys, SSO_ADDRESS)
        self.container = FakeContainer(ecr.keys)
        self.imds = FakeImds(ecr.keys)
        self.actions = FakeActions(authority, ACTIONS_ADDRESS)
        self.gitlab = JwtIssuer("https://gitlab.example.test")
        self.signin = FakeSignin(authority, ecr.keys, SIGNIN_ADDRESS)
        self._issuers = (self.sts, self.sso, self.signin, self.container, self.imds)
        self._fakes = (*self._issuers, self.actions)

    @property
    def endpoints(self) -> dict[str, str]:
        """The variables that lead to them; they ask for no credentials yet."""
        return {"AWS_ENDPOINT_URL_STS": self.sts.endpoint, "AWS_ENDPOINT_URL_SSO": self.sso.endpoint,
                "AWS_ENDPOINT_URL_SSO_OIDC": self.sso.endpoint, "AWS_ENDPOINT_URL_SIGNIN": self.signin.endpoint,
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.imds.endpoint}

    def whose(self, answer: dict) -> str:
        """The label of the key that the password of a helper's answer was obtained with."""
        return self.ecr.ledger.find(answer["Secret"]).label

    def issued(self) -> list[AccessKey]:
        """The session keys that anybody got."""
        return [key for fake in self._issuers for key in fake.issued]

    def expired(self, key: AccessKey) -> bool:
        return self.ecr.keys.expired(key.key_id)

    def counts(self) -> dict[str, int]:
        """Calls so far, by service; those without any are left out."""
        calls = {"sts": self.sts.calls(), "sso": self.sso.portal_calls(), "oidc": self.sso.oidc_calls(),
                 "signin": self.signin.calls(),
                 "actions": self.actions.calls(), "container": self.container.calls(), "imds": self.imds.calls(),
                 "ecr": self.ecr.calls()}
        return {name: len(each) for name, each in calls.items() if each}

    def forget(self) -> None:
        for fake in self._fakes:
            fake.forget()

    def stop(self) -> None:
        for fake in self._fakes:
            fake.stop()
