"""What somebody may do by hand to the role, the key and their stack, and what `verify` says of it."""

from collections.abc import Iterator

from tests.operations.verification.checks.breakages.changes import (
    NAME,
    REVERT,
    Row,
    attached,
    bounded,
    inline,
    live,
    of,
    policy,
)
from tests.operations.verification.conftest import ACCOUNT, KEY_ARN


def role_rows() -> Iterator[Row]:
    by_hand = f"aws iam delete-role-policy --role-name {NAME} --policy-name more"
    detach = f"aws iam detach-role-policy --role-name {NAME} --policy-arn arn:aws:iam::{ACCOUNT}:policy/more"
    allow, deny = policy({"Effect": "Allow", "Action": "s3:*"}), policy({"Effect": "Deny", "Action": "kms:*"})
    kms = policy({"Effect": "Allow", "Action": "kms:*"})
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/Boundary"
    yield Row(
        what="an inline policy that allows",
        change=inline(more=allow),
        check="role-inline-policies",
        status="failed",
        found="inline policy more, which allows s3:*",
        meaning="may do more in the account",
        fix=by_hand,
        never=("--revert-drift", "denies"),
    )
    yield Row(
        what="an inline policy that denies",
        change=inline(more=deny),
        check="role-inline-policies",
        status="failed",
        found="which denies the role kms:*",
        meaning="denies Pinecone the use of the key",
        fix=by_hand,
        never=("--revert-drift", "may do more"),
    )
    yield Row(
        what="an inline policy with kms:*",
        change=inline(more=kms),
        check="decisions-as-planned",
        status="failed",
        found="can now administer the key",
        meaning="",
        fix=by_hand,
        never=("--revert-drift",),
    )
    yield Row(
        what="an attached policy that allows",
        change=attached("more", kms),
        check="role-attached-policies",
        status="failed",
        found="attached policy more, which allows kms:*",
        meaning="may do more in the account",
        fix=detach,
        never=("--revert-drift",),
    )
    yield Row(
        what="an attached policy that denies",
        change=attached("more", deny),
        check="role-attached-policies",
        status="failed",
        found="which denies the role kms:*",
        meaning="denies Pinecone the use of the key",
        fix=detach,
        never=("--revert-drift", "may do more"),
    )
    yield Row(
        what="the same, by what it comes to",
        change=attached("more", deny),
        check="decisions-as-planned",
        status="failed",
        found="can no longer use the key",
        meaning="",
        fix=detach,
        never=("--revert-drift",),
    )
    yield Row(
        what="a permissions boundary by hand",
        change=of("role", PermissionsBoundary={"PermissionsBoundaryArn": boundary}),
        check="role-permissions-boundary",
        status="failed",
        found=boundary,
        meaning="may take away",
        fix=f"aws iam delete-role-permissions-boundary --role-name {NAME}",
        never=("--revert-drift",),
    )
    yield Row(
        what="the configured permissions boundary taken off",
        change=bounded(live()),
        check="role-permissions-boundary",
        status="failed",
        found="no permissions boundary",
        meaning="Pinecone works on",
        fix=REVERT,
        never=("may take away",),
    )
    yield Row(
        what="longer sessions",
        change=of("role", MaxSessionDuration=43200),
        check="role-settings",
        status="note",
        found="a session lasts up to 720 minutes",
        meaning="holds them longer",
        fix=f"aws iam update-role --role-name {NAME} --max-session-duration 3600",
    )
    yield Row(
        what="another description",
        change=of("role", Description="x"),
        check="role-settings",
        status="note",
        found="the description is 'x'",
        meaning="no effect on access",
        fix="aws iam update-role",
    )
    yield Row(
        what="tags taken off the role",
        change=of("role", Tags=[]),
        check="role-settings",
        status="note",
        found="pinekeep:deployment is missing",
        meaning="whose it is",
        fix="aws iam tag-role",
    )
    yield Row(
        what="the role in a path",
        change=of("role", Arn=f"arn:aws:iam::{ACCOUNT}:role/team/{NAME}"),
        check="role-exists",
        status="failed",
        found=f"role/team/{NAME}",
        meaning="cannot assume the role",
        fix="write iam_path: /team/",
    )


def key_rows() -> Iterator[Row]:
    yield Row(
        what="a disabled key",
        change=of("key", KeyState="Disabled"),
        check="key-state",
        status="failed",
        found="is disabled",
        meaning="no data is lost",
        fix=f"aws kms enable-key --key-id {KEY_ARN} --region us-east-1",
    )
    yield Row(
        what="a key that waits for its deletion",
        change=of("key", KeyState="PendingDeletion"),
        check="key-state",
        status="failed",
        found="will be deleted on",
        meaning="lost for good",
        fix=f"aws kms cancel-key-deletion --key-id {KEY_ARN} --region us-east-1",
    )
    yield Row(
        what="a key without material",
        change=of("key", KeyState="PendingImport", Origin="EXTERNAL"),
        check="key-state",
        status="failed",
        found="has no key material",
        meaning="imported again",
        fix=f"--key-id {KEY_ARN}",
    )
    yield Row(
        what="a key store that is not connected",
        change=of("key", KeyState="Unavailable", CustomKeyStoreId="cks-0123456789abcdef0"),
        check="key-state",
        status="failed",
        found="is not connected",
        meaning="connected again",
        fix="--custom-key-store-id cks-0123456789abcdef0 --region us-east-1",
    )
    yield Row(
        what="imported material",
        change=of("key", Origin="EXTERNAL"),
        check="key-kind",
        status="failed",
        found="its material comes from EXTERNAL",
        meaning="Pinecone works on as long as the material is there",
        fix="ask Pinecone's support",
        never=("cannot encrypt",),
    )
    yield Row(
        what="a multi-Region key",
        change=of("key", MultiRegion=True),
        check="key-kind",
        status="failed",
        found="it is a multi-Region key",
        meaning="Pinecone works on",
        fix="change the configuration",
        never=("cannot encrypt",),
    )
    yield Row(
        what="rotation off",
        change=live(rotation={"KeyRotationEnabled": False}),
        check="key-rotation",
        status="failed",
        found="rotation is off",
        meaning="gets older",
        fix=f"--key-id {KEY_ARN} --region",
    )
    yield Row(
        what="rotation more often",
        change=of("rotation", RotationPeriodInDays=90),
        check="key-rotation",
        status="failed",
        found="every 90 days",
        meaning="rotates more often",
        fix="--region us-east-1",
        never=("older",),
    )
    yield Row(
        what="the alias deleted",
        change=live(alias_key=None),
        check="key-alias",
        status="failed",
        found="there is no such alias",
        meaning="Pinecone works on",
        fix="aws kms create-alias --alias-name alias/pinecone/prod --target-key-id",
    )
    yield Row(
        what="termination protection off",
        change=of("cmek_stack", EnableTerminationProtection=False),
        check="cmek-stack-protection",
        status="failed",
        found="is off",
        meaning="deleted by mistake",
        fix="--region us-east-1",
    )
    for status in (
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "ROLLBACK_COMPLETE",
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
        "REVIEW_IN_PROGRESS",
    ):
        yield Row(
            what=f"the stack in state {status}",
            change=of("cmek_stack", StackStatus=status),
            check="cmek-stack-state",
            status="failed",
            found=status,
            meaning="half made",
            fix="",
        )
