"""Types of templates that the emulator lacks, read back through their services' own calls."""

import json
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws

Deploy = Callable[..., dict[str, Any]]
Client = Callable[..., Any]
Delete = Callable[[dict[str, Any]], None]
ACCOUNT = "111122223333"


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


@pytest.fixture
def delete(embedded_aws: EmbeddedAws) -> Delete:
    def run(stack: dict[str, Any]) -> None:
        cloudformation = embedded_aws.session().client("cloudformation")
        cloudformation.delete_stack(StackName=stack["StackName"])
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack["StackId"], WaiterConfig={"Delay": 0})

    return run


def test_a_trail_logs_to_a_bucket_and_a_log_group(client: Client, deploy: Deploy, delete: Delete) -> None:
    trail = resource(
        "CloudTrail::Trail",
        S3BucketName={"Ref": "Bucket"},
        IsLogging=True,
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn={"Fn::GetAtt": ["Group", "Arn"]},
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail",
        Tags=[{"Key": "team", "Value": "search"}],
    )
    resources = {
        "Bucket": resource("S3::Bucket"),
        "Group": resource("Logs::LogGroup"),
        "Trail": trail,
    }
    stack = deploy(resources, {"Name": {"Ref": "Trail"}, "Arn": {"Fn::GetAtt": ["Trail", "Arn"]}})
    name, arn = stack["Values"]["Name"], stack["Values"]["Arn"]
    trails = client("cloudtrail")
    found = trails.get_trail(Name=name)["Trail"]
    assert found["TrailARN"] == arn
    assert (found["IsMultiRegionTrail"], ":log-group:" in found["CloudWatchLogsLogGroupArn"]) == (True, True)
    assert trails.get_trail_status(Name=name)["IsLogging"] is True
    (tagged,) = trails.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert {"Key": "team", "Value": "search"} in tagged["TagsList"]
    trail["Properties"]["IsLogging"] = False
    deploy(resources, name=stack["StackName"])
    assert trails.get_trail_status(Name=name)["IsLogging"] is False
    delete(stack)
    assert trails.list_trails()["Trails"] == []


def test_a_trail_needs_its_bucket(deploy: Deploy) -> None:
    trail = resource("CloudTrail::Trail", S3BucketName="bucket-that-is-not-there", IsLogging=True)
    assert deploy({"Trail": trail})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_queries_are_saved_in_their_workgroup(
    embedded_aws: EmbeddedAws, deploy: Deploy, delete: Delete, unique: Callable[[str], str]
) -> None:
    configuration = {
        "EnforceWorkGroupConfiguration": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "ResultConfiguration": {"OutputLocation": "s3://results/"},
    }
    group = resource("Athena::WorkGroup", Name=unique("audit"), WorkGroupConfiguration=configuration)
    query = resource(
        "Athena::NamedQuery",
        Name="logins",
        Database="audit",
        QueryString="select 1",
        WorkGroup={"Ref": "Group"},
    )
    stack = deploy({"Group": group, "Query": query}, {"Id": {"Ref": "Query"}})
    athena = embedded_aws.session().client("athena")
    found = athena.get_named_query(NamedQueryId=stack["Values"]["Id"])["NamedQuery"]
    assert (found["Name"], found["QueryString"]) == ("logins", "select 1")
    assert athena.list_named_queries(WorkGroup=found["WorkGroup"])["NamedQueryIds"] == [found["NamedQueryId"]]
    query["Properties"]["QueryString"] = "select 2"
    changed = deploy({"Group": group, "Query": query}, {"Id": {"Ref": "Query"}}, name=stack["StackName"])
    again = athena.get_named_query(NamedQueryId=changed["Values"]["Id"])["NamedQuery"]
    assert again["QueryString"] == "select 2"
    delete(stack)
    assert athena.list_named_queries()["NamedQueryIds"] == []
    missing = resource("Athena::NamedQuery", Database="audit", QueryString="select 1", WorkGroup="nowhere")
    assert deploy({"Query": missing})["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_statement_of_a_bus_is_in_its_policy(client: Client, deploy: Deploy, delete: Delete) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
        "Action": "events:PutEvents",
        "Resource": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default",
    }
    stack = deploy({"Policy": resource("Events::EventBusPolicy", StatementId="partner", Statement=statement)})
    events = client("events")
    policy = json.loads(events.describe_event_bus()["Policy"])
    assert policy["Statement"] == [{**statement, "Sid": "partner"}]
    delete(stack)
    assert "Policy" not in events.describe_event_bus()


