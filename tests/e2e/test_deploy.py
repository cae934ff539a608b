"""``deploy``, ``handoff`` and ``destroy`` with the real CDK command line against the embedded AWS."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.config.handover.file import read_handovers
from pinekeep.model.policies.stack import stack_policy
from tests.command_support import GOOD, Result, Run, named
from tests.faults.fault import Fault

pytestmark = pytest.mark.e2e

CMEK_ONLY = GOOD[: GOOD.index("    private_link:")]
STACK = "Pinekeep-search-prod-Cmek"
ROLE = "pinekeep-search-prod-us-east-1"
TRUST_ITSELF = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}
        ],
    }
)


OWN = ("Pinekeep-search-prod", "Pinekeep-second", "Pinekeep-third")


@pytest.fixture
def cmek_only(folder: Path) -> Path:
    path = folder / "pinekeep.yaml"
    path.write_text(CMEK_ONLY)
    return path


@pytest.fixture
def cloudformation(aws: EmbeddedAws) -> Any:
    return aws.session().client("cloudformation")


def statuses(cloudformation: Any) -> dict[str, str]:
    """The stacks of the deployments of this file; other files use the same AWS."""
    return {
        stack["StackName"]: stack["StackStatus"]
        for stack in cloudformation.describe_stacks()["Stacks"]
        if stack["StackName"].split("-Cmek")[0].split("-PrivateLink")[0] in OWN
    }


def require_one_line(again: Result) -> None:
    """Where nothing changes, one line says so, and no stack is told of."""
    assert again.code == 0
    assert again.out == ""
    assert again.err.splitlines()[-1] == "nothing had to be changed"
    assert STACK not in again.err


def test_the_whole_way_there_and_back(pinekeep: Run, good: Path, aws: EmbeddedAws, cloudformation: Any) -> None:
    dry = pinekeep("deploy", "--dry-run", "--json")
    assert dry.code == 0
    said = dry.require_schema("deploy")
    assert (said["changed"], said["stacks"], said["plan"]["would_change"]) == (False, [], True)
    (of_one,) = said["plan"]["deployments"]
    assert "AWS::KMS::Key EncryptionKey is created" in {each["what"] for each in of_one["findings"]}
    assert statuses(cloudformation) == {}

    unasked = pinekeep("deploy")
    assert unasked.code == 2
    assert "there is no terminal to confirm at" in unasked.err
    assert statuses(cloudformation) == {}

    early = pinekeep("handoff")
    assert early.code == 1
    assert "search-prod has no ExternalId yet: its stacks are not deployed" in early.err or "RoleArn" in early.err

    deployed = pinekeep("deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    cmek, link = deployed.require_schema("deploy")["stacks"]
    assert list(cmek["outputs"]) == ["RoleArn", "KeyArn", "KeyAlias", "ExternalId"]
    assert cmek["outputs"]["RoleArn"] == f"arn:aws:iam::111122223333:role/{ROLE}"
    assert cmek["outputs"]["KeyAlias"] == "alias/pinecone/search-prod"
    assert list(link["outputs"]) == [
        "VpcEndpointId",
        "VpcEndpointDnsName",
        "PrivateDnsZone",
        "VpcId",
        "SubnetIds",
        "SecurityGroupId",
    ]
    assert link["outputs"]["VpcEndpointDnsName"].startswith(link["outputs"]["VpcEndpointId"])
    assert set(statuses(cloudformation).values()) == {"CREATE_COMPLETE"}
    guarded = cloudformation.get_stack_policy(StackName=STACK)["StackPolicyBody"]
    assert json.loads(guarded) == stack_policy()

    handed = pinekeep("handoff", "--json").require_schema("handoff")
    assert handed["pages"][0]["fields"][2] == {"label": "Key ARN", "value": cmek["outputs"]["KeyArn"]}
    assert handed["pages"][1]["fields"][0]["value"] == link["outputs"]["VpcEndpointId"]

    require_record(pinekeep, cmek["outputs"], link["outputs"]["VpcEndpointId"])

    again = pinekeep("deploy", "--yes", "--json")
    assert again.code == 0
    assert again.require_schema("deploy")["changed"] is False
    assert again.json["stacks"] == [cmek, link]
    assert STACK not in again.err
    require_one_line(pinekeep("deploy", "--yes"))

    would = pinekeep("destroy", "--dry-run", "--json").require_schema("destroy")
    assert would["changed"] is False
    assert would["removed"] == ["Pinekeep-search-prod-PrivateLink"]
    assert set(statuses(cloudformation)) == {STACK, "Pinekeep-search-prod-PrivateLink"}

    assert pinekeep("destroy").code == 2
    gone = pinekeep("destroy", "--yes", "--json").require_schema("destroy")
    assert gone["changed"] is True
    assert [thing["what"] for thing in gone["kept"]] == [
        f"KMS key of stack {STACK}",
        "alias/pinecone/search-prod",
        f"role {ROLE}",
        "the log group of the VPC's flow logs",
    ]
    assert set(statuses(cloudformation)) == {STACK}
    key = aws.session().client("kms").describe_key(KeyId="alias/pinecone/search-prod")["KeyMetadata"]
    assert (key["Arn"], key["KeyState"]) == (cmek["outputs"]["KeyArn"], "Enabled")

    nothing = pinekeep("destroy", "--yes", "--json").require_schema("destroy")
    assert (nothing["changed"], nothing["removed"]) == (False, [])

    require_no_second_key(pinekeep, aws, cloudformation, key_arn=key["Arn"])


def require_record(pinekeep: Run, outputs: dict[str, str], endpoint_id: str) -> None:
    """What was handed over is noted once, and only when that is wanted."""
    would = pinekeep("handoff", "--record", "--dry-run", "--json").require_schema("handoff")["recorded"]
    assert [(each["changed"], each["version"]) for each in would] == [(True, None)]
    beside = Path("pinekeep.handed-over.json")
    assert not beside.exists()
    noted = pinekeep("handoff", "--record", "--json")
    (first,) = noted.require_schema("handoff")["recorded"]
    assert (first["parameter"], first["version"]) == ("/pinekeep/search-prod/handed-over", 1)
    assert first["values"] == {
        "role ARN": outputs["RoleArn"],
        "key ARN": outputs["KeyArn"],
        "external ID": outputs["ExternalId"],
        "endpoint ID": endpoint_id,
    }
    assert first["recorded_by"].startswith("arn:aws:")
    assert "recorded in /pinekeep/search-prod/handed-over" in noted.err
    assert "wrote pinekeep.handed-over.json: commit it" in noted.err
    written = beside.read_bytes()
    entry = read_handovers(beside)["search-prod"]
    assert (entry.role_arn, entry.key_arn, entry.key_adopted) == (outputs["RoleArn"], outputs["KeyArn"], False)
    assert (entry.pinecone_account, entry.regions) == ("740000000001", ("us-east-1",))
    assert outputs["ExternalId"].encode() not in written
    again = pinekeep("handoff", "--record", "--json")
    assert "commit it" not in again.err
    assert beside.read_bytes() == written
    assert again.json["recorded"] == [{**first, "changed": False}]
    assert f"is unchanged since {first['recorded_at']}" in again.err
    assert pinekeep("handoff", "--dry-run").code == 2


def require_no_second_key(pinekeep: Run, aws: EmbeddedAws, cloudformation: Any, *, key_arn: str) -> None:
    """Delete the stack of key and role by hand: deploying again finds what it kept, and makes nothing."""
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=STACK, WaiterConfig={"Delay": 0.2, "MaxAttempts": 100}
    )
    kms = aws.session().client("kms")
    keys = kms.list_keys()["Keys"]
    refused = pinekeep("deploy", "--yes", "--json")
    assert refused.code == 3
    assert refused.require_schema("error")["error"] == (
        f"search-prod: stack {STACK} is gone, and its retained resources are still there: role {ROLE}, key {key_arn}"
    )
    assert kms.list_keys()["Keys"] == keys
    assert statuses(cloudformation) == {}
    looked = pinekeep("preflight", "--json")
    assert looked.code == 1
    assert [each["check"] for each in looked.json["findings"] if each["status"] == "failed"] == ["left-behind"]
    aws.session().client("iam").delete_role(RoleName=ROLE)
    kms.delete_alias(AliasName="alias/pinecone/search-prod")
    kms.untag_resource(KeyId=key_arn, TagKeys=["pinekeep:deployment"])


def test_no_credentials_is_told(pinekeep: Run, good: Path, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    for verb in ("preflight", "deploy", "verify", "handoff", "destroy"):
        result = pinekeep(verb, "--json")
        assert result.code == 3, verb
        assert result.require_schema("error")["error"] == "there are no AWS credentials"


def test_credentials_of_another_account_are_refused(
    pinekeep: Run, good: Path, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    for verb in ("deploy", "verify", "handoff", "destroy"):
        result = pinekeep(verb)
        assert result.code == 3, verb
        assert (
            "deployment search-prod needs calls to account 111122223333, but the current credentials are for "
            "444455556666" in result.err
        )


def test_a_region_that_is_not_bootstrapped_is_told(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    text = CMEK_ONLY.replace("region: us-east-1", "region: us-west-2")
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("deploy", "--yes")
    assert result.code == 3
    assert "search-prod: account 111122223333 is not bootstrapped in us-west-2" in result.err
    assert "cdk bootstrap aws://111122223333/us-west-2" in result.err


def test_an_endpoint_that_cannot_be_reached_is_told(
    pinekeep: Run, good: Path, aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setattr("pinekeep.account.client.clients.ATTEMPTS", 1)
    result = pinekeep("deploy", "--yes")
    assert result.code == 3
    assert "127.0.0.1 cannot be reached" in result.err


@pytest.fixture
def taken_role(aws: EmbeddedAws) -> Iterator[None]:
    iam = aws.session().client("iam")
    iam.create_role(RoleName="taken", AssumeRolePolicyDocument=TRUST_ITSELF)
    yield
    iam.delete_role(RoleName="taken")


def test_a_role_that_is_somebody_elses_is_never_taken_over(
    pinekeep: Run, folder: Path, taken_role: None, cloudformation: Any
) -> None:
    text = named("second", CMEK_ONLY).replace("    cmek:", "    cmek:\n      role_name: taken")
    (folder / "pinekeep.yaml").write_text(text)
    result = pinekeep("deploy", "--yes")
    assert result.code == 3
    assert "second: the role taken exists already and does not belong to stack Pinekeep-second-Cmek" in result.err
    assert "Pinekeep-second-Cmek" not in statuses(cloudformation)


@pytest.fixture
def taken_alias(aws: EmbeddedAws) -> Iterator[str]:
    kms = aws.session().client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/pinecone/third", TargetKeyId=arn)
    yield str(arn)
    kms.delete_alias(AliasName="alias/pinecone/third")


@pytest.mark.fault(
    "the alias is another key's already",
    sees="alias/pinecone/third exists already, for key …name it under cmek.key.adopt",
    safe="Nothing was made: neither a second key, nor is the alias taken from its owner.",
)
def test_an_alias_that_is_taken_is_told_with_the_key_it_names(
    fault: Fault, pinekeep: Run, folder: Path, taken_alias: str, cloudformation: Any
) -> None:
    (folder / "pinekeep.yaml").write_text(named("third", CMEK_ONLY))
    result = pinekeep("deploy", "--yes")
    assert result.code == 3
    assert f"third: alias/pinecone/third exists already, for key {taken_alias}" in result.err
    fault.require_seen(result.err)
    assert "Pinekeep-third-Cmek" not in statuses(cloudformation)
