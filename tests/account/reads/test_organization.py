"""Reads of an organization: all pages, all units below, and what is not there."""

import pytest

from pinekeep.account.reads.organization import (
    Account,
    accounts_of_units,
    delegated_administrators,
    list_accounts,
    list_roots,
    read_accounts,
    read_organization,
)
from pinekeep.errors import AwsRefusedError, WrongInputError
from tests.operations.fleet.fleets import ADMINISTRATOR, FIRST, SECOND, THIRD
from tests.operations.fleet.stack_sets_aws import ROOT, Aws

DEV, TEAM, EMPTY = "ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"


@pytest.fixture
def held() -> Aws:
    found = Aws(accounts={ADMINISTRATOR: "ACTIVE", FIRST: "ACTIVE", SECOND: "SUSPENDED", THIRD: "ACTIVE"})
    found.units = {ROOT: [DEV, EMPTY], DEV: [TEAM], TEAM: [], EMPTY: []}
    found.parents = {ADMINISTRATOR: ROOT, FIRST: DEV, SECOND: TEAM, THIRD: TEAM}
    return found


def test_the_organization(held: Aws) -> None:
    found = read_organization(held.clients())
    assert found is not None
    assert (found.management_account, found.all_features) == (ADMINISTRATOR, True)
    held.refused["DescribeOrganization"] = "AWSOrganizationsNotInUseException"
    assert read_organization(held.clients()) is None


def test_all_accounts(held: Aws) -> None:
    assert {each.id: each.is_active for each in list_accounts(held.clients()).values()} == {
        ADMINISTRATOR: True,
        FIRST: True,
        SECOND: False,
        THIRD: True,
    }
    assert held.called == ["ListAccounts"] * 2
    assert read_accounts(held.clients(), [FIRST, "200000000000", FIRST]) == {FIRST: Account(id=FIRST)}


def test_the_accounts_of_a_unit_are_those_of_all_units_below(held: Aws) -> None:
    found = accounts_of_units(held.clients(), [DEV, EMPTY, ROOT])
    assert {unit: sorted(accounts) for unit, accounts in found.items()} == {
        DEV: sorted((FIRST, SECOND, THIRD)),
        EMPTY: [],
        ROOT: sorted((ADMINISTRATOR, FIRST, SECOND, THIRD)),
    }
    assert found[DEV][SECOND].status == "SUSPENDED"


def test_units_that_do_not_exist_are_refused_all_at_once(held: Aws) -> None:
    with pytest.raises(WrongInputError, match=r"has no ou-zz99-11111111, ou-zz99-22222222"):
        accounts_of_units(held.clients(), ["ou-zz99-22222222", DEV, "ou-zz99-11111111"])


def test_an_account_without_an_organization_has_no_units(held: Aws) -> None:
    held.refused["ListAccountsForParent"] = "AWSOrganizationsNotInUseException"
    with pytest.raises(AwsRefusedError, match="is in no organization"):
        accounts_of_units(held.clients(), [DEV])


def test_the_root_and_the_delegated_administrators(held: Aws) -> None:
    held.delegated = [FIRST]
    assert list_roots(held.clients()) == [ROOT]
    assert delegated_administrators(held.clients()) == {FIRST}
    assert held.calls[-1][1]["ServicePrincipal"] == "member.org.stacksets.cloudformation.amazonaws.com"


def test_what_aws_refuses_is_an_error(held: Aws) -> None:
    held.refused["ListAccounts"] = "AccessDeniedException"
    with pytest.raises(AwsRefusedError, match="ListAccounts"):
        list_accounts(held.clients())
