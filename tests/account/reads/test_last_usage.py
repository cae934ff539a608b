"""The last use of a key in words, and what it proves of a period."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.reads.last_usage import LastUsage, length_in_words

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MADE = NOW - timedelta(days=100)
TRACKED = NOW - timedelta(days=50)


def used(**changes: Any) -> LastUsage:
    known: dict[str, Any] = {
        "operation": "Decrypt",
        "at": NOW,
        "event_id": "e-1",
        "tracked_since": TRACKED,
        "made": MADE,
    }
    return LastUsage(**(known | changes))


@pytest.mark.parametrize(
    ("length", "words"),
    [
        ({"seconds": 59}, "less than a minute"),
        ({"seconds": 60}, "1 minute"),
        ({"minutes": 119}, "119 minutes"),
        ({"minutes": 120}, "2 hours"),
        ({"hours": 47, "minutes": 59}, "47 hours"),
        ({"hours": 48}, "2 days"),
        ({"days": 400}, "400 days"),
    ],
)
def test_a_length_is_told_in_its_largest_unit_and_never_longer_than_it_is(length: Any, words: str) -> None:
    assert length_in_words(timedelta(**length)) == words


def test_a_clock_that_is_behind_makes_no_use_of_the_future() -> None:
    assert used(at=NOW + timedelta(minutes=3)).ago(NOW) == "less than a minute"
    assert used(at=None).ago(NOW) is None


def test_no_use_proves_only_the_time_that_kms_keeps_track_of() -> None:
    assert used().since(NOW - timedelta(days=1)) is True
    assert used(at=NOW - timedelta(days=9)).since(NOW - timedelta(days=1)) is False
    never = used(at=None)
    assert never.since(TRACKED) is False
    assert never.since(TRACKED - timedelta(days=1)) is None, "the key is older than the record"
    young = used(at=None, made=TRACKED + timedelta(days=1))
    assert young.since(TRACKED - timedelta(days=1)) is False, "there was no key before"
