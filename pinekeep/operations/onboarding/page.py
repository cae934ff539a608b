"""The page that tells a customer what to do, in its own account, without any tool of ours."""

import json
from typing import Final

from pinekeep.model.policies.key import key_user_statements
from pinekeep.operations.onboarding.template import alias_name, stack_name

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
- To cut off access, disable the key: `aws kms disable-key --key-id KEY-ID`. To let it in again: `aws kms enable-key`.
- Which key is used cannot be changed later.
"""


def customer_page(*, deployment: str, customer: str, account: str, region: str, role_arn: str) -> str:
    """Return the page as Markdown."""
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
