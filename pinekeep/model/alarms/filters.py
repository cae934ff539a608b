"""Filter patterns over the log group of a CloudTrail trail. Sources: facts.aws.METRIC_FILTER_PAGE,
KMS_PENDING_DELETION_ALARM_PAGE.

AWS's own recommendation matches the message alone, whatever the key. These patterns name the key: by its ARN among the
resources of the event, or at the beginning of the message, because a refused call may lack resources.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pinekeep.model.facts import aws

_KMS: Final = '($.eventSource = "kms.amazonaws.com")'
_RESOURCES: Final = 2
"""ReEncrypt names two keys; other calls name one."""
DENIED_CODES: Final = ("AccessDenied*", "*UnauthorizedOperation")
"""The error codes of a denial: AccessDenied, AccessDeniedException, Client.UnauthorizedOperation."""


def _any(*conditions: str) -> str:
    return f"({' || '.join(conditions)})"


def _pattern(*conditions: str) -> str:
    return f"{{ {' && '.join(conditions)} }}"


def _of_key(key_arn: str) -> str:
    resources = [f'($.resources[{index}].ARN = "{key_arn}")' for index in range(_RESOURCES)]
    return _any(*resources, f'($.errorMessage = "{key_arn}*")')


def pending_deletion_pattern(key_arn: str) -> str:
    """Return the pattern of uses of a key that are refused because its deletion is scheduled."""
    return _pattern(_KMS, '($.errorMessage = "*is pending deletion*")', _of_key(key_arn))


def disabled_pattern(key_arn: str) -> str:
    """Return the pattern of uses of a key that are refused because it is disabled."""
    refused = _any('($.errorCode = "DisabledException")', '($.errorMessage = "*is disabled*")')
    return _pattern(_KMS, refused, _of_key(key_arn))


def denied_patterns(role_arns: Sequence[str]) -> Iterator[str]:
    """Yield the patterns of denied calls by sessions of the roles: as few as the length of a pattern allows."""
    codes = _any(*(f'($.errorCode = "{each}")' for each in DENIED_CODES))
    taken: list[str] = []
    for arn in role_arns:
        longer = [*taken, f'($.userIdentity.sessionContext.sessionIssuer.arn = "{arn}")']
        if taken and len(_pattern(_any(*longer), codes)) > aws.FILTER_PATTERN_MAX:
            yield _pattern(_any(*taken), codes)
            longer = longer[-1:]
        taken = longer
    if taken:
        yield _pattern(_any(*taken), codes)
