"""The policies of whoever administers a fleet's stack set."""

from typing import Any

from pinekeep.decisions.privileges import policies_for
from pinekeep.decisions.privileges.fleet import FLEET
from pinekeep.decisions.privileges.verbs import VERBS, actions_of
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.policies.document import Statement
from tests.operations.fleet.fleets import ADMINISTRATOR, SECOND, fleet


def made(**fleets: Fleet) -> dict[str, dict[str, Statement]]:
    """The statements by account and ID."""
    found = policies_for("fleet", {}, fleets=fleets)
    return {each.account: {one["Sid"]: one for one in each.document["Statement"]} for each in found}


def test_every_statement_is_of_the_fleets_stack_sets() -> None:
    (statements,) = made(search=fleet()).values()
    arn = f"arn:aws:cloudformation:us-east-1:{ADMINISTRATOR}:stackset/Pinekeep-search-"
    assert statements["FinishStackSets"]["Resource"] == [f"{arn}Cmek:*", f"{arn}PrivateLink:*"]
    assert statements["OperateStackSets"]["Resource"] == [
        *statements["FinishStackSets"]["Resource"],
        "arn:aws:cloudformation:*:*:stackset-target/Pinekeep-search-Cmek:*",
        "arn:aws:cloudformation:*:*:stackset-target/Pinekeep-search-PrivateLink:*",
        "arn:aws:cloudformation:*:*:type/resource/*",
    ]
    assert statements["ActAsVerificationRole"]["Resource"] == ["arn:aws:iam::*:role/PinekeepFleetVerification"]
    assert statements["CreateStackSets"]["Condition"] == {"StringEquals": {"aws:RequestedRegion": ["us-east-1"]}}


def test_a_delegated_administrators_stack_sets_belong_to_the_management_account() -> None:
    (statements,) = made(search=fleet(delegated=True)).values()
    assert ":cloudformation:us-east-1:*:stackset/" in statements["FinishStackSets"]["Resource"][0]


def test_the_role_that_stores_api_keys_can_be_assumed_where_the_fleet_names_one() -> None:
    (statements,) = made(search=fleet(pinecone_role_name="PinekeepPinecone")).values()
    assert statements["ActAsVerificationRole"]["Resource"] == [
        "arn:aws:iam::*:role/PinekeepFleetVerification",
        "arn:aws:iam::*:role/PinekeepPinecone",
    ]


def test_permissions_differ_by_who_gives_access_to_the_accounts() -> None:
    (service_managed,) = made(search=fleet()).values()
    (with_units,) = made(search=fleet(units=["ou-ab12-11111111"])).values()
    (self_managed,) = made(search=fleet(permissions="self-managed")).values()
    organization = {"ReadOrganization", "ReadOrganizationalUnits"}
    assert organization & service_managed.keys() == {"ReadOrganization"}
    assert organization <= with_units.keys()
    assert not organization & self_managed.keys()
    assert "PassAdministrationRole" not in service_managed
    passed: Any = self_managed["PassAdministrationRole"]
    assert passed["Resource"] == [f"arn:aws:iam::{ADMINISTRATOR}:role/AWSCloudFormationStackSetAdministrationRole"]
    assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


def test_each_administrator_has_a_policy_for_its_own_fleets() -> None:
    other = fleet(administrator={"account": SECOND, "region": "eu-west-1"})
    found = made(search=fleet(), more=fleet(), other=other)
    assert list(found) == [ADMINISTRATOR, SECOND]
    assert len(found[ADMINISTRATOR]["FinishStackSets"]["Resource"]) == 4
    assert all("Pinekeep-other-" in each for each in found[SECOND]["FinishStackSets"]["Resource"])
    assert policies_for("fleet", {}) == []


def test_every_call_of_the_fleet_is_granted() -> None:
    assert VERBS["fleet"] == FLEET
    assert not any(each.startswith("cloudformation:Create") and each.endswith("Stack") for each in actions_of(FLEET))
