"""The documents for a customer: a template for its key, and instructions. Source: facts.aws.KMS_CROSS_ACCOUNT_PAGE."""

import json
from typing import Any, Final

from pinekeep.model.facts import aws
from pinekeep.model.policies.key import ROOT_SID, key_user_statements

TEMPLATE_FILE: Final = "template.json"
STATEMENTS_FILE: Final = "key-policy-statements.json"
PAGE_FILE: Final = "README.md"

_PAGE: Final = """\
# Your key for {customer}

Your data is to be encrypted with a KMS key of yours. The key stays in your AWS account, {account}: you keep it, you
see in CloudTrail when it is used, and you can switch it off at any time. One role may use it, to encrypt and
decrypt, and may never administer it:

    {role_arn}

The role exists already. If AWS answers `MalformedPolicyDocumentException`, ask us first: the role is not there yet.

## A new key (most take this)

    aws cloudformation deploy --region {region} --stack-name {stack} \\
      --template-file {template}
    aws cloudformation describe-stacks --region {region} --stack-name {stack} \\
      --query "Stacks[0].Outputs[?OutputKey=='KeyArn'].OutputValue" --output text

It makes a symmetric key that rotates every year, and the alias `alias/{alias}`. Both stay when the stack is
deleted.

## A key that you have

It must be symmetric, for encryption and decryption, and in {region}. Add the two statements of `{statements}` to its
policy; leave what is there as it is:

    aws kms get-key-policy --region {region} --key-id KEY-ID --policy-name default --query Policy \\
      --output text > policy.json
    # add the statements to "Statement", then:
    aws kms put-key-policy --region {region} --key-id KEY-ID --policy-name default --policy file://policy.json

The statements:

```json
{shown}
```

## Then

Send us the key's ARN: `arn:aws:kms:{region}:{account}:key/…`, not an alias.

## What you should know

- **Never delete the key** while data is encrypted with it: that data would be lost for good, and nobody could help.
- To cut off access, disable the key: `aws kms disable-key --key-id KEY-ID`. To restore it: `aws kms enable-key`.
- Which key is used cannot be changed later.
"""


def customer_key_template(*, deployment: str, customer: str, role_arn: str, role_description: str) -> dict[str, Any]:
    """Return a template for a new key, retained with its alias, that only one role (``role_description``) may use."""
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
    """Return the alias of a customer's key in a deployment, without ``alias/``."""
    return f"pinecone/{deployment}/{customer}"


def stack_name(*, deployment: str, customer: str) -> str:
    """Return the name of the customer's stack."""
    return f"pinecone-key-{deployment}-{customer}"


def customer_page(*, deployment: str, customer: str, account: str, region: str, role_arn: str) -> str:
    """Return the page of instructions as Markdown."""
    return _PAGE.format(
        stack=stack_name(deployment=deployment, customer=customer),
        alias=alias_name(deployment=deployment, customer=customer),
        customer=customer,
        account=account,
        region=region,
        role_arn=role_arn,
        template=TEMPLATE_FILE,
        statements=STATEMENTS_FILE,
        shown=json.dumps(key_user_statements(role_arn), indent=2),
    )