def test_a_slack_channel_is_read_through_its_own_service(client: Client, deploy: Deploy, delete: Delete) -> None:
    channel = resource(
        "Chatbot::SlackChannelConfiguration",
        ConfigurationName="pinecone-watch",
        SlackWorkspaceId="T0123ABCD",
        SlackChannelId="C0123ABCD",
        IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/chat",
        SnsTopicArns=[f"arn:aws:sns:us-east-1:{ACCOUNT}:watch"],
        GuardrailPolicies=["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    )
    stack = deploy({"Channel": channel}, {"Arn": {"Ref": "Channel"}})
    chatbot = client("chatbot")
    (found,) = chatbot.describe_slack_channel_configurations()["SlackChannelConfigurations"]
    assert found["ChatConfigurationArn"] == stack["Values"]["Arn"]
    assert found["SnsTopicArns"] == channel["Properties"]["SnsTopicArns"]
    delete(stack)
    assert chatbot.describe_slack_channel_configurations()["SlackChannelConfigurations"] == []


def test_a_topic_keeps_its_key_and_admits_its_own_account(client: Client, deploy: Deploy) -> None:
    topic = resource("SNS::Topic", KmsMasterKeyId="alias/watch", DisplayName="Pinecone")
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    policy = resource(
        "SNS::TopicPolicy",
        Topics=[{"Ref": "Topic"}],
        PolicyDocument={"Statement": [{**statement, "Resource": {"Ref": "Topic"}}]},
    )
    stack = deploy({"Topic": topic}, {"Arn": {"Ref": "Topic"}})
    sns, arn = client("sns"), stack["Values"]["Arn"]

    def read() -> Any:
        return sns.get_topic_attributes(TopicArn=arn)["Attributes"]

    assert (read()["KmsMasterKeyId"], read()["DisplayName"]) == ("alias/watch", "Pinecone")
    (default,) = json.loads(read()["Policy"])["Statement"]
    assert default["Condition"] == {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
    deploy({"Topic": topic, "Policy": policy}, name=stack["StackName"])
    assert json.loads(read()["Policy"])["Statement"][0]["Resource"] == arn
    del topic["Properties"]["KmsMasterKeyId"]
    deploy({"Topic": topic}, name=stack["StackName"])
    assert "KmsMasterKeyId" not in read()
    assert json.loads(read()["Policy"])["Statement"] == [default]


@pytest.mark.parametrize(
    "properties",
    [
        {"EventPattern": {"source": "not a list"}},
        {"EventPattern": {"source": ["aws.kms"]}, "Targets": [{"Id": "a", "Arn": "nonsense"}]},
        {
            "EventPattern": {"source": ["aws.kms"]},
            "Targets": [{"Id": "a", "Arn": f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/default"}],
        },
    ],
    ids=["pattern", "target", "another Region without a role"],
)
def test_a_template_s_rule_is_checked_as_a_call_s(deploy: Deploy, properties: dict[str, Any]) -> None:
    assert deploy({"Rule": resource("Events::Rule", **properties)})["StackStatus"] == "ROLLBACK_COMPLETE"


def alarm(**more: Any) -> dict[str, Any]:
    return {
        "Namespace": "AWS/PrivateLinkEndpoints",
        "MetricName": "BytesProcessed",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
        **more,
    }


def test_an_alarm_has_the_data_of_its_whole_dimensions_alone(client: Client, unique: Callable[[str], str]) -> None:
    cloudwatch = client("cloudwatch")
    whole = [{"Name": "VPC Id", "Value": "vpc-1"}, {"Name": "VPC Endpoint Id", "Value": unique("vpce")}]
    names = {each: unique(each) for each in ("whole", "part", "breaching")}
    cloudwatch.put_metric_alarm(AlarmName=names["whole"], Dimensions=whole, **alarm())
    cloudwatch.put_metric_alarm(AlarmName=names["part"], Dimensions=whole[1:], **alarm())
    treated = alarm(TreatMissingData="breaching", Dimensions=whole[1:])
    cloudwatch.put_metric_alarm(AlarmName=names["breaching"], **treated)

    def put(value: float, when: datetime) -> dict[str, str]:
        datum = {"MetricName": "BytesProcessed", "Dimensions": whole, "Value": value, "Timestamp": when}
        cloudwatch.put_metric_data(Namespace="AWS/PrivateLinkEndpoints", MetricData=[datum])
        found = cloudwatch.describe_alarms(AlarmNames=list(names.values()))["MetricAlarms"]
        return {each["AlarmName"].partition("-")[0]: each["StateValue"] for each in found}

    now = datetime.now(UTC)
    assert put(0, now) == {"whole": "ALARM", "part": "INSUFFICIENT_DATA", "breaching": "ALARM"}
    assert put(5000, now)["whole"] == "OK"
    assert put(0, now - timedelta(minutes=10))["whole"] == "OK"


def test_an_alarm_on_a_sum_counts_all_its_metrics(client: Client, deploy: Deploy, unique: Callable[[str], str]) -> None:
    name = unique("sum")

    def query(rule: str) -> dict[str, Any]:
        metric = {
            "Namespace": "AWS/Events",
            "MetricName": "FailedInvocations",
            "Dimensions": [{"Name": "RuleName", "Value": rule}],
        }
        return {
            "Id": rule.replace("-", "_"),
            "ReturnData": False,
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"},
        }

    rules = [unique("one"), unique("two")]
    total = {"Id": "total", "Expression": "SUM(METRICS())", "ReturnData": True}
    properties = {
        "AlarmName": name,
        "Metrics": [*(query(each) for each in rules), total],
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    }
    made = deploy({"Alarm": resource("CloudWatch::Alarm", **properties)})
    assert made["StackStatus"] == "CREATE_COMPLETE"
    cloudwatch = client("cloudwatch")
    states: list[str] = []
    found: dict[str, Any] = {}
    for rule in rules:
        datum = {
            "MetricName": "FailedInvocations",
            "Dimensions": [{"Name": "RuleName", "Value": rule}],
            "Value": 1,
            "Timestamp": datetime.now(UTC),
        }
        cloudwatch.put_metric_data(Namespace="AWS/Events", MetricData=[datum])
        (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        states.append(found["StateValue"])
    assert states == ["OK", "ALARM"]
    assert [each["Id"] for each in found["Metrics"]] == [*(each.replace("-", "_") for each in rules), "total"]
    total["Expression"] = "MAX(METRICS())"
    refused = deploy({"Alarm": resource("CloudWatch::Alarm", **{**properties, "AlarmName": f"{name}-2"})})
    assert refused["StackStatus"] == "ROLLBACK_COMPLETE"


def test_a_composite_alarm_follows_its_rule(
    client: Client, deploy: Deploy, delete: Delete, unique: Callable[[str], str]
) -> None:
    child, name = unique("child"), unique("quiet")
    composite = resource("CloudWatch::CompositeAlarm", AlarmName=name, AlarmRule=f'ALARM("{child}")')
    composite["DependsOn"] = "Child"
    resources = {"Child": resource("CloudWatch::Alarm", AlarmName=child, **alarm()), "Both": composite}
    stack = deploy(resources, {"Arn": {"Fn::GetAtt": ["Both", "Arn"]}})
    assert stack["Values"]["Arn"].endswith(f":alarm:{name}")
    cloudwatch = client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName=child, StateValue="ALARM", StateReason="drill")
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert [each["StateValue"] for each in found] == ["ALARM"]
    delete(stack)
    assert not cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]


def test_athena_runs_the_query_or_says_why_not(
    embedded_aws: EmbeddedAws, client: Client, unique: Callable[[str], str]
) -> None:
    athena = embedded_aws.session().client("athena")
    bucket = unique("results")
    client("s3").create_bucket(Bucket=bucket)

    def run(query: str) -> tuple[str, str, str]:
        where = {"OutputLocation": f"s3://{bucket}/"}
        made = athena.start_query_execution(QueryString=query, ResultConfiguration=where)["QueryExecutionId"]
        deadline, status = time.monotonic() + 5, dict[str, Any]()
        while time.monotonic() < deadline:
            status = athena.get_query_execution(QueryExecutionId=made)["QueryExecution"]["Status"]
            if status["State"] in ("SUCCEEDED", "FAILED"):
                return made, status["State"], status.get("StateChangeReason", "")
            time.sleep(0.02)
        raise AssertionError(status)

    made, state, _ = run("select 40 + 2 as answer")
    assert state == "SUCCEEDED"
    rows = athena.get_query_results(QueryExecutionId=made)["ResultSet"]["Rows"]
    assert [each["Data"][0]["VarCharValue"] for each in rows] == ["answer", "42"]
    for query in ("create or replace view v as select 1", "select no_such_function(1)"):
        _, state, reason = run(query)
        assert (state, bool(reason)) == ("FAILED", True)
    configure(embedded_aws, "mock")  # as without DuckDB
    try:
        _, state, reason = run("select 'invented'")
    finally:
        configure(embedded_aws, "duckdb")
    assert (state, "pip install duckdb" in reason) == ("FAILED", True)


def configure(aws: EmbeddedAws, engine: str) -> None:
    body = json.dumps({"athena.ATHENA_ENGINE": engine}).encode()
    url = f"{aws.endpoint_url}/_ministack/config"
    with urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST")) as answer:  # noqa: S310
        assert answer.status == 200
