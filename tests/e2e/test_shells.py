"""Two shells of one user with different AWS identities, pushing through one daemon at the same time."""

import concurrent.futures

import pytest

import rig_clients
from rig_ecr import DEV, PROD
from rig_engine import layer
from rig_home import environment_of
from rig_world import ECR, OTHER_ACCOUNT

SHELLS = {
    "environment keys": {"prod": environment_of(PROD), "dev": environment_of(DEV)},
    "AWS_PROFILE": {"prod": {"AWS_PROFILE": "prod"}, "dev": {"AWS_PROFILE": "dev"}},
}


@pytest.mark.parametrize("how", SHELLS)
def test_each_push_goes_out_under_its_own_identity(world, home, folder, repository, how):
    home.creds_store()
    home.profile("prod", PROD)
    home.profile("dev", DEV)
    crane = rig_clients.client("crane")
    tar = str(layer(folder / "layer.tar"))

    def push(label: str, number: int) -> None:
        image = f"{ECR}/{repository}/{label}:{number}"
        home.run(crane, "append", "-f", tar, "-t", image, **SHELLS[how][label]).ok()

    before = len(world.ecr.ledger.shown())
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        pushes = [pool.submit(push, label, number) for number in range(8) for label in ("prod", "dev")]
        for done in pushes:
            done.result()
    for label in ("prod", "dev"):
        path = f"/v2/{repository}/{label}/"
        shown = [entry.label for entry in world.ecr.ledger.shown()[before:] if entry.path.startswith(path)]
        assert len(shown) >= 8 and set(shown) == {label}
    if not rig_clients.foreign_helper():
        assert sorted(call.label for call in world.ecr.calls()) == ["dev", "prod"], "one call an identity"


def test_one_token_serves_all_accounts_of_a_region(world, home):
    home.keys_in_environment(PROD)
    assert home.get(ECR)["Secret"] == home.get(OTHER_ACCOUNT)["Secret"]
    assert len(world.ecr.calls()) == 1
