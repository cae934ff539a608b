"""Each gate: what lets it be passed, and what does not."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.reads.last_usage import LastUsage
from pinekeep.account.record.offboarding import Gate
from pinekeep.operations.offboarding import progress
from pinekeep.operations.offboarding.gate import DOES, TITLES, CannotAskError
from pinekeep.operations.revocation.targets import KeyState
from pinekeep.pinecone.errors import PineconeRefusedError, PineconeStateError
from tests.operations.offboarding.conftest import MakeWay, Way
from tests.operations.revocation.conftest import REGION
from tests.operations.revocation.support import failing

TOPIC = f"arn:aws:sns:{REGION}:111122223333:security"
OURS = "arn:aws:sts::111122223333:assumed-role/job/nightly"


def blocked(way: Way, *options: str) -> Any:
    """Try the next gate, which must not be passed; return what is said."""
    before = way.passed, way.world.key_state
    result = way.step("--json", *options)
    assert result.code == 1, result.out + result.err
    said = result.require_schema("offboard")
    assert said["changed"] is False
    assert said["blocked"]
    assert (way.passed, way.world.key_state) == before
    return said


def test_every_gate_is_told_in_words() -> None:
    assert set(TITLES) == set(DOES) == set(Gate)


# --- 1: no index left ---


class FakeIndexes:
    """What Pinecone answers, or how it refuses."""

    def __init__(self, answer: Sequence[str] | Exception) -> None:
        self.answer = answer

    def __call__(self, *_: Any, **__: Any) -> Any:
        def look() -> Sequence[str]:
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        return look


def pinecone_says(monkeypatch: pytest.MonkeyPatch, answer: Sequence[str] | Exception) -> None:
    monkeypatch.setattr("pinekeep.operations.offboarding.progress.index_look", FakeIndexes(answer))


def test_indexes_that_are_left_block_whatever_the_user_says(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    pinecone_says(monkeypatch, ["movies", "songs"])
    said = blocked(way)
    assert said["sees"] == ["Pinecone lists 2: movies, songs"]
    assert said["blocked"] == "2 indexes are left in the Pinecone project"
    pinecone_says(monkeypatch, [])
    assert way.step().code == 0
    assert way.state["passed"][0]["saw"] == "Pinecone lists no index"


def test_where_pinecone_cannot_be_asked_it_is_the_users_word_and_that_is_kept(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinecone_says(monkeypatch, CannotAskError("there is no service account"))
    assert way.step().code == 0
    assert "Pinecone was not asked: there is no service account" in way.state["passed"][0]["saw"]


def test_a_pinecone_that_refuses_is_no_reason_to_go_by_the_users_word(
    way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinecone_says(monkeypatch, PineconeRefusedError("Pinecone refuses to list the indexes"))
    result = way.step()
    assert result.code == 3
    assert way.passed == 0


def look_of(monkeypatch: pytest.MonkeyPatch, answer: Any, **environment: str) -> Sequence[str]:
    def indexes_left(*_: Any, **__: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("pinekeep.pinecone.indexes.indexes_left", indexes_left)
    nothing: Any = None
    look = progress.index_look("prod", nothing, clients=nothing, environment=environment)
    return look()


def test_without_a_service_account_pinecone_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotAskError, match="no service account in PINECONE_CLIENT_ID"):
        look_of(monkeypatch, AssertionError("it was asked"))


def test_a_project_that_cannot_be_told_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotAskError, match="no pinecone section"):
        look_of(monkeypatch, PineconeStateError("no pinecone section"), PINECONE_CLIENT_ID="x")


def test_pinecones_answer_is_taken_by_the_names_of_the_indexes(monkeypatch: pytest.MonkeyPatch) -> None:
    from pinekeep.pinecone.indexes import IndexLeft  # noqa: PLC0415 - imports the SDK

    assert look_of(monkeypatch, [IndexLeft("movies", None, "Ready")], PINECONE_CLIENT_ID="x") == ["movies"]


# --- 3: no use ---


def test_the_key_must_be_quiet_for_the_whole_time_after_it_was_deleted_in_pinecone(way: Way) -> None:
    way.reach(2)
    way.clock.pass_(days=7)
    said = blocked(way)
    assert said["not_before"] == "2026-12-02T12:17:00+00:00"
    way.clock.pass_(minutes=14)
    blocked(way)
    way.clock.pass_(minutes=1)
    assert way.step().code == 0


def test_how_long_it_must_be_quiet_can_be_set(way: Way) -> None:
    way.reach(2)
    way.clock.pass_(days=1, minutes=16)
    blocked(way)
    assert way.step("--quiet-days", "1").code == 0


@pytest.mark.parametrize(
    "call", ["Decrypt", "Encrypt", "GenerateDataKey", "ReEncrypt", "GenerateDataKeyWithoutPlaintext"]
)
@pytest.mark.parametrize("error", [None, "AccessDenied"])
def test_any_use_within_that_time_blocks_refused_or_not(way: Way, call: str, error: str | None) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    way.trail.happen(call, way.world.key_arn, way.clock.now - timedelta(days=6), by=OURS, error=error)
    said = blocked(way)
    assert said["blocked"] == "somebody still uses it"
    assert f"{call} by {OURS} at 2026-11-27 12:02 UTC" in said["sees"][0]
    way.clock.pass_(days=2)
    assert way.step().code == 0


def test_a_use_on_a_later_page_of_what_else_happened_is_found(way: Way) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now - timedelta(days=5))
    for hours in range(5):
        way.trail.happen("DescribeKey", way.world.key_arn, way.clock.now - timedelta(hours=hours))
    assert "Decrypt" in blocked(way)["sees"][0]


def test_whoever_assumes_the_role_still_uses_it(way: Way) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    way.trail.happen("AssumeRole", way.role_arn, way.clock.now - timedelta(days=1))
    assert "AssumeRole" in blocked(way)["sees"][0]


def test_what_is_no_use_does_not_count(way: Way) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    at = way.clock.now - timedelta(days=1)
    way.trail.happen("DescribeKey", way.world.key_arn, at)
    way.trail.happen("GetRole", way.role_arn, at)
    way.trail.happen("AssumeRole", way.role_arn, at, error="AccessDenied")
    way.trail.happen("Decrypt", way.world.key_arn, at, error="DryRunOperationException")
    way.trail.happen("Decrypt", way.world.key_arn.replace("key/", "key/other-"), at)
    assert way.step().code == 0


def test_the_region_of_stss_global_address_is_looked_at_as_well(make_way: MakeWay) -> None:
    way = make_way()
    way.reach(3)
    assert {call["LookupAttributes"][0]["AttributeValue"] for call in way.trail.calls} == {
        way.world.key_arn,
        way.role_arn,
    }


# --- 4: disabled ---


def test_what_cloudtrail_told_late_is_seen_before_the_key_is_disabled(way: Way) -> None:
    way.reach(3)
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now - timedelta(minutes=10))
    said = blocked(way)
    assert said["blocked"] == "somebody still uses it"
    assert "`pinekeep offboard --back`" in said["hint"]


def test_replicas_in_other_regions_block(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(3)
    monkeypatch.setattr(
        "pinekeep.operations.offboarding.progress.read_key",
        lambda _, arn: KeyState(arn, "Enabled", replicas=("arn:replica",)),
    )
    said = blocked(way)
    assert said["sees"] == ["replicas: arn:replica"]


def test_with_a_topic_the_alarm_is_set_before_and_goes_with_a_step_back(way: Way) -> None:
    way.reach(3)
    events = way.world.client("events")
    said = way.step("--alarm-topic", TOPIC, "--json").require_schema("offboard")
    rule = f"pinekeep-{way.name}-disabled-key"
    assert said["done"] == [f"set the alarm {rule}", "disabled the key"]
    assert "events.amazonaws.com publish" in said["sees"][1]
    assert events.list_targets_by_rule(Rule=rule)["Targets"] == [{"Id": "topic", "Arn": TOPIC}]
    assert way.state["topic"] == TOPIC
    assert way.offboard("--back", "--yes").code == 0
    assert [each for each in events.list_rules()["Rules"] if each["Name"] == rule] == []
    assert "topic" not in way.state


@pytest.mark.parametrize("topic", ["security", TOPIC.replace("us-east-1", "us-west-2"), TOPIC.replace("sns", "sqs")])
def test_a_topic_that_is_none_of_the_region_is_refused(way: Way, topic: str) -> None:
    way.reach(3)
    result = way.step("--alarm-topic", topic)
    assert result.code == 2
    assert "the alarm needs the ARN of an SNS topic in us-east-1" in result.err
    assert way.world.key_state == "Enabled"


@pytest.mark.parametrize("number", [0, 2, 4, 6])
def test_an_alarm_goes_with_the_gate_that_disables_the_key_and_no_other(way: Way, number: int) -> None:
    way.reach(number)
    result = way.step("--alarm-topic", TOPIC)
    assert result.code == 2
    assert "the alarm is set when the key is disabled" in result.err
    assert way.passed == number


def test_without_the_alarm_that_was_asked_for_the_key_is_not_disabled(way: Way) -> None:
    way.reach(3)
    with pytest.MonkeyPatch.context() as patched:
        failing(patched, "PutRule")
        result = way.step("--alarm-topic", TOPIC)
    assert result.code == 3
    assert way.world.key_state == "Enabled"
    assert way.statuses()[3] == "begun"
    assert way.step().code == 0
    assert way.world.client("events").list_targets_by_rule(Rule=f"pinekeep-{way.name}-disabled-key")["Targets"]


# --- 5: to be deleted ---


def test_the_key_stays_disabled_for_the_whole_cooling_off(way: Way) -> None:
    way.reach(4)
    way.clock.pass_(days=7)
    assert blocked(way)["blocked"] == "it has not been disabled for 7 days yet"
    blocked(way, "--cooling-days", "30")
    way.clock.pass_(minutes=16)
    assert way.step().code == 0
    assert way.world.key_state == "PendingDeletion"


@pytest.mark.parametrize("days", [0.001, 1, 6])
def test_any_attempt_since_it_was_disabled_blocks_until_it_was_enabled_again(way: Way, days: float) -> None:
    way.reach(4)
    way.trail.happen(
        "Decrypt", way.world.key_arn, way.clock.now + timedelta(days=days), error="DisabledException", by=OURS
    )
    way.clock.pass_(days=40)
    said = blocked(way)
    assert said["blocked"] == "somebody tried to use the disabled key"
    assert f"Decrypt by {OURS}" in said["sees"][0]
    assert "refused with DisabledException" in said["sees"][0]
    assert way.offboard("--back", "--yes").code == 0
    assert way.world.key_state == "Enabled"
    assert "once more" in blocked(way)["hint"], "it was used since it was found unused"
    assert way.offboard("--back", "--yes").code == 0
    way.reach(5)


def test_what_was_before_it_was_disabled_does_not_count_as_an_attempt(way: Way) -> None:
    way.reach(4)
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now - timedelta(minutes=1))
    way.reach(5)


def test_the_window_is_the_longest_there_is(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(4)
    way.clock.pass_(days=8)
    said = way.step("--json").json
    key = way.world.client("kms").describe_key(KeyId=way.world.key_arn)["KeyMetadata"]
    assert said["done"] == [f"the key is deleted on {key['DeletionDate']:%Y-%m-%d}"]


# --- What KMS knows and CloudTrail does not tell yet ---


def test_a_use_that_kms_knows_of_and_cloudtrail_does_not_tell_blocks(way: Way) -> None:
    way.clock.now = datetime.now(UTC) - timedelta(days=8)
    way.reach(2)
    way.clock.now = datetime.now(UTC)
    kms = way.world.client("kms")
    kms.encrypt(KeyId=way.world.key_arn, Plaintext=b"x")
    event = kms.get_key_last_usage(KeyId=way.world.key_arn)["KeyLastUsage"]["CloudTrailEventId"]
    said = blocked(way)
    assert said["blocked"] == "somebody still uses it"
    assert "Encrypt by somebody (KMS reports it and CloudTrail does not yet; event ID " in said["sees"][0]
    assert event in said["sees"][0]
    detail = json.dumps({"userIdentity": {"arn": OURS}})
    way.trail.late = [{"EventId": event, "EventName": "Encrypt", "EventTime": way.clock.now, "CloudTrailEvent": detail}]
    assert f"Encrypt by {OURS} at " in blocked(way)["sees"][0], "the ID that KMS reports leads to the caller"
    way.clock.pass_(days=8)
    said = way.offboard("--dry-run", "--json").json
    assert said["blocked"] is None
    (proof,) = [line for line in said["sees"] if line.startswith("KMS: ")]
    assert proof.startswith("KMS: nobody has used the key since ")
    assert "; the last successful use of the key was Encrypt at " in proof


def kms_says(monkeypatch: pytest.MonkeyPatch, answer: LastUsage | str) -> None:
    """Let KMS answer, or refuse with a code."""

    def last_usage_of(*_: Any) -> LastUsage:
        if isinstance(answer, str):
            raise ClientError({"Error": {"Code": answer, "Message": "no"}}, "GetKeyLastUsage")
        return answer

    monkeypatch.setattr("pinekeep.operations.offboarding.trail.last_usage_of", last_usage_of)


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnknownOperationException"])
def test_where_kms_does_not_answer_cloudtrail_alone_decides_and_that_is_said(
    way: Way, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    kms_says(monkeypatch, code)
    said = way.offboard("--dry-run", "--json").json
    assert said["blocked"] is None
    (note,) = [line for line in said["sees"] if "KMS" in line]
    assert note.startswith("KMS was not asked for the last use, so CloudTrail alone tells: ")
    way.trail.happen("Decrypt", way.world.key_arn, way.clock.now - timedelta(days=1), by=OURS)
    assert blocked(way)["blocked"] == "somebody still uses it"


def test_a_failure_of_kms_is_no_answer(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    kms_says(monkeypatch, "KMSInternalException")
    assert way.step().code == 3
    assert way.passed == 2


def test_a_time_that_kms_does_not_cover_is_left_to_cloudtrail(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    way.reach(2)
    way.clock.pass_(days=8)
    began = way.clock.now - timedelta(days=2)
    made = began - timedelta(days=99)
    kms_says(monkeypatch, LastUsage(operation=None, at=None, event_id=None, tracked_since=began, made=made))
    said = way.offboard("--dry-run", "--json").json
    (note,) = [line for line in said["sees"] if "KMS" in line]
    assert note.endswith("; for the time before that, CloudTrail alone tells")


def test_a_use_that_cloudtrail_tells_too_is_told_once(way: Way) -> None:
    way.clock.now = datetime.now(UTC) - timedelta(days=8)
    way.reach(2)
    way.clock.now = datetime.now(UTC)
    way.world.client("kms").encrypt(KeyId=way.world.key_arn, Plaintext=b"x")
    way.trail.happen("Encrypt", way.world.key_arn, datetime.now(UTC).replace(microsecond=0), by=OURS)
    way.clock.pass_(minutes=1)
    (told, *_) = blocked(way)["sees"]
    assert told.count("Encrypt by") == 1
    assert OURS in told
