"""The callers of AWS in the demonstration: Pinecone's role, others, and the role once assumed."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from pinekeep.model.arns import root_arn
from pinekeep.operations.demonstration.steps import SurpriseError

PLAINTEXT: Final = b"a data key of Pinecone's"
_SESSION: Final = "demonstration"


class Sessions(Protocol):
    """Returns boto3 sessions of any account, as the embedded AWS does."""

    def session(self, account: str | None = None, *, credentials: Mapping[str, str] | None = None) -> Any:
        """Return a session of the account's root, or of the credentials."""


class Caller:
    """A role of some account that assumes the customer's role. It is created if it is missing."""

    def __init__(self, *, aws: Sessions, account: str, role_name: str) -> None:
        self._aws = aws
        root = aws.session(account)
        iam = root.client("iam")
        self.arn = _create_role(iam, account=account, role_name=role_name)
        own = root.client("sts").assume_role(RoleArn=self.arn, RoleSessionName=_SESSION)["Credentials"]
        self._own = aws.session(credentials=own)
        self._sts = self._own.client("sts")

    @property
    def kms(self) -> Any:
        """A KMS client of this role itself."""
        return self._own.client("kms")

    def assume(self, role_arn: str, *, external_id: str | None) -> "RoleSession":
        """Assume the customer's role. Raises ClientError if AWS refuses."""
        credentials = self.assume_role(role_arn, external_id=external_id)
        return RoleSession(self._aws.session(credentials=credentials).client("kms"))

    def assume_role(self, role_arn: str, *, external_id: str | None) -> dict[str, str]:
        """Return credentials of the customer's role. Raises ClientError if AWS refuses."""
        extra = {} if external_id is None else {"ExternalId": external_id}
        answer = self._sts.assume_role(RoleArn=role_arn, RoleSessionName=_SESSION, **extra)
        return dict(answer["Credentials"])


class RoleSession:
    """The customer's role, once assumed: what it can do with a key, through a KMS client that calls as the role."""

    def __init__(self, kms: Any) -> None:
        self.kms = kms

    def encrypt(self, key_arn: str) -> bytes:
        """Return the plaintext, encrypted."""
        return bytes(self.kms.encrypt(KeyId=key_arn, Plaintext=PLAINTEXT)["CiphertextBlob"])

    def decrypt(self, key_arn: str, ciphertext: bytes) -> None:
        """Decrypt; raise a SurpriseError unless the result is the plaintext."""
        if self.kms.decrypt(KeyId=key_arn, CiphertextBlob=ciphertext)["Plaintext"] != PLAINTEXT:
            raise SurpriseError("what was decrypted is not what was encrypted")

    def administer(self, key_arn: str, role_arn: str) -> dict[str, Callable[[], Any]]:
        """Return the calls of an administrator by name, ready to be attempted."""
        policy = json.dumps({"Version": "2012-10-17", "Statement": []})
        return {
            "PutKeyPolicy": lambda: self.kms.put_key_policy(KeyId=key_arn, PolicyName="default", Policy=policy),
            "DisableKey": lambda: self.kms.disable_key(KeyId=key_arn),
            "ScheduleKeyDeletion": lambda: self.kms.schedule_key_deletion(KeyId=key_arn, PendingWindowInDays=7),
            "DisableKeyRotation": lambda: self.kms.disable_key_rotation(KeyId=key_arn),
            "CreateGrant": lambda: self.kms.create_grant(
                KeyId=key_arn, GranteePrincipal=role_arn, Operations=["Decrypt"]
            ),
        }


def require_refusal(call: Callable[[], Any], *codes: str) -> str:
    """Make a call that AWS must refuse; return the error code. Raises SurpriseError on success or another error."""
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in codes:
            return code
        raise SurpriseError(f"{' or '.join(codes)} was expected, AWS said {code}") from error
    raise SurpriseError("AWS allowed it")


def _create_role(iam: Any, *, account: str, role_name: str) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": root_arn(account)}, "Action": "sts:AssumeRole"}],
    }
    permissions = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}],
    }
    try:
        role = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=role_name)["Role"]
    # The caller's own account allows everything, so that only the customer's side refuses.
    iam.put_role_policy(RoleName=role_name, PolicyName="assume-any-role", PolicyDocument=json.dumps(permissions))
    return str(role["Arn"])
