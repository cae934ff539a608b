"""Filter patterns over JSON, metrics of metric filters, and the log group of a trail."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from tests.emulator.events_support import ACCOUNT, Events

DENIED = '{ ($.errorCode = "AccessDenied*") && (($.resources[0].ARN = "arn:*:key/1") || ($.count >= 3)) }'


@pytest.fixture
def logs(embedded_aws: EmbeddedAws, unique: Callable[[str], str]) -> tuple[Any, str]:
    client, group = embedded_aws.session().client("logs"), unique("group")
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="one")
    return client, group


def put(logs: tuple[Any, str], *events: dict[str, Any]) -> None:
    client, group = logs
    now = int(time.time() * 1000)
    entries = [{"timestamp": now, "message": json.dumps(each)} for each in events]
    client.put_log_events(logGroupName=group, logStreamName="one", logEvents=entries)


EVENTS = {
    "denied, by its key": {"errorCode": "AccessDeniedException", "resources": [{"ARN": "arn:aws:key/1"}]},
    "denied, by its count": {"errorCode": "AccessDenied", "count": 3},
    "another key": {"errorCode": "AccessDenied", "resources": [{"ARN": "arn:aws:key/2"}], "count": 2},
    "another error": {"errorCode": "DisabledException", "resources": [{"ARN": "arn:aws:key/1"}]},
    "no resources": {"errorCode": "AccessDenied"},
}


def test_a_pattern_compares_the_fields_that_it_names(logs: tuple[Any, str]) -> None:
    put(logs, *({**each, "name": name} for name, each in EVENTS.items()))
    client, group = logs

    def found(pattern: str) -> list[str]:
        events = client.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
        return [json.loads(each["message"])["name"] for each in events]

    assert found(DENIED) == ["denied, by its key", "denied, by its count"]
    assert found("{ $.resources NOT EXISTS }") == ["denied, by its count", "no resources"]
    assert found('{ $.errorCode != "Access*" }') == ["another error"]


def test_a_metric_filter_counts_what_matches_and_an_alarm_hears_of_it(
    embedded_aws: EmbeddedAws, logs: tuple[Any, str], unique: Callable[[str], str]
) -> None:
    client, group = logs
    namespace, alarm = unique("namespace"), unique("alarm")
    transformation = {
        "metricNamespace": namespace,
        "metricName": "Denied",
        "metricValue": "1",
        "defaultValue": 0,
        "unit": "Count",
    }
    client.put_metric_filter(
        logGroupName=group, filterName="denied", filterPattern=DENIED, metricTransformations=[transformation]
    )
    cloudwatch = embedded_aws.session().client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace=namespace,
        MetricName="Denied",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )

    def state() -> str:
        return str(cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"][0]["StateValue"])

    put(logs, EVENTS["another key"])
    assert state() == "OK"
    put(logs, *EVENTS.values())
    assert state() == "ALARM"


@pytest.mark.parametrize("pattern", ['{ $.errorCode ~ "x" }', '{ $.errorCode = "x"', '{ errorCode = "x" }'])
def test_a_pattern_that_cannot_be_read_is_refused(logs: tuple[Any, str], pattern: str) -> None:
    client, group = logs
    transformations = [{"metricNamespace": "x", "metricName": "x", "metricValue": "1"}]
    with pytest.raises(ClientError, match="InvalidParameterException"):
        client.put_metric_filter(
            logGroupName=group, filterName="x", filterPattern=pattern, metricTransformations=transformations
        )


@pytest.mark.parametrize("allowed", [True, False])
def test_a_trail_writes_into_its_log_group_if_its_role_may(
    embedded_aws: EmbeddedAws, unique: Callable[[str], str], allowed: bool
) -> None:
    events = Events(embedded_aws, unique)
    events.log()
    region, group, name = "eu-central-1", unique("trail"), unique("trail")
    logs, trails, iam = (events.client(each, region) for each in ("logs", "cloudtrail", "iam"))
    logs.create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}:*"
    principal = {"Service": "cloudtrail.amazonaws.com"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": arn if allowed else f"{arn}-2"}
    iam.put_role_policy(RoleName=name, PolicyName="logs", PolicyDocument=json.dumps({"Statement": [may]}))
    trails.create_trail(
        Name=name, S3BucketName="trail-444455556666", CloudWatchLogsLogGroupArn=arn, CloudWatchLogsRoleArn=role
    )
    trails.start_logging(Name=name)
    key = events.client("kms", region).create_key()["KeyMetadata"]["KeyId"]
    events.client("kms", region).disable_key(KeyId=key)
    trails.delete_trail(Name=name)
    pattern = '{ $.eventName = "DisableKey" }'
    found = logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
    assert [json.loads(each["message"])["requestParameters"] for each in found] == ([{"keyId": key}] if allowed else [])
