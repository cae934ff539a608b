"""Delivery of events: across Regions, to topics and queues that must allow it, and to dead-letter queues."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.events_support import ACCOUNT, Events, allow

HOME, DEPLOYED = "us-east-1", "eu-west-1"
PATTERN = {"source": ["test.pinekeep"]}


@pytest.fixture
def events(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> Events:
    return Events(embedded_aws, unique)


def send(events: Events, *, region: str = HOME) -> None:
    entry = {"Source": "test.pinekeep", "DetailType": "test", "Detail": json.dumps({"say": "hello"})}
    assert events.client("events", region).put_events(Entries=[entry])["FailedEntryCount"] == 0


def forwarder(events: Events, *, resource: str, trusted: str = "events") -> str:
    """A role that puts events on a bus."""
    iam = events.client("iam")
    principal = {"Service": f"{trusted}.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    may = {"Statement": [{"Effect": "Allow", "Action": "events:PutEvents", "Resource": resource}]}
    name = events.unique("forwarder")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="put", PolicyDocument=json.dumps(may))
    return str(arn)


BUS = f"arn:aws:events:{DEPLOYED}:{ACCOUNT}:event-bus/default"


def clear(events: Events, name: str, region: str = HOME) -> None:
    client = events.client("events", region)
    client.remove_targets(Rule=name, Ids=["one"])
    client.delete_rule(Name=name)


def test_an_event_is_forwarded_to_another_region_and_keeps_its_own(events: Events) -> None:
    heard = events.heard(PATTERN, region=DEPLOYED)
    rule = events.rule(PATTERN, BUS, RoleArn=forwarder(events, resource=BUS))
    send(events)
    clear(events, rule)
    (event,) = heard()
    assert (event["region"], event["account"], event["detail"]) == (HOME, ACCOUNT, {"say": "hello"})


@pytest.mark.parametrize(
    ("resource", "trusted"), [(f"{BUS}-2", "events"), (BUS, "lambda")], ids=["another bus", "another service"]
)
def test_a_role_that_does_not_allow_it_sends_the_event_to_the_dead_letters(
    events: Events, resource: str, trusted: str
) -> None:
    heard = events.heard(PATTERN, region=DEPLOYED)
    url, letters = events.queue()
    role = forwarder(events, resource=resource, trusted=trusted)
    rule = events.rule(PATTERN, BUS, RoleArn=role, DeadLetterConfig={"Arn": letters})
    send(events)
    clear(events, rule)
    assert heard() == []
    (letter,) = events.received(url)
    assert letter["detail"] == {"say": "hello"}
    assert letter["attributes"]["ERROR_CODE"] == "NO_PERMISSIONS"
    assert letter["attributes"]["TARGET_ARN"] == BUS


def topic(events: Events, *, policy: str | None, key: str | None = None) -> tuple[str, str]:
    """A topic with a queue as its subscriber: its ARN and the queue's URL."""
    sns = events.client("sns")
    url, queue = events.queue("sns")
    attributes = {"KmsMasterKeyId": key} if key else {}
    arn = sns.create_topic(Name=events.unique("topic"), Attributes=attributes)["TopicArn"]
    if policy:
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
    return arn, url


def test_a_topic_hears_of_a_rule_only_with_a_policy_that_allows_it(events: Events) -> None:
    default, quiet = topic(events, policy=None)
    allowed, loud = topic(events, policy=allow("events", "sns:Publish"))
    url, letters = events.queue()
    rules = [events.rule(PATTERN, arn, DeadLetterConfig={"Arn": letters}) for arn in (default, allowed)]
    send(events)
    for rule in rules:
        clear(events, rule)
    assert events.received(quiet) == []
    assert len(events.received(loud)) == 1
    (letter,) = events.received(url)
    assert letter["attributes"]["TARGET_ARN"] == default


def key(events: Events, *services: str) -> str:
    """A key that its account and services can use."""
    statements: list[dict[str, Any]] = [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    ]
    for service in services:
        actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": actions,
                "Resource": "*",
            }
        )
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return str(events.client("kms").create_key(Policy=policy)["KeyMetadata"]["Arn"])


def test_an_encrypted_topic_needs_a_key_that_allows_the_service_and_works(events: Events) -> None:
    policy = allow("events", "sns:Publish")
    good = key(events, "events")
    loud_topic, loud = topic(events, policy=policy, key=good)
    quiet_topic, quiet = topic(events, policy=policy, key=key(events, "cloudwatch"))
    url, letters = events.queue()
    rules = [events.rule(PATTERN, arn, DeadLetterConfig={"Arn": letters}) for arn in (loud_topic, quiet_topic)]
    send(events)
    assert len(events.received(loud)) == 1
    assert events.received(quiet) == []
    (letter,) = events.received(url)
    assert "KMSAccessDenied" in letter["attributes"]["ERROR_MESSAGE"]
    kms = events.client("kms")
    assert kms.get_key_last_usage(KeyId=good)["KeyLastUsage"]["Operation"] == "GenerateDataKey"
    kms.disable_key(KeyId=good)
    send(events)
    for rule in rules:
        clear(events, rule)
    assert events.received(loud) == []
    assert {each["attributes"]["ERROR_MESSAGE"].partition(":")[0] for each in events.received(url)} == {
        "KMSDisabled",
        "KMSAccessDenied",
    }
    with pytest.raises(ClientError, match="KMSDisabled"):
        events.client("sns").publish(TopicArn=loud_topic, Message="x")


def test_who_publishes_to_an_encrypted_topic_must_be_allowed_to_use_its_key(events: Events) -> None:
    arn, url = topic(events, policy=None, key=key(events))
    iam, name = events.client("iam"), events.unique("publisher")
    root = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]

    def may(*actions: str) -> None:
        document = {"Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(document))

    may("sns:Publish")
    session = events.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    sns = events._aws.session(credentials=session).client("sns")
    with pytest.raises(ClientError, match="KMSAccessDenied"):
        sns.publish(TopicArn=arn, Message=json.dumps({"say": "no"}))
    may("sns:Publish", "kms:GenerateDataKey*", "kms:Decrypt")
    sns.publish(TopicArn=arn, Message=json.dumps({"say": "yes"}))
    (message,) = events.received(url)
    assert json.loads(message["Message"]) == {"say": "yes"}


def test_a_queue_that_refuses_a_topic_leaves_the_message_to_the_dead_letters(events: Events) -> None:
    sns = events.client("sns")
    arn = sns.create_topic(Name=events.unique("topic"))["TopicArn"]
    url, letters = events.queue("sns")
    closed_url, closed = events.queue("events")
    redrive = json.dumps({"deadLetterTargetArn": letters})
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=closed, Attributes={"RedrivePolicy": redrive})
    sns.publish(TopicArn=arn, Message="hello")
    assert events.received(closed_url) == []
    (letter,) = events.received(url)
    assert letter["Message"] == "hello"


def test_an_alarm_notifies_a_topic_whose_key_allows_cloudwatch(events: Events) -> None:
    cloudwatch = events.client("cloudwatch")
    loud_topic, loud = topic(events, policy=None, key=key(events, "cloudwatch"))
    quiet_topic, quiet = topic(events, policy=None, key=key(events, "events"))
    name = events.unique("alarm")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="test",
        MetricName="x",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[loud_topic, quiet_topic],
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    (message,) = events.received(loud)
    assert json.loads(message["Message"])["NewStateReason"] == "a drill"
    assert events.received(quiet) == []
    history = cloudwatch.describe_alarm_history(AlarmName=name)["AlarmHistoryItems"]
    assert any("KMSAccessDenied" in each["HistorySummary"] for each in history)
