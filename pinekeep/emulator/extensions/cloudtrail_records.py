"""The record that CloudTrail makes of an API call.

Source: "CloudTrail record contents" and "CloudTrail userIdentity element" (CloudTrail User Guide), the log entries of
the KMS Developer Guide and the Route 53 Developer Guide; docs.aws.amazon.com, read 2026-11-30.
"""

import json
import re
import time
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from ministack.core import iam_evaluator
from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id
from ministack.services import iam, kms, sts

from pinekeep.emulator.extensions.request_parameters import Document, Request, lowered, requested

_SECRET: Final = frozenset({"plaintext", "ciphertextBlob", "privateKeyPlaintext", "message", "policy"})
_READS: Final = ("Get", "List", "Describe", "Head", "Simulate", "Lookup", "TestDNS", "AssumeRole")
_USES: Final = frozenset(
    {
        *("Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"),
        *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateRandom"),
        *("Sign", "Verify", "GenerateMac", "VerifyMac", "DeriveSharedSecret"),
    }
)
"""KMS's cryptographic operations, which CloudTrail records as read-only."""
_REFUSED: Final = 400


@dataclass(frozen=True)
class ApiCall:
    """An API call and the answer to it. ``key_arn``: the key that it is about, where only the time before tells."""

    request: Request
    action: str
    region: str
    request_id: str
    status: int
    answer: bytes
    key_arn: str = ""

    @property
    def service(self) -> str:
        """The service, as in its endpoint's name."""
        return self.request.service

    @cached_property
    def parameters(self) -> Document:
        """Its parameters as CloudTrail keeps them: without plaintext, ciphertext and message."""
        hidden = {"plaintext", "ciphertextBlob", "message", "mac", "signature", "templateBody"}
        return {key: value for key, value in requested(self.request, self.action).items() if key not in hidden}

    @property
    def is_refused(self) -> bool:
        """Whether AWS refused it or it failed."""
        return self.status >= _REFUSED

    @property
    def is_read_only(self) -> bool:
        """Whether CloudTrail records it as read-only."""
        return self.action in _USES or self.action.startswith(_READS)


def record(call: ApiCall) -> Document:
    """Return CloudTrail's record of a call by the current request's caller."""
    account = get_account_id()
    code, message = _error(call)
    resources = _resources(call, account)
    answered = _answered(call)
    made: Document = {
        "eventVersion": "1.11",
        "userIdentity": _identity(call, account),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.action,
        "awsRegion": call.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": call.request.headers.get("user-agent", ""),
        **({"errorCode": code, "errorMessage": message} if call.is_refused else {}),
        "requestParameters": call.parameters or None,
        "responseElements": answered,
        "requestID": call.request_id,
        "eventID": str(uuid.uuid4()),
        "readOnly": call.is_read_only,
        **({"resources": resources} if resources else {}),
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    return made


def _identity(call: ApiCall, account: str) -> Document:
    key = extract_access_key_id(dict(call.request.headers), dict(call.request.query)) or ""
    credential = iam_evaluator.resolve_credential(key, account)
    if isinstance(credential, iam_evaluator.CredentialResolutionError):
        return {"type": "Unknown", "accountId": account}
    identity: Document = {
        "type": {"User": "IAMUser"}.get(credential.principal_type, credential.principal_type),
        "principalId": credential.principal_id or account,
        "arn": credential.principal_arn,
        "accountId": credential.account_id,
        "accessKeyId": key,
    }
    if credential.principal_type == "User":
        identity["userName"] = credential.principal_name
    if credential.principal_type == "AssumedRole":
        identity["sessionContext"] = _session(credential, key)
    return identity


def _session(credential: Any, key: str) -> Document:
    name = iam_evaluator._role_name_from_assumed_arn(credential.principal_arn)
    role = iam._roles.get_scoped(credential.account_id, None, name) or {}
    session = sts._sessions.get(key) or {}
    began = session.get("IssuedAt")
    return {
        "sessionIssuer": {
            "type": "Role",
            "principalId": role.get("RoleId", ""),
            "arn": role.get("Arn", ""),
            "accountId": credential.account_id,
            "userName": name,
        },
        "attributes": {
            "creationDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began if began else None)),
            "mfaAuthenticated": "false",
        },
    }


def _error(call: ApiCall) -> tuple[str, str]:
    """Return the code and message of a refusal. A denial is recorded as ``AccessDenied`` by the JSON services too."""
    if not call.is_refused:
        return "", ""
    text = call.answer.decode(errors="replace")
    if text.lstrip().startswith("{"):
        found = json.loads(text)
        code = str(found.get("__type", "")).rpartition("#")[2]
        message = str(found.get("message") or found.get("Message") or "")
    else:
        code, message = (_between(text, tag) for tag in ("Code", "Message"))
    denied = code == "AccessDeniedException" and call.service == "kms"
    return ("AccessDenied" if denied else code), message


def _between(text: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return found.group(1) if found else ""


def _answered(call: ApiCall) -> Document | None:
    """Return KMS's answer to a change, without secrets. Other services' answers are left out."""
    if call.service != "kms" or call.is_refused or call.is_read_only or not call.answer:
        return None
    answer = {key: value for key, value in lowered(json.loads(call.answer)).items() if key not in _SECRET}
    found = _key(call)
    if found is not None and "keyId" in answer:
        answer["keyId"] = found["Arn"]
    return answer or ({"keyId": found["Arn"]} if found is not None else None)


def _key(call: ApiCall) -> Any:
    wanted = call.key_arn or call.parameters.get("keyId") or call.parameters.get("targetKeyId") or _created(call)
    return kms._resolve_key(str(wanted)) if wanted else None


def _created(call: ApiCall) -> str:
    """Return the key that an answer names: of a new key, or of a ciphertext that names its key itself."""
    if call.is_refused or call.action not in ("CreateKey", *_USES):
        return ""
    answer = json.loads(call.answer or b"{}")
    return str((answer.get("KeyMetadata") or answer).get("KeyId") or "")


def _resources(call: ApiCall, account: str) -> list[Document]:
    if call.service == "s3":
        arn = f"arn:aws:s3:::{call.parameters.get('bucketName')}"
        return [{"accountId": account, "type": "AWS::S3::Bucket", "ARN": arn}]
    if call.service != "kms":
        return []
    found = []
    if alias := call.parameters.get("aliasName"):
        arn = f"arn:aws:kms:{call.region}:{account}:{alias}"
        found.append({"accountId": account, "type": "AWS::KMS::Alias", "ARN": arn})
    key = _key(call)
    if key is not None:
        owner = key["Arn"].split(":")[4]
        found.append({"accountId": owner, "type": "AWS::KMS::Key", "ARN": key["Arn"]})
    return found
