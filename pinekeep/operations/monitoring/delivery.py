"""A marked message through each path of the notifications, and what arrived.

The queue of :mod:`.inbox` shows what arrives at a topic: within seconds and for sure, where the metrics of topic and
rules lag by minutes and do not tell which message it was. What is beyond the topic (a mailbox, an HTTPS server, Slack)
cannot be seen from here, and is reported so.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any, Final, Literal

from pinekeep.account.client.clients import Clients
from pinekeep.account.client.refusal_codes import code_of
from pinekeep.account.client.refusals import refusals_told
from pinekeep.account.process import interrupts_deferred
from pinekeep.account.reads.answers import outputs_of
from pinekeep.errors import AwsRefusedError, PinekeepError, WrongInputError
from pinekeep.model import naming
from pinekeep.model.alarms import trial
from pinekeep.model.alarms.kinds import AlarmKind, alarm_name
from pinekeep.model.config import Deployment
from pinekeep.model.facts import aws
from pinekeep.model.naming import Output
from pinekeep.model.output.monitoring import PathOutput, SubscriberOutput
from pinekeep.operations.monitoring.inbox import Inbox, Message, subscriptions_of

Path = Literal["topic", "events", "global", "alarm", "slack"]
PATHS: Final[tuple[Path, ...]] = ("topic", "events", "global", "alarm", "slack")
TITLES: Final[dict[Path, str]] = {
    "topic": "a message published to the topic",
    "events": "an event on the event bus, through a rule",
    "global": f"an event in {aws.GLOBAL_EVENTS_REGION}, forwarded",
    "alarm": "an alarm set to ALARM",
    "slack": "a message published to Slack's topic",
}

_AGAIN_SECONDS: Final = 15.0
"""A new subscription may take some seconds to receive, so the first message is published again meanwhile."""
_BEYOND: Final = "it arrived at the topic; whether Slack shows it cannot be seen from here"
_CHATBOT: Final = aws.CHATBOT_ENDPOINT


@dataclass(frozen=True, kw_only=True)
class Topics:
    """The topics of a deployed monitoring stack; ``slack`` is None without a Slack channel."""

    main: str
    slack: str | None

    @property
    def arns(self) -> list[str]:
        """Both."""
        return [self.main, *([self.slack] if self.slack else [])]


def topics_of(name: str, clients: Clients) -> Topics:
    """Return the topics from the outputs of the stack. One call.

    Raises WrongInputError if the stack is not deployed; AwsRefusedError if AWS refuses the call.
    """
    missing = WrongInputError(f"{name}: the monitoring is not deployed", hint=f"pinekeep deploy --deployment {name}")
    with refusals_told():
        try:
            stacks = clients.client("cloudformation").describe_stacks(StackName=naming.monitoring_stack(name))["Stacks"]
        except Exception as error:
            if code_of(error) == "ValidationError":
                raise missing from None
            raise
    outputs = outputs_of(stacks[0])
    main = outputs.get(Output.MONITORING_TOPIC_ARN)
    if main is None:
        raise missing
    return Topics(main=main, slack=outputs.get(Output.SLACK_TOPIC_ARN))


@dataclass
class DeliveryTest:
    """One test of a deployment's notifications. ``timeout``: seconds for each path.

    Attributes:
        mark: what tells this test's messages from others.
        left: what could not be removed.
        removed: the queues of earlier tests that were removed.
    """

    name: str
    deployment: Deployment
    topics: Topics
    clients: Clients
    timeout: float
    clock: Callable[[], float] = time.monotonic
    mark: str = field(default_factory=lambda: token_hex(8))
    left: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    def run(self, paths: Sequence[Path]) -> list[PathOutput]:
        """Send through each path, one after the other, and return what arrived. Everything made is removed again.

        Raises AwsRefusedError if the queue cannot be made; a path that AWS refuses is a result.
        """
        inbox = Inbox(
            self.name,
            account=self.deployment.account,
            topic_arns=self.topics.arns,
            clients=self.clients,
            mark=self.mark,
        )
        self.removed = inbox.remove_leftovers()
        try:
            inbox.open()
            return list(self._results(inbox, paths))
        finally:
            self.left += inbox.close()

    def _results(self, inbox: Inbox, paths: Sequence[Path]) -> Iterator[PathOutput]:
        first = self._through("topic", inbox, lambda mark: self._publish(self.topics.main, mark), again=_AGAIN_SECONDS)
        if "topic" in paths:
            yield first
        for path in PATHS:
            if path == "topic" or path not in paths:
                continue
            if (why := self._why_not(path)) is not None:
                yield _skipped(path, why)
            elif first.status != "arrived":
                yield _skipped(path, "the topic delivers nothing, so nothing could be seen to arrive")
            else:
                yield self._one(path, inbox)

    def _why_not(self, path: Path) -> str | None:
        if path == "slack" and self.topics.slack is None:
            return "no Slack channel is configured, or it is not deployed yet"
        if path == "global" and self.deployment.region == aws.GLOBAL_EVENTS_REGION:
            return f"the deployment is in {aws.GLOBAL_EVENTS_REGION}, so nothing is forwarded: see events"
        return None

    def _one(self, path: Path, inbox: Inbox) -> PathOutput:
        if path == "alarm":
            return self._alarm(inbox)
        if path == "slack":
            slack = str(self.topics.slack)
            return self._through(path, inbox, lambda mark: self._publish(slack, mark), topic=slack, beyond=True)
        region = self.clients.region if path == "events" else aws.GLOBAL_EVENTS_REGION
        return self._through(path, inbox, lambda mark: self._put_event(self.clients.in_region(region), mark))

    # --- Sending ---

    def _publish(self, topic: str, mark: str) -> None:
        text = trial.trial_slack if topic == self.topics.slack else trial.trial_text
        arguments: dict[str, Any] = {"TopicArn": topic, "Message": text(self.name, mark)}
        if topic != self.topics.slack:
            arguments["Subject"] = f"Pinekeep: test ({self.name})"[: aws.SNS_SUBJECT_MAX]
        self.clients.client("sns").publish(**arguments)

    def _put_event(self, clients: Clients, mark: str) -> None:
        entry = {
            "Source": trial.SOURCE,
            "DetailType": trial.DETAIL_TYPE,
            "Detail": trial.trial_detail(self.name, mark),
        }
        answer = clients.client("events").put_events(Entries=[entry])
        for each in answer["Entries"]:
            if each.get("ErrorCode"):
                raise AwsRefusedError(f"EventBridge refused the event: {each.get('ErrorMessage') or each['ErrorCode']}")

    def _alarm(self, inbox: Inbox) -> PathOutput:
        """Set an alarm to ALARM, and back to the state that it had, also on an interrupt."""
        name = alarm_name(naming.event_rules(self.name), AlarmKind.NOTIFICATIONS_FAILED)
        cloudwatch = self.clients.client("cloudwatch")
        try:
            with refusals_told():
                found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        except AwsRefusedError as error:
            return _refused("alarm", error)
        if not found:
            fix = f"deploy it: pinekeep deploy --deployment {self.name}"
            return _result("alarm", "missing", detail=f"there is no alarm {name}", fix=fix)
        before = str(found[0]["StateValue"])

        def set_state(state: str, mark: str) -> None:
            reason = f"A test by pinekeep monitoring test: nothing happened. Mark: {mark}"
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason=reason)

        def raise_it(mark: str) -> None:
            if before == "ALARM":  # only a change of state notifies
                set_state("OK", mark)
            set_state("ALARM", mark)

        try:
            return self._through("alarm", inbox, raise_it)
        finally:
            with interrupts_deferred():
                try:
                    with refusals_told():
                        set_state(before, f"{self.mark}, over")
                except AwsRefusedError:
                    self.left.append(f"alarm {name} is in ALARM; CloudWatch sets it back by itself")

    # --- Receiving ---

    def _through(
        self,
        path: Path,
        inbox: Inbox,
        send: Callable[[str], None],
        *,
        topic: str | None = None,
        again: float | None = None,
        beyond: bool = False,
    ) -> PathOutput:
        """Send a marked message, and wait until it arrives. ``again``: seconds after which it is sent again."""
        mark = f"{self.mark}-{path}"
        begin = last = self.clock()
        try:
            with refusals_told():
                send(mark)
                while (now := self.clock()) - begin < self.timeout:
                    if _arrived(inbox.messages(), mark, topic or self.topics.main):
                        seconds = round(self.clock() - begin, 1)
                        detail = _BEYOND if beyond else None
                        return _result(path, "arrived", seconds=seconds, detail=detail)
                    if again is not None and now - last >= again:
                        last = now
                        send(mark)
        except AwsRefusedError as error:
            return _refused(path, error)
        fix = f"{_FIXES[path]}: pinekeep verify --deployment {self.name}"
        return _result(path, "missing", detail=f"did not arrive within {self.timeout:.0f} s", fix=fix)


_FIXES: Final[dict[Path, str]] = {
    "topic": "the topic's policy, or the policy of its key, does not let it be delivered",
    "events": "the rule, its target, the topic's policy or the policy of its key is not as deployed",
    "global": f"the rule in {aws.GLOBAL_EVENTS_REGION}, its role, or the rule beyond is not as deployed",
    "alarm": "the topic's policy or the policy of its key does not let cloudwatch.amazonaws.com publish",
    "slack": "the policy of Slack's topic, or of its key, does not let it be delivered",
}


def subscribers(name: str, topics: Topics, clients: Clients) -> list[SubscriberOutput]:
    """Return who is subscribed, without the queues of tests, and what can be said of a delivery to each.

    Raises AwsRefusedError if AWS refuses a call.
    """
    ours = naming.test_queue_prefix(name)
    found = []
    with refusals_told():
        for topic in topics.arns:
            for each in subscriptions_of(clients, topic):
                endpoint, protocol = each["Endpoint"], each["Protocol"]
                if endpoint.rpartition(":")[2].startswith(ours):
                    continue
                pending = not each["SubscriptionArn"].startswith("arn:")
                found.append(
                    SubscriberOutput(
                        protocol="slack" if endpoint == _CHATBOT else protocol,
                        endpoint=endpoint,
                        status="pending" if pending else "confirmed",
                        detail=_PENDING if pending else _UNSEEN.get(protocol, "its delivery is not seen from here"),
                    )
                )
    return found


_PENDING: Final = "it received nothing: the subscription waits for its confirmation"
_UNSEEN: Final = {
    "email": "look for the messages in the mailbox, also among the spam",
    "https": "look for the messages in the log of the server",
}


def _arrived(messages: Sequence[Message], mark: str, topic: str) -> bool:
    return any(mark in each.text and each.topic == topic for each in messages)


def _result(
    path: Path,
    status: Literal["arrived", "missing", "skipped"],
    *,
    seconds: float | None = None,
    detail: str | None = None,
    fix: str | None = None,
) -> PathOutput:
    return PathOutput(path=path, title=TITLES[path], status=status, seconds=seconds, detail=detail, fix=fix)


def _skipped(path: Path, why: str) -> PathOutput:
    return _result(path, "skipped", detail=why)


def _refused(path: Path, error: PinekeepError) -> PathOutput:
    return _result(path, "missing", detail=f"it could not be sent: {error.message}", fix=error.hint)
