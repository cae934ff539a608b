"""Calls named after their permissions, with a refusal as a value."""

from collections.abc import Callable
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, code_of, missing_permission, why_denied
from pinekeep.account.reads.answers import part, says_absent
from pinekeep.account.reads.live import Unreadable

OPERATIONS: Final = {
    "s3:GetBucketObjectLockConfiguration": "GetObjectLockConfiguration",
    "s3:GetBucketPublicAccessBlock": "GetPublicAccessBlock",
    "s3:GetEncryptionConfiguration": "GetBucketEncryption",
    "s3:ListBucket": "HeadBucket",
}
"""The calls that have another name than their permission."""


def call(clients: Clients, permission: str, *, operation: str | None = None, **arguments: Any) -> Any:
    """Make the call that a permission such as ``iam:GetPolicy`` is named after. Raises ClientError if AWS refuses.

    ``operation``: the call's name, where the permission has several.
    """
    from botocore import xform_name  # noqa: PLC0415 - slow to import

    service, _, named = permission.partition(":")
    return getattr(clients.client(service), xform_name(operation or OPERATIONS.get(permission, named)))(**arguments)


def ask(clients: Clients, permission: str, **arguments: Any) -> Any:
    """Make a call; return None for no such resource, Unreadable if denied. Raises ClientError for other refusals."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to import

    try:
        return call(clients, permission, **arguments)
    except ClientError as error:
        if says_absent(error):
            return None
        if code_of(error) in DENIED:
            named = missing_permission(error)
            return Unreadable(named if ":" in named else permission, why_denied(error))
        raise


def managed_policy(asking: Callable[..., Any], arn: str) -> Any:
    """Return the document of a managed policy's default version. Two calls.

    ``asking`` makes a call, given its permission and arguments. It decides what a refusal becomes: what it returns in
    place of an answer is returned.
    """
    version = part(part(asking("iam:GetPolicy", PolicyArn=arn), "Policy"), "DefaultVersionId")
    if not isinstance(version, str):
        return version
    answer = asking("iam:GetPolicyVersion", PolicyArn=arn, VersionId=version)
    return part(part(answer, "PolicyVersion"), "Document")
