"""The alarm while the key is disabled: an EventBridge rule that notifies an SNS topic of attempts to use the key.

EventBridge gets CloudTrail's events only in a Region in which a trail logs management events. Sources: "AWS service
events delivered via AWS CloudTrail", "Receiving read-only management events" (EventBridge User Guide;
docs.aws.amazon.com, checked 2026-11-25).
"""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.errors import WrongInputError
from pinekeep.model.naming import DEPLOYMENT_TAG
from pinekeep.operations.offboarding.trail import ASSUME_ROLE, USES

TARGET: Final = "topic"
READ_ONLY_TOO: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""Decrypt counts as a call that only reads."""
_TOPIC: Final = re.compile(r"arn:aws:sns:(?P<region>[a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_.-]{1,256}")

NEEDS: Final = (
    "it requires a trail that logs management events, and a topic policy that lets events.amazonaws.com publish"
)


def rule_name(deployment: str) -> str:
    """Return the name of a deployment's rule."""
    return f"pinekeep-{deployment}-disabled-key"


def require_topic(topic: str, *, region: str) -> None:
    """Raise a WrongInputError unless the ARN is of an SNS topic of the Region."""
    match = _TOPIC.fullmatch(topic)
    if match is None or match["region"] != region:
        raise WrongInputError(
            f"the alarm needs the ARN of an SNS topic in {region}, got {topic!r}",
            hint=f"such as arn:aws:sns:{region}:111122223333:security",
        )


def pattern(*, key_arn: str, roles: Sequence[str]) -> dict[str, Any]:
    """Return the events that raise the alarm: a use of the key, refused or not, or an assumption of a role.

    A refused call may name the key in its resources, its request, or only its error.
    """
    uses = sorted(USES)
    return {
        "source": ["aws.kms", "aws.sts"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "$or": [
                {"eventName": uses, "resources": {"ARN": [key_arn]}},
                {"eventName": uses, "requestParameters": {"keyId": [key_arn, key_arn.rpartition("/")[2]]}},
                {"eventName": uses, "errorMessage": [{"prefix": key_arn}]},
                {"eventName": [ASSUME_ROLE], "requestParameters": {"roleArn": list(roles)}},
            ]
        },
    }


def set_alarm(clients: Clients, deployment: str, *, key_arn: str, roles: Sequence[str], topic: str) -> None:
    """Create or update the rule."""
    events = clients.client("events")
    events.put_rule(
        Name=rule_name(deployment),
        Description=f"Somebody tried to use the key of pinekeep deployment {deployment}, which is being offboarded",
        EventPattern=json.dumps(pattern(key_arn=key_arn, roles=roles)),
        State=READ_ONLY_TOO,
        Tags=[{"Key": DEPLOYMENT_TAG, "Value": deployment}],
    )
    answer = events.put_targets(Rule=rule_name(deployment), Targets=[{"Id": TARGET, "Arn": topic}])
    for failed in answer.get("FailedEntries", []):
        raise WrongInputError(f"the alarm cannot notify topic {topic}: {failed.get('ErrorMessage', 'AWS refuses')}")


def remove_alarm(clients: Clients, deployment: str) -> None:
    """Delete the rule, if it exists."""
    events = clients.client("events")
    for call, arguments in (
        (events.remove_targets, {"Rule": rule_name(deployment), "Ids": [TARGET]}),
        (events.delete_rule, {"Name": rule_name(deployment)}),
    ):
        try:
            call(**arguments)
        except Exception as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
