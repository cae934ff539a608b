"""A stack that was deleted by hand: what it kept is taken back in, and never made a second time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import GOOD, Run, external_id_of, named

pytestmark = pytest.mark.e2e

NAME = "lost"
STACK = f"Pinekeep-{NAME}-Cmek"
ROLE = f"pinekeep-{NAME}-us-east-1"
ALIAS = f"alias/pinecone/{NAME}"
TEXT = named(NAME, GOOD[: GOOD.index("    private_link:")])


@pytest.fixture
def lost(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> Iterator[dict[str, Any]]:
    """What a deployment put out that was handed over, and whose stack was deleted by hand then."""
    (folder / "pinekeep.yaml").write_text(TEXT)
    deployed = pinekeep("deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    assert pinekeep("handoff", "--record").code == 0
    delete_stack(aws)
    yield deployed.json["stacks"][0]["outputs"]
    aws.session().client("ssm").delete_parameters(Names=[f"/pinekeep/{NAME}/handed-over", f"/pinekeep-records/{NAME}"])


def delete_stack(aws: EmbeddedAws) -> None:
    client = aws.session().client("cloudformation")
    client.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    client.delete_stack(StackName=STACK)
    client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.05, "MaxAttempts": 600})


def keys(aws: EmbeddedAws) -> list[str]:
    kms = aws.session().client("kms")
    found = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
    return [each["Arn"] for each in found if f"the project of {NAME} " in each["Description"]]


def test_what_is_left_is_taken_back_in_and_never_made_a_second_time(
    pinekeep: Run, aws: EmbeddedAws, folder: Path, lost: dict[str, Any]
) -> None:
    again = pinekeep("deploy", "--yes")
    assert again.code == 3
    assert f"pinekeep recover --deployment {NAME}" in again.err
    planned = pinekeep("plan", "--json")
    assert planned.code == 1
    (loudest, *_) = planned.json["deployments"][0]["findings"]
    assert (loudest["rule"], loudest["what"]) == (
        "record-differs",
        f"Pinecone was given the key ARN {lost['KeyArn']}; it would be a new key",
    )
    assert keys(aws) == [lost["KeyArn"]]

    dry = pinekeep("recover", "--dry-run", "--json")
    assert dry.code == 0, dry.err
    said = dry.require_schema("recover")
    assert (said["changed"], said["things"]) == (
        False,
        [f"role {lost['RoleArn']}", f"key {lost['KeyArn']}", ALIAS],
    )
    assert pinekeep("recover").code == 2

    require_refusals(pinekeep, aws, folder, lost)

    recovered = pinekeep("recover", "--yes", "--json")
    assert recovered.code == 0, recovered.err
    assert recovered.require_schema("recover")["changed"] is True
    client = aws.session().client("cloudformation")
    stack = client.describe_stacks(StackName=STACK)["Stacks"][0]
    assert (stack["StackStatus"], stack["EnableTerminationProtection"]) == ("IMPORT_COMPLETE", True)
    assert "Update:Delete" in client.get_stack_policy(StackName=STACK)["StackPolicyBody"]
    assert pinekeep("recover", "--yes").code == 1

    rest = pinekeep("deploy", "--yes", "--json")
    assert rest.code == 0, rest.err
    assert rest.json["stacks"][0]["outputs"] == lost
    assert keys(aws) == [lost["KeyArn"]]
    verified = pinekeep("verify")
    assert verified.code == 0, verified.out


def require_refusals(pinekeep: Run, aws: EmbeddedAws, folder: Path, lost: dict[str, Any]) -> None:
    """Nothing is taken back in that is not what it must be."""
    path = folder / "pinekeep.yaml"
    path.write_text(TEXT.replace(external_id_of(NAME)[:8], "4f2b8a54"))
    assert pinekeep("recover", "--yes").code == 2
    (folder / "pinekeep.handed-over.json").unlink()
    other = pinekeep("recover", "--yes")
    assert other.code == 1
    assert f"Pinecone was given the external ID {lost['ExternalId']}" in other.err
    path.write_text(TEXT)

    iam = aws.session().client("iam")
    iam.untag_role(RoleName=ROLE, TagKeys=["pinekeep:deployment"])
    foreign = pinekeep("recover", "--yes")
    assert foreign.code == 1
    assert f"the role {ROLE} carries no tag pinekeep:deployment" in foreign.err
    iam.tag_role(RoleName=ROLE, Tags=[{"Key": "pinekeep:deployment", "Value": NAME}])

    kms = aws.session().client("kms")
    kms.schedule_key_deletion(KeyId=lost["KeyArn"])
    pending = pinekeep("recover", "--yes")
    assert pending.code == 1
    assert "is in state PendingDeletion" in pending.err
    kms.cancel_key_deletion(KeyId=lost["KeyArn"])
    kms.enable_key(KeyId=lost["KeyArn"])
    stacks = aws.session().client("cloudformation").describe_stacks()["Stacks"]
    assert STACK not in {each["StackName"] for each in stacks}


def test_where_nothing_is_left_there_is_nothing_to_take_back_in(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    (folder / "pinekeep.yaml").write_text(TEXT.replace(NAME, "never-there"))
    result = pinekeep("recover", "--yes")
    assert result.code == 1
    assert "there is no role pinekeep-never-there-us-east-1 to import" in result.err
