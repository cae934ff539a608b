"""The tables of key policies: locked out, widened, with administrators; and of keys in other accounts."""

from dataclasses import replace
from typing import Any

import pytest

from pinekeep.decisions.access.policies import NamedPolicy, PolicyError, RolePolicies
from pinekeep.decisions.access.table import decision_table
from tests.decisions.access.worlds import (
    CUSTOMER,
    CUSTOMER_KEY,
    KEY,
    ROLE,
    allowed,
    document,
    table,
    with_customer,
    with_key,
    with_role,
    world,
)

OURS = "role/pinekeep-prod"
ADMINISTRATOR = "administrator/role/KeyAdmins"


def who(found: Any, group: str, on: str = "key") -> set[str]:
    return {principal for principal, _ in allowed(found, on, group)}


def test_without_the_root_statement_even_the_root_user_is_locked_out_and_iam_helps_nobody() -> None:
    found = table(with_key(lambda statements: statements.pop(0), world(administrators=[])))
    assert who(found, "administer") == who(found, "delete") == who(found, "read") == set()
    assert who(found, "use") == {OURS}
    assert all(row.decision.through_iam is None for row in found.rows)
    assert found.of("account/root", "key kms:PutKeyPolicy").reason == "no statement of the key policy allows it"


def test_an_administrator_is_denied_use_by_a_statement_even_where_iam_would_allow_it() -> None:
    found = table(world())
    decrypt = found.of(ADMINISTRATOR, "key kms:Decrypt")
    assert (decrypt.explicit, decrypt.through_iam) == (True, None)


def test_without_the_deny_statement_iam_could_let_an_administrator_use_the_key() -> None:
    found = table(with_key(lambda statements: statements.pop(2)))
    decrypt = found.of(ADMINISTRATOR, "key kms:Decrypt")
    assert (decrypt.effect, decrypt.explicit, decrypt.through_iam is not None) == ("deny", False, True)


def test_without_administrators_the_root_user_alone_administers() -> None:
    found = table(world(administrators=[]))
    assert who(found, "administer") == who(found, "delete") == {"account/root"}


@pytest.mark.parametrize("action", ["kms:*", "*", "kms:PutKeyPolicy", "kms:Put*", "KMS:putkeypolicy"])
def test_a_widened_action_lets_the_role_administer(action: str) -> None:
    found = table(with_key(lambda statements: statements[3].update(Action=action)))
    assert found.of(OURS, "key kms:PutKeyPolicy").effect == "allow"


def test_not_action_lets_the_role_do_everything_else() -> None:
    def change(statements: list[Any]) -> None:
        del statements[3]["Action"]
        statements[3]["NotAction"] = "kms:PutKeyPolicy"

    found = table(with_key(change))
    assert found.of(OURS, "key kms:ScheduleKeyDeletion").effect == "allow"
    assert found.of(OURS, "key kms:PutKeyPolicy").effect == "deny"


def test_without_its_condition_the_grants_statement_lets_the_role_give_the_key_to_anyone() -> None:
    found = table(with_key(lambda statements: statements[4].pop("Condition")))
    assert (OURS, "kms:CreateGrant") in allowed(found, "key", "grants-otherwise")


def test_everyone_as_key_user_lets_strangers_use_the_key_but_not_administer_it() -> None:
    found = table(with_key(lambda statements: statements[3].update(Principal={"AWS": "*"}, Action="kms:*")))
    assert "stranger" in who(found, "use")
    assert "stranger" not in who(found, "administer") | who(found, "delete")
    assert "account/user" in who(found, "administer")


def test_everyone_of_the_own_account_by_kms_caller_account_does_not_let_in_strangers() -> None:
    condition = {"StringEquals": {"kms:CallerAccount": "111122223333"}}
    found = table(with_key(lambda statements: statements[3].update(Principal="*", Condition=condition)))
    assert who(found, "use") == {OURS, ADMINISTRATOR, "account/root", "account/user"}


