"""Differences between two tables, in words that a reviewer can sign."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pinekeep.decisions.access.differences import differences
from pinekeep.decisions.access.policies import NamedPolicy, PolicySet, RolePolicies
from tests.decisions.access.worlds import (
    CUSTOMER,
    ID,
    KEY,
    PINECONE,
    ROLE,
    access_role,
    document,
    table,
    with_customer,
    with_key,
    with_role,
    with_trust,
    world,
)

ONE = ["us-east-1"]
SID = "statement AllowPineconeToAssumeTheRole of the trust policy"
EVERYONE: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}


def told(live: PolicySet, wanted: PolicySet | None = None) -> list[str]:
    return differences(table(wanted or world(regions=ONE)), table(live))


def trust(change: Callable[[Any], object]) -> PolicySet:
    return with_trust(change, world(regions=ONE))


def key(change: Callable[[Any], object]) -> PolicySet:
    return with_key(change, world(regions=ONE))


def test_the_same_policies_do_not_differ() -> None:
    assert told(world(regions=ONE)) == []


def test_a_key_that_got_its_id_when_it_was_deployed_does_not_differ() -> None:
    wanted = world(regions=ONE)
    unborn = KEY.replace("0f1e2d3c", "00000000")
    assert told(wanted, replace(wanted, keys=(replace(wanted.keys[0], arn=unborn),))) == []


@pytest.mark.parametrize(
    "same",
    [
        lambda statement: statement.update(Sid="Other"),
        lambda statement: statement.update(Action=["STS:assumerole"]),
        lambda statement: statement.update(Principal={"AWS": access_role("us-east-1")}),
        lambda statement: statement.update(
            Principal="*",
            Condition={**statement["Condition"], "ArnEquals": {"aws:PrincipalArn": access_role("us-east-1")}},
        ),
    ],
)  # fmt: skip
def test_what_is_written_otherwise_but_means_the_same_does_not_differ(same: Any) -> None:
    assert told(trust(same)) == []


def test_a_stranger_who_is_let_in_is_told_of_with_the_statement() -> None:
    live = world(regions=ONE)
    statements = [*(live.roles[0].trust or {})["Statement"], EVERYONE]
    lines = told(with_role(live, trust=document(*statements)))
    assert lines == [
        "Pinecone's access role of us-east-1 can now assume the role pinekeep-prod with any other external ID or none: "
        "statement 2 of the trust policy",
        "Pinecone's access roles of us-west-2, eu-west-1, eu-central-1, ap-southeast-1, ap-south-1 (where Pinecone "
        "does not run yet), another role of Pinecone's account, a stranger's role of the same name as Pinecone's, "
        "the role pinekeep-prod, the key administrator role/KeyAdmins and a user of account 111122223333 without "
        "permissions can now assume the role pinekeep-prod with any external ID or none: statement 2 of the trust "
        "policy",
    ]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({"StringEqualsIfExists": {"sts:ExternalId": ID}}, "no external ID"),
        ({"StringLike": {"sts:ExternalId": "*"}}, "any other external ID"),
        ({"StringEquals": {"sts:ExternalId": [ID, "for-another"]}}, "the external ID for-anot…"),
        (
            {"StringLike": {"sts:ExternalId": f"{ID[:6]}*"}},
            "an external ID that begins like the agreed one, an external ID that goes on after the agreed one and "
            "the external ID 8c2b1c*",
        ),
    ],
)
def test_an_external_id_that_is_loosened_is_told_of_with_what_it_lets_through(condition: Any, ids: str) -> None:
    lines = told(trust(lambda statement: statement.update(Condition=condition)))
    assert lines == [f"Pinecone's access role of us-east-1 can now assume the role pinekeep-prod with {ids}: {SID}"]


def test_another_external_id_is_told_of_both_ways() -> None:
    lines = told(trust(lambda statement: statement.update(Condition={"StringEquals": {"sts:ExternalId": "other-id"}})))
    assert lines == [
        "Pinecone's access role of us-east-1 can no longer assume the role pinekeep-prod with the agreed external ID: "
        "no statement of the trust policy allows it",
        "Pinecone's access role of us-east-1 can now assume the role pinekeep-prod with the external ID other-id: "
        f"{SID}",
    ]


def test_a_whole_account_trusted_is_told_of() -> None:
    lines = told(trust(lambda statement: statement.update(Principal={"AWS": PINECONE})))
    assert lines == [
        "Pinecone's access roles of us-west-2, eu-west-1, eu-central-1, ap-southeast-1, ap-south-1 (where Pinecone "
        "does not run yet) and another role of Pinecone's account can now assume the role pinekeep-prod with the "
        f"agreed external ID: {SID}"
    ]


def test_a_principal_whom_only_the_live_policy_names_is_told_of() -> None:
    names = [access_role("us-east-1"), "arn:aws:iam::555566667777:user/x"]
    lines = told(trust(lambda statement: statement.update(Principal={"AWS": names})))
    assert lines == [
        "arn:aws:iam::555566667777:user/x can now assume the role pinekeep-prod with the agreed external ID: " + SID
    ]


def test_a_principal_whom_only_the_wanted_policy_names_is_told_of() -> None:
    names = [access_role("us-east-1"), "arn:aws:iam::555566667777:user/x"]
    wanted = trust(lambda statement: statement.update(Principal={"AWS": names}))
    assert told(world(regions=ONE), wanted) == [
        "arn:aws:iam::555566667777:user/x can no longer assume the role pinekeep-prod with the agreed external ID: "
        "no statement of the trust policy allows it"
    ]


def test_a_widened_action_is_told_of_group_by_group() -> None:
    lines = told(key(lambda statements: statements[3].update(Action=["kms:*"])))
    by = "statement AllowUseOfTheKey of the key policy"
    assert lines == [
        f"the role pinekeep-prod can now make grants on the key for anyone: {by}",
        f"the role pinekeep-prod can now read the settings of the key: {by}",
        f"the role pinekeep-prod can now administer the key: {by}",
        f"the role pinekeep-prod can now delete the key: {by}",
    ]


def test_single_actions_are_told_of_by_name() -> None:
    lines = told(key(lambda statements: statements[3]["Action"].append("kms:PutKeyPolicy")))
    assert lines == [
        "the role pinekeep-prod can now administer the key (only PutKeyPolicy): statement AllowUseOfTheKey of the key "
        "policy"
    ]


def test_a_missing_action_is_told_of_by_name() -> None:
    lines = told(key(lambda statements: statements[3]["Action"].remove("kms:Decrypt")))
    assert lines == [
        "the role pinekeep-prod can no longer use the key (only Decrypt): the key policy leaves it to IAM policies of "
        "the account, of which none allows it"
    ]


def test_a_lost_root_statement_is_told_of_for_the_root_user_and_for_iam() -> None:
    lines = told(key(lambda statements: statements.pop(0)))
    none = "no statement of the key policy allows it"
    assert f"the root user of account 111122223333 can no longer administer the key: {none}" in lines
    assert (
        "IAM policies of the account can no longer let a user of account 111122223333 without permissions use the "
        f"key: {none}"
    ) in lines


def test_a_lost_deny_statement_is_told_of_as_what_iam_could_now_allow() -> None:
    lines = told(key(lambda statements: statements.pop(2)))
    assert lines[0] == (
        "IAM policies of the account can now let the key administrator role/KeyAdmins use the key (all but "
        "DescribeKey): statement EnableIamUserPermissions of the key policy"
    )


def test_a_permissions_policy_that_revokes_is_told_of() -> None:
    revoked = NamedPolicy(name="stop", document=document({"Effect": "Deny", "Action": "kms:*", "Resource": "*"}))
    lines = told(with_role(world(regions=ONE), permissions=(revoked,)))
    assert lines[0] == (
        "the role pinekeep-prod can no longer use the key: statement 1 of the permissions policy stop denies it"
    )


def test_what_can_no_longer_be_decided_is_told_of() -> None:
    lines = told(trust(lambda statement: statement["Condition"].update(IpAddress={"aws:SourceIp": "192.0.2.1/32"})))
    assert lines == [
        "whether Pinecone's access role of us-east-1 can assume the role pinekeep-prod with the agreed external ID "
        f"cannot be decided: {SID}: the condition operator IpAddress cannot be evaluated here"
    ]


def test_a_key_policy_that_could_not_be_read_is_told_of_once() -> None:
    live = world(regions=ONE)
    lines = told(replace(live, keys=(replace(live.keys[0], document=None),)))
    assert lines == ["the key policy is unknown, so it was not compared"]


def test_of_an_adopted_key_of_which_nothing_is_wanted_outsiders_are_told_of_alone() -> None:
    wanted = world(regions=ONE)
    wanted = replace(wanted, keys=(replace(wanted.keys[0], document=None),))
    assert told(world(regions=ONE), wanted) == []
    [line] = told(key(lambda statements: statements[3].update(Principal="*")), wanted)
    assert line.startswith("Pinecone's access roles of us-east-1, ")
    assert line.endswith(
        "a stranger's role of the same name as Pinecone's can use the key: statement AllowUseOfTheKey of the key "
        "policy; the wanted access could not be decided"
    )


def test_a_role_or_key_that_is_gone_or_new_is_told_of() -> None:
    one = world(regions=ONE)
    other = RolePolicies(arn=f"{ROLE}-2", trust=one.roles[0].trust)
    assert told(replace(one, roles=()), one) == ["role pinekeep-prod no longer exists"]
    assert told(replace(one, roles=(*one.roles, other)), one) == ["role pinekeep-prod-2 is new"]
    assert told(replace(one, keys=()), one) == [f"key {KEY} no longer exists"]


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        (
            "permitted",
            "the role pinekeep-prod can no longer use the key of acme (only Encrypt, Decrypt): the key policy of acme "
            "allows it, but no permissions policy of the caller does",
        ),
        (
            "named",
            "the role pinekeep-prod can no longer use the key of acme (only Encrypt, Decrypt): no statement of the key "
            "policy of acme allows it",
        ),
    ],
)
def test_a_customers_key_that_lost_a_part_is_told_of(missing: str, line: str) -> None:
    assert told(with_customer(**{missing: False}), with_customer()) == [line]


def test_a_customers_account_that_is_let_at_our_key_is_told_of() -> None:
    base = with_customer()
    statement = {"Effect": "Allow", "Principal": {"AWS": CUSTOMER}, "Action": "kms:Decrypt", "Resource": "*"}
    changed = document(*(base.keys[0].document or {})["Statement"], statement)
    live = replace(base, keys=(replace(base.keys[0], document=changed), base.keys[1]))
    assert told(live, base) == [
        "an administrator of the account of acme (444455556666) and arn:aws:iam::444455556666:role/theirs can now use "
        "the key (only Decrypt): statement 6 of the key policy"
    ]


# --- Permissions boundaries ---

LIMIT = NamedPolicy(name="limit", document=None)


def bound(policies: PolicySet, limit: NamedPolicy | None = LIMIT) -> PolicySet:
    return replace(policies, roles=tuple(replace(each, boundary=limit) for each in policies.roles))


def without_use() -> PolicySet:
    return key(lambda statements: statements.remove(next(e for e in statements if e["Sid"] == "AllowUseOfTheKey")))


@pytest.mark.parametrize("limit", [LIMIT, None], ids=["the same", "none"])
def test_a_boundary_that_is_not_known_hides_no_loss(limit: NamedPolicy | None) -> None:
    found = told(bound(without_use(), limit), bound(world(regions=ONE)))
    assert found == told(without_use())
    assert "can no longer use the key" in found[0]


@pytest.mark.parametrize("limit", [LIMIT, None], ids=["the same", "none"])
def test_a_boundary_that_is_not_known_is_no_difference_by_itself(limit: NamedPolicy | None) -> None:
    assert told(bound(world(regions=ONE), limit), bound(world(regions=ONE))) == []


def test_another_boundary_that_is_not_known_leaves_the_loss_undecided() -> None:
    found = told(bound(world(regions=ONE), NamedPolicy(name="other", document=None)), bound(world(regions=ONE)))
    assert found
    assert all("cannot be decided: the permissions boundary other" in each for each in found)


def test_a_boundary_that_one_side_alone_knows_is_that_of_both() -> None:
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    known = NamedPolicy(name="limit", document=document(reading))
    assert told(bound(world(regions=ONE), known), bound(world(regions=ONE))) == []
    assert told(bound(world(regions=ONE)), bound(world(regions=ONE), known)) == []
