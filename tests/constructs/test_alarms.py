"""The alarms and the dashboard as constructs: what is in the template, and what is refused."""

import json
from typing import Any

import pytest
from aws_cdk import App

from pinekeep.model.alarms.metrics import EndpointMetrics
from tests.constructs.support import alarms, app, dashboard, refused, stack
from tests.stacks.support import Made

TOPIC = "arn:aws:sns:us-east-1:111122223333:pinekeep-search"
KEY = "arn:aws:kms:us-east-1:111122223333:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"
ROLE = "arn:aws:iam::111122223333:role/pinekeep-search-us-east-1"
ENDPOINT = EndpointMetrics(endpoint_id="vpce-0123456789abcdef0", vpc_id="vpc-0a1b2c3d", service_name="com.amazonaws.x")
EVERYTHING: dict[str, Any] = {
    "trail_log_group": "trail",
    "key_arn": KEY,
    "role_arns": [ROLE],
    "endpoint": ENDPOINT,
    "audit_bucket": "search-audit",
    "audit_prefix": "pinecone",
    "dead_letter_queues": ["dead-letters"],
    "rules": ["pinekeep.search.key", "pinekeep.search.role"],
}


def made(scope: App, name: str) -> Made:
    return Made(scope.synth().get_stack_by_name(name).template)


@pytest.fixture(scope="module")
def templates() -> dict[str, Made]:
    whole = app()
    alarms(stack(whole, "Everything"), **EVERYTHING)
    alarms(stack(whole, "Least"))
    alarms(stack(whole, "Without"), endpoint=ENDPOINT, endpoint_quiet_minutes=None, audit_bucket="b", **{"rules": []})
    alarms(stack(whole, "Long"), audit_bucket="b", audit_quiet_minutes=2880)
    return {name: Made(whole.synth().get_stack_by_name(name).template) for name in ("Everything", "Least", "Long")}


def by_name(template: Made) -> dict[str, dict[str, Any]]:
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    found = [each["Properties"] for kind in kinds for each in template.of_type(kind).values()]
    return {each["AlarmName"]: each for each in found}


def test_each_alarm_notifies_the_topic_save_the_parts_of_composite_ones(templates: dict[str, Made]) -> None:
    found = by_name(templates["Everything"])
    silent = {name for name, each in found.items() if "AlarmActions" not in each}
    assert silent == {
        f"pinekeep.search.{kind}-{part}" for kind in ("endpoint-quiet", "audit-quiet") for part in ("records", "seen")
    }
    assert {each["AlarmActions"][0] for name, each in found.items() if name not in silent} == {TOPIC}
    assert sorted(set(found) - silent) == [
        "pinekeep.search.audit-quiet",
        "pinekeep.search.dead-letters",
        "pinekeep.search.disabled-use",
        "pinekeep.search.endpoint-quiet",
        "pinekeep.search.notifications-failed",
        "pinekeep.search.pending-deletion-use",
        "pinekeep.search.role-denied",
        "pinekeep.search.rule-failed",
    ]
    assert sorted(by_name(templates["Least"])) == ["pinekeep.search.notifications-failed"]


def test_the_alarms_of_counters_are_quiet_without_data(templates: dict[str, Made]) -> None:
    found = by_name(templates["Everything"])
    counters = [each for name, each in found.items() if "quiet" not in name]
    assert {each["TreatMissingData"] for each in counters} == {"notBreaching"}
    assert {(each["ComparisonOperator"], each["Threshold"]) for each in counters} == {
        ("GreaterThanOrEqualToThreshold", 1)
    }
    assert found["pinekeep.search.dead-letters"]["Statistic"] == "Maximum"
    failed = found["pinekeep.search.notifications-failed"]
    assert failed["Dimensions"] == [{"Name": "TopicName", "Value": "pinekeep-search"}]
    *rules, total = found["pinekeep.search.rule-failed"]["Metrics"]
    assert (total["Expression"], total["ReturnData"]) == ("SUM(METRICS())", True)
    metrics = [each["MetricStat"]["Metric"] for each in rules]
    assert [each["Dimensions"][0]["Value"] for each in metrics] == ["pinekeep.search.key", "pinekeep.search.role"]
    assert {(each["Namespace"], each["MetricName"]) for each in metrics} == {("AWS/Events", "FailedInvocations")}
    assert not any(each["ReturnData"] for each in rules), "an alarm has one result"


def test_the_endpoint_is_named_by_the_whole_combination_of_dimensions(templates: dict[str, Made]) -> None:
    found = by_name(templates["Everything"])
    for part in ("records", "seen"):
        dimensions = {
            each["Name"]: each["Value"] for each in found[f"pinekeep.search.endpoint-quiet-{part}"]["Dimensions"]
        }
        assert dimensions == {
            "Endpoint Type": "Interface",
            "Service Name": "com.amazonaws.x",
            "VPC Endpoint Id": "vpce-0123456789abcdef0",
            "VPC Id": "vpc-0a1b2c3d",
        }


def state(alarm: dict[str, Any], before: str, data: list[float | None]) -> str:
    """Return the state of a metric alarm from the data points of its window, as CloudWatch documents it."""
    window = data[-alarm["EvaluationPeriods"] :]
    missing = alarm["TreatMissingData"]
    if all(each is None for each in window) and missing == "ignore":
        return before
    compare = {"LessThanThreshold": float.__lt__, "LessThanOrEqualToThreshold": float.__le__}
    breaching = [
        missing == "breaching"
        if each is None
        else compare[alarm["ComparisonOperator"]](each, float(alarm["Threshold"]))
        for each in window
        if each is not None or missing != "ignore"
    ]
    return "ALARM" if all(breaching) else "OK"


