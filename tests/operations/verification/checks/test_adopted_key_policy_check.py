from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ADOPTED = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555"
ROLE = "arn:aws:iam::111122223333:role/pinekeep-prod-us-east-1"
OTHER = "arn:aws:iam::111122223333:role/Other"
ORPHAN = "AROA1234567890EXAMPLE"
USERS, NOT_MORE = "adopted-key-policy-users", "adopted-key-policy-nothing-wider"
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
FOR_SERVICES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
Statements = list[dict[str, Any]]


@pytest.fixture
def adopted(world: "World") -> "World":
    return world.configured(cmek={"key": None}).configured(cmek={"key": {"adopt": ADOPTED}})


def adding(**statement: Any) -> Callable[[Statements], None]:
    return lambda statements: statements.append({"Effect": "Allow", "Resource": "*", **statement})


def for_role(**statement: Any) -> Callable[[Statements], None]:
    return adding(Principal={"AWS": ROLE}, **statement)


def without(sid: str) -> Callable[[Statements], None]:
    def change(statements: Statements) -> None:
        statements[:] = [each for each in statements if each["Sid"] != sid]

    return change


def test_what_the_owner_gives_others_is_the_owners(adopted: "World") -> None:
    assert adopted.keyed(adding(Principal={"AWS": OTHER}, Action="kms:*")).failures() == set()
    condition = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    assert adopted.keyed(adding(Principal="*", Action="kms:Decrypt", Condition=condition)).failures() == set()


def test_the_role_may_be_one_of_several_key_users(adopted: "World") -> None:
    def share(statements: Statements) -> None:
        for each in statements[-2:]:
            each["Principal"] = {"AWS": [OTHER, ROLE]}

    assert adopted.keyed(share).failures() == set()


def test_the_uses_may_be_spread_over_statements(adopted: "World") -> None:
    def spread(statements: Statements) -> None:
        without("AllowUseOfTheKey")(statements)
        for action in USE:
            for_role(Action=action)(statements)

    assert adopted.keyed(spread).failures() == set()


def test_a_missing_use_statement_names_each_use(adopted: "World") -> None:
    wrong = adopted.keyed(without("AllowUseOfTheKey"))
    assert wrong.failure(USERS) == "; ".join(f"{each} is not allowed" for each in USE)
    assert wrong.failures() == {USERS}


def test_a_missing_grant_statement_is_told(adopted: "World") -> None:
    told = adopted.keyed(without("AllowAttachmentOfPersistentResources")).failure(USERS)
    assert "kms:CreateGrant is not allowed for AWS services" in told


def test_grants_count_without_their_condition_and_not_with_a_further_one(adopted: "World") -> None:
    def wider(statements: Statements) -> None:
        del statements[-1]["Condition"]

    def narrower(statements: Statements) -> None:
        statements[-1]["Condition"] = {**FOR_SERVICES, "StringEquals": {"kms:ViaService": "s3.amazonaws.com"}}

    assert adopted.keyed(wider).failures() == {NOT_MORE}
    assert "kms:CreateGrant is not allowed for AWS services" in adopted.keyed(narrower).failure(USERS)


def test_a_deleted_principal_beside_the_role_is_the_owners(adopted: "World") -> None:
    assert adopted.keyed(adding(Principal={"AWS": ORPHAN}, Action="kms:Decrypt")).failures() == set()


def test_a_use_under_a_condition_does_not_count(adopted: "World") -> None:
    def limit(statements: Statements) -> None:
        statements[-2]["Condition"] = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}

    assert "kms:Decrypt is not allowed" in adopted.keyed(limit).failure(USERS)


def test_a_role_that_was_deleted_is_explained(adopted: "World") -> None:
    def orphan(statements: Statements) -> None:
        for each in statements[-2:]:
            each["Principal"] = {"AWS": ORPHAN}

    wrong = adopted.keyed(orphan)
    assert f"the policy names {ORPHAN} (a deleted role" in wrong.failure(USERS)
    assert "names a role that was deleted" in str(wrong.finding(USERS).meaning)


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": "*", "Action": "kms:Decrypt"},
        {"Principal": {"AWS": ROLE}, "Action": "kms:*"},
        {"NotPrincipal": {"AWS": OTHER}, "Action": "kms:GenerateDataKey"},
        {"Principal": "*", "NotAction": "kms:Describe*"},
    ],
)
def test_a_denial_that_reaches_the_role_fails(adopted: "World", denied: dict[str, Any]) -> None:
    wrong = adopted.keyed(adding(**{**denied, "Effect": "Deny"}))
    assert "takes the key away" in wrong.failure(USERS)
    assert wrong.failures() == {USERS}


@pytest.mark.parametrize(
    "denied",
    [
        {"Principal": "*", "Action": "kms:ScheduleKeyDeletion"},
        {"NotPrincipal": {"AWS": ROLE}, "Action": "kms:Decrypt"},
        {"Principal": "*", "NotAction": "kms:*"},
        {"Principal": "*", "Action": "kms:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_a_denial_that_does_not_surely_reach_the_role_is_the_owners(adopted: "World", denied: dict[str, Any]) -> None:
    assert adopted.keyed(adding(**{**denied, "Effect": "Deny"})).failures() == set()


@pytest.mark.parametrize("action", ["kms:*", "kms:PutKeyPolicy", "kms:Generate*", "*"])
def test_more_for_the_role_fails(adopted: "World", action: str) -> None:
    wrong = adopted.keyed(for_role(Action=action))
    assert wrong.failure(NOT_MORE) == f"the role may {action} too"
    assert wrong.failures() == {NOT_MORE}


def test_less_than_a_key_user_for_the_role_is_allowed(adopted: "World") -> None:
    assert adopted.keyed(for_role(Action=["kms:GenerateDataKeyWithoutPlaintext", "kms:decrypt"])).failures() == set()
    assert adopted.keyed(for_role(Action="kms:CreateGrant", Condition=FOR_SERVICES)).failures() == set()


def test_grants_without_their_condition_fail(adopted: "World") -> None:
    told = adopted.keyed(for_role(Action="kms:CreateGrant")).failure(NOT_MORE)
    assert told == "the role may kms:CreateGrant without the condition kms:GrantIsForAWSResource"


def test_everything_but_something_fails(adopted: "World") -> None:
    told = adopted.keyed(for_role(NotAction="kms:Decrypt")).failure(NOT_MORE)
    assert told == "the role may do everything but kms:Decrypt"


@pytest.mark.parametrize("whom", [{"Principal": "*"}, {"Principal": {"AWS": "*"}}, {"NotPrincipal": {"AWS": OTHER}}])
def test_a_key_open_to_everyone_fails(adopted: "World", whom: dict[str, Any]) -> None:
    assert "is open to everyone" in adopted.keyed(adding(**whom, Action="kms:DescribeKey")).failure(NOT_MORE)
