"""AWS's error codes by meaning. Services differ in them, so each meaning has several.

Source: "Common error types" of the AWS API references, and the services' own error lists (docs.aws.amazon.com).
"""

import re
from typing import Any, Final

EXPIRED: Final = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "ExpiredCredentials"}
)
DENIED: Final = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "NotAuthorized",
        "Client.UnauthorizedOperation",
        "403",  # a HEAD request of S3
    }
)
THROTTLED: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "PriorRequestNotComplete",
        "SlowDown",
        "BandwidthLimitExceeded",
        "429",
    }
)
CLOCK: Final = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture", "SignatureExpired"})
UNKNOWN_CREDENTIALS: Final = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "InvalidAccessKeyId",
        "AuthFailure",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "InvalidSecurityToken",
    }
)
WRONG_SIGNATURE: Final = frozenset(
    {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException"}
)
REGION_OFF: Final = frozenset({"OptInRequired", "RegionDisabledException"})
DOWN: Final = frozenset(
    {
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "InternalFailure",
        "InternalError",
        "InternalServerError",
        "InternalServiceError",
        "KMSInternalException",
        "DependencyTimeoutException",
        "Unavailable",
        "500",
        "502",
        "503",
        "504",
    }
)

_MESSAGE_MAX: Final = 200
_PERFORM: Final = re.compile(r"not authorized to perform:? ([a-z0-9-]+:[A-Za-z]+)")
_SECRET: Final = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}|[A-Za-z0-9+/=_-]{40,}")
_REASONS: Final = (
    ("service control policy", "a service control policy of the organization denies it; its owners can allow it"),
    ("resource control policy", "a resource control policy of the organization denies it; its owners can allow it"),
    ("VPC endpoint policy", "the policy of the VPC endpoint to AWS denies it"),
    ("permissions boundary", "the permissions boundary of these credentials does not include it"),
    ("session policy", "the policy of this session does not include it"),
    ("explicit deny", "a policy denies it in so many words; an Allow does not help"),
    ("resource-based policy", "the policy of the resource does not allow it; for a KMS key that is its key policy"),
)


def code_of(error: Exception) -> str:
    """Return the error code of a ClientError."""
    return str(_error(error).get("Code", "Unknown"))


def tells_of_the_clock(error: Exception) -> bool:
    """Return whether AWS rejects the time of the request."""
    said = message_of(error).lower()
    return code_of(error) in CLOCK or (
        code_of(error) in WRONG_SIGNATURE and ("signature expired" in said or "not yet current" in said)
    )


def tells_of_mfa(error: Exception) -> bool:
    """Return whether AWS rejects the MFA code."""
    return code_of(error) in DENIED and "multifactorauthentication failed" in message_of(error).lower()


def message_of(error: Exception) -> str:
    """Return AWS's own message. It may repeat what was sent: see :func:`cleaned`."""
    return str(_error(error).get("Message", ""))


def operation_of(error: Exception) -> str:
    """Return the name of the call."""
    return str(getattr(error, "operation_name", "the call"))


def missing_permission(error: Exception) -> str:
    """Return the permission that is missing, or the call's name where AWS does not name it."""
    match = _PERFORM.search(message_of(error))
    return match[1] if match else operation_of(error)


def why_denied(error: Exception) -> str:
    """Return how to gain a denied access: which kind of policy denies it, where AWS says so."""
    said = message_of(error)
    for words, meaning in _REASONS:
        if words.lower() in said.lower():
            return meaning
    return f"allow {missing_permission(error)} to whoever runs this"


def cleaned(message: str) -> str:
    """Return the first line of an AWS message, shortened, with anything that looks like a secret removed."""
    line = message.strip().partition("\n")[0].rstrip(".")
    line = _SECRET.sub("…", line)
    return line if len(line) <= _MESSAGE_MAX else line[:_MESSAGE_MAX].rstrip() + "…"


def _error(error: Exception) -> dict[str, Any]:
    response = getattr(error, "response", None)
    found = response.get("Error") if isinstance(response, dict) else None
    return found if isinstance(found, dict) else {}
