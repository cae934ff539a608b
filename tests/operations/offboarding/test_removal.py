"""Removing the stacks, and what is said to be left."""

import json
from dataclasses import replace
from typing import Any

import pytest

from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.model.config import Deployment, load
from pinekeep.operations.offboarding import removal as module
from pinekeep.operations.offboarding.removal import Removal
from pinekeep.operations.revocation.targets import KeyState
from tests.operations.offboarding.conftest import Way
from tests.operations.revocation.support import failing

LINK = """
      private_link:
        vpc: {cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}
        clients: {cidrs: [10.20.0.0/16]}
"""


class FakeDeployer:
    """Takes the endpoint's stack away without the CDK command line."""

    def __init__(self, cloudformation: Any) -> None:
        self._cloudformation = cloudformation
        self.removed: list[str] = []

    def remove(self, stacks: list[str]) -> None:
        for stack in stacks:
            self._cloudformation.delete_stack(StackName=stack)
        self.removed += stacks


def make_stack(way: Way, side: str, *, protected: bool) -> str:
    """Make a stack of the right name: with a parameter that goes with it, and one that is kept."""
    name = f"Pinekeep-{way.name}-{side}"
    resource: dict[str, Any] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x"}}
    kept: dict[str, Any] = {
        **resource,
        "DeletionPolicy": "Retain",
        "Properties": {**resource["Properties"], "Name": f"/kept/{name}"},
    }
    cloudformation = way.world.client("cloudformation")
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps({"Resources": {"Gone": resource, "Kept": kept}}),
        EnableTerminationProtection=protected,
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 99}
    )
    return name


def removal_of(way: Way, **changes: Any) -> tuple[Removal, FakeDeployer]:
    deployer = FakeDeployer(way.world.client("cloudformation"))
    made = Removal(
        name=way.name,
        deployment=load(way.world.file).deployments[way.name],
        clients=way.world.clients,
        deployer=deployer,  # pyrefly: ignore[bad-argument-type] # a fake
        roles=(way.world.role,),
        **changes,
    )
    return made, deployer


def statuses(way: Way) -> list[str]:
    removal, _ = removal_of(way)
    return removal.stacks()


def protected(way: Way, stack: str) -> bool:
    found = way.world.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return bool(found["EnableTerminationProtection"])


def test_the_last_gate_removes_the_protected_stack_and_keeps_what_it_retains(way: Way) -> None:
    stack = make_stack(way, "Cmek", protected=True)
    way.reach(5)
    assert protected(way, stack), "until the last gate the stack is protected"
    assert f"removes {stack}" in way.offboard("--dry-run", "--json").json["sees"]
    result = way.step()
    assert result.code == 0, result.err
    assert f"  removed {stack}" in result.out
    assert "  all gates are passed" in result.out
    assert f"keeps key {way.world.key_arn}: KMS deletes it on 20" in result.out
    assert f"keeps role {way.world.role}: once the key is gone: aws iam delete-role" in result.out
    assert f"keeps parameters /pinekeep/{way.name}/handed-over" in result.out
    assert statuses(way) == []
    assert way.world.client("ssm").get_parameter(Name=f"/kept/{stack}")["Parameter"]["Value"] == "x"
    assert way.world.inline_policies() == []


def test_the_endpoints_stack_goes_first_and_by_the_deployer(way: Way) -> None:
    cmek = make_stack(way, "Cmek", protected=True)
    link = make_stack(way, "PrivateLink", protected=False)
    removal, deployer = removal_of(way)
    assert removal.remove() == [link, cmek]
    assert deployer.removed == [link]
    assert removal.stacks() == []
    assert removal.remove() == []


