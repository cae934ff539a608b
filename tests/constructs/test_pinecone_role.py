from typing import Any

import pytest

from pinekeep.constructs import PineconeRole
from tests.stacks.support import EXTERNAL_ID, PINECONE, Made, foreign_stack, made_in

ACCESS_ROLE = f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_"
ID_CONDITION = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
ANY_ACCESS_ROLE = {"StringLike": {"aws:PrincipalArn": ACCESS_ROLE + "*"}}


def role(**settings: Any) -> Made:
    stack = foreign_stack()
    needed: dict[str, Any] = {"pinecone_account": PINECONE, "external_id": EXTERNAL_ID}
    PineconeRole(stack, "Role", **(needed | settings))
    return made_in(stack)


@pytest.mark.parametrize(
    ("settings", "principal", "condition"),
    [
        pytest.param(
            {"regions": ["us-east-1"]},
            [ACCESS_ROLE + "us-east-1"],
            ID_CONDITION,
            id="one region, external ID",
        ),
        pytest.param(
            {"regions": ["us-east-1", "us-west-2", "eu-west-1"]},
            [ACCESS_ROLE + "us-east-1", ACCESS_ROLE + "us-west-2", ACCESS_ROLE + "eu-west-1"],
            ID_CONDITION,
            id="three regions, external ID",
        ),
        pytest.param(
            {"regions": ["us-east-1", "eu-west-1"], "external_id": None},
            [ACCESS_ROLE + "us-east-1", ACCESS_ROLE + "eu-west-1"],
            None,
            id="named regions, no external ID",
        ),
        pytest.param(
            {"regions": "all"},
            "*",
            {**ID_CONDITION, **ANY_ACCESS_ROLE},
            id="all regions, external ID",
        ),
        pytest.param(
            {"regions": "all", "form": "account-root"},
            f"arn:aws:iam::{PINECONE}:root",
            {**ID_CONDITION, **ANY_ACCESS_ROLE},
            id="all regions, external ID, account root",
        ),
        pytest.param(
            {"regions": "all", "external_id": None, "accept_confused_deputy": True},
            "*",
            ANY_ACCESS_ROLE,
            id="all regions, no external ID",
        ),
        pytest.param(
            {"regions": "all", "external_id": None, "accept_confused_deputy": True, "form": "account-root"},
            f"arn:aws:iam::{PINECONE}:root",
            ANY_ACCESS_ROLE,
            id="all regions, no external ID, account root",
        ),
    ],
)
def test_the_trust_policy_is_one_whole_statement_in_every_variant(
    settings: dict[str, Any], principal: Any, condition: dict[str, Any] | None
) -> None:
    statement = {
        "Sid": "AllowPineconeToAssumeTheRole",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        **({"Condition": condition} if condition else {}),
    }
    assert role(**settings).only("AWS::IAM::Role")["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [statement],
    }


def test_the_role_carries_no_permissions() -> None:
    made = role(regions=["us-east-1"])
    assert made.types == ["AWS::IAM::Role"]
    assert set(made.only("AWS::IAM::Role")) == {"AssumeRolePolicyDocument", "Description"}


def test_the_role_has_the_name_and_description_it_is_given() -> None:
    properties = role(regions=["us-east-1"], role_name="pinecone", description="Ours").only("AWS::IAM::Role")
    assert (properties["RoleName"], properties["Description"]) == ("pinecone", "Ours")


def test_the_role_is_kept_when_it_is_removed_or_replaced_but_not_after_a_failed_first_create() -> None:
    (resource,) = role(regions=["us-east-1"]).of_type("AWS::IAM::Role").values()
    assert resource["DeletionPolicy"] == "RetainExceptOnCreate"
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_arn_is_a_reference_that_makes_its_user_wait_for_the_role() -> None:
    stack = foreign_stack()
    made = PineconeRole(stack, "Role", pinecone_account=PINECONE, regions=["us-east-1"], external_id=None)
    assert stack.resolve(made.role_arn) == {"Fn::GetAtt": [stack.get_logical_id(made.resource), "Arn"]}


def test_the_role_is_under_the_path_that_is_given() -> None:
    assert role(regions=["us-east-1"], path="/delegated/dev/").only("AWS::IAM::Role")["Path"] == "/delegated/dev/"
    assert "Path" not in role(regions=["us-east-1"]).only("AWS::IAM::Role")
