"""A queue that is subscribed to the topics for a test, and removed again.

Its name has a mark, so that tests do not disturb each other; what an interrupted test left is found by the beginning of
its name. SQS takes up to a minute to delete a queue, and takes no new one of the same name meanwhile.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import interrupts_deferred
from pinekeep.errors import AwsRefusedError
from pinekeep.model import naming
from pinekeep.model.naming import DEPLOYMENT_TAG
from pinekeep.model.policies.document import policy

_KEPT_SECONDS: Final = "3600"
_OLD_SECONDS: Final = 7200
"""Longer than any test takes."""
_BATCH: Final = 10
_WAIT_SECONDS: Final = 2
_GONE: Final = frozenset(
    {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NotFound", "NotFoundException"}
)


@dataclass(frozen=True)
class Message:
    """A message that arrived. ``topic``: the ARN of its topic; ``text``: its body."""

    topic: str
    text: str


def queue_policy(*, queue_arn: str, topic_arns: Sequence[str]) -> str:
    """Return the policy that lets the topics alone send to the queue, as JSON."""
    statement: Any = {
        "Sid": "AllowTopicsToSend",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(topic_arns)}},
    }
    return json.dumps(policy([statement]))


class Inbox:
    """A queue that receives what is published to topics.

    ``mark``: tells its messages and its name from those of other tests.
    """

    def __init__(
        self, deployment: str, *, account: str, topic_arns: Sequence[str], clients: Clients, mark: str
    ) -> None:
        self._deployment = deployment
        self._topic_arns = list(topic_arns)
        self._clients = clients
        self._prefix = naming.test_queue_prefix(deployment)
        self.name = f"{self._prefix}{mark}"
        self.queue_arn = f"arn:aws:sqs:{clients.region}:{account}:{self.name}"
        self._url: str | None = None
        self._subscriptions: list[str] = []

    def open(self) -> None:
        """Create the queue and subscribe it. The caller closes it, also where this raises.

        Raises AwsRefusedError if AWS refuses a call.
        """
        sqs, sns = self._clients.client("sqs"), self._clients.client("sns")
        with refusals_told(), interrupts_deferred():
            self._url = sqs.create_queue(
                QueueName=self.name,
                Attributes={
                    "MessageRetentionPeriod": _KEPT_SECONDS,
                    "SqsManagedSseEnabled": "true",
                    "Policy": queue_policy(queue_arn=self.queue_arn, topic_arns=self._topic_arns),
                },
                tags={DEPLOYMENT_TAG: self._deployment},
            )["QueueUrl"]
            for topic in self._topic_arns:
                made = sns.subscribe(
                    TopicArn=topic, Protocol="sqs", Endpoint=self.queue_arn, ReturnSubscriptionArn=True
                )
                self._subscriptions.append(made["SubscriptionArn"])

    def messages(self) -> list[Message]:
        """Return the messages that arrived since the last look, after at most two seconds without one."""
        with refusals_told():
            answer = self._clients.client("sqs").receive_message(
                QueueUrl=self._url, MaxNumberOfMessages=_BATCH, WaitTimeSeconds=_WAIT_SECONDS
            )
            found = answer.get("Messages") or []
            for each in found:
                self._clients.client("sqs").delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        return [message for each in found if (message := _message(each["Body"])) is not None]

    def close(self) -> list[str]:
        """Remove the subscriptions and the queue, and return what could not be removed. Defers interrupts."""
        left: list[str] = []
        with interrupts_deferred():
            for arn in self._subscriptions:
                _tried(left, f"subscription {arn}", lambda arn=arn: self._unsubscribe(arn))
            if (url := self._url) is not None:
                _tried(left, f"queue {self.name}", lambda: self._delete(url))
            self._subscriptions.clear()
            self._url = None
        return left

    def remove_leftovers(self) -> list[str]:
        """Remove queues of earlier tests that were killed, with their subscriptions; return their names.

        One of a test that may still run stays.

        Raises AwsRefusedError if AWS refuses a call.
        """
        with refusals_told():
            listed = self._clients.client("sqs").list_queues(QueueNamePrefix=self._prefix).get("QueueUrls") or []
            names = {url: url.rpartition("/")[2] for url in listed}
            ours = re.compile(re.escape(self._prefix) + "[0-9a-f]+")
            old = {url: name for url, name in names.items() if ours.fullmatch(name) and self._is_old(url)}
            if not old:
                return []
            for topic in self._topic_arns:
                for each in subscriptions_of(self._clients, topic):
                    if each["Protocol"] == "sqs" and each["Endpoint"].rpartition(":")[2] in old.values():
                        self._unsubscribe(each["SubscriptionArn"])
            for url in old:
                self._delete(url)
        return sorted(old.values())

    def _is_old(self, url: str) -> bool:
        answer = self._clients.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["CreatedTimestamp"])
        return time.time() - int(answer["Attributes"]["CreatedTimestamp"]) > _OLD_SECONDS

    def _unsubscribe(self, arn: str) -> None:
        self._clients.client("sns").unsubscribe(SubscriptionArn=arn)

    def _delete(self, url: str) -> None:
        self._clients.client("sqs").delete_queue(QueueUrl=url)


def subscriptions_of(clients: Clients, topic_arn: str) -> list[dict[str, Any]]:
    """Return the subscriptions of a topic. One call for each hundred."""
    found: list[dict[str, Any]] = []
    arguments: dict[str, Any] = {"TopicArn": topic_arn}
    while True:
        answer = clients.client("sns").list_subscriptions_by_topic(**arguments)
        found += answer.get("Subscriptions") or []
        if not answer.get("NextToken"):
            return found
        arguments["NextToken"] = answer["NextToken"]


def _message(body: str) -> Message | None:
    try:
        envelope = json.loads(body)
        return Message(topic=envelope["TopicArn"], text=envelope["Message"])
    except (ValueError, KeyError, TypeError):
        return None


def _tried(left: list[str], what: str, step: Callable[[], None]) -> None:
    try:
        with refusals_told():
            try:
                step()
            except Exception as error:
                if code_of(error) not in _GONE:
                    raise
    except AwsRefusedError:
        left.append(what)