def test_a_pause_raises_the_alarm_only_after_there_was_data(templates: dict[str, Made]) -> None:
    """The rule of the composite alarm over the documented states of its parts, period by period."""
    found = by_name(templates["Everything"])
    records, seen = (found[f"pinekeep.search.endpoint-quiet-{part}"] for part in ("records", "seen"))
    rule = found["pinekeep.search.endpoint-quiet"]["AlarmRule"]
    assert rule == f'ALARM("{records["AlarmName"]}") AND OK("{seen["AlarmName"]}")'
    data: list[float | None] = [None] * records["EvaluationPeriods"]
    remembered = "INSUFFICIENT_DATA"
    raised: list[bool] = []
    for point in [None] * 20 + [512.0] + [None] * 15 + [512.0, None]:
        data.append(point)
        remembered = state(seen, remembered, data)
        raised.append(state(records, "OK", data) == "ALARM" and remembered == "OK")
    assert records["EvaluationPeriods"] == 12
    assert raised == [False] * 20 + [False] * 12 + [True] * 4 + [False, False]


def test_each_topic_is_notified_and_has_an_alarm_of_its_own() -> None:
    whole = app()
    alarms(stack(whole, "Two"), topic_arns=[TOPIC, f"{TOPIC}-slack"], dead_letter_queues=["a", "b"])
    found = by_name(made(whole, "Two"))
    assert sorted(found) == [
        "pinekeep.search.dead-letters",
        "pinekeep.search.dead-letters-2",
        "pinekeep.search.notifications-failed",
        "pinekeep.search.notifications-failed-2",
    ]
    assert {tuple(each["AlarmActions"]) for each in found.values()} == {(TOPIC, f"{TOPIC}-slack")}
    assert found["pinekeep.search.notifications-failed-2"]["Dimensions"][0]["Value"] == "pinekeep-search-slack"


def test_a_long_pause_is_counted_in_hours(templates: dict[str, Made]) -> None:
    records = by_name(templates["Long"])["pinekeep.search.audit-quiet-records"]
    assert (records["Period"], records["EvaluationPeriods"]) == (3600, 48)


def test_new_audit_files_are_counted_by_a_rule_below_the_prefix(templates: dict[str, Made]) -> None:
    rule = templates["Everything"].only("AWS::Events::Rule")
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["search-audit"]}, "object": {"key": [{"prefix": "pinecone/"}]}},
    }
    records = by_name(templates["Everything"])["pinekeep.search.audit-quiet-records"]
    assert records["Dimensions"] == [{"Name": "RuleName", "Value": rule["Name"]}]
    everywhere = templates["Long"].only("AWS::Events::Rule")["EventPattern"]["detail"]
    assert everywhere == {"bucket": {"name": ["b"]}}


def test_metric_filters_count_into_the_namespace_of_the_deployment_and_from_zero(templates: dict[str, Made]) -> None:
    filters = [each["Properties"] for each in templates["Everything"].of_type("AWS::Logs::MetricFilter").values()]
    assert {each["LogGroupName"] for each in filters} == {"trail"}
    counted = {}
    for each in filters:
        (metric,) = each["MetricTransformations"]
        assert (metric["MetricNamespace"], metric["MetricValue"], metric["DefaultValue"]) == ("Pinekeep/search", "1", 0)
        counted[metric["MetricName"]] = each["FilterPattern"]
    assert set(counted) == {"UseOfKeyPendingDeletion", "UseOfDisabledKey", "DeniedCallsOfRole"}
    alarmed = {each["MetricName"] for each in by_name(templates["Everything"]).values() if "MetricName" in each}
    assert set(counted) <= alarmed


@pytest.mark.parametrize(
    ("props", "sentence"),
    [
        ({"endpoint_quiet_minutes": 4}, "endpoint_quiet_minutes: a pause has 5 to 10080 minutes, got 4"),
        ({"audit_quiet_minutes": 99999}, "audit_quiet_minutes: a pause has 5 to 10080 minutes, got 99999"),
        ({"audit_quiet_minutes": "60"}, "audit_quiet_minutes: expected a whole number, got 60"),
        ({"trail_log_group": "trail"}, "trail_log_group: there is no key and no role to look for"),
        ({"topic_arns": None}, "topic_arns: a value is needed, got None"),
    ],
)
def test_props_that_are_not_valid_are_refused(props: dict[str, Any], sentence: str) -> None:
    refusal = refused(lambda: alarms(stack(app(), "Theirs"), **props))
    assert refusal.message == f"Theirs/Alarms: {sentence}"


def test_the_dashboard_keeps_references_within_a_body_that_is_json() -> None:
    whole = app()
    theirs = stack(whole, "Theirs")
    own = alarms(theirs, **EVERYTHING)
    dashboard(theirs, alarm_arns=own.alarm_arns, audit_rule=own.audit_rule)
    template = made(whole, "Theirs")
    body = template.only("AWS::CloudWatch::Dashboard")["DashboardBody"]
    joined = "".join(each if isinstance(each, str) else "arn:of:a:reference" for each in body["Fn::Join"][1])
    (shown,) = [each for each in json.loads(joined)["widgets"] if each["type"] == "alarm"]
    assert shown["properties"]["alarms"] == ["arn:of:a:reference"] * 8
    assert {next(iter(each.values()))[1] for each in body["Fn::Join"][1] if isinstance(each, dict)} == {"Arn"}
