import json
from typing import Any

import pytest

from pinekeep.model.policies.stack import parse_stack_policy, stack_policy, unprotected

EVERYTHING = [
    "Update:Replace of AWS::IAM::Role",
    "Update:Delete of AWS::IAM::Role",
    "Update:Replace of AWS::KMS::Key",
    "Update:Delete of AWS::KMS::Key",
    "Update:Replace of AWS::KMS::Alias",
    "Update:Delete of AWS::KMS::Alias",
]


def test_everything_may_be_updated_but_role_key_and_alias_are_neither_replaced_nor_removed() -> None:
    assert stack_policy() == {
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["Update:Replace", "Update:Delete"],
                "Resource": "*",
                "Condition": {"StringEquals": {"ResourceType": ["AWS::IAM::Role", "AWS::KMS::Key", "AWS::KMS::Alias"]}},
            },
        ]
    }


def test_it_protects_what_it_is_for() -> None:
    assert unprotected(stack_policy()) == []
    assert unprotected(parse_stack_policy(json.dumps(stack_policy()))) == []


@pytest.mark.parametrize(
    "policy", [None, {}, {"Statement": []}, {"Statement": stack_policy()["Statement"][:1]}, {"Statement": [7]}]
)
def test_without_a_denial_nothing_is_protected(policy: dict[str, Any] | None) -> None:
    assert unprotected(policy) == EVERYTHING


def test_what_somebody_else_wrote_stays_and_is_added_to() -> None:
    theirs = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "Update:Modify", "Resource": "*"}]}
    assert stack_policy(theirs)["Statement"] == [*theirs["Statement"], stack_policy()["Statement"][1]]
    assert len(theirs["Statement"]) == 1


def deny(**other: Any) -> dict[str, Any]:
    return {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "Update:*", "Resource": "*", **other}}


@pytest.mark.parametrize(
    "policy",
    [
        deny(),
        deny(Resource="LogicalResourceId/*"),
        deny(Action=["Update:Re*", "Update:Delete"]),
        deny(Condition={"StringLike": {"ResourceType": ["AWS::IAM::*", "AWS::KMS::*"]}}),
    ],
)
def test_a_wider_denial_protects_as_well(policy: dict[str, Any]) -> None:
    assert unprotected(policy) == []


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (deny(Action="Update:Delete"), [each for each in EVERYTHING if "Replace" in each]),
        (deny(Condition={"StringEquals": {"ResourceType": "AWS::KMS::Key"}}), [*EVERYTHING[:2], *EVERYTHING[4:]]),
        (deny(Resource="LogicalResourceId/EncryptionKey"), EVERYTHING),
        (deny(Effect="Allow"), EVERYTHING),
        (deny(Condition={"StringNotEquals": {"ResourceType": "AWS::KMS::Key"}}), EVERYTHING),
        (deny(Condition={"StringEquals": {"ResourceType": "AWS::KMS::Key", "Other": "x"}}), EVERYTHING),
    ],
)
def test_what_a_narrower_denial_leaves_open_is_named(policy: dict[str, Any], found: list[str]) -> None:
    assert unprotected(policy) == found


@pytest.mark.parametrize("text", [None, "", "no JSON", "[]", '"text"'])
def test_what_is_no_policy_counts_as_none(text: str | None) -> None:
    assert parse_stack_policy(text) is None
