"""Grants in the decision table: one more way to a key, which a denial outdoes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.render import as_json, as_text
from pinekeep.decisions.access.requests import KEY_ACTIONS, Group
from pinekeep.model.policies.grants import parse_grants
from tests.decisions.access.worlds import ACCOUNT, KEY, ROLE, allowed, table, with_key, world
from tests.properties.settings import tried

STRANGER = "arn:aws:iam::999988887777:role/nightly-export"
COLLEAGUE = f"arn:aws:iam::{ACCOUNT}:role/nightly-export"
KEY_OPERATIONS = [each.removeprefix("kms:") for each in KEY_ACTIONS[Group.USE]]


def granted(*entries: dict[str, Any], policies: PolicySet | None = None) -> PolicySet:
    """Return the policies with grants on the key: without any, it is known that there are none."""
    policies = policies or world()
    full = [{"GrantId": f"{number}123456789", "Operations": ["Decrypt"], **each} for number, each in enumerate(entries)]
    key = replace(policies.keys[0], grants=parse_grants(full, key_arn=KEY))
    return replace(policies, origin="live", keys=(key,))


def to(grantee: str, *operations: str, **more: Any) -> dict[str, Any]:
    return {"GranteePrincipal": grantee, "Operations": list(operations) or ["Decrypt"], **more}


@pytest.mark.parametrize("grantee", [STRANGER, COLLEAGUE])
def test_whoever_holds_a_grant_can_do_what_it_says_and_nothing_else(grantee: str) -> None:
    found = table(granted(to(grantee)))
    assert {each for each in allowed(found, "key", Group.USE) if each[0] == grantee} == {(grantee, "kms:Decrypt")}
    assert found.of(grantee, "key kms:Decrypt").reason == "grant 01234567… allows it"


def test_what_a_grant_adds_is_told_with_the_grant() -> None:
    assert differences(table(world()), table(granted(to(STRANGER, "Decrypt", "DescribeKey", Name="backup")))) == [
        f"{STRANGER} can now use the key (only Decrypt, DescribeKey): grant 01234567… (backup)"
    ]


def test_a_condition_on_the_encryption_context_keeps_nobody_out_who_knows_it() -> None:
    found = table(granted(to(STRANGER, Constraints={"EncryptionContextSubset": {"team": "x"}})))
    decision = found.of(STRANGER, "key kms:Decrypt")
    assert decision.effect is Effect.ALLOW
    assert decision.reason == "grant 01234567… where the encryption context has team=x allows it"


def test_a_denial_in_the_key_policy_outdoes_a_grant() -> None:
    deny = {"Effect": "Deny", "Principal": {"AWS": COLLEAGUE}, "Action": "kms:Decrypt", "Resource": "*", "Sid": "No"}
    denied = with_key(lambda statements: statements.append(deny))
    decision = table(granted(to(COLLEAGUE), policies=denied)).of(COLLEAGUE, "key kms:Decrypt")
    assert (decision.effect, decision.reason) == (Effect.DENY, "statement No of the key policy denies it")


def test_a_grant_that_lets_make_grants_is_told_as_that() -> None:
    found = table(granted(to(STRANGER, "CreateGrant")))
    assert (STRANGER, "kms:CreateGrant") in allowed(found, "key", Group.GRANTS)


def test_a_whole_account_that_holds_a_grant_is_one_of_its_roles() -> None:
    (told,) = differences(table(world()), table(granted(to("arn:aws:iam::999988887777:root"))))
    assert told == "a role of account 999988887777 can now use the key (only Decrypt): grant 01234567…"


@pytest.mark.parametrize(
    "grantee",
    ["dynamodb.us-east-1.amazonaws.com", "arn:aws:sts::999988887777:federated-user/somebody", "nobody KMS names"],
)
def test_a_grantee_that_has_no_row_lets_nobody_else_in_and_is_noted(grantee: str) -> None:
    found = table(granted(to(grantee)))
    assert differences(table(world()), found) == []
    assert any(grantee in each and "grant 01234567…" in each for each in found.notes())


def test_a_grant_to_the_role_that_gives_nothing_new_changes_no_decision() -> None:
    assert differences(table(world()), table(granted(to(ROLE)))) == []


def test_the_json_names_the_grant_and_says_that_grants_were_looked_at() -> None:
    written = as_json(table(granted(to(STRANGER))))
    (by_grant,) = [each for each in written["decisions"] if any(ref["grant"] for ref in each["statements"])]
    assert (by_grant["principal"], by_grant["request"]) == (STRANGER, "key kms:Decrypt")
    assert not any("Grants" in each or "Replicas" in each for each in written["not_looked_at"])
    assert any("Grants" in each for each in as_json(table(world()))["not_looked_at"])


def test_a_replica_is_a_key_of_its_own() -> None:
    base = granted()
    elsewhere = KEY.replace("us-east-1", "eu-west-1")
    grants = parse_grants([{"GrantId": "9" * 64, **to(STRANGER)}], key_arn=elsewhere)
    replica = replace(base.keys[0], arn=elsewhere, replica="eu-west-1", grants=grants)
    found = table(replace(base, keys=(*base.keys, replica)))
    assert {who for who, _ in allowed(found, "replica/eu-west-1", Group.USE)} >= {STRANGER, ROLE.replace(
        f"arn:aws:iam::{ACCOUNT}:", "")}  # fmt: skip
    assert STRANGER not in {who for who, _ in allowed(found, "key", Group.USE)}
    assert "use the key's replica in eu-west-1" in as_text(found)


@tried(40)
@given(
    operations=st.lists(st.sampled_from(KEY_OPERATIONS), min_size=1, unique=True),
    grantee=st.sampled_from(
        [STRANGER, COLLEAGUE, "arn:aws:iam::999988887777:user/u", "arn:aws:iam::999988887777:root"]
    ),
    context=st.dictionaries(st.text("ab", min_size=1), st.text("xy"), max_size=2),
    exact=st.booleans(),
)
def test_a_grant_only_ever_adds_and_exactly_its_operations(
    operations: list[str], grantee: str, context: dict[str, str], exact: bool
) -> None:
    constraints = {f"EncryptionContext{'Equals' if exact else 'Subset'}": context}
    before, after = world(), granted(to(grantee, *operations, Constraints=constraints))
    had, has = allowed(table(before), "key", Group.USE), allowed(table(after), "key", Group.USE)
    assert had <= has
    assert {name.removeprefix("kms:") for _, name in has - had} == set(operations)
    assert len({who for who, _ in has - had}) == 1
