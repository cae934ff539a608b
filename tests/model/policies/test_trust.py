import json
from typing import Any

import pytest

from pinekeep.model.facts import aws, pinecone
from pinekeep.model.policies.trust import Trusted, TrustForm, trust_policy, trusted

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


EAST, WEST = (f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_{region}" for region in ("us-east-1", "us-west-2"))


@pytest.mark.parametrize(
    ("principal", "condition", "wanted"),
    [
        ({"AWS": [WEST, EAST]}, None, Trusted(PINECONE, ("us-east-1", "us-west-2"))),
        ({"AWS": WEST}, None, Trusted(PINECONE, ("us-west-2",))),
        ("*", {"StringLike": {"aws:PrincipalArn": PATTERN}}, Trusted(PINECONE, "all")),
        ({"AWS": [EAST]}, {"StringLike": {"aws:PrincipalArn": PATTERN}}, Trusted(PINECONE, "all")),
        ({"AWS": f"{EAST}/more"}, None, Trusted()),
        ({"AWS": "arn:aws:iam::111122223333:root"}, None, Trusted()),
        ("*", None, Trusted()),
    ],
)
def test_whom_a_trust_policy_names_is_read_back(principal: Any, condition: Any, wanted: Trusted) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    document = {"Statement": [{**statement, **({"Condition": condition} if condition else {})}]}
    assert trusted(document) == trusted(json.dumps(document)) == wanted


@pytest.mark.parametrize("regions", [["us-east-1", "us-west-2"], "all"])
def test_what_was_written_is_what_is_read_back(regions: Any) -> None:
    written = trust_policy(pinecone_account=PINECONE, regions=regions, external_id=ID)
    assert trusted(written) == Trusted(PINECONE, regions if regions == "all" else tuple(regions))


def test_a_denial_names_nobody_who_is_trusted() -> None:
    allowed = {"Effect": "Allow", "Principal": {"AWS": EAST}, "Action": "sts:AssumeRole"}
    denied = {"Effect": "Deny", "Principal": {"AWS": WEST}, "Action": "sts:AssumeRole"}
    assert trusted({"Statement": [allowed, denied]}) == Trusted(PINECONE, ("us-east-1",))


@pytest.mark.parametrize(
    "document", [None, {}, "", "{", {"Statement": [{"Principal": {"Ref": "Role"}}]}, {"Fn::Sub": "x"}]
)
def test_what_cannot_be_read_trusts_nobody(document: Any) -> None:
    assert trusted(document) == Trusted()
