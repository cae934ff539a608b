"""A fleet that is deployed on an embedded AWS by a stack set, and the file about it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.stack_sets_support import ADMINISTRATOR, FIRST, SECOND, Administrator, values

ABSENT: Final = "888899990000"
"""An account of the fleet to which nothing is deployed."""
EXTERNAL_IDS: Final = {account: f"3f2b8a54-9c1d-4e7a-8b6f-{account}" for account in (FIRST, SECOND, ABSENT)}
STACK_SET: Final = "Pinekeep-search-Cmek"
FILE: Final = f"""\
version: 1
pinecone_account: "740000000055"
fleet:
  search:
    administrator: {{account: "{ADMINISTRATOR}", region: us-east-1}}
    permissions: service-managed
    file: rows.csv
    regions: [us-east-1]
    settings:
      cmek:
        trust: {{regions: [us-east-1]}}
"""
ROWS: Final = "account,cmek.trust.external_id\n" + "".join(f"{each},{id_}\n" for each, id_ in EXTERNAL_IDS.items())
_OUTPUTS: Final = {
    "RoleArn": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/pinekeep-search"},
    "KeyArn": {"Fn::GetAtt": ["Key", "Arn"]},
    "ExternalId": {"Ref": "ExternalId"},
}
TEMPLATE: Final = {
    "Parameters": {"ExternalId": {"Type": "String"}},
    "Resources": {"Key": {"Type": "AWS::KMS::Key", "DeletionPolicy": "Retain"}},
    "Outputs": {name: {"Value": value} for name, value in _OUTPUTS.items()},
}
"""What a released template puts out, with nothing else of it: synthesizing one takes longer than these tests."""


def let_in(aws: EmbeddedAws, account: str, role: str) -> None:
    """Create a role that the administrator may assume, and that may do everything."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ADMINISTRATOR}, "Action": "sts:AssumeRole"}
    iam = aws.session(account).client("iam")
    iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    allowed = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=json.dumps(allowed))


@pytest.fixture(scope="session")
def fleet_aws() -> Iterator[EmbeddedAws]:
    """Two accounts with an instance of the stack set and a verification role, and one without either."""
    with EmbeddedAws(account=ADMINISTRATOR) as aws:
        units = aws.organize({"dev": [FIRST, SECOND, ABSENT]})
        client: Any = aws.session().client("cloudformation")
        client.activate_organizations_access()
        client.create_stack_set(
            StackSetName=STACK_SET,
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=values(ExternalId="00000000-0000-4000-8000-000000000000"),
            PermissionModel="SERVICE_MANAGED",
            ManagedExecution={"Active": True},
            Tags=[{"Key": "pinekeep:fleet", "Value": "search"}],
        )
        for account in (FIRST, SECOND):
            let_in(aws, account, "PinekeepFleetVerification")
            made = Administrator(client).run(
                "create_stack_instances",
                STACK_SET,
                DeploymentTargets={
                    "OrganizationalUnitIds": [units["dev"]],
                    "Accounts": [account],
                    "AccountFilterType": "INTERSECTION",
                },
                Regions=["us-east-1"],
                ParameterOverrides=values(ExternalId=EXTERNAL_IDS[account]),
            )
            assert made["Status"] == "SUCCEEDED", made
        yield aws


@pytest.fixture
def fleet_file(folder: Path, fleet_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The configuration file with its rows, and an environment that leads to the AWS of the fleet."""
    for name, value in fleet_aws.environment().items():
        monkeypatch.setenv(name, value)
    (folder / "rows.csv").write_text(ROWS)
    path = folder / "pinekeep.yaml"
    path.write_text(FILE)
    return path