@pytest.mark.parametrize(
    ("condition", "allows"),
    [
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": False}}, False),
        ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, False),
        ({"StringEquals": {"aws:PrincipalType": "AssumedRole"}}, True),
        ({"StringEquals": {"aws:ResourceAccount": "111122223333"}}, True),
        ({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}, False),
        ({"Null": {"kms:ViaService": "true"}}, True),
        ({"Null": {"kms:ViaService": True}}, True),
        ({"ArnEquals": {"aws:PrincipalArn": ROLE}}, True),
        ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
        ({"Bool": {"aws:ViaAWSService": "true"}}, False),
        ({"Null": {"aws:SourceArn": "false"}}, False),
        ({"Null": {"aws:SourceAccount": "true"}}, True),
        ({"Null": {"aws:CalledVia": "true"}}, True),
    ],
)
def test_a_condition_whose_key_is_known_of_a_direct_request_is_decided(condition: Any, allows: bool) -> None:
    found = table(with_key(lambda statements: statements[3].update(Condition=condition)))
    assert found.of(OURS, "key kms:Decrypt").effect == ("allow" if allows else "deny")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("User", {"account/user"}),
        ("Account", {"account/root"}),
        ("AssumedRole", {OURS, ADMINISTRATOR}),
    ],
)
def test_the_type_of_a_principal_is_known(kind: str, expected: set[str]) -> None:
    condition = {"StringEquals": {"aws:PrincipalType": kind, "kms:CallerAccount": "111122223333"}}
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    found = table(with_key(lambda statements: statements.__setitem__(slice(None), [everyone])))
    assert who(found, "use") == expected


@pytest.mark.parametrize("element", ["Resource", "Action"])
def test_a_key_policy_statement_that_lacks_an_element_has_no_effect_and_is_noted(element: str) -> None:
    found = table(with_key(lambda statements: statements[3].pop(element)))
    assert who(found, "use") == {ADMINISTRATOR, "account/root"}
    assert found.notes() == [f"statement 4 of the key policy has no effect: it has no {element}"]


@pytest.mark.parametrize("resource", [KEY, [KEY], "arn:aws:kms:us-east-1:111122223333:key/*"])
def test_a_key_policy_may_name_the_key_itself(resource: Any) -> None:
    found = table(with_key(lambda statements: statements[3].update(Resource=resource)))
    assert found.of(OURS, "key kms:Decrypt").effect == "allow"


def test_a_key_policy_that_names_another_key_allows_nothing() -> None:
    found = table(with_key(lambda statements: statements[3].update(Resource=CUSTOMER_KEY)))
    assert found.of(OURS, "key kms:Decrypt").effect == "deny"


# --- Permissions policies and boundaries of the role ---


def permissions(*statements: Any, name: str = "extra") -> NamedPolicy:
    return NamedPolicy(name=name, document=document(*statements))