def test_a_stack_that_cannot_be_removed_is_told_and_stays_begun(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = make_stack(way, "Cmek", protected=True)
    way.reach(5)
    with monkeypatch.context() as patched:
        failing(patched, "DeleteStack")
        result = way.step()
    assert result.code == 3
    assert "AWS does not allow DeleteStack" in result.err
    assert not protected(way, stack)
    assert way.statuses()[5] == "begun"
    assert way.offboard("--back", "--yes").code == 0
    assert protected(way, stack)
    assert way.step().code == 0
    assert statuses(way) == []


def test_a_deletion_that_fails_or_takes_too_long_is_told(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    make_stack(way, "Cmek", protected=True)
    removal, _ = removal_of(way)
    monkeypatch.setattr(module, "SECONDS_TO_DELETE", 0)
    for status, error, told in (
        ("DELETE_FAILED", AwsRefusedError, "could not be removed"),
        ("DELETE_IN_PROGRESS", PinekeepError, "is still being removed"),
    ):
        monkeypatch.setattr(module, "describe_stack", lambda *_, status=status: {"StackStatus": status})
        with pytest.raises(error, match=told):
            removal._remove_cmek()


def test_taken_back_when_the_stacks_are_gone_it_says_that_they_are_not_made_anew(way: Way) -> None:
    make_stack(way, "Cmek", protected=True)
    way.reach(6)
    result = way.offboard("--back", "--yes")
    assert result.code == 0
    assert "this does not create the stacks again" in result.out
    assert way.offboard("--back", "--yes").code == 0
    assert way.world.key_state == "Disabled"


def test_taken_back_while_the_stack_is_there_it_is_protected_again(way: Way) -> None:
    stack = make_stack(way, "Cmek", protected=False)
    removal, _ = removal_of(way)
    removal.protect()
    assert protected(way, stack)


@pytest.mark.parametrize(
    ("state", "told"), [("PendingDeletion", "KMS deletes it"), ("Enabled", "yours, and unchanged")]
)
def test_the_key_that_is_left_is_told_by_its_state(way: Way, state: str, told: str) -> None:
    removal, _ = removal_of(way, topic="arn:aws:sns:us-east-1:111122223333:t")
    left = removal.remains(KeyState("arn:key", state))
    assert left[0].startswith(f"key arn:key: {told}")
    assert left[1] == f"alias/pinecone/{way.name}: deleted with the key"
    assert any(f"pinekeep-{way.name}-disabled-key" in each for each in left)
    assert not any("key" in each.split(":")[0].split() for each in removal.remains(KeyState("arn:key", None))[:1])


def test_flow_logs_are_told_where_a_vpc_was_made(way: Way) -> None:
    assert not any("flow logs" in each for each in removal_of(way)[0].remains(None))
    way.world.file.write_text(way.world.file.read_text().replace(f"  {way.name}:", f"  {way.name}:{LINK.rstrip()}"))
    text = way.world.file.read_text().replace("      private_link:", "    private_link:")
    way.world.file.write_text(text)
    assert any("flow logs" in each for each in removal_of(way)[0].remains(None))


def watched(way: Way, **settings: Any) -> Removal:
    """The removal of a deployment with an audit bucket or integrations, and with monitoring."""
    removal, _ = removal_of(way)
    monitoring = {"emails": ["ops@example.com"], "slack": None}
    whole = removal.deployment.model_dump(exclude_unset=True) | {"monitoring": monitoring, **settings}
    return replace(removal, deployment=Deployment.model_validate(whole))


AUDITED = {"audit_logs": {"bucket": {"name": "search-audit-logs", "lock": "none"}}}
IMPORTING = {"storage_integrations": {"vectors": {"use": "import", "bucket": "search-vectors"}}}


def test_monitoring_stays_until_the_key_is_gone_and_goes_last(way: Way) -> None:
    link, cmek, monitoring, storage = (
        make_stack(way, each, protected=each == "Cmek") for each in ("PrivateLink", "Cmek", "Monitoring", "Storage")
    )
    removal = watched(way, **IMPORTING)
    pending, gone = KeyState("arn:key", "PendingDeletion"), KeyState("arn:key", None)
    assert removal.stacks(pending) == [link, storage, cmek]
    assert removal.stacks(gone) == [link, storage, cmek, monitoring]
    (kept,) = [each for each in removal.remains(pending) if monitoring in each]
    assert f"once the key is gone: pinekeep destroy --only monitoring --deployment {way.name}" in kept
    assert not any(monitoring in each for each in removal.remains(gone))
    assert removal.remove(pending) == [link, storage, cmek]
    assert removal.stacks(gone) == [monitoring]
    assert removal.remove(gone) == [monitoring]


def test_audit_logs_are_of_the_organization_and_stay(way: Way) -> None:
    storage = make_stack(way, "Storage", protected=False)
    removal = watched(way, **AUDITED)
    assert storage not in removal.stacks(None)
    (kept,) = [each for each in removal.remains(None) if storage in each]
    assert f"pinekeep destroy --only storage --deployment {way.name}" in kept
