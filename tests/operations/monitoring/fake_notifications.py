"""SNS, SQS, EventBridge and CloudWatch of one deployment, as far as a test of its notifications needs them."""

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.model import naming

REGION = "eu-west-1"
ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:Pinekeep-search-Monitoring-Topic"
SLACK = f"arn:aws:sns:{REGION}:{ACCOUNT}:Pinekeep-search-Monitoring-Slack"
ALARM = "pinekeep.search.notifications-failed"


def refusal(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "not allowed"}}, operation)


@dataclass
class FakeNotifications:
    """A session and its clients in one.

    Attributes:
        broken: the paths that deliver nothing: ``topic``, ``rule``, ``forwarding``, ``alarm``.
        refused: operations, each with the code with which it is refused.
        lost: how many deliveries are lost before the first arrives, as those of a new subscription may be.
        interrupt: the operation that is interrupted.
    """

    broken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    interrupt: str | None = None
    state: str = "OK"
    slack: bool = True
    alarm: bool = True
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    subscriptions: dict[str, dict[str, str]] = field(default_factory=dict)
    states: list[tuple[str, str]] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def clients(self) -> Clients:
        return Clients(self, REGION)

    def client(self, service_name: str, *, region_name: str, **_: Any) -> Any:
        return _Client(self, service_name, region_name)

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def deliver(self, topic: str, text: str) -> None:
        """Deliver a message to the queues that are subscribed to a topic and let it."""
        if "topic" in self.broken:
            return
        if self.lost:
            self.lost -= 1
            return
        for each in self.subscriptions.values():
            name = each["Endpoint"].rpartition(":")[2]
            if each["TopicArn"] == topic and each["Protocol"] == "sqs" and name in self.queues:
                (statement,) = json.loads(self.queues[name]["Policy"])["Statement"]
                assert topic in statement["Condition"]["ArnEquals"]["aws:SourceArn"]
                body = json.dumps({"Type": "Notification", "TopicArn": topic, "Message": text})
                self.queues[name]["messages"].append(body)

    # --- CloudFormation ---

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803 - AWS's names, here and below
        assert StackName == "Pinekeep-search-Monitoring"
        outputs = {"MonitoringTopicArn": TOPIC, **({"SlackTopicArn": SLACK} if self.slack else {})}
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}]}

    # --- SQS ---

    def create_queue(self, QueueName: str, Attributes: dict[str, str], tags: dict[str, str]) -> Any:  # noqa: N803
        assert tags == {naming.DEPLOYMENT_TAG: "search"}
        self.queues[QueueName] = {**Attributes, "messages": [], "made": time.time()}
        return {"QueueUrl": f"https://queue/{QueueName}"}

    def delete_queue(self, QueueUrl: str) -> Any:  # noqa: N803
        del self.queues[QueueUrl.rpartition("/")[2]]
        return dict[str, Any]()

    def list_queues(self, QueueNamePrefix: str) -> Any:  # noqa: N803
        return {"QueueUrls": [f"https://queue/{each}" for each in self.queues if each.startswith(QueueNamePrefix)]}

    def get_queue_attributes(self, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: N803
        assert AttributeNames == ["CreatedTimestamp"]
        return {"Attributes": {"CreatedTimestamp": str(int(self.queues[QueueUrl.rpartition("/")[2]]["made"]))}}

    def receive_message(self, QueueUrl: str, **_: Any) -> Any:  # noqa: N803
        waiting = self.queues[QueueUrl.rpartition("/")[2]]["messages"]
        return {"Messages": [{"Body": each, "ReceiptHandle": each} for each in waiting]} if waiting else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> Any:  # noqa: N803
        self.queues[QueueUrl.rpartition("/")[2]]["messages"].remove(ReceiptHandle)
        return dict[str, Any]()

    # --- SNS ---

    def subscribe(self, TopicArn: str, Protocol: str, Endpoint: str, **_: Any) -> Any:  # noqa: N803
        arn = f"{TopicArn}:{next(self._numbers)}"
        self.subscriptions[arn] = {"TopicArn": TopicArn, "Protocol": Protocol, "Endpoint": Endpoint}
        return {"SubscriptionArn": arn}

    def unsubscribe(self, SubscriptionArn: str) -> Any:  # noqa: N803
        del self.subscriptions[SubscriptionArn]
        return dict[str, Any]()

    def list_subscriptions_by_topic(self, TopicArn: str) -> Any:  # noqa: N803
        found = [
            {**each, "SubscriptionArn": arn} for arn, each in self.subscriptions.items() if each["TopicArn"] == TopicArn
        ]
        return {"Subscriptions": found}

    def publish(self, TopicArn: str, Message: str, **_: Any) -> Any:  # noqa: N803
        self.deliver(TopicArn, Message)
        return dict[str, Any]()

    # --- EventBridge ---

    def put_events(self, Entries: list[dict[str, str]], region: str) -> Any:  # noqa: N803
        (entry,) = Entries
        detail = json.loads(entry["Detail"])
        assert (entry["Source"], detail["deployment"]) == ("pinekeep.test", "search")
        if "rule" not in self.broken and not (region == "us-east-1" and "forwarding" in self.broken):
            self.deliver(TOPIC, f"Pinekeep: a test, mark {detail['mark']}")
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e-1"}]}

    # --- CloudWatch ---

    def describe_alarms(self, AlarmNames: list[str]) -> Any:  # noqa: N803
        assert AlarmNames == [ALARM]
        return {"MetricAlarms": [{"AlarmName": ALARM, "StateValue": self.state}] if self.alarm else []}

    def set_alarm_state(self, AlarmName: str, StateValue: str, StateReason: str) -> Any:  # noqa: N803
        assert AlarmName == ALARM
        self.states.append((StateValue, StateReason))
        changed, self.state = self.state != StateValue, StateValue
        if changed and StateValue == "ALARM" and "alarm" not in self.broken:
            self.deliver(TOPIC, json.dumps({"AlarmName": ALARM, "NewStateReason": StateReason}))
        return dict[str, Any]()


@dataclass
class _Client:
    """The client of one service in one Region."""

    aws: FakeNotifications
    service: str
    region: str

    def __getattr__(self, operation: str) -> Any:
        def call(**arguments: Any) -> Any:
            self.aws.calls.append((operation, arguments))
            if operation == self.aws.interrupt:
                self.aws.interrupt = None
                raise KeyboardInterrupt
            if operation in self.aws.refused:
                raise refusal(self.aws.refused[operation], operation)
            if operation == "put_events":
                return self.aws.put_events(**arguments, region=self.region)
            assert self.region == REGION
            return getattr(self.aws, operation)(**arguments)

        return call