def test_a_permissions_policy_grants_through_the_root_statement() -> None:
    extra = permissions({"Sid": "More", "Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    decided = table(with_role(permissions=(extra,))).of(OURS, "key kms:ScheduleKeyDeletion")
    assert [str(each) for each in decided.statements] == [
        "statement EnableIamUserPermissions of the key policy",
        "statement More of the permissions policy extra",
    ]


def test_a_deny_in_a_permissions_policy_wins_over_the_key_policy() -> None:
    revoked = permissions({"Effect": "Deny", "Action": "*", "Resource": "*"}, name="AWSRevokeOlderSessions")
    decided = table(with_role(permissions=(revoked,))).of(OURS, "key kms:Decrypt")
    assert decided.reason == "statement 1 of the permissions policy AWSRevokeOlderSessions denies it"


def test_a_permissions_boundary_takes_away_what_it_does_not_allow() -> None:
    boundary = permissions({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}, name="boundary")
    found = table(with_role(boundary=boundary))
    assert found.of(OURS, "key kms:Decrypt").effect == "allow"
    encrypt = found.of(OURS, "key kms:Encrypt")
    assert (encrypt.effect, encrypt.reason) == ("deny", "the role's permissions boundary does not allow it")


# --- Keys in customers' accounts ---

ON = "key/acme"


def test_with_all_three_parts_pinecone_encrypts_and_decrypts_with_a_customers_key_and_nothing_else() -> None:
    found = table(with_customer())
    assert {action for principal, action in allowed(found, ON, "use") if principal == OURS} == {
        "kms:Encrypt",
        "kms:Decrypt",
    }
    assert [str(each) for each in found.of(OURS, f"{ON} kms:Decrypt").statements] == [
        "statement AllowUseOfTheKey of the key policy of acme",
        "statement Acme of the permissions policy keys-1",
    ]
    key = found.policies.keys[1]
    assert [who.id for who, _ in found.reaching(key)] == ["pinecone/us-east-1", "pinecone/us-west-2"]


def test_nobody_else_of_ours_or_of_pinecones_touches_a_customers_key() -> None:
    found = table(with_customer())
    theirs = {f"customer/{CUSTOMER}", f"arn:aws:iam::{CUSTOMER}:role/theirs"}
    for group in ("administer", "delete", "read", "grants-otherwise", "grants-for-aws-services"):
        assert who(found, group, ON) == theirs
    assert who(found, "use", ON) == theirs | {OURS}


@pytest.mark.parametrize(
    ("missing", "decrypts", "reason"),
    [
        ("trusted", True, "statement AllowUseOfTheKey of the key policy of acme with statement Acme of the "
         "permissions policy keys-1 allow it"),
        ("permitted", False, "the key policy of acme allows it, but no permissions policy of the caller does"),
        ("named", False, "no statement of the key policy of acme allows it"),
    ],
)  # fmt: skip
def test_without_one_of_the_three_parts_pinecone_does_not_reach_a_customers_key(
    missing: str, decrypts: bool, reason: str
) -> None:
    found = table(with_customer(**{missing: False}))
    decrypt = found.of(OURS, f"{ON} kms:Decrypt")
    assert (decrypt.effect == "allow", decrypt.reason) == (decrypts, reason)
    assert found.reaching(found.policies.keys[1]) == ()


def test_the_customers_account_root_in_the_key_policy_is_no_grant_to_our_role() -> None:
    found = table(with_customer(named=False))
    assert found.of(f"customer/{CUSTOMER}", f"{ON} kms:PutKeyPolicy").effect == "allow"
    assert found.of(OURS, f"{ON} kms:Encrypt").effect == "deny"


def test_a_customer_who_locks_the_own_account_out_is_seen() -> None:
    found = table(with_customer(root=False))
    assert who(found, "administer", ON) == set()
    assert found.of(OURS, f"{ON} kms:Decrypt").effect == "allow"


def test_another_region_or_key_of_the_customer_is_not_let_in() -> None:
    policies = with_customer()
    other = replace(policies.keys[1], arn=CUSTOMER_KEY.replace("us-east-1", "eu-west-1"))
    found = table(replace(policies, keys=(policies.keys[0], other)))
    assert found.of(OURS, f"{ON} kms:Decrypt").effect == "deny"


def test_a_customer_can_do_nothing_with_our_key_and_our_role() -> None:
    found = table(with_customer())
    rows = [row for row in found.rows if row.principal.kind == "customer" and row.request.on != ON]
    assert rows
    assert {row.decision.effect.value for row in rows} == {"deny"}


def test_with_several_roles_each_customer_is_reached_through_its_own() -> None:
    policies = with_customer()
    second = RolePolicies(arn=f"{ROLE}-2", trust=policies.roles[0].trust)
    found = table(replace(policies, roles=(*policies.roles, second)))
    key = found.policies.keys[1]
    assert {role.name for _, role in found.reaching(key)} == {"pinekeep-prod"}
    allowing = found.of("pinecone/us-east-1", "role/pinekeep-prod-2 the agreed external ID")
    assert allowing.reason == "statement AllowPineconeToAssumeTheRole of the trust policy of pinekeep-prod-2 allows it"


def test_a_customer_is_not_asked_about_for_another_customers_key() -> None:
    policies = with_customer()
    other = replace(policies.keys[1], arn=KEY.replace("111122223333", "777788889999"), name="globex")
    found = table(replace(policies, keys=(*policies.keys, other)))
    asked = {row.request.on for row in found.rows if row.principal.id == f"customer/{CUSTOMER}"}
    assert asked == {"role/pinekeep-prod", "key", "key/acme"}


def test_the_table_can_be_of_some_roles_and_keys_only() -> None:
    found = decision_table(with_customer(), only=["key/acme"])
    assert {row.request.on for row in found.rows} == {"key/acme"}
    words = r"there is no key/nobody in this deployment; there are role/pinekeep-prod, key"
    with pytest.raises(PolicyError, match=words):
        decision_table(with_customer(), only=["key/nobody"])


def test_two_keys_of_one_name_are_refused() -> None:
    policies = with_customer()
    with pytest.raises(PolicyError, match="have the same name: key/acme"):
        replace(policies, keys=(*policies.keys, policies.keys[1]))
