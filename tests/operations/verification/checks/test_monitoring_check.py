"""The checks of the monitoring: everything right passes, and each thing wrong fails its check, with a fix."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.operations.verification.conftest import ACCOUNT, KEY_ARN, NOW, World

MONITORING: dict[str, Any] = {
    "emails": ["ops@example.com"],
    "https": ["https://ours.example.com/hook"],
    "slack": {"workspace_id": "T0123456789", "channel_id": "C0123456789"},
    "denied_use": "metric-filter",
    "trail_log_group": "trail",
}
MINE = (
    "monitoring-stack-state",
    "monitoring-rules",
    "monitoring-trail",
    "monitoring-topic-policy",
    "monitoring-topic-key",
    "monitoring-subscriptions",
    "monitoring-slack",
    "monitoring-alarms",
    "monitoring-metric-filters",
)


@pytest.fixture
def watched(world: World) -> World:
    """The world with monitoring, in which everything is right."""
    return world.configured(monitoring=MONITORING)


def live(world: World) -> Any:
    """What is live, of any type: the tests know what is there."""
    return world.live


def changed(world: World, field: str, name: str, **changes: Any) -> World:
    """The world where one thing of several by name is different; without changes, where it is not there."""
    found = dict(getattr(live(world), field))
    if changes:
        found[name] = {**found[name], **changes}
    else:
        del found[name]
    return world.when(**{field: found})


def trail(world: World, **changes: Any) -> World:
    return world.when(trails=[{**live(world).trails[0], **changes}])


def selecting(world: World, **selectors: Any) -> World:
    return trail(world, Selectors=selectors)


def test_where_all_is_right_every_check_passes(watched: World) -> None:
    mine = {each.check: each for each in watched.findings() if each.check.startswith("monitoring-")}
    assert set(mine) == set(MINE)
    assert {each.status for each in mine.values()} == {"ok"}, mine
    assert watched.all_failures() == set()


def test_without_monitoring_nothing_is_checked(world: World) -> None:
    assert [each for each in world.findings() if each.check.startswith("monitoring-")] == []


def test_a_stack_that_is_missing_fails_alone(watched: World) -> None:
    gone = dict.fromkeys(("monitoring_stack", "topic", "topic_key"), None)
    missing = watched.when(**gone, event_rules={}, alarms={}, subscriptions=[])
    assert "monitoring-stack-state" in missing.all_failures()
    assert missing.failure("monitoring-stack-state") == "there is no such stack"


RULE = "pinekeep.prod.key-disabled"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, f"there is no rule {RULE}"),
        ({"State": "DISABLED"}, f"rule {RULE} is DISABLED, not ENABLED"),
        ({"EventPattern": '{"source": ["aws.kms"]}'}, f"rule {RULE} has another event pattern"),
        ({"EventPattern": "{"}, f"rule {RULE} has another event pattern"),
        ({"Topics": []}, f"rule {RULE} does not reach arn:aws:sns:us-east-1:{ACCOUNT}:Pinekeep-prod-Monitoring-Topic"),
    ],
)
def test_a_rule_that_is_not_as_deployed_fails(watched: World, changes: dict[str, Any], told: str) -> None:
    wrong = changed(watched, "event_rules", RULE, **changes)
    assert wrong.failure("monitoring-rules").startswith(told)
    assert wrong.all_failures() == {"monitoring-rules"}


def test_rules_are_not_judged_while_what_they_name_is_not_known(watched: World) -> None:
    stack = {**live(watched).cmek_stack, "Outputs": list[Any]()}
    found = watched.when(cmek_stack=stack).finding("monitoring-rules")
    assert found.status == "note"
    assert "output KeyArn of Pinekeep-prod-Cmek is not known" in found.found


@pytest.mark.parametrize(
    ("trails", "told"),
    [
        ([], "there is no trail here, so no API call reaches a rule"),
        ({"Logging": False}, "no trail records management events here (management: its logging is stopped)"),
        (
            {"Selectors": {"EventSelectors": [{"IncludeManagementEvents": False}]}},
            "no trail records management events here (management: it leaves out write events of KMS)",
        ),
        (
            {"Selectors": {"EventSelectors": [{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}},
            "no trail records management events here (management: it leaves out write events of KMS)",
        ),
        (
            {"Selectors": {"EventSelectors": [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]}},
            "no trail records management events here (management: it leaves out write events of KMS)",
        ),
    ],
)
def test_without_a_trail_the_rules_are_blind(watched: World, trails: Any, told: str) -> None:
    wrong = watched.when(trails=[]) if trails == [] else trail(watched, **trails)
    assert wrong.failure("monitoring-trail") == told


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, *fields]}]
    }


@pytest.mark.parametrize(
    ("selectors", "status"),
    [
        (advanced(), "ok"),
        (advanced({"Field": "eventSource", "NotEquals": ["rdsdata.amazonaws.com"]}), "ok"),
        (advanced({"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}), "failed"),
        (advanced({"Field": "readOnly", "Equals": ["true"]}), "failed"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, "failed"),
        (None, "note"),
    ],
)
def test_advanced_selectors_are_read_and_what_is_not_seen_is_no_failure(
    watched: World, selectors: Any, status: str
) -> None:
    assert trail(watched, Selectors=selectors).finding("monitoring-trail").status == status


def test_outside_us_east_1_a_trail_of_one_region_is_not_enough(watched: World) -> None:
    abroad = watched.configured(region="eu-west-1", private_link=None, cmek=None)
    assert abroad.finding("monitoring-trail").status == "ok"
    assert abroad.finding("monitoring-global-rules").status == "ok"
    here = trail(abroad, IsMultiRegionTrail=False)
    assert here.finding("monitoring-trail").status == "note"
    rule = "pinekeep.prod.forward-trails"
    assert changed(abroad, "global_rules", rule, State="DISABLED").failures() == {"monitoring-global-rules"}


def policy_without(world: World, sid: str) -> World:
    policy = json.loads(live(world).topic["Policy"])
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != sid]
    return world.changed("topic", Policy=json.dumps(policy))


def test_a_topic_policy_that_is_not_as_deployed_fails(watched: World) -> None:
    assert policy_without(watched, "AllowRulesToPublish").failure("monitoring-topic-policy") == (
        "statement AllowRulesToPublish is missing or changed"
    )
    policy = json.loads(live(watched).topic["Policy"])
    policy["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"})
    wider = watched.changed("topic", Policy=json.dumps(policy))
    assert wider.failure("monitoring-topic-policy") == "1 statements are not of the stack"
    assert watched.changed("topic", Policy="{").failures() == {"monitoring-topic-policy"}


def test_the_policy_of_an_existing_topic_must_let_both_services_publish(world: World) -> None:
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:security"
    existing = world.configured(monitoring={"topic": topic, "emails": ["ops@example.com"]})
    assert existing.finding("monitoring-topic-policy").status == "ok"
    only = policy_without(existing, "AllowAlarmsToPublish")
    assert only.failure("monitoring-topic-policy") == "the policy does not let cloudwatch.amazonaws.com publish"
    assert (
        existing.changed("topic", KmsMasterKeyId=None).when(topic_key=None).finding("monitoring-topic-key").status
        == "note"
    )


@pytest.mark.parametrize(
    ("topic", "key", "told", "fix"),
    [
        ({}, {"KeyState": "Disabled"}, " is Disabled", "aws kms enable-key --region us-east-1 --key-id "),
        ({}, {"KeyState": "PendingDeletion"}, " is PendingDeletion", "aws kms cancel-key-deletion "),
        ({}, {"Arn": KEY_ARN}, "it is the key that Pinecone uses", "give the topic another key"),
        ({}, {"Arn": KEY_ARN.replace("0f1e", "3f1e")}, "it is another key than that of the stack", "deploy"),
        ({"KmsMasterKeyId": None}, None, "the topic is not encrypted", "deploy"),
        ({}, None, "there is no key ", "deploy"),
    ],
)
def test_a_key_that_loses_notifications_fails(watched: World, topic: Any, key: Any, told: str, fix: str) -> None:
    wrong = watched.changed("topic", **topic)
    wrong = wrong.changed("topic_key", **key) if key else wrong.when(topic_key=None)
    assert told in wrong.failure("monitoring-topic-key")
    assert fix in str(wrong.finding("monitoring-topic-key").fix)


def subscribed(world: World, number: int, **changes: Any) -> World:
    found = [dict(each) for each in live(world).subscriptions]
    found[number] |= changes
    return world.when(subscriptions=found)


def test_a_subscription_that_waits_for_its_confirmation_fails_with_the_way_to_confirm_it(watched: World) -> None:
    wrong = subscribed(watched, 0, SubscriptionArn="PendingConfirmation")
    assert wrong.failure("monitoring-subscriptions") == "waiting for their confirmation: ops@example.com"
    fix = str(wrong.finding("monitoring-subscriptions").fix)
    assert "aws sns subscribe --region us-east-1 --topic-arn arn:aws:sns:" in fix
    assert "--protocol email --notification-endpoint ops@example.com" in fix


def test_an_address_that_is_not_subscribed_fails_and_queues_of_tests_do_not_count(watched: World) -> None:
    assert watched.when(subscriptions=[]).failure("monitoring-subscriptions").startswith("not subscribed: ops@")
    queue = {"Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:1:pinekeep-prod-test-0a", "SubscriptionArn": "arn:x"}
    more = watched.when(subscriptions=[*live(watched).subscriptions, queue])
    assert more.finding("monitoring-subscriptions").found == "2 confirmed"
    nobody = watched.configured(monitoring={"emails": [], "https": []})
    assert nobody.finding("monitoring-subscriptions").status == "note"


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        ([], "no Slack channel receives from the topic"),
        ({"SlackChannelId": "C9"}, "another channel receives from it: C9"),
        ({"State": "DISABLED"}, "the channel is disabled"),
    ],
)
def test_a_slack_channel_that_is_not_as_deployed_fails(watched: World, channels: Any, told: str) -> None:
    (channel,) = live(watched).slack_channels
    wrong = watched.when(slack_channels=[{**channel, **channels}] if channels else [])
    assert wrong.failure("monitoring-slack") == told


ALARM = "pinekeep.prod.role-denied"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, f"there is no alarm {ALARM}"),
        ({"ActionsEnabled": False}, f"the actions of alarm {ALARM} are disabled"),
        ({"AlarmActions": []}, f"alarm {ALARM} does not notify the topic"),
        ({"StateValue": "INSUFFICIENT_DATA"}, f"alarm {ALARM} has had no data for 9 days"),
    ],
)
def test_an_alarm_that_cannot_be_raised_fails(watched: World, changes: dict[str, Any], told: str) -> None:
    assert changed(watched, "alarms", ALARM, **changes).failure("monitoring-alarms") == told


def test_a_new_alarm_without_data_and_a_part_that_saw_none_yet_are_no_failure(watched: World) -> None:
    young = {"StateValue": "INSUFFICIENT_DATA", "StateTransitionedTimestamp": NOW - timedelta(hours=2)}
    assert changed(watched, "alarms", ALARM, **young).all_failures() == set()
    seen = "pinekeep.prod.endpoint-quiet-seen"
    unseen = changed(watched, "alarms", seen, StateValue="INSUFFICIENT_DATA")
    assert unseen.all_failures() == set()
    (note,) = [each for each in unseen.findings() if each.check == "monitoring-alarms" and each.status == "note"]
    assert note.found == "no traffic through the endpoint has been seen since the alarm was made"


def test_an_alarm_that_is_raised_is_told_with_what_it_means(watched: World) -> None:
    raised = changed(watched, "alarms", ALARM, StateValue="ALARM")
    (note,) = [each for each in raised.findings() if each.what == f"Alarm {ALARM}"]
    assert (note.status, note.found) == ("note", "AWS denied a call of the role that Pinecone assumes")
    assert raised.all_failures() == set()


def test_filters_that_are_missing_or_fed_by_no_trail_fail(watched: World) -> None:
    check = "monitoring-metric-filters"
    assert watched.when(trail_log_group=None).failure(check) == "there is no log group trail"
    group = live(watched).trail_log_group
    fewer = watched.when(trail_log_group={**group, "Filters": group["Filters"][1:]})
    assert fewer.failure(check) == "no filter for UseOfKeyPendingDeletion with the pattern"
    assert trail(watched, CloudWatchLogsLogGroupArn=None).failure(check) == "no trail writes to trail"
