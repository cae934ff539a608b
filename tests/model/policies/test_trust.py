import json

import pytest

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.trust import TrustForm, trust_policy

PINECONE = "740000000001"
ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
PATTERN = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_*"


def test_named_regions_with_an_external_id() -> None:
    assert trust_policy(pinecone_account=PINECONE, regions=["us-east-1", "eu-west-1"], external_id=ID) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowPineconeToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {
                    "AWS": [
                        f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-east-1",
                        f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_eu-west-1",
                    ]
                },
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": ID}},
            }
        ],
    }


def test_named_regions_without_an_external_id() -> None:
    assert trust_policy(pinecone_account=PINECONE, regions=["us-west-2"], external_id=None) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowPineconeToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_us-west-2"]},
                "Action": "sts:AssumeRole",
            }
        ],
    }


@pytest.mark.parametrize(
    ("form", "principal"), [("documented", "*"), ("account-root", f"arn:aws:iam::{PINECONE}:root")]
)
def test_all_regions_with_an_external_id(form: TrustForm, principal: str) -> None:
    assert trust_policy(pinecone_account=PINECONE, regions="all", external_id=ID, form=form) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowPineconeToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {
                    "StringEquals": {"sts:ExternalId": ID},
                    "StringLike": {"aws:PrincipalArn": PATTERN},
                },
            }
        ],
    }


@pytest.mark.parametrize(
    ("form", "principal"), [("documented", "*"), ("account-root", f"arn:aws:iam::{PINECONE}:root")]
)
def test_all_regions_without_an_external_id(form: TrustForm, principal: str) -> None:
    assert trust_policy(pinecone_account=PINECONE, regions="all", external_id=None, form=form) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowPineconeToAssumeTheRole",
                "Effect": "Allow",
                "Principal": {"AWS": principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringLike": {"aws:PrincipalArn": PATTERN}},
            }
        ],
    }


def test_the_documented_form_is_the_default() -> None:
    assert trust_policy(pinecone_account=PINECONE, regions="all", external_id=ID) == trust_policy(
        pinecone_account=PINECONE, regions="all", external_id=ID, form="documented"
    )


def test_the_form_says_nothing_about_named_regions() -> None:
    assert trust_policy(
        pinecone_account=PINECONE, regions=["us-east-1"], external_id=ID, form="account-root"
    ) == trust_policy(pinecone_account=PINECONE, regions=["us-east-1"], external_id=ID)


@pytest.mark.parametrize("external_id", [ID, None])
@pytest.mark.parametrize("regions", [["us-east-1"], "all"])
def test_a_principal_of_everyone_never_stands_without_the_condition_on_pinecones_roles(
    regions: list[str], external_id: str | None
) -> None:
    (statement,) = trust_policy(pinecone_account=PINECONE, regions=regions, external_id=external_id)["Statement"]
    if statement["Principal"]["AWS"] == "*":
        assert statement["Condition"]["StringLike"] == {"aws:PrincipalArn": PATTERN}


def test_the_regions_keep_their_order_and_are_copied() -> None:
    regions = ["us-west-2", "us-east-1"]
    policy = trust_policy(pinecone_account=PINECONE, regions=regions, external_id=ID)
    regions.clear()
    assert [arn[-9:] for arn in policy["Statement"][0]["Principal"]["AWS"]] == ["us-west-2", "us-east-1"]


def test_all_documented_regions_fit_into_a_trust_policy() -> None:
    policy = trust_policy(pinecone_account=PINECONE, regions=pinecone.REGIONS, external_id=ID)
    assert len(json.dumps(policy)) < aws.TRUST_POLICY_MAX
