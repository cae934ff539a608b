"""What a customer deploys in its own account: a key that lets our role in. Plain CloudFormation, no tool of ours.

Source: facts.aws.KMS_CROSS_ACCOUNT_PAGE; the key policy is the one of our own keys.
"""

from typing import Any

from pinekeep.model.facts import aws
from pinekeep.model.policies.key import ROOT_SID, key_user_statements


def customer_key_template(*, deployment: str, customer: str, role_arn: str, role_description: str) -> dict[str, Any]:
    """Return a CloudFormation template for a new key that our role may use.

    The key and its alias are kept when the stack goes: a deleted key is all data encrypted with it lost.

    Args:
        deployment: the deployment that the key is for; a customer may be in several.
        customer: the customer's name, for the alias and the description.
        role_arn: the role that may use the key, and nothing else may.
        role_description: who the role belongs to, in a few words.
    """
    account_root = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    kept = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"A KMS key for {customer} that {role_description} may use. Keep: a lost key is lost data.",
        "Resources": {
            "EncryptionKey": {
                "Type": "AWS::KMS::Key",
                **kept,
                "Properties": {
                    "Description": f"Used by {role_description} for {customer}",
                    "Enabled": True,
                    "EnableKeyRotation": True,
                    "RotationPeriodInDays": aws.ROTATION_DAYS_DEFAULT,
                    "KeySpec": aws.KEY_SPEC,
                    "KeyUsage": aws.KEY_USAGE,
                    "Origin": aws.KEY_ORIGIN,
                    "MultiRegion": False,
                    "PendingWindowInDays": aws.DELETION_WINDOW_DAYS_MAX,
                    "KeyPolicy": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Sid": ROOT_SID,
                                "Effect": "Allow",
                                "Principal": {"AWS": account_root},
                                "Action": "kms:*",
                                "Resource": "*",
                            },
                            *key_user_statements(role_arn),
                        ],
                    },
                },
            },
            "EncryptionKeyAlias": {
                "Type": "AWS::KMS::Alias",
                **kept,
                "Properties": {
                    "AliasName": f"alias/{alias_name(deployment=deployment, customer=customer)}",
                    "TargetKeyId": {"Ref": "EncryptionKey"},
                },
            },
        },
        "Outputs": {
            "KeyArn": {
                "Description": "Send this back: it names the key that is to be used",
                "Value": {"Fn::GetAtt": ["EncryptionKey", "Arn"]},
            }
        },
    }


def alias_name(*, deployment: str, customer: str) -> str:
    """Return the alias of a customer's key, without ``alias/``: one for each deployment that the customer is in."""
    return f"pinecone/{deployment}/{customer}"


def stack_name(*, deployment: str, customer: str) -> str:
    """Return the name of the stack that the customer is told to make."""
    return f"pinecone-key-{deployment}-{customer}"
