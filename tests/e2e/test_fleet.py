"""A self-managed fleet of three accounts and two Regions, from its first deployment to its removal."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.naming import cmek_stack
from tests.command_support import Result, Run, external_id_of

pytestmark = pytest.mark.process

ADMINISTRATOR = "111122223333"
ACCOUNTS = A, B, C = "444455556666", "777788889999", "100000000001"
EAST, EU = "us-east-1", "eu-west-1"
ADMINISTRATION_ROLE = "AWSCloudFormationStackSetAdministrationRole"
EXECUTION_ROLE = "AWSCloudFormationStackSetExecutionRole"
FLEET = """\
version: 1
pinecone_account: "740000000062"
fleet:
  search:
    administrator: {{account: "111122223333", region: us-east-1}}
    permissions: self-managed
    file: fleet.csv
    regions: [us-east-1, eu-west-1]
    settings:
      tags: {{team: {team}}}
      cmek:
        trust: {{regions: [us-east-1]}}
        key: {{rotation_days: {rotation}}}
    operation: {{concurrent_accounts: 3, failed_accounts: {failed}}}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedAws]:
    """An AWS whose accounts have the roles of StackSets. Each test begins with what the one before left."""
    with EmbeddedAws() as aws:
        _role(aws, ADMINISTRATOR, ADMINISTRATION_ROLE, {"Service": "cloudformation.amazonaws.com"})
        for account in ACCOUNTS:
            _role(aws, account, EXECUTION_ROLE, {"AWS": f"arn:aws:iam::{ADMINISTRATOR}:root"})
        aws.take_snapshot("roles")
        yield aws


@pytest.fixture
def aws(server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAws]:
    """The command's credentials are those of the administrator."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    server.restore_snapshot("roles")
    yield server
    server.clear_instance_rules()


def _role(aws: EmbeddedAws, account: str, name: str, trusted: dict[str, str]) -> None:
    iam = aws.session(account).client("iam")
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy)


def write_files(
    folder: Path,
    *accounts: str,
    team: str = "search",
    rotation: int = 365,
    failed: int = 0,
    external_ids: dict[str, str] | None = None,
) -> None:
    """Write the file of a fleet with these accounts."""
    ids = {account: external_id_of(account) for account in accounts} | (external_ids or {})
    (folder / "pinekeep.yaml").write_text(FLEET.format(team=team, rotation=rotation, failed=failed))
    rows = [f"{account},{ids[account]}" for account in accounts]
    (folder / "fleet.csv").write_text("\n".join(["account,cmek.trust.external_id", *rows]) + "\n")


def results(output: Result) -> dict[tuple[str, str], str]:
    """Return the result of each account and Region of a deployment."""
    found = output.require_schema("fleet deploy")
    return {(each["account"], each["region"]): each["result"] for each in found["instances"]}


def roles(aws: EmbeddedAws, account: str) -> list[str]:
    found = aws.session(account).client("iam").list_roles()["Roles"]
    return [each["RoleName"] for each in found if each["RoleName"] != EXECUTION_ROLE]


def keys(aws: EmbeddedAws, account: str, region: str) -> list[dict[str, Any]]:
    kms = aws.session(account, region=region).client("kms")
    return [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]


def operations(aws: EmbeddedAws) -> list[dict[str, Any]]:
    client = aws.session().client("cloudformation")
    found: list[dict[str, Any]] = client.list_stack_set_operations(StackSetName=cmek_stack("search"))["Summaries"]
    return found


def test_a_fleet_is_deployed_and_then_nothing_changes(pinekeep: Run, folder: Path, aws: EmbeddedAws) -> None:
    write_files(folder, *ACCOUNTS)
    deployed = pinekeep("fleet", "deploy", "--yes", "--json")
    assert deployed.code == 0, deployed.err
    assert set(results(deployed)) == {(account, region) for account in ACCOUNTS for region in (EAST, EU)}
    assert set(results(deployed).values()) == {"created"}
    for account in ACCOUNTS:
        assert roles(aws, account) == ["pinekeep-search"], "one role an account"
        for region in (EAST, EU):
            (key,) = keys(aws, account, region)
            assert key["KeyState"] == "Enabled"
        assert external_id_of(account) not in deployed.out + deployed.err
    before = operations(aws)
    assert len(before) == 3, "one operation for each external ID"
    again = pinekeep("fleet", "deploy", "--yes", "--json")
    assert again.code == 0
    assert set(results(again).values()) == {"unchanged"}
    assert operations(aws) == before
    status = pinekeep("fleet", "status", "--json")
    assert status.code == 0
    assert status.require_schema("fleet status")["counts"] == {"CURRENT": 6}
