"""Alarms and dashboard of a deployment: which there are by its settings, and what they refer to."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pinekeep.model.config.alarms import wanted_alarms, wanted_filters
from pinekeep.model.config.watched import watched_of
from pinekeep.model.monitoring.rules import rule_name, rules
from stacks.build import add_stacks, new_app
from tests.stacks.support import (
    PINECONE,
    SUBNETS,
    VPC,
    Made,
    cmek,
    deployment,
    private_link,
    read_assembly,
    scratch,
)

WATCHED: dict[str, Any] = {"denied_use": "metric-filter", "trail_log_group": "trail"}
SLACK = {"workspace_id": "T0123456789", "channel_id": "C0123456789"}
AUDIT = {"bucket": {"name": "acme-audit", "lock": "none"}, "prefix": "pinecone"}
ADOPTED = {"vpc": {"id": VPC, "adopt": "vpce-0123456789abcdef0"}, "dns": "none"}
DEPLOYMENTS: dict[str, dict[str, Any]] = {
    "whole": {
        "cmek": cmek(),
        "private_link": private_link(),
        "audit_logs": AUDIT,
        "monitoring": {**WATCHED, "slack": SLACK},
    },
    "unwatched": {"audit_logs": AUDIT},
    "least": {
        "private_link": private_link(),
        "monitoring": {"dashboard": False, "alarms": {"endpoint_quiet_minutes": None}},
    },
    "elsewhere": {"private_link": private_link(service_region="us-west-2"), "monitoring": {}},
    "abroad": {"region": "eu-west-1", "cmek": cmek(), "monitoring": {}},
    "adopted": {"private_link": private_link(**ADOPTED), "audit_logs": {"bucket": {"adopt": "old"}}, "monitoring": {}},
}


@cache
def templates() -> dict[str, Made]:
    """Return the templates, without the CDK's validation: tests/stacks/test_nag.py has it."""
    app = new_app(outdir=str(scratch()), validate=False)
    made = {name: deployment(**settings) for name, settings in DEPLOYMENTS.items()}
    add_stacks(app, made, pinecone_account=PINECONE)
    return read_assembly(Path(app.synth().directory))


def monitoring(name: str) -> Made:
    return templates()[f"Pinekeep-{name}-Monitoring"]


def alarms(name: str) -> dict[str, dict[str, Any]]:
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    found = [each["Properties"] for kind in kinds for each in monitoring(name).of_type(kind).values()]
    return {each["AlarmName"].removeprefix(f"pinekeep.{name}."): each for each in found}


def dashboard(name: str) -> str:
    return json.dumps(monitoring(name).only("AWS::CloudWatch::Dashboard"))


def test_the_alarms_follow_from_the_settings() -> None:
    assert set(alarms("whole")) == {
        "pending-deletion-use",
        "disabled-use",
        "role-denied",
        *(f"{kind}-quiet{part}" for kind in ("endpoint", "audit") for part in ("", "-records", "-seen")),
        "dead-letters",
        "notifications-failed",
        "notifications-failed-2",
        *(f"rule-failed{end}" for end in ("", "-2", "-3")),
    }
    assert set(alarms("least")) == {"dead-letters", "notifications-failed", "rule-failed"}
    assert "role-denied" not in alarms("abroad")
    assert "AWS::CloudWatch::Dashboard" not in monitoring("least").types


def test_each_alarm_that_notifies_reaches_both_topics_and_every_rule_is_watched() -> None:
    topics = {"Ref"}
    for name, each in alarms("whole").items():
        actions = each.get("AlarmActions", [])
        assert len(actions) == (0 if name.endswith(("-records", "-seen")) else 2), name
        assert {key for action in actions for key in action} <= topics
    watched = [
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for name, each in alarms("whole").items()
        if name.startswith("rule-failed")
        for query in each["Metrics"]
        if "MetricStat" in query
    ]
    rules = {each["Properties"]["Name"] for each in monitoring("whole").of_type("AWS::Events::Rule").values()}
    assert set(watched) == rules - {"pinekeep.whole.audit-files"}
    assert len(watched) == len(set(watched))


def test_key_and_endpoint_are_references_that_bind_nothing() -> None:
    filters = json.dumps(monitoring("whole").of_type("AWS::Logs::MetricFilter"))
    key = {"Fn::GetStackOutput": {"StackName": "Pinekeep-whole-Cmek", "OutputName": "KeyArn"}}
    assert json.dumps(key) in filters
    assert "arn:aws:iam::111122223333:role/pinekeep-whole-us-east-1" in filters
    dimensions = {each["Name"]: each["Value"] for each in alarms("whole")["endpoint-quiet-records"]["Dimensions"]}
    endpoint = {"StackName": "Pinekeep-whole-PrivateLink", "OutputName": "VpcEndpointId"}
    assert dimensions == {
        "Endpoint Type": "Interface",
        "Service Name": "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54",
        "VPC Endpoint Id": {"Fn::GetStackOutput": endpoint},
        "VPC Id": VPC,
    }


