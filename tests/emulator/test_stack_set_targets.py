"""Whom stack sets with service-managed permissions deploy to, and who may administer them."""

from collections.abc import Callable

from tests.emulator.conftest import Client
from tests.emulator.stack_sets_support import (
    CLOSED,
    DELEGATED,
    FIRST,
    SECOND,
    Administrator,
    refused,
    values,
)

Unique = Callable[[str], str]
SERVICE_MANAGED = {"PermissionModel": "SERVICE_MANAGED"}


def test_filters_choose_the_accounts_of_units(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    """Nested units count, and the management account is never a target."""
    dev, root = [units["dev"]], [units[""]]
    chosen = {
        "NONE": ({"OrganizationalUnitIds": dev}, {FIRST, SECOND, CLOSED}),
        "INTERSECTION": ({"OrganizationalUnitIds": root, "Accounts": [SECOND, "111122223333"]}, {SECOND}),
        "DIFFERENCE": ({"OrganizationalUnitIds": dev, "Accounts": [CLOSED]}, {FIRST, SECOND}),
    }
    name = ""
    for kind, (targets, accounts) in chosen.items():
        name = unique("filter")
        fleet.create(name, **SERVICE_MANAGED)
        given = {"DeploymentTargets": {**targets, "AccountFilterType": kind}, "Regions": ["us-east-1"]}
        fleet.run("create_stack_instances", name, OperationPreferences={"MaxConcurrentCount": 10}, **given)
        assert {account for account, _ in fleet.instances(name)} == accounts, kind
    union = {"OrganizationalUnitIds": [units["prod"]], "Accounts": [SECOND], "AccountFilterType": "UNION"}
    given = {"DeploymentTargets": union, "Regions": ["us-east-1"]}
    call = fleet.client.create_stack_instances
    refused(lambda: call(StackSetName=name, **given), "ValidationError", "UNION")
    updated = fleet.run("update_stack_instances", name, **given)
    assert set(fleet.states(name, updated["OperationId"])) == {(SECOND, "us-east-1")}


def test_a_suspended_account_is_skipped(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    name = unique("suspended")
    only = {"OrganizationalUnitIds": [units["dev"]], "Accounts": [CLOSED], "AccountFilterType": "INTERSECTION"}
    given = {"DeploymentTargets": only, "Regions": ["us-east-1"]}
    fleet.create(name, **SERVICE_MANAGED)
    made = fleet.run("create_stack_instances", name, **given)
    assert made["Status"] == "SUCCEEDED"
    found = fleet.instance(name, CLOSED)
    assert found["StackInstanceStatus"]["DetailedStatus"] == "SKIPPED_SUSPENDED_ACCOUNT"
    assert (found["Status"], "StackId" in found) == ("OUTDATED", False)
    fleet.run("delete_stack_instances", name, RetainStacks=True, **given)
    assert fleet.instances(name) == {}


def test_targets_that_do_not_fit_are_refused(fleet: Administrator, units: dict[str, str], unique: Unique) -> None:
    name, regions = unique("targets"), ["us-east-1"]
    fleet.create(name, **SERVICE_MANAGED)
    unit = units["dev/team"]
    for given, text in (
        ({"Accounts": [SECOND], "Regions": regions}, "can only have OrganizationalUnit as target"),
        ({"DeploymentTargets": {"Accounts": [SECOND]}, "Regions": regions}, "can only have OrganizationalUnit"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": ["ou-abcd-12345678"]}, "Regions": regions}, "not found"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": ["eu-nowhere-1"]}, "[eu-nowhere-1]"),
        ({"DeploymentTargets": {"OrganizationalUnitIds": [unit] * 51}, "Regions": regions}, "50"),
        (
            {"DeploymentTargets": {"OrganizationalUnitIds": [unit], "Accounts": [SECOND]}, "Regions": regions},
            "AccountFilterType",
        ),
        (
            {
                "DeploymentTargets": {"OrganizationalUnitIds": [unit], "AccountFilterType": "INTERSECTION"},
                "Regions": regions,
            },
            "AccountFilterType",
        ),
    ):
        refused(
            lambda given=given: fleet.client.create_stack_instances(StackSetName=name, **given), "ValidationError", text
        )
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [unit]}, "Regions": regions}
    for call in (fleet.client.update_stack_instances, fleet.client.update_stack_set):
        options = {"UsePreviousTemplate": True, "Parameters": values(Name=name)} if "set" in call.__name__[-4:] else {}
        refused(
            lambda call=call, options=options: call(StackSetName=name, **options, **given),
            "StackInstanceNotFoundException",
        )
    assert fleet.instances(name) == {}


def test_a_delegated_administrator_acts_on_the_sets_of_the_management_account(
    fleet: Administrator, client: Client, units: dict[str, str], unique: Unique
) -> None:
    name = unique("delegated")
    delegated = Administrator(client("cloudformation", DELEGATED), CallAs="DELEGATED_ADMIN")
    delegated.create(name, **SERVICE_MANAGED)
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    assert delegated.run("create_stack_instances", name, **given)["Status"] == "SUCCEEDED"
    arn = fleet.client.describe_stack_set(StackSetName=name)["StackSet"]["StackSetARN"]
    assert ":111122223333:" in arn
    own = unique("own")
    fleet.create(own)  # self-managed
    seen = {each["StackSetName"] for each in delegated.listed()}
    assert name in seen
    assert own not in seen
    assert Administrator(client("cloudformation", DELEGATED)).listed() == []
    refused(lambda: delegated.client.describe_stack_set(StackSetName=name), "StackSetNotFoundException")
    access = delegated.client.describe_organizations_access(CallAs="DELEGATED_ADMIN")
    assert access["Status"] == "ENABLED"
    for account in (FIRST, None):
        other = Administrator(client("cloudformation", account), CallAs="DELEGATED_ADMIN")
        refused(
            lambda other=other: other.create(unique("no"), **SERVICE_MANAGED),
            "ValidationError",
            "Account used is not a delegated administrator",
        )
    member = Administrator(client("cloudformation", FIRST))
    refused(lambda: member.create(unique("no"), **SERVICE_MANAGED), "ValidationError", "must be the management account")
    refused(member.client.activate_organizations_access, "InvalidOperationException")


def test_service_managed_sets_need_access_to_the_organization(
    fleet: Administrator, units: dict[str, str], unique: Unique
) -> None:
    name = unique("access")
    fleet.create(name, **SERVICE_MANAGED)
    given = {"DeploymentTargets": {"OrganizationalUnitIds": [units["dev/team"]]}, "Regions": ["us-east-1"]}
    fleet.client.deactivate_organizations_access()
    try:
        assert fleet.client.describe_organizations_access()["Status"] == "DISABLED"
        text = "You must enable organizations access"
        refused(lambda: fleet.create(unique("no"), **SERVICE_MANAGED), "ValidationError", text)
        refused(lambda: fleet.client.create_stack_instances(StackSetName=name, **given), "ValidationError", text)
    finally:
        fleet.client.activate_organizations_access()
