"""The filter patterns, against events of CloudTrail and near misses, by an evaluator of the documented syntax."""

from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.model.alarms.filters import denied_patterns, disabled_pattern, pending_deletion_pattern
from pinekeep.model.facts import aws
from tests.model.alarms.filter_patterns import matches

KEY = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
OTHER_KEY = "arn:aws:kms:us-east-1:111122223333:key/1f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
ROLE = "arn:aws:iam::111122223333:role/pinekeep-search-us-east-1"
Event = dict[str, Any]


def event(**changes: Any) -> Event:
    """Return a refused Decrypt, in the shape of the samples in "Logging AWS KMS API calls"."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::111122223333:assumed-role/pinekeep-search-us-east-1/pinecone",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
        },
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "requestParameters": {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        "responseElements": None,
        "resources": [{"accountId": "111122223333", "type": "AWS::KMS::Key", "ARN": KEY}],
        **changes,
    }


PENDING = {"errorCode": "KMSInvalidStateException", "errorMessage": f"{KEY} is pending deletion."}
DISABLED = {"errorCode": "DisabledException", "errorMessage": f"{KEY} is disabled."}
DENIED = {"errorCode": "AccessDenied", "errorMessage": f"User: x is not authorized to perform: kms:Decrypt on {KEY}"}


@pytest.mark.parametrize(
    ("refused", "pattern_of"),
    [(PENDING, pending_deletion_pattern), (DISABLED, disabled_pattern)],
    ids=["pending", "disabled"],
)
def test_a_refused_use_of_the_key_matches_whether_or_not_the_event_names_resources(
    refused: Event, pattern_of: Callable[[str], str]
) -> None:
    pattern = pattern_of(KEY)
    assert len(pattern) <= aws.FILTER_PATTERN_MAX
    assert matches(pattern, event(**refused))
    assert matches(pattern, event(**refused, resources=None))
    both = [{"ARN": OTHER_KEY}, {"ARN": KEY}]
    assert matches(pattern, event(**refused, eventName="ReEncrypt", resources=both))


@pytest.mark.parametrize(
    ("refused", "pattern_of"),
    [(PENDING, pending_deletion_pattern), (DISABLED, disabled_pattern)],
    ids=["pending", "disabled"],
)
def test_other_keys_other_services_and_uses_that_worked_do_not_match(
    refused: Event, pattern_of: Callable[[str], str]
) -> None:
    pattern = pattern_of(KEY)
    of_another = {"errorMessage": refused["errorMessage"].replace(KEY, OTHER_KEY), "resources": [{"ARN": OTHER_KEY}]}
    assert not matches(pattern, event(**{**refused, **of_another}))
    assert not matches(pattern, event(**refused, eventSource="s3.amazonaws.com"))
    assert not matches(pattern, event())
    assert not matches(pattern, event(**DENIED))
    assert not matches(pattern, event(**(DISABLED if refused is PENDING else PENDING)))


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"])
def test_a_denied_call_of_the_role_matches_of_any_service(code: str) -> None:
    (pattern,) = denied_patterns([ROLE])
    assert matches(pattern, event(errorCode=code, eventSource="s3.amazonaws.com", eventName="GetObject"))


def test_denied_calls_of_other_roles_and_calls_that_failed_otherwise_do_not_match() -> None:
    (pattern,) = denied_patterns([ROLE])
    other = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": f"{ROLE}-audit"}}}
    assert not matches(pattern, event(**DENIED, userIdentity=other))
    assert not matches(pattern, event(**DENIED, userIdentity={"type": "IAMUser", "arn": ROLE}))
    assert not matches(pattern, event(errorCode="ThrottlingException"))
    assert not matches(pattern, event())


def test_many_roles_are_spread_over_patterns_of_the_allowed_length() -> None:
    roles = [f"arn:aws:iam::111122223333:role/{'x' * 50}-{number}" for number in range(30)]
    patterns = list(denied_patterns(roles))
    assert max(map(len, patterns)) <= aws.FILTER_PATTERN_MAX
    assert 1 < len(patterns) < len(roles)
    for role in roles:
        denied = event(**DENIED, userIdentity={"sessionContext": {"sessionIssuer": {"arn": role}}})
        assert [matches(pattern, denied) for pattern in patterns].count(True) == 1
    assert list(denied_patterns([])) == []
