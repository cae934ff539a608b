"""Automatic deployment of stack sets: accounts that enter and leave units."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import SECONDS, Administrator, template, values

REGION, GUEST, FIRST = "us-east-1", "340000000002", "340000000001"
NAMED = {
    "Named": {
        "Assertions": [
            {
                "Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Kind"}, "silver"]}]},
                "AssertDescription": "Kind must be set for this account",
            }
        ]
    }
}


@pytest.fixture(scope="module")
def made(embedded_aws: EmbeddedAws, units: dict[str, str]) -> dict[str, str]:
    return {**units, **embedded_aws.organize({"auto": [FIRST], "auto/below": list[str](), "aside": [GUEST]})}


def place(made: dict[str, str], client: Client, unit: str) -> None:
    """Move the guest into a unit."""
    organizations = client("organizations")
    (parent,) = organizations.list_parents(ChildId=GUEST)["Parents"]
    organizations.move_account(AccountId=GUEST, SourceParentId=parent["Id"], DestinationParentId=made[unit])


def settled(fleet: Administrator, name: str) -> dict[str, dict[str, Any]]:
    """The instances by account, once no operation runs."""
    deadline, found = time.monotonic() + SECONDS, list[dict[str, Any]]()
    while time.monotonic() < deadline:
        found = fleet.client.list_stack_set_operations(StackSetName=name)["Summaries"]
        if all(each["Status"] not in ("RUNNING", "QUEUED") for each in found):
            return {account: each for (account, _), each in fleet.instances(name).items()}
        time.sleep(0.005)
    raise AssertionError(found)


@pytest.mark.parametrize("retain", [False, True])
def test_instances_come_and_go_with_accounts(
    fleet: Administrator, client: Client, made: dict[str, str], unique: Callable[[str], str], retain: bool
) -> None:
    name = unique("auto")
    automatic = {"Enabled": True, "RetainStacksOnAccountRemoval": retain}
    fleet.create(name, PermissionModel="SERVICE_MANAGED", AutoDeployment=automatic)
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": [made["auto"]]}, "Regions": [REGION]}
    fleet.run("create_stack_instances", name, ParameterOverrides=values(Kind="gold"), **targets)
    listed = fleet.client.list_stack_set_auto_deployment_targets(StackSetName=name)["Summaries"]
    assert listed == [{"OrganizationalUnitId": made["auto"], "Regions": [REGION]}]
    place(made, client, "auto/below")
    found = settled(fleet, name)
    assert {account: each["Status"] for account, each in found.items()} == {FIRST: "CURRENT", GUEST: "CURRENT"}
    assert fleet.instance(name, FIRST)["ParameterOverrides"] != []
    assert fleet.instance(name, GUEST)["ParameterOverrides"] == []  # overrides do not reach it
    place(made, client, "aside")
    assert set(settled(fleet, name)) == {FIRST}
    there = client("cloudformation", GUEST)
    stack = there.describe_stacks(StackName=found[GUEST]["StackId"])["Stacks"][0]
    assert stack["StackStatus"] == ("CREATE_COMPLETE" if retain else "DELETE_COMPLETE")
    fleet.run("delete_stack_instances", name, RetainStacks=False, **targets)
    assert fleet.client.list_stack_set_auto_deployment_targets(StackSetName=name)["Summaries"] == []


def test_an_account_without_values_of_its_own_fails_at_a_rule(
    fleet: Administrator, client: Client, made: dict[str, str], unique: Callable[[str], str]
) -> None:
    name = unique("rule")
    fleet.create(
        name,
        TemplateBody=template(rules=NAMED),
        Parameters=values(Name=name, Kind="silver"),
        PermissionModel="SERVICE_MANAGED",
        AutoDeployment={"Enabled": True},
    )
    targets = {"DeploymentTargets": {"OrganizationalUnitIds": [made["auto"]]}, "Regions": [REGION]}
    fleet.run("create_stack_instances", name, ParameterOverrides=values(Kind="gold"), **targets)
    place(made, client, "auto")
    found = settled(fleet, name)
    place(made, client, "aside")
    settled(fleet, name)
    assert found[FIRST]["Status"] == "CURRENT"
    assert (found[GUEST]["Status"], "StackId" in found[GUEST]) == ("OUTDATED", False)
    assert "Kind must be set for this account" in found[GUEST]["StatusReason"]


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_comes_to_filtered_units_or_while_it_is_off(
    fleet: Administrator, client: Client, made: dict[str, str], unique: Callable[[str], str], enabled: bool
) -> None:
    name = unique("off")
    fleet.create(name, PermissionModel="SERVICE_MANAGED", AutoDeployment={"Enabled": enabled})
    units: dict[str, Any] = {"OrganizationalUnitIds": [made["auto"]]}
    if enabled:
        units |= {"Accounts": [FIRST], "AccountFilterType": "INTERSECTION"}
    fleet.run("create_stack_instances", name, DeploymentTargets=units, Regions=[REGION])
    place(made, client, "auto")
    found = settled(fleet, name)
    place(made, client, "aside")
    assert set(found) == {FIRST}
