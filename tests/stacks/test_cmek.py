import json
from typing import Any

import pytest
from aws_cdk.assertions import Annotations, Match

from pinekeep.model.config import Deployment
from pinekeep.model.policies.key import key_user_statements
from stacks.cmek import CmekStack
from tests.stacks.support import (
    ACCOUNT,
    EXTERNAL_ID,
    NAME,
    PINECONE,
    REGION,
    cmek,
    deployment,
    make_cmek,
    new_scratch_app,
    private_link,
)

ADOPTED = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
ADMINISTRATOR = f"arn:aws:iam::{ACCOUNT}:role/keys"

LOGICAL_IDS = {
    "AWS::IAM::Role": "PineconeRole",
    "AWS::KMS::Key": "EncryptionKey",
    "AWS::KMS::Alias": "EncryptionKeyAlias",
}


def stack_of(settings: Deployment) -> CmekStack:
    app = new_scratch_app()
    return CmekStack(app, "Cmek", name=NAME, deployment=settings, pinecone_account=PINECONE)


@pytest.mark.parametrize(("kind", "logical_id"), LOGICAL_IDS.items())
def test_the_logical_ids_never_change(kind: str, logical_id: str) -> None:
    assert list(make_cmek().of_type(kind)) == [logical_id], (
        f"The logical ID of the {kind} is not {logical_id!r} any more. CloudFormation knows resources by this ID: "
        "in every deployment there is, it would make a second one, and let go of the one that Pinecone knows. "
        "Key, role and external ID can never be changed in Pinecone, so the project's data would be lost. "
        "Bring the ID back; there is no reason good enough to change it."
    )


def test_the_stack_holds_a_role_a_key_and_an_alias_and_nothing_else() -> None:
    assert make_cmek().types == ["AWS::IAM::Role", "AWS::KMS::Alias", "AWS::KMS::Key"]


def test_the_trust_policy_is_made_of_the_settings() -> None:
    made = make_cmek(trust={"regions": "all", "form": "account-root"})
    assert made.only("AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Sid": "AllowPineconeToAssumeTheRole",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{PINECONE}:root"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"sts:ExternalId": EXTERNAL_ID},
                "StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{PINECONE}:role/pinecone_cmek_access_*"},
            },
        }
    ]


def test_the_word_none_means_no_condition_on_the_external_id() -> None:
    made = make_cmek(trust={"external_id": "none"})
    (statement,) = made.only("AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"]
    assert "Condition" not in statement
    assert made.outputs["ExternalId"] == "none"


@pytest.mark.parametrize(
    "trust",
    [
        {"regions": "all", "external_id": "none", "accept_confused_deputy": True},
        {"regions": ["us-east-1", "ap-south-2"], "allow_undocumented_regions": True},
    ],
)
def test_what_the_file_accepts_explicitly_is_made(trust: dict[str, Any]) -> None:
    assert make_cmek(trust=trust).only("AWS::IAM::Role")


def test_the_key_user_is_this_role_and_nothing_wider() -> None:
    role: Any = {"Fn::GetAtt": ["PineconeRole", "Arn"]}
    statements = make_cmek().only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    assert [statement["Principal"] for statement in statements] == [
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": role},
        {"AWS": role},
    ]
    assert statements[1:] == key_user_statements(role)


def test_the_role_carries_no_permissions_of_its_own() -> None:
    properties = make_cmek().only("AWS::IAM::Role")
    assert not {"Policies", "ManagedPolicyArns", "PermissionsBoundary"} & properties.keys()


@pytest.mark.parametrize(
    ("key", "name", "value"),
    [
        ({"rotation_days": 90}, "RotationPeriodInDays", 90),
        ({"multi_region": True}, "MultiRegion", True),
        ({"deletion_window_days": 7}, "PendingWindowInDays", 7),
    ],
)
def test_the_keys_settings_reach_the_key(key: dict[str, Any], name: str, value: Any) -> None:
    assert make_cmek(key=key).only("AWS::KMS::Key")[name] == value


def test_administrators_reach_the_key_policy() -> None:
    statements = make_cmek(key={"administrators": [ADMINISTRATOR]}).only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    named = [statement["Sid"] for statement in statements if statement["Principal"] == {"AWS": [ADMINISTRATOR]}]
    assert named == ["AllowAccessForKeyAdministrators", "DenyUseByKeyAdministrators"]


def test_names_left_out_come_from_the_deployment() -> None:
    made = make_cmek()
    assert made.only("AWS::IAM::Role")["RoleName"] == f"pinekeep-{NAME}-{REGION}"
    assert made.only("AWS::KMS::Alias")["AliasName"] == f"alias/pinecone/{NAME}"


def test_names_given_are_taken() -> None:
    made = make_cmek(role_name="ours", key={"alias": "ours/key"})
    assert made.only("AWS::IAM::Role")["RoleName"] == "ours"
    assert made.only("AWS::KMS::Alias")["AliasName"] == "alias/ours/key"


def test_all_that_it_makes_is_retained() -> None:
    assert {
        name: (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
        for name, resource in make_cmek().resources.items()
    } == dict.fromkeys(LOGICAL_IDS.values(), ("RetainExceptOnCreate", "Retain"))


def test_the_stack_is_protected_from_termination() -> None:
    assert stack_of(deployment(cmek=cmek())).termination_protection


def test_the_outputs_are_what_the_pinecone_console_asks_for() -> None:
    assert make_cmek().outputs == {
        "RoleArn": {"Fn::GetAtt": ["PineconeRole", "Arn"]},
        "KeyArn": {"Fn::GetAtt": ["EncryptionKey", "Arn"]},
        "KeyAlias": {"Ref": "EncryptionKeyAlias"},
        "ExternalId": EXTERNAL_ID,
    }


def test_an_adopted_key_is_named_and_none_is_made() -> None:
    made = make_cmek(key={"adopt": ADOPTED})
    assert made.types == ["AWS::IAM::Role"]
    assert list(made.resources) == ["PineconeRole"]
    assert made.outputs == {
        "RoleArn": {"Fn::GetAtt": ["PineconeRole", "Arn"]},
        "KeyArn": ADOPTED,
        "ExternalId": EXTERNAL_ID,
    }


def test_with_an_adopted_key_the_statements_that_its_policy_needs_are_told() -> None:
    stack = stack_of(deployment(cmek=cmek(role_name="ours", key={"adopt": ADOPTED})))
    (told,) = Annotations.from_stack(stack).find_info("*", Match.any_value())
    sentence, _, statements = str(told.entry.data).partition("\n")
    assert sentence == (f"The policy of the adopted key {ADOPTED} is yours to keep. It must have these statements:")
    assert json.loads(statements) == key_user_statements(f"arn:aws:iam::{ACCOUNT}:role/ours")


def test_nothing_is_told_where_the_key_is_made_here() -> None:
    assert Annotations.from_stack(stack_of(deployment(cmek=cmek()))).find_info("*", Match.any_value()) == []


def test_a_deployment_without_a_key_is_refused() -> None:
    with pytest.raises(ValueError, match=f"deployment {NAME} has no cmek"):
        stack_of(deployment(private_link=private_link()))
