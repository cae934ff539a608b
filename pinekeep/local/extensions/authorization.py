"""What decides whether a call is allowed."""

import ipaddress
import json
from typing import Any

import ministack.app
from ministack.core import iam_actions
from ministack.core.responses import get_account_id


def loopback_counts_as_tls() -> None:
    """Gap: over plain HTTP, `aws:SecureTransport` is false and CDK's TLS-only bucket policy locks everyone out.

    AWS is reached over TLS. Here nothing leaves this machine, so a request from loopback counts as TLS.
    """
    pin = ministack.app.pin_request_origin

    def pin_origin(source_ip: str, secure: bool) -> None:
        pin(source_ip, secure or ipaddress.ip_address(source_ip).is_loopback)

    ministack.app.pin_request_origin = pin_origin


def kms_condition_keys() -> None:
    """Gap: KMS's own condition keys are not filled in, so a key policy that uses them never matches.

    AWS fills `kms:EncryptionContext:<key>` and `kms:EncryptionContextKeys` from the request, and
    `kms:CallerAccount` with the account of the caller.
    """
    context_of = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        known = dict(context_of(service, action, body, parameters) or {})
        if service != "kms":
            return known
        try:
            pairs = json.loads(body or b"{}").get("EncryptionContext") or {}
        except (ValueError, AttributeError):
            pairs = {}
        known.update({f"kms:EncryptionContext:{name}": value for name, value in pairs.items()})
        if pairs:
            known["kms:EncryptionContextKeys"] = list(pairs)
        known["kms:CallerAccount"] = get_account_id()
        return known

    iam_actions.request_tag_context = context
