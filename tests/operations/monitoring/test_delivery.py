"""The test of notifications: what arrives on each path, what does not, and that nothing is left."""

import itertools
from typing import Any

import pytest

from pinekeep.model.config import Deployment
from pinekeep.operations.monitoring.delivery import PATHS, DeliveryTest, subscribers, topics_of
from pinekeep.operations.monitoring.inbox import Inbox
from tests.operations.monitoring.fake_notifications import ACCOUNT, ALARM, REGION, SLACK, TOPIC, FakeNotifications


def deployment(region: str = REGION) -> Deployment:
    return Deployment.model_validate({"account": ACCOUNT, "region": region, "monitoring": {}, "private_link": LINK})


LINK = {"vpc": {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d"]}, "clients": {"cidrs": ["10.0.0.0/16"]}}


def trial(aws: FakeNotifications, *, region: str = REGION) -> DeliveryTest:
    """Return a test whose clock goes on five seconds with each look."""
    ticks = itertools.count(0, 5)
    return DeliveryTest(
        name="search",
        deployment=deployment(region),
        topics=topics_of("search", aws.clients),
        clients=aws.clients,
        timeout=60,
        clock=lambda: float(next(ticks)),
    )


def statuses(aws: FakeNotifications, *paths: Any, **options: Any) -> dict[str, str]:
    return {each.path: each.status for each in trial(aws, **options).run(paths or PATHS)}


def require_nothing_left(aws: FakeNotifications) -> None:
    assert aws.queues == {}
    assert aws.subscriptions == {}


ALL_ARRIVED = dict.fromkeys(PATHS, "arrived")


def test_every_path_arrives_where_all_is_well_and_nothing_is_left() -> None:
    aws = FakeNotifications()
    test = trial(aws)
    assert {each.path: each.status for each in test.run(PATHS)} == ALL_ARRIVED
    assert (test.left, test.removed) == ([], [])
    require_nothing_left(aws)
    assert [state for state, _ in aws.states] == ["ALARM", "OK"]
    regions = [call for call in aws.operations() if call == "put_events"]
    assert len(regions) == 2


@pytest.mark.parametrize(
    ("broken", "missing"),
    [("rule", {"events", "global"}), ("forwarding", {"global"}), ("alarm", {"alarm"})],
)
def test_a_path_that_is_broken_is_told_from_those_that_are_not(broken: str, missing: set[str]) -> None:
    aws = FakeNotifications(broken={broken})
    found: dict[str, Any] = {each.path: each for each in trial(aws).run(PATHS)}
    assert {path for path, each in found.items() if each.status == "missing"} == missing
    for path in missing:
        assert found[path].detail == "did not arrive within 60 s"
        assert str(found[path].fix).endswith(": pinekeep verify --deployment search")
    require_nothing_left(aws)
    assert aws.state == "OK"


def test_where_the_topic_delivers_nothing_no_other_path_is_accused() -> None:
    aws = FakeNotifications(broken={"topic"})
    found = {each.path: each for each in trial(aws).run(PATHS)}
    assert found.pop("topic").status == "missing"
    assert {each.status for each in found.values()} == {"skipped"}
    assert aws.states == [], "nothing else was sent"
    require_nothing_left(aws)


def test_the_topic_is_tried_even_where_another_path_is_asked_for_but_not_reported() -> None:
    aws = FakeNotifications()
    assert statuses(aws, "events") == {"events": "arrived"}
    assert aws.operations().count("publish") == 1
    assert "set_alarm_state" not in aws.operations()


def test_a_new_subscription_may_lose_the_first_messages() -> None:
    aws = FakeNotifications(lost=2)
    assert statuses(aws, "topic") == {"topic": "arrived"}
    assert aws.operations().count("publish") == 3


def test_a_message_of_another_test_is_not_taken_for_this_one() -> None:
    aws = FakeNotifications(broken={"rule"})
    test = trial(aws)
    original = aws.put_events

    def put_events(Entries: Any, region: str) -> Any:  # noqa: N803 - AWS's name
        aws.deliver(TOPIC, "Mark: 0123456789abcdef-events")
        aws.deliver(SLACK, f"Mark: {test.mark}-events")
        return original(Entries, region)

    setattr(aws, "put_events", put_events)  # noqa: B010 - in place of a method
    (found,) = test.run(["events"])
    assert found.status == "missing"


def test_what_there_is_not_is_skipped_with_the_reason() -> None:
    aws = FakeNotifications(slack=False)
    found = {each.path: each for each in trial(aws).run(PATHS)}
    assert found["slack"].status == "skipped"
    assert "no Slack channel" in str(found["slack"].detail)
    here = {each.path: each for each in trial(FakeNotifications(), region="us-east-1").run(PATHS)}
    assert here["global"].status == "skipped"
    assert here["events"].status == "arrived"


def test_slack_itself_is_not_claimed_to_be_seen() -> None:
    (found,) = trial(FakeNotifications()).run(["slack"])
    assert found.status == "arrived"
    assert found.detail == "it arrived at the topic; whether Slack shows it cannot be seen from here"


def test_an_alarm_that_there_is_not_is_missing_and_nothing_is_set() -> None:
    aws = FakeNotifications(alarm=False)
    (found,) = trial(aws).run(["alarm"])
    assert (found.status, found.detail) == ("missing", f"there is no alarm {ALARM}")
    assert aws.states == []


@pytest.mark.parametrize("before", ["OK", "INSUFFICIENT_DATA", "ALARM"])
def test_the_alarm_is_set_back_to_the_state_that_it_had(before: str) -> None:
    aws = FakeNotifications(state=before)
    assert statuses(aws, "alarm") == {"alarm": "arrived"}
    assert aws.state == before


@pytest.mark.parametrize(
    ("operation", "path"), [("put_events", "events"), ("describe_alarms", "alarm"), ("set_alarm_state", "alarm")]
)
def test_a_path_that_aws_refuses_is_a_result_with_the_reason(operation: str, path: Any) -> None:
    aws = FakeNotifications(refused={operation: "AccessDenied"})
    (found,) = trial(aws).run([path])
    assert found.status == "missing"
    assert str(found.detail).startswith("it could not be sent: ")
    require_nothing_left(aws)


@pytest.mark.parametrize("operation", ["subscribe", "publish", "receive_message", "put_events", "set_alarm_state"])
def test_an_interrupt_leaves_nothing(operation: str) -> None:
    aws = FakeNotifications(interrupt=operation)
    with pytest.raises(KeyboardInterrupt):
        trial(aws).run(PATHS)
    require_nothing_left(aws)
    assert aws.state == "OK"


def test_what_cannot_be_removed_is_named() -> None:
    aws = FakeNotifications(refused={"delete_queue": "AccessDenied", "unsubscribe": "AccessDenied"})
    test = trial(aws)
    test.run(["topic"])
    assert [each.split(" ")[0] for each in test.left] == ["subscription", "subscription", "queue"]


def test_what_a_killed_test_left_is_removed_by_the_next_one_and_what_may_still_run_stays() -> None:
    aws = FakeNotifications()

    def inbox(mark: str) -> Inbox:
        made = Inbox("search", account=ACCOUNT, topic_arns=[TOPIC], clients=aws.clients, mark=mark)
        made.open()
        return made

    old, other = inbox("0" * 16), inbox("1" * 16)
    aws.queues[old.name]["made"] -= 3 * 3600
    aws.queues["pinekeep-search-test-of-mine"] = {"made": 0, "messages": list[str]()}
    test = trial(aws)
    test.run(["topic"])
    assert test.removed == [old.name]
    assert sorted(aws.queues) == sorted([other.name, "pinekeep-search-test-of-mine"])
    assert [each["Endpoint"].rpartition(":")[2] for each in aws.subscriptions.values()] == [other.name]


def test_the_subscribers_are_told_without_the_queues_of_tests() -> None:
    aws = FakeNotifications()
    aws.subscribe(TOPIC, "email", "ops@example.com")
    aws.subscriptions["PendingConfirmation"] = {"TopicArn": TOPIC, "Protocol": "https", "Endpoint": "https://ours"}
    aws.subscribe(SLACK, "https", "https://global.sns-api.chatbot.amazonaws.com")
    Inbox("search", account=ACCOUNT, topic_arns=[TOPIC], clients=aws.clients, mark="ab").open()
    found = subscribers("search", topics_of("search", aws.clients), aws.clients)
    assert [(each.protocol, each.status) for each in found] == [
        ("email", "confirmed"),
        ("https", "pending"),
        ("slack", "confirmed"),
    ]
    assert "spam" in found[0].detail
    assert found[1].detail == "it received nothing: the subscription waits for its confirmation"
