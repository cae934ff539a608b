"""Organizations with members, delegated administrators and trusted services."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.conftest import Client, policy
from tests.emulator.stack_sets_support import refused

MANAGEMENT, MEMBER, ADMINISTRATOR, STRANGER = "300000000001", "300000000002", "300000000003", "300000000004"
STACK_SETS = "member.org.stacksets.cloudformation.amazonaws.com"


@pytest.fixture(scope="module")
def made(embedded_aws: EmbeddedAws) -> dict[str, str]:
    """An organization beside that of the default account."""
    return embedded_aws.organize({"one": [MEMBER], "one/two": [ADMINISTRATOR]}, management=MANAGEMENT)


@pytest.fixture
def management(client: Client, made: dict[str, str]) -> Any:
    assert made
    return client("organizations", MANAGEMENT)


def paged(client: Any, call: str, key: str, **given: Any) -> list[dict[str, Any]]:
    return [each for page in client.get_paginator(call).paginate(**given) for each in page[key]]


def ids(found: list[dict[str, Any]]) -> set[str]:
    return {each["Id"] for each in found}


def test_an_organization_has_units_and_accounts(management: Any, made: dict[str, str]) -> None:
    organization = management.describe_organization()["Organization"]
    assert organization["MasterAccountId"] == MANAGEMENT
    assert ids(management.list_roots()["Roots"]) == {made[""]}
    assert ids(management.list_accounts()["Accounts"]) == {MANAGEMENT, MEMBER, ADMINISTRATOR}
    (unit,) = management.list_organizational_units_for_parent(ParentId=made["one"])["OrganizationalUnits"]
    above = f"{organization['Id']}/{made['']}/{made['one']}"
    assert (unit["Name"], unit["Id"], unit["Path"]) == ("two", made["one/two"], f"{above}/{made['one/two']}/")
    assert ids(management.list_accounts_for_parent(ParentId=made["one"])["Accounts"]) == {MEMBER}
    account = management.describe_account(AccountId=MEMBER)["Account"]
    assert (account["Status"], account["State"], account["Paths"]) == ("ACTIVE", "ACTIVE", [f"{above}/{MEMBER}/"])
    assert management.list_parents(ChildId=MEMBER)["Parents"] == [{"Id": made["one"], "Type": "ORGANIZATIONAL_UNIT"}]
    children = management.list_children(ParentId=made["one"], ChildType="ORGANIZATIONAL_UNIT")["Children"]
    assert ids(children) == {made["one/two"]}
    refused(lambda: management.describe_account(AccountId=STRANGER), "AccountNotFoundException")


def test_lists_have_pages_of_twenty(embedded_aws: EmbeddedAws, client: Client) -> None:
    accounts = [f"{310000000000 + number}" for number in range(45)]
    made = embedded_aws.organize({"many": accounts}, management="319999999999")
    organizations = client("organizations", "319999999999")
    first = organizations.list_accounts()
    assert len(first["Accounts"]) == 20
    assert ids(paged(organizations, "list_accounts", "Accounts")) == {*accounts, "319999999999"}
    found = paged(organizations, "list_accounts_for_parent", "Accounts", ParentId=made["many"])
    assert ids(found) == set(accounts)


def test_a_member_sees_its_organization_and_no_more(client: Client, management: Any) -> None:
    member = client("organizations", MEMBER)
    assert member.describe_organization()["Organization"] == management.describe_organization()["Organization"]
    for call in (member.list_accounts, member.list_roots, lambda: member.describe_account(AccountId=MEMBER)):
        refused(call, "AccessDeniedException")
    refused(lambda: member.create_organization(FeatureSet="ALL"), "AlreadyInOrganizationException")


def test_an_account_without_an_organization_is_told(client: Client) -> None:
    stranger = client("organizations", STRANGER)
    for call in (stranger.describe_organization, stranger.list_accounts):
        refused(call, "AWSOrganizationsNotInUseException")


@pytest.fixture
def registered(management: Any) -> Iterator[None]:
    asked = {"AccountId": ADMINISTRATOR, "ServicePrincipal": STACK_SETS}
    management.register_delegated_administrator(**asked)
    yield
    management.deregister_delegated_administrator(**asked)


@pytest.mark.usefixtures("registered")
def test_a_delegated_administrator_reads_the_organization(client: Client, management: Any) -> None:
    administrator = client("organizations", ADMINISTRATOR)
    assert ids(administrator.list_accounts()["Accounts"]) == {MANAGEMENT, MEMBER, ADMINISTRATOR}
    listed = management.list_delegated_administrators(ServicePrincipal=STACK_SETS)["DelegatedAdministrators"]
    assert ids(listed) == {ADMINISTRATOR}
    assert (
        management.list_delegated_administrators(ServicePrincipal="config.amazonaws.com")["DelegatedAdministrators"]
        == []
    )
    services = management.list_delegated_services_for_account(AccountId=ADMINISTRATOR)["DelegatedServices"]
    assert [each["ServicePrincipal"] for each in services] == [STACK_SETS]
    refused(lambda: administrator.close_account(AccountId=MEMBER), "AccessDeniedException")
    register = management.register_delegated_administrator
    again = {"AccountId": ADMINISTRATOR, "ServicePrincipal": STACK_SETS}
    refused(lambda: register(**again), "AccountAlreadyRegisteredException")
    refused(lambda: register(AccountId=MANAGEMENT, ServicePrincipal=STACK_SETS), "ConstraintViolationException")
    refused(lambda: register(AccountId=STRANGER, ServicePrincipal=STACK_SETS), "AccountNotFoundException")


def test_nobody_is_a_delegated_administrator_any_more(client: Client, management: Any) -> None:
    assert management.list_delegated_administrators()["DelegatedAdministrators"] == []
    refused(client("organizations", ADMINISTRATOR).list_accounts, "AccessDeniedException")
    deregister = management.deregister_delegated_administrator
    refused(lambda: deregister(AccountId=MEMBER, ServicePrincipal=STACK_SETS), "AccountNotRegisteredException")


def test_stack_sets_access_is_a_trusted_service(client: Client, management: Any) -> None:
    cloudformation = client("cloudformation", MANAGEMENT)

    def trusted() -> list[str]:
        found = management.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
        return [each["ServicePrincipal"] for each in found]

    assert (trusted(), cloudformation.describe_organizations_access()["Status"]) == ([], "DISABLED")
    cloudformation.activate_organizations_access()
    assert (trusted(), cloudformation.describe_organizations_access()["Status"]) == ([STACK_SETS], "ENABLED")
    management.disable_aws_service_access(ServicePrincipal=STACK_SETS)
    assert cloudformation.describe_organizations_access()["Status"] == "DISABLED"
    management.enable_aws_service_access(ServicePrincipal=STACK_SETS)
    assert cloudformation.describe_organizations_access()["Status"] == "ENABLED"
    cloudformation.deactivate_organizations_access()
    assert trusted() == []


def test_an_account_joins_by_an_invitation_and_moves(client: Client, management: Any, made: dict[str, str]) -> None:
    guest = "300000000009"
    invited = management.invite_account_to_organization(Target={"Id": guest, "Type": "ACCOUNT"})["Handshake"]
    accept = {"HandshakeId": invited["Id"]}
    refused(lambda: client("organizations", MEMBER).accept_handshake(**accept), "HandshakeNotFoundException")
    account = client("organizations", guest)
    assert account.accept_handshake(**accept)["Handshake"]["State"] == "ACCEPTED"
    refused(lambda: account.accept_handshake(**accept), "HandshakeAlreadyInStateException")
    assert account.describe_organization()["Organization"]["MasterAccountId"] == MANAGEMENT
    assert management.list_parents(ChildId=guest)["Parents"] == [{"Id": made[""], "Type": "ROOT"}]
    management.move_account(AccountId=guest, SourceParentId=made[""], DestinationParentId=made["one/two"])
    assert guest in ids(management.list_accounts_for_parent(ParentId=made["one/two"])["Accounts"])
    management.close_account(AccountId=guest)
    assert management.describe_account(AccountId=guest)["Account"]["State"] == "SUSPENDED"
    management.remove_account_from_organization(AccountId=guest)
    refused(account.describe_organization, "AWSOrganizationsNotInUseException")
    invite = management.invite_account_to_organization
    member = {"Id": MEMBER, "Type": "ACCOUNT"}
    refused(lambda: invite(Target=member), "HandshakeConstraintViolationException")


def test_a_policy_knows_the_organization_of_a_member(
    embedded_aws: EmbeddedAws, management: Any, unique: Callable[[str], str]
) -> None:
    """`aws:PrincipalOrgID` of a member is its management account's organization."""
    iam, organization = embedded_aws.session(MEMBER).client("iam"), management.describe_organization()["Organization"]
    for organization_id, allowed in ((organization["Id"], True), ("o-another0000", False)):
        user = unique("user")
        iam.create_user(UserName=user)
        condition = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        statement = {"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*", "Condition": condition}
        iam.put_user_policy(UserName=user, PolicyName="mine", PolicyDocument=json.dumps(policy(statement)))
        key = iam.create_access_key(UserName=user)["AccessKey"]
        limited = embedded_aws.session(credentials=key).client("iam")
        if allowed:
            assert "Roles" in limited.list_roles()
        else:
            refused(limited.list_roles, "AccessDenied")


def test_an_organization_is_made_once(embedded_aws: EmbeddedAws, made: dict[str, str]) -> None:
    nobody: list[str] = []
    again = embedded_aws.organize({"one": nobody}, management=MANAGEMENT)
    assert again == {"": made[""], "one": made["one"]}
    for units in ({"one": [MEMBER]}, {"unknown/below": nobody}):
        with pytest.raises(LocalAwsError, match="did not make the organization"):
            embedded_aws.organize(units, management=MANAGEMENT)
    with pytest.raises(LocalAwsError, match="did not make the organization"):
        embedded_aws.organize({}, management=MEMBER)
