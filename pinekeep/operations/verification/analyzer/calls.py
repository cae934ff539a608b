"""Calls of IAM Access Analyzer. What AWS refuses is returned as a value.

Sources: the error lists of ValidatePolicy, CheckNoPublicAccess and CheckAccessNotGranted in the IAM Access Analyzer
API Reference (docs.aws.amazon.com).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import DENIED, cleaned, code_of, message_of, missing_permission, why_denied
from pinekeep.account.client.refusals import as_refusal
from pinekeep.account.reads.live import Unreadable
from pinekeep.operations.verification.analyzer.queries import Question

Answer = dict[str, Any]

_NOT_ANALYZABLE: Final = frozenset({"UnprocessableEntityException", "InvalidParameterException", "ValidationException"})
_PAGES_MAX: Final = 20
"""More pages of findings about one policy are not read."""


@dataclass(frozen=True)
class NotAnswered:
    """AWS gave no answer, for another reason than a missing permission."""

    reason: str
    fix: str


def ask(question: Question, *, clients: Clients) -> Answer | Unreadable | NotAnswered:
    """Ask IAM Access Analyzer one question. Raises nothing that AWS or the way to it can cause."""

    def call() -> Answer:
        client = clients.client("accessanalyzer")
        match question.call:
            case "ValidatePolicy":
                return _all_findings(client, question)
            case "CheckNoPublicAccess":
                return dict(client.check_no_public_access(**question.sent))
            case "CheckAccessNotGranted":
                return dict(client.check_access_not_granted(**question.sent))

    answer: Answer | Unreadable | NotAnswered = answered(
        call, permission=f"access-analyzer:{question.call}", clients=clients
    )
    return answer


def answered(call: Callable[[], Any], *, permission: str, clients: Clients) -> Any:
    """Return what a call that needs a permission gives, or what AWS's refusal means."""
    from botocore.exceptions import ClientError, EndpointConnectionError, UnknownEndpointError  # noqa: PLC0415

    try:
        return call()
    except ClientError as error:
        if code_of(error) in DENIED:
            named = missing_permission(error)
            named, unnamed = (named, named) if ":" in named else (permission, named)
            return Unreadable(named, why_denied(error).replace(f"allow {unnamed} to", f"allow {named} to"))
        if code_of(error) in _NOT_ANALYZABLE:
            said = cleaned(message_of(error))
            return NotAnswered(
                f"AWS cannot analyze this policy ({code_of(error)})" + (f": {said}" if said else ""),
                "see what ValidatePolicy says of it; AWS gives no verdict, so read the policy yourself",
            )
        return _refused(error)
    except (EndpointConnectionError, UnknownEndpointError) as error:
        return _no_service(clients.region) or _refused(error)
    except Exception as error:
        if as_refusal(error) is None:
            raise
        return _refused(error)


def _all_findings(client: Any, question: Question) -> Answer:
    """Return the findings of every page."""
    answer = client.validate_policy(**question.sent)
    findings = list(answer["findings"])
    for _ in range(_PAGES_MAX):
        if not answer.get("nextToken"):
            return {"findings": findings}
        answer = client.validate_policy(**question.sent, nextToken=answer["nextToken"])
        findings += answer["findings"]
    return {"findings": findings, "more": True}


def _refused(error: Exception) -> NotAnswered:
    refusal = as_refusal(error)
    return NotAnswered(str(refusal), (refusal.hint if refusal else None) or "verify again in a while")


def _no_service(region: str) -> NotAnswered | None:
    """Say that a Region lacks the service, where the AWS SDK knows of none there."""
    import botocore.session  # noqa: PLC0415 - slow to import

    if region in botocore.session.Session().get_available_regions("accessanalyzer"):
        return None
    return NotAnswered(
        f"the AWS SDK knows of no IAM Access Analyzer in {region}",
        "verify without --access-analyzer there; the other checks do not need it",
    )
