"""Grants as ListGrants tells of them: whose they are, and what they come to."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pinekeep.model.policies.grants import Grant

ACCOUNT = "111122223333"
OTHER = "444455556666"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
STRANGER = f"arn:aws:iam::{OTHER}:role/nightly-export"
ENTRY: dict[str, Any] = {
    "KeyId": KEY,
    "GrantId": "0123456789abcdef" * 4,
    "Name": "",
    "CreationDate": datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    "GranteePrincipal": STRANGER,
    "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
    "Operations": ["Decrypt"],
}


def grant(**changes: Any) -> Grant:
    return Grant.parse({**ENTRY, **changes}, key_arn=KEY)


SERVICES = {
    "a service principal": {"GranteePrincipal": "dynamodb.us-west-2.amazonaws.com"},
    "a service principal in its own field": {
        "GranteePrincipal": "something that is displayed",
        "GranteeServicePrincipal": "us-east-1.supportauthz.amazonaws.com",
    },
    "the role that EC2 gives an instance": {
        "GranteePrincipal": f"arn:aws:sts::{ACCOUNT}:assumed-role/aws:ec2-infrastructure/i-0123"
    },
    "a service-linked role": {
        "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS"
    },
}
OTHERS: dict[str, dict[str, str | None]] = {
    "a role": {"GranteePrincipal": STRANGER},
    "a role that is called like a service": {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/dynamodb.amazonaws.com"},
    "a role in a path like that of services": {
        "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/mine/aws-service-role/rds.amazonaws.com/x"
    },
    "a whole account": {"GranteePrincipal": f"arn:aws:iam::{OTHER}:root"},
    "a service that an account other than ours called": {
        "GranteePrincipal": "dynamodb.us-west-2.amazonaws.com",
        "IssuingAccount": f"arn:aws:iam::{OTHER}:root",
    },
    "an instance of another account": {
        "GranteePrincipal": f"arn:aws:sts::{OTHER}:assumed-role/aws:ec2-infrastructure/i-0123"
    },
    "somebody whom a service may retire": {"RetiringPrincipal": "ec2.us-east-1.amazonaws.com"},
    "nobody that is told": {"GranteePrincipal": None},
}


@pytest.mark.parametrize("changes", SERVICES.values(), ids=SERVICES.keys())
def test_a_grant_for_an_aws_service_of_the_account_is_told_from_others(changes: Any) -> None:
    assert grant(**changes).is_for_service(ACCOUNT)


@pytest.mark.parametrize("changes", OTHERS.values(), ids=OTHERS.keys())
def test_any_other_grantee_is_no_service(changes: Any) -> None:
    assert not grant(**changes).is_for_service(ACCOUNT)


def test_what_is_told_names_who_what_and_under_which_condition() -> None:
    found = grant(Name="backup", Constraints={"EncryptionContextSubset": {"team": "x", "app": "y"}})
    assert str(found) == (
        f"grant 01234567… (backup) lets {STRANGER} Decrypt where the encryption context has app=y, team=x"
    )
    exact = grant(Constraints={"EncryptionContextEquals": {"team": "x"}, "SourceArn": "arn:aws:s3:::b"})
    assert exact.constraints == "where the encryption context is team=x and it is for arn:aws:s3:::b"
    assert grant().constraints == ""


def test_where_it_comes_from_is_told_as_far_as_kms_does() -> None:
    assert grant().origin == f"made by account {ACCOUNT} on 2026-11-02"
    assert grant(RetiringPrincipal=STRANGER).origin.endswith(f", {STRANGER} may retire it")
    assert grant(IssuingAccount=None, CreationDate=None).origin == ""


def test_the_command_that_ends_it_can_be_pasted() -> None:
    assert grant().revoke_command == (
        f"aws kms revoke-grant --key-id {KEY} --grant-id {'0123456789abcdef' * 4} --region eu-west-1"
    )


@pytest.mark.parametrize(
    ("grantee", "account", "whole"),
    [
        (STRANGER, OTHER, None),
        (f"arn:aws:iam::{OTHER}:root", OTHER, OTHER),
        (OTHER, OTHER, OTHER),
        (f"arn:aws:sts::{OTHER}:assumed-role/r/s", OTHER, None),
        ("AROA1234567890EXAMPLE", None, None),
        ("s3.amazonaws.com", None, None),
    ],
)
def test_the_account_of_the_grantee_is_known_from_its_name(grantee: str, account: str, whole: str | None) -> None:
    found = grant(GranteePrincipal=grantee)
    assert (found.grantee_account, found.whole_account) == (account, whole)
