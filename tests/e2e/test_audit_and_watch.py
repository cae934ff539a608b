"""Audit logs that cannot be altered, and messages about what happens to the key: with the real stacks, end to end."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from tests.command_support import Run
from tests.e2e.watched import ACCOUNT, BUCKET, GLOBAL, NAME, Watched

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def watched(bootstrapped: EmbeddedAws, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    return Watched(bootstrapped, tmp_path_factory.mktemp("watched"))


def event(number: int) -> dict[str, Any]:
    """An audit event as Pinecone documents it."""
    return {
        "id": f"event-{number}",
        "organization_id": "organization",
        "organization_name": "Example",
        "client": {"userAgent": "python"},
        "actor": {"principal_id": "user", "principal_name": "someone@example.com", "principal_type": "user"},
        "event": {
            "time": f"2026-11-30T09:{number:02}:00Z",
            "action": "delete",
            "resource_type": "index",
            "resource_id": f"index-{number}",
            "resource_name": "products",
            "outcome": {"result": "success"},
        },
    }


FILES = {
    "logs/one.json": json.dumps(event(1)).encode(),
    "logs/array.json": json.dumps([event(2), event(3)]).encode(),
    "logs/lines.json": b"\n".join(json.dumps(event(number)).encode() for number in (4, 5)),
    "logs/lines.json.gz": gzip.compress(json.dumps(event(6)).encode()),
}
"""A file in each framing."""


@pytest.fixture(scope="module")
def written(watched: Watched) -> dict[str, str]:
    """The files that Pinecone has written, with their versions."""
    s3 = watched.pinecone("s3")
    s3.put_object(Bucket=BUCKET, Key="logs/audit-log-access-test", Body=b"")
    return {key: s3.put_object(Bucket=BUCKET, Key=key, Body=body)["VersionId"] for key, body in FILES.items()}


def test_pinecone_writes_under_its_prefix_and_nothing_else(watched: Watched, written: dict[str, str]) -> None:
    s3 = watched.pinecone("s3")
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="logs/")["Contents"]
    assert {each["Key"] for each in listed} == {*written, "logs/audit-log-access-test"}
    key, version = next(iter(written.items()))
    tries: list[Callable[[], Any]] = [
        lambda: s3.get_object(Bucket=BUCKET, Key=key),
        lambda: s3.delete_object(Bucket=BUCKET, Key=key),
        lambda: s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version),
        lambda: s3.put_object(Bucket=BUCKET, Key="elsewhere", Body=b""),
        lambda: s3.list_objects_v2(Bucket=BUCKET),
    ]
    for call in tries:
        with pytest.raises(ClientError, match="AccessDenied"):
            call()
    used = watched.client("kms").get_key_last_usage(KeyId=watched.outputs["AuditKeyArn"])["KeyLastUsage"]
    assert used["Operation"] == "GenerateDataKey"


def test_nobody_of_the_account_deletes_or_forges_a_file(watched: Watched, written: dict[str, str]) -> None:
    key, version = next(iter(written.items()))
    for s3 in (watched.administrator("s3"), watched.client("s3")):
        tries: list[Callable[[], Any]] = [
            lambda s3=s3: s3.delete_object(Bucket=BUCKET, Key=key),
            lambda s3=s3: s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version),
            lambda s3=s3: s3.put_object(Bucket=BUCKET, Key="logs/forged.json", Body=b"{}"),
        ]
        for call in tries:
            with pytest.raises(ClientError, match="AccessDenied"):
                call()
        assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == FILES[key]


def test_the_account_reads_every_event_in_whatever_framing(
    watched: Watched,
    written: dict[str, str],
    bootstrapped: EmbeddedAws,
    monkeypatch: pytest.MonkeyPatch,
    pinekeep: Run,
) -> None:
    for name, value in bootstrapped.environment(ACCOUNT).items():
        monkeypatch.setenv(name, value)
    chosen = ("-d", NAME, "--since", "2026-01-01", "--json", "--config", str(watched.file))
    tailed = pinekeep("audit", "tail", *chosen)
    assert tailed.code == 0, tailed.err
    found = [json.loads(line) for line in tailed.out.splitlines()]
    assert {each["event"]["id"] for each in found} == {f"event-{number}" for number in range(1, 7)}
    assert {each["file"].rpartition("/")[2] for each in found} == {key.rpartition("/")[2] for key in written}
    asked = pinekeep("audit", "query", "who-deleted-index", "--strict", *chosen)
    assert asked.code == 0, asked.err
    result = asked.require_schema("audit query")
    assert len(result["rows"]) == len(found)
    assert all("someone@example.com" in str(row) for row in result["rows"])


def only(messages: list[str]) -> str:
    assert len(messages) == 1, messages
    return messages[0]


def test_a_disabled_key_is_a_message_that_says_what_to_do(watched: Watched) -> None:
    kms, arn = watched.client("kms"), watched.outputs["KeyArn"]
    kms.disable_key(KeyId=arn.rpartition("/")[2])
    message = only(watched.messages())
    assert "The KMS key was disabled (watched)" in message
    assert f"arn:aws:iam::{ACCOUNT}:root" in message
    assert f"aws kms enable-key --region eu-west-1 --key-id {arn}" in message
    kms.enable_key(KeyId=arn)
    assert "enabled" in only(watched.messages())


def test_use_of_another_key_is_no_message(watched: Watched) -> None:
    kms = watched.client("kms")
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.disable_key(KeyId=other)
    assert watched.messages() == []


def test_a_changed_trust_policy_is_forwarded_from_us_east_1(watched: Watched) -> None:
    iam, name = watched.client("iam", region=GLOBAL), watched.outputs["RoleArn"].rpartition("/")[2]
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    message = only(watched.messages())
    assert "The trust policy of Pinecone's role was changed (watched)" in message
    assert f"of CloudTrail in {GLOBAL}" in message


def test_an_attempt_to_suspend_versioning_is_refused_and_a_message(watched: Watched) -> None:
    with pytest.raises(ClientError, match="InvalidBucketState"):
        watched.client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    message = only(watched.messages())
    assert "An attempt to change the audit bucket was refused (watched)" in message
    assert "PutBucketVersioning" in message


def test_an_alarm_is_a_message_too(watched: Watched) -> None:
    cloudwatch = watched.client("cloudwatch")
    topic = watched.outputs["MonitoringTopicArn"]
    alarms = cloudwatch.describe_alarms(AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    name = next(each["AlarmName"] for each in alarms if topic in each.get("AlarmActions", []))
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a drill")
    told = json.loads(only(watched.messages()))
    assert (told["AlarmName"], told["NewStateReason"]) == (name, "a drill")


def test_a_denied_call_of_pinecone_s_role_raises_the_alarm(watched: Watched) -> None:
    kms, arn = watched.pinecone_with_the_key(), watched.outputs["KeyArn"]
    assert kms.encrypt(KeyId=arn, Plaintext=b"x")["KeyId"] == arn
    assert watched.messages() == []
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.get_key_policy(KeyId=arn)
    told = json.loads(only(watched.messages()))
    assert told["NewStateValue"] == "ALARM"
    assert "denied" in told["AlarmName"]


def test_without_the_topic_s_key_events_go_to_the_dead_letters(watched: Watched) -> None:
    kms = watched.client("kms")
    watched.dead_letters()
    kms.disable_key(KeyId=watched.outputs["MonitoringKeyArn"])
    try:
        kms.disable_key(KeyId=watched.outputs["KeyArn"])
        assert watched.messages() == []
    finally:
        for key in ("MonitoringKeyArn", "KeyArn"):
            kms.enable_key(KeyId=watched.outputs[key])
    letters = [each["detail"]["requestParameters"]["keyId"] for each in watched.dead_letters()]
    assert watched.outputs["KeyArn"] in letters
    watched.messages()
