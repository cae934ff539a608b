"""Stack sets from their creation to their end, service-managed."""

from collections.abc import Callable, Iterator

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.stack_sets_support import FIRST, SECOND, ended, instances, organize, results, template, values


@pytest.fixture(scope="module")
def aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws() as running:
        yield running


@pytest.fixture(scope="module")
def units(aws: EmbeddedAws) -> dict[str, str]:
    made = organize(aws, {"dev": [FIRST], "dev/team": [SECOND]})
    aws.session().client("cloudformation").activate_organizations_access()
    return made


def test_a_set_from_its_creation_to_its_end(
    aws: EmbeddedAws, units: dict[str, str], unique: Callable[[str], str]
) -> None:
    name, client = unique("set"), aws.session().client("cloudformation")
    client.create_stack_set(
        StackSetName=name,
        TemplateBody=template(),
        Parameters=values(Name=name),
        PermissionModel="SERVICE_MANAGED",
        Tags=[{"Key": "pinekeep:fleet", "Value": "search"}],
    )
    targets = {"OrganizationalUnitIds": [units["dev"]]}
    made = client.create_stack_instances(
        StackSetName=name, DeploymentTargets=targets, Regions=["us-east-1"], ParameterOverrides=values(Kind="gold")
    )
    assert ended(client, name, made["OperationId"])["Status"] == "SUCCEEDED"
    assert results(client, name, made["OperationId"]) == {
        (account, "us-east-1"): ("SUCCEEDED", "") for account in (FIRST, SECOND)
    }
    found = instances(client, name)[SECOND, "us-east-1"]
    assert (found["Status"], found["LastOperationId"]) == ("CURRENT", made["OperationId"])
    there = aws.session(SECOND).client("cloudformation")
    stack = there.describe_stacks(StackName=found["StackId"])["Stacks"][0]
    assert stack["StackName"].startswith(f"StackSet-{name}-")
    assert stack["Tags"] == [{"Key": "pinekeep:fleet", "Value": "search"}]
    assert {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]} == {"Name": name, "Kind": "gold"}

    removed = client.delete_stack_instances(
        StackSetName=name, DeploymentTargets=targets, Regions=["us-east-1"], RetainStacks=False
    )
    assert ended(client, name, removed["OperationId"])["Status"] == "SUCCEEDED"
    gone = there.describe_stacks(StackName=found["StackId"])["Stacks"][0]
    assert gone["StackStatus"] == "DELETE_COMPLETE"
    client.delete_stack_set(StackSetName=name)
    assert name not in [each["StackSetName"] for each in client.list_stack_sets(Status="ACTIVE")["Summaries"]]
