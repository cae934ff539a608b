"""Which events raise the alarm."""

import json
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.errors import WrongInputError
from pinekeep.operations.offboarding.alarm import pattern, remove_alarm, rule_name, set_alarm
from tests.operations.revocation.conftest import ACCOUNT, REGION

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
OTHER = KEY.replace("0a1b", "ffff")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-prod-us-east-1"


def event(service: str, name: str, **detail: Any) -> dict[str, Any]:
    return {
        "source": f"aws.{service}",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {"eventSource": f"{service}.amazonaws.com", "eventName": name, **detail},
    }


RAISES = {
    "a use": event("kms", "Decrypt", resources=[{"ARN": KEY, "type": "AWS::KMS::Key"}]),
    "an attempt that names the key": event("kms", "Encrypt", requestParameters={"keyId": KEY}),
    "an attempt that names its ID": event("kms", "GenerateDataKey", requestParameters={"keyId": KEY[-36:]}),
    "an attempt of which only the error tells": event("kms", "Decrypt", errorMessage=f"{KEY} is disabled."),
    "an attempt while it is pending deletion": event("kms", "Decrypt", errorMessage=f"{KEY} is pending deletion."),
    "the role assumed": event("sts", "AssumeRole", requestParameters={"roleArn": ROLE}),
}
RAISES_NOT = {
    "another key": event("kms", "Decrypt", resources=[{"ARN": OTHER}], requestParameters={"keyId": OTHER}),
    "a look at the key": event("kms", "DescribeKey", resources=[{"ARN": KEY}], requestParameters={"keyId": KEY}),
    "another role": event("sts", "AssumeRole", requestParameters={"roleArn": f"{ROLE}-other"}),
}
EVERY = {**dict.fromkeys(RAISES, True), **dict.fromkeys(RAISES_NOT, False)}


@pytest.mark.parametrize(("name", "raised"), EVERY.items())
def test_it_is_raised_by_whoever_misses_the_key(server: EmbeddedAws, name: str, raised: bool) -> None:
    found = {**RAISES, **RAISES_NOT}[name]
    rest = {"id": "1", "account": ACCOUNT, "time": "2026-11-25T12:00:00Z", "region": REGION, "resources": list[Any]()}
    answer = (
        server.session()
        .client("events")
        .test_event_pattern(
            EventPattern=json.dumps(pattern(key_arn=KEY, roles=[ROLE])), Event=json.dumps({**rest, **found})
        )
    )
    assert answer["Result"] is raised


def test_the_rule_gets_events_that_only_read_and_is_made_anew_without_harm(server: EmbeddedAws) -> None:
    clients = Clients(server.session(), REGION)
    for topic in ("one", "two"):
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{topic}"
        set_alarm(clients, "prod", key_arn=KEY, roles=[ROLE], topic=arn)
    events = clients.client("events")
    rule = events.describe_rule(Name=rule_name("prod"))
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert events.list_targets_by_rule(Rule=rule_name("prod"))["Targets"] == [{"Id": "topic", "Arn": arn}]
    assert events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"] == [
        {"Key": "pinekeep:deployment", "Value": "prod"}
    ]
    remove_alarm(clients, "prod")
    remove_alarm(clients, "prod")
    assert [each for each in events.list_rules()["Rules"] if each["Name"] == rule_name("prod")] == []


def test_a_topic_that_eventbridge_does_not_take_is_told() -> None:
    class Refusing:
        def client(self, *_: Any, **__: Any) -> Any:
            return self

        def put_rule(self, **_: Any) -> None:
            pass

        def put_targets(self, **_: Any) -> Any:
            return {"FailedEntries": [{"ErrorMessage": "no such topic"}]}

    clients = Clients(Refusing(), REGION)
    with pytest.raises(WrongInputError, match="cannot notify topic arn: no such topic"):
        set_alarm(clients, "prod", key_arn=KEY, roles=[ROLE], topic="arn")
