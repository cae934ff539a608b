"""The note of a revocation."""

import json
from datetime import UTC, datetime

import pytest

from pinekeep.errors import AwsRefusedError, PinekeepError
from pinekeep.operations.revocation.note import Note, note_name, read_note, write_note
from tests.account.record.fake_ssm import FakeSsm

ARN = "arn:aws:iam::111122223333:user/ops"


def noon() -> datetime:
    return datetime(2026, 11, 25, 12, 0, 0, 5, tzinfo=UTC)


def test_where_nothing_was_revoked_the_note_is_empty() -> None:
    note = read_note(FakeSsm().clients, "prod")
    assert note == Note("prod")
    assert note.is_empty


def test_what_is_noted_is_read_again_with_when_and_by_whom() -> None:
    ssm = FakeSsm()
    written = write_note(ssm.clients, Note("prod"), roles=("one",), key_arn="key", by=ARN, clock=noon)
    assert read_note(ssm.clients, "prod") == written
    assert not written.is_empty
    assert json.loads(ssm.parameters[note_name("prod")]["Value"]) == {
        "version": 1,
        "deployment": "prod",
        "roles": ["one"],
        "key_arn": "key",
        "noted_at": "2026-11-25T12:00:00+00:00",
        "noted_by": ARN,
    }


def test_what_is_noted_already_is_not_written_again() -> None:
    ssm = FakeSsm()
    first = write_note(ssm.clients, Note("prod"), roles=("one",), key_arn=None, by=ARN)
    calls = len(ssm.calls)
    assert write_note(ssm.clients, first, roles=("one",), key_arn=None, by="another") is first
    assert len(ssm.calls) == calls


def test_what_somebody_else_noted_since_is_not_written_over() -> None:
    ssm = FakeSsm()
    write_note(ssm.clients, Note("prod"), roles=("one",), key_arn=None, by=ARN)
    with pytest.raises(AwsRefusedError, match="was changed in the meantime"):
        write_note(ssm.clients, Note("prod"), roles=("two",), key_arn=None, by=ARN)


@pytest.mark.parametrize("change", [{"version": 2}, {"deployment": "other"}, {"roles": "one"}, {"more": 1}])
def test_what_is_no_note_of_this_deployment_is_refused(change: dict[str, object]) -> None:
    ssm = FakeSsm()
    write_note(ssm.clients, Note("prod"), roles=("one",), key_arn="key", by=ARN)
    found = json.loads(ssm.parameters[note_name("prod")]["Value"])
    ssm.put(Name=note_name("prod"), Value=json.dumps({**found, **change}), Overwrite=True)
    with pytest.raises(PinekeepError, match="is not the note of what was revoked of prod"):
        read_note(ssm.clients, "prod")
