"""The record: what it says, what it refuses to say, and what it never forgets."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pinekeep.account.record.handover import HandedOver, Terms, Value
from pinekeep.account.record.parameter import Stored
from pinekeep.account.record.store import (
    Record,
    next_record,
    parse_record,
    read_record,
    write_record,
)
from pinekeep.errors import PinekeepError
from pinekeep.model import naming
from tests.account.record.fake_ssm import FakeSsm

ARN = "arn:aws:iam::111122223333:user/ops"
VALUES = {Value.ROLE_ARN: "role", Value.KEY_ARN: "key", Value.EXTERNAL_ID: "none", Value.ENDPOINT_ID: "vpce"}
TERMS = Terms(
    pinecone_account="740000000001", regions=("us-east-1",), alias="alias/a", vpc_id="vpc-1", private_zone="private.a"
)
GIVEN = HandedOver(VALUES, TERMS, ("vpce-standby",), ("vpce-old",))
OF_VERSION_1 = {
    "version": 1,
    "deployment": "prod",
    "role_arn": "role",
    "key_arn": "key",
    "external_id": "none",
    "endpoint_id": "vpce",
    "recorded_at": "2026-11-25T12:00:00+00:00",
    "recorded_by": ARN,
}


def at_noon() -> datetime:
    return datetime(2026, 11, 25, 13, 0, 0, 7, tzinfo=timezone(timedelta(hours=1)))


def made(handed_over: HandedOver = GIVEN, before: Record | None = None, anew: bool = False) -> Record:
    return next_record("prod", handed_over, before=before, by=ARN, endpoint_registered_anew=anew, clock=at_noon)


def test_the_record_says_what_when_and_by_whom() -> None:
    assert json.loads(made().text()) == {
        **OF_VERSION_1,
        "version": 2,
        "revision": 1,
        "pinecone_account": "740000000001",
        "regions": ["us-east-1"],
        "alias": "alias/a",
        "standby_endpoint_ids": ["vpce-standby"],
        "retired_endpoint_ids": ["vpce-old"],
        "vpc_id": "vpc-1",
        "private_zone": "private.a",
    }


def test_what_is_written_is_read_again() -> None:
    ssm = FakeSsm()
    assert read_record(ssm.clients, "prod") is None
    kept = write_record(ssm.clients, made())
    assert read_record(ssm.clients, "prod") == kept
    assert list(ssm.parameters) == [naming.record_parameter("prod"), naming.record_copy_parameter("prod")]
    assert list(ssm.parameters) == ["/pinekeep/prod/handed-over", "/pinekeep-records/prod"]


def test_reading_takes_one_call() -> None:
    ssm = FakeSsm()
    read_record(ssm.clients, "prod")
    assert len(ssm.calls) == 1


def test_a_record_of_an_earlier_version_is_read_and_has_no_copy() -> None:
    found = parse_record("prod", {naming.record_parameter("prod"): Stored(json.dumps(OF_VERSION_1), 3)})
    assert found is not None
    assert (found.handed_over, found.damage) == (HandedOver(VALUES), None)


@pytest.mark.parametrize("gone", [naming.record_parameter("prod"), naming.record_copy_parameter("prod")])
def test_where_one_of_the_two_is_gone_the_other_one_counts_and_the_loss_is_told(gone: str) -> None:
    ssm = FakeSsm()
    kept = write_record(ssm.clients, made())
    del ssm.parameters[gone]
    found = read_record(ssm.clients, "prod")
    assert found is not None
    assert found.handed_over == kept.handed_over
    assert gone in str(found.damage)
    assert "is gone" in str(found.damage)
    write_record(ssm.clients, found)
    mended = read_record(ssm.clients, "prod")
    assert mended is not None
    assert mended.damage is None


def test_of_two_that_differ_the_newer_one_counts() -> None:
    ssm = FakeSsm()
    first = write_record(ssm.clients, made(HandedOver({Value.ROLE_ARN: "role"})))
    old_copy = dict(ssm.parameters[naming.record_copy_parameter("prod")])
    write_record(ssm.clients, made(HandedOver({Value.KEY_ARN: "key"}), before=first))
    ssm.parameters[naming.record_copy_parameter("prod")] = old_copy
    found = read_record(ssm.clients, "prod")
    assert found is not None
    assert found.handed_over.get(Value.KEY_ARN) == "key"
    assert "differ" in str(found.damage)


def test_regions_that_were_trusted_once_stay_in_the_record() -> None:
    more = HandedOver(terms=Terms(regions=("eu-west-1",)))
    assert made(more, before=made()).handed_over.terms.regions == ("eu-west-1", "us-east-1")
    every = HandedOver(terms=Terms(regions="all"))
    assert made(every, before=made()).handed_over.terms.regions == "all"


def test_another_account_of_pinecones_is_never_recorded_over_the_one_handed_over() -> None:
    other = HandedOver(terms=Terms(pinecone_account="740000000002"))
    with pytest.raises(PinekeepError, match="for Pinecone's account 740000000001; it trusts account 740000000002 now"):
        made(other, before=made())


def test_the_same_again_is_the_record_of_before() -> None:
    before = made()
    assert made(before=before) is before
    assert made(HandedOver({Value.KEY_ARN: "key"}), before=before) is before
    assert made(HandedOver({Value.KEY_ARN: "key"}, Terms(alias="alias/a")), before=before) is before


def test_what_is_new_is_added_and_what_was_there_stays() -> None:
    before = made(HandedOver({Value.ROLE_ARN: "role"}))
    assert made(HandedOver({Value.ENDPOINT_ID: "vpce"}), before=before).handed_over.values == {
        Value.ROLE_ARN: "role",
        Value.ENDPOINT_ID: "vpce",
    }


@pytest.mark.parametrize("value", [Value.ROLE_ARN, Value.KEY_ARN, Value.EXTERNAL_ID])
@pytest.mark.parametrize("anew", [True, False])
def test_what_pinecone_keeps_for_good_is_never_written_over(value: Value, anew: bool) -> None:
    changed = HandedOver({**GIVEN.values, value: "another"})
    with pytest.raises(PinekeepError, match=f"Pinecone was given the {value} .*; it is another now") as caught:
        made(changed, before=made(), anew=anew)
    assert "bring the old value back" in str(caught.value.hint)


def test_another_endpoint_is_recorded_only_once_it_is_registered() -> None:
    changed = HandedOver({**VALUES, Value.ENDPOINT_ID: "vpce-new"})
    with pytest.raises(PinekeepError) as caught:
        made(changed, before=made())
    assert "--endpoint-registered-anew" in str(caught.value.hint)
    assert made(changed, before=made(), anew=True).handed_over.get(Value.ENDPOINT_ID) == "vpce-new"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Invalid JSON"),
        ("[]", "is not a record"),
        ('{"version": 2}', "is not a record"),
        (made().text().replace('"role"', "7"), "role_arn"),
        (made().text().replace('"key_arn"', '"key_arm"'), "key_ar"),
    ],
)
def test_what_is_no_record_is_refused_and_not_guessed_at(text: str, told: str) -> None:
    with pytest.raises(PinekeepError, match=told) as caught:
        parse_record("prod", {naming.record_parameter("prod"): Stored(text, 3)})
    assert "get-parameter-history" in str(caught.value.hint)


def test_the_record_of_another_deployment_is_refused() -> None:
    with pytest.raises(PinekeepError, match="is the record of deployment prod"):
        parse_record("other", {naming.record_parameter("other"): Stored(made().text(), 1)})


def test_the_time_is_that_of_the_clock_in_utc() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    at = datetime.fromisoformat(next_record("prod", GIVEN, before=None, by=ARN).recorded_at)
    assert before <= at <= datetime.now(UTC)
