from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ROLE = "arn:aws:iam::111122223333:role/pinekeep-prod-us-east-1"
OTHER = "arn:aws:iam::111122223333:role/Other"
ORPHAN = "AROA1234567890EXAMPLE"
ROOT, USERS, ADMINISTRATORS, OTHERS = (
    "key-policy-root",
    "key-policy-users",
    "key-policy-administrators",
    "key-policy-nothing-wider",
)
Statements = list[dict[str, Any]]


def named(statements: Statements, sid: str) -> dict[str, Any]:
    return next(each for each in statements if each["Sid"] == sid)


def changing(sid: str, **changes: Any) -> Callable[[Statements], None]:
    return lambda statements: named(statements, sid).update(changes)


def removing(sid: str) -> Callable[[Statements], None]:
    return lambda statements: statements.remove(named(statements, sid))


def adding(**statement: Any) -> Callable[[Statements], None]:
    return lambda statements: statements.append(statement)


def test_order_names_and_shapes_do_not_matter(world: "World") -> None:
    def reshape(statements: Statements) -> None:
        statements.reverse()
        for each in statements:
            del each["Sid"]
            if each["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}:
                each["Principal"] = {"AWS": ["111122223333"]}
            if isinstance(each["Action"], list):
                each["Action"] = [action.upper() for action in reversed(each["Action"])]

    assert world.keyed(reshape).failures() == set()


def test_a_statement_that_stands_twice_is_no_failure(world: "World") -> None:
    assert world.keyed(lambda statements: statements.append(dict(statements[0]))).failures() == set()


def test_a_missing_root_statement_fails(world: "World") -> None:
    wrong = world.keyed(removing("EnableIamUserPermissions"))
    assert wrong.failure(ROOT) == "EnableIamUserPermissions is missing"
    assert wrong.failures() == {ROOT}


@pytest.mark.parametrize("sid", ["AllowUseOfTheKey", "AllowAttachmentOfPersistentResources"])
def test_each_missing_key_user_statement_fails(world: "World", sid: str) -> None:
    wrong = world.keyed(removing(sid))
    assert wrong.failure(USERS) == f"{sid} is missing"
    assert wrong.failures() == {USERS}


@pytest.mark.parametrize("sid", ["AllowAccessForKeyAdministrators", "DenyUseByKeyAdministrators"])
def test_each_missing_administrators_statement_fails(world: "World", sid: str) -> None:
    assert world.keyed(removing(sid)).failures() == {ADMINISTRATORS}


def test_a_further_key_user_is_named(world: "World") -> None:
    wrong = world.keyed(changing("AllowUseOfTheKey", Principal={"AWS": [ROLE, OTHER]}))
    assert wrong.failure(USERS) == f"AllowUseOfTheKey: it names {OTHER} too"


def test_further_actions_for_the_role_are_named(world: "World") -> None:
    wrong = world.keyed(lambda s: named(s, "AllowUseOfTheKey")["Action"].append("kms:PutKeyPolicy"))
    assert wrong.failure(USERS) == "AllowUseOfTheKey: it allows kms:PutKeyPolicy too"


@pytest.mark.parametrize("action", ["kms:*", "*", ["kms:*", "kms:Decrypt"]])
def test_every_action_for_the_role_is_told_as_too_wide_and_nothing_as_missing(world: "World", action: Any) -> None:
    wrong = world.keyed(changing("AllowUseOfTheKey", Action=action))
    told = wrong.failure(USERS)
    assert told == f"AllowUseOfTheKey: it allows {action if isinstance(action, str) else 'kms:*'} too"
    assert str(wrong.finding(USERS).meaning).startswith("Pinecone works on; beyond what is configured")


def test_a_use_that_is_split_over_two_statements_lacks_nothing(world: "World") -> None:
    def split(statements: Statements) -> None:
        use = named(statements, "AllowUseOfTheKey")
        statements.append({**use, "Sid": "Second", "Action": use["Action"][2:]})
        use["Action"] = use["Action"][:2]

    assert world.keyed(split).failures() == set()


def test_a_denial_that_shuts_pinecone_out_says_who_is_shut_out_and_lets_nobody_in(world: "World") -> None:
    wrong = world.keyed(adding(Sid="No", Effect="Deny", Principal="*", Action="kms:Decrypt", Resource="*"))
    told = wrong.failure(OTHERS)
    assert told.startswith(
        "there is statement No (Deny kms:Decrypt for * (everyone)), with which the role pinekeep-prod-us-east-1 and "
    )
    assert "can no longer use the key (only Decrypt): statement No of the key policy denies it" in told
    meaning = str(wrong.finding(OTHERS).meaning)
    assert meaning == "KMS refuses Pinecone the use of the key, so it cannot read or write the project's data."


def test_the_callers_own_account_as_a_condition_is_another_form_of_the_same(world: "World") -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    found = world.keyed(changing("AllowUseOfTheKey", Condition=condition)).finding(USERS)
    assert (found.status, found.meaning) == ("note", "Nobody gains or loses access.")


def test_a_missing_action_is_named(world: "World") -> None:
    wrong = world.keyed(lambda s: named(s, "AllowUseOfTheKey")["Action"].remove("kms:Decrypt"))
    assert wrong.failure(USERS) == "AllowUseOfTheKey: it lacks kms:Decrypt"


def test_a_statement_without_a_name_is_called_by_the_one_it_stands_for(world: "World") -> None:
    def change(statements: Statements) -> None:
        statement = named(statements, "AllowUseOfTheKey")
        del statement["Sid"]
        statement["Action"].remove("kms:Decrypt")

    assert world.keyed(change).failure(USERS) == "AllowUseOfTheKey: it lacks kms:Decrypt"


def test_a_missing_condition_on_grants_is_told(world: "World") -> None:
    wrong = world.keyed(lambda s: named(s, "AllowAttachmentOfPersistentResources").pop("Condition"))
    assert "it lacks the condition Bool kms:GrantIsForAWSResource true" in wrong.failure(USERS)


def test_a_further_condition_is_told(world: "World") -> None:
    condition = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    assert "kms:ViaService" in world.keyed(changing("AllowUseOfTheKey", Condition=condition)).failure(USERS)


def test_a_role_that_was_deleted_is_explained(world: "World") -> None:
    wrong = world.keyed(changing("AllowUseOfTheKey", Principal={"AWS": ORPHAN}))
    told = wrong.failure(USERS)
    assert f"it names {ORPHAN} (a deleted role" in told
    assert f"it does not name {ROLE}" in told
    assert "re-created" in str(wrong.finding(USERS).fix)
    assert str(wrong.finding(USERS).meaning).startswith("KMS refuses Pinecone the key: the key policy names a role")


def test_administrators_that_differ_are_named(world: "World") -> None:
    wrong = world.keyed(changing("AllowAccessForKeyAdministrators", Principal={"AWS": OTHER}))
    assert f"it names {OTHER} too" in wrong.failure(ADMINISTRATORS)
    assert wrong.failures() == {ADMINISTRATORS}


def test_a_denial_that_was_turned_around_fails(world: "World") -> None:
    wrong = world.keyed(changing("DenyUseByKeyAdministrators", Effect="Allow"))
    assert "it says Allow, not Deny" in wrong.failure(ADMINISTRATORS)


def test_any_other_statement_fails_with_what_it_says(world: "World") -> None:
    wrong = world.keyed(adding(Sid="Sneaky", Effect="Allow", Principal="*", Action="kms:Decrypt", Resource="*"))
    assert wrong.failure(OTHERS) == "there is statement Sneaky (Allow kms:Decrypt for * (everyone))"
    assert wrong.failures() == {OTHERS}


def test_administrators_where_none_are_configured_are_another_statement(world: "World") -> None:
    none = world.configured(cmek={"key": {"administrators": []}})
    assert none.failures() == set()
    assert ADMINISTRATORS not in {each.check for each in none.findings()}
    more = adding(Effect="Allow", Principal={"AWS": OTHER}, Action="kms:Put*", Resource="*")
    assert OTHER in none.keyed(more).failure(OTHERS)


@pytest.mark.parametrize(
    "change", [removing("AllowUseOfTheKey"), changing("AllowUseOfTheKey", Principal={"AWS": ORPHAN})]
)
def test_a_permissions_boundary_hides_no_loss(world: "World", change: Callable[[Statements], None]) -> None:
    arn = "arn:aws:iam::111122223333:policy/Boundary"
    bound = world.changed("role", PermissionsBoundary={"PermissionsBoundaryArn": arn})
    bound = replace(bound, settings={**world.settings, "permissions_boundary": arn})
    assert bound.failures() == set()
    wrong = bound.keyed(change)
    assert wrong.failures() == {USERS}
    told = wrong.failure("decisions-as-planned")
    assert told.startswith("the role pinekeep-prod-us-east-1 can no longer use the key: ")