def test_an_endpoint_to_a_service_in_another_region_has_no_metrics_and_so_no_alarm() -> None:
    assert "endpoint-quiet" not in alarms("elsewhere")
    assert "publishes no metrics of an endpoint to a service in another Region" in dashboard("elsewhere")


def test_an_adopted_endpoint_and_an_adopted_bucket_are_watched_by_their_names() -> None:
    dimensions = {each["Name"]: each["Value"] for each in alarms("adopted")["endpoint-quiet-seen"]["Dimensions"]}
    assert dimensions["VPC Endpoint Id"] == "vpce-0123456789abcdef0"
    rule = monitoring("adopted").of_type("AWS::Events::Rule")
    (files,) = [each["Properties"] for each in rule.values() if each["Properties"]["Name"].endswith(".audit-files")]
    assert files["EventPattern"]["detail"] == {"bucket": {"name": ["old"]}}


def test_a_new_bucket_sends_its_events_only_where_they_are_counted() -> None:
    buckets = templates()["Pinekeep-whole-Storage"].of_type("AWS::S3::Bucket")
    sent = [each["Properties"].get("NotificationConfiguration") for each in buckets.values()]
    assert [each for each in sent if each] == [{"EventBridgeConfiguration": {"EventBridgeEnabled": True}}]
    alone = templates()["Pinekeep-unwatched-Storage"]
    assert "NotificationConfiguration" not in json.dumps(alone.template)


def test_the_dashboard_shows_what_is_forwarded_from_us_east_1() -> None:
    assert "Events forwarded from us-east-1" in dashboard("abroad")
    assert "pinekeep.abroad.forward-tests" in dashboard("abroad")
    assert "forwarded" not in dashboard("whole")
    assert monitoring("abroad").outputs["DashboardName"]
    assert SUBNETS[0] not in dashboard("whole"), "subnets are found by a search"


def test_the_rule_of_tests_is_in_both_regions() -> None:
    for stack, rule in (("Monitoring", "test"), ("MonitoringGlobal", "forward-tests")):
        rules = templates()[f"Pinekeep-abroad-{stack}"].of_type("AWS::Events::Rule").values()
        (found,) = [each["Properties"] for each in rules if each["Properties"]["Name"] == f"pinekeep.abroad.{rule}"]
        assert found["EventPattern"]["detail"] == {"deployment": ["abroad"]}
        assert found["State"] == "ENABLED"


class Plain:
    """The outputs of the other stacks, as a verification would read them."""

    def value(self, stack: str, output: Any) -> str:
        return f"<{stack}.{output}>"

    def key_id(self, key_arn: str) -> str:
        return f"id of {key_arn}"


def test_a_verification_wants_the_alarms_filters_and_rules_that_the_template_has() -> None:
    for name, settings in DEPLOYMENTS.items():
        made = deployment(**settings)
        if made.monitoring is None:
            continue
        watched = watched_of(name, made, outputs=Plain(), key_roles=0 if made.cmek is None else 1)
        names = [rule_name(name, each.id) for each in rules(watched)]
        if name != "whole":
            wanted = {each.removeprefix(f"pinekeep.{name}.") for each in wanted_alarms(name, made, names)}
            assert wanted == set(alarms(name)), name
    text = json.dumps(monitoring("whole").of_type("AWS::Logs::MetricFilter"))
    arns = ["arn:aws:iam::111122223333:role/pinekeep-whole-us-east-1"]
    whole = deployment(**DEPLOYMENTS["whole"])
    watched = watched_of("whole", whole, outputs=Plain(), key_roles=1)
    filters = wanted_filters(whole, watched, arns)
    assert len(filters) == len(monitoring("whole").of_type("AWS::Logs::MetricFilter")) == 3
    for namespace, metric, pattern in filters:
        assert f'"MetricName": "{metric}", "MetricNamespace": "{namespace}"' in text
        parts = [json.dumps(part)[1:-1] for part in pattern.split("<Pinekeep-whole-Cmek.KeyArn>")]
        assert all(part in text for part in parts), metric
    rules_named = {each["Properties"]["Name"] for each in monitoring("whole").of_type("AWS::Events::Rule").values()}
    topics = ["<topic>", "<slack>"]
    watched = watched_of("whole", whole, outputs=Plain(), key_roles=1, topic_arns=topics, topic_key_arn="<key>")
    assert {rule_name("whole", each.id) for each in rules(watched)} == rules_named - {"pinekeep.whole.audit-files"}
    wanted = wanted_alarms("whole", whole, [rule_name("whole", each.id) for each in rules(watched)])
    assert {each.removeprefix("pinekeep.whole.") for each in wanted} == set(alarms("whole"))
