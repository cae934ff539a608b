"""The newest events: which files are read, what is remembered, and what a line shows."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pinekeep.account.reads.audit_files import StoredFile
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.operations.audit import tail as module
from pinekeep.operations.audit.tail import EPOCH, Batch, Tail, follow, line_of

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def event(identifier: str, *, minutes: int = 0, **happened: Any) -> dict[str, Any]:
    """Return an event so many minutes before :data:`NOW`."""
    at = NOW - timedelta(minutes=minutes)
    return {
        "id": identifier,
        "actor": {"principal_id": "p1", "principal_type": "user", "display_name": "Ada"},
        "event": {
            "time": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "action": "delete",
            "resource_type": "index",
            "resource_id": ["docs", "faq"],
            "outcome": {"result": "success"},
            **happened,
        },
    }


@dataclass
class Memory:
    """Files in memory, and which were read. ``refusal``: raised by every list."""

    contents: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    refusal: AwsRefusedError | None = None
    refused_files: set[str] = field(default_factory=set)

    def put(self, name: str, *events: Any, minutes: int = 0) -> None:
        text = "".join(each if isinstance(each, str) else json.dumps(each) + "\n" for each in events)
        self.contents[name] = (minutes, text.encode())

    def files(self) -> Iterable[StoredFile]:
        if self.refusal:
            raise self.refusal
        for name, (minutes, _) in self.contents.items():
            yield StoredFile(name=name, modified=NOW - timedelta(minutes=minutes))

    def copy(self, name: str, to: Path) -> None:
        if name in self.refused_files:
            raise AwsRefusedError("throttled")
        self.read.append(name)
        to.write_bytes(self.contents[name][1])


@pytest.fixture
def memory() -> Memory:
    return Memory()


def tail(memory: Memory, *, hours: int = 1, **others: Any) -> Tail:
    return Tail(store=memory, since=NOW - timedelta(hours=hours), **others)


def ids(batch: Batch) -> list[str]:
    return [each.content["id"] for each in batch.events]


def test_the_events_of_all_files_come_by_their_time_whatever_the_files_are_called(memory: Memory) -> None:
    memory.put("z", event("first", minutes=50), event("third", minutes=10))
    memory.put("a", event("second", minutes=30))
    assert ids(tail(memory).poll()) == ["first", "second", "third"]


def test_a_file_written_before_is_not_read(memory: Memory) -> None:
    memory.put("old", event("old", minutes=70), minutes=61)
    memory.put("new", event("new", minutes=59), event("before", minutes=61), minutes=59)
    assert ids(tail(memory).poll()) == ["new"]
    assert memory.read == ["new"]


def test_each_file_is_read_once(memory: Memory) -> None:
    memory.put("a", event("a"))
    following = tail(memory)
    assert ids(following.poll()) == ["a"]
    memory.put("b", event("b"))
    batch = following.poll()
    assert ids(batch) == ["b"]
    assert (batch.listed, batch.files) == (2, 1)
    assert memory.read == ["a", "b"]


def test_a_file_that_was_not_read_to_its_end_is_read_again(memory: Memory) -> None:
    memory.put("a", event("a"))
    following = tail(memory)
    memory.refused_files = {"a"}
    with pytest.raises(AwsRefusedError):
        following.poll()
    memory.refused_files = set()
    assert ids(following.poll()) == ["a"]


PAIR = [event("a"), event("b")]
FRAMINGS = {
    "lines": "\n".join(map(json.dumps, PAIR)),
    "array": json.dumps(PAIR),
    "array over lines": json.dumps(PAIR, indent=2),
    "objects over lines": "\n".join(json.dumps(each, indent=2) for each in PAIR),
    "mixed": json.dumps(PAIR[0], indent=2) + "\n" + json.dumps(PAIR[1]),
    "byte order mark": "\ufeff" + json.dumps(PAIR),
}


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_framing_is_read(memory: Memory, framing: str, *, compressed: bool) -> None:
    text = FRAMINGS[framing].encode()
    memory.contents["x"] = (0, gzip.compress(text) if compressed else text)
    batch = tail(memory).poll()
    assert (sorted(ids(batch)), batch.broken_total) == (["a", "b"], 0)


def test_what_is_no_event_is_counted_with_its_place(memory: Memory) -> None:
    memory.put("logs/x", event("a"), "{broken\n", '{"hello": 1}\n', "7\n")
    batch = tail(memory).poll()
    assert ids(batch) == ["a"]
    assert batch.broken_total == 3
    assert [each.partition(" ")[0] for each in batch.broken] == ["logs/x:2:", "logs/x:3:", "logs/x:4:"]


def test_the_broken_places_of_all_files_are_counted_and_the_first_few_shown(memory: Memory) -> None:
    for name in "abc":
        memory.put(name, *["{\n"[:1] + "x\n"] * 4)
    batch = tail(memory).poll()
    assert batch.broken_total == 12
    assert len(batch.broken) == 5


def test_an_event_without_a_time_is_shown(memory: Memory) -> None:
    memory.put("x", event("a", time="yesterday"), event("b", time="0001-01-01T00:00:00+23:00"), event("c", time=None))
    batch = tail(memory).poll()
    assert ids(batch) == ["a", "b", "c"]
    assert {each.time for each in batch.events} == {EPOCH}
    assert line_of(batch.events[0]).startswith("no time")


def test_the_newest_files_are_read_and_the_others_counted(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILES_MAX", 2)
    for minutes in (3, 1, 4, 2):
        memory.put(f"f{minutes}", event(f"e{minutes}", minutes=minutes), minutes=minutes)
    following = tail(memory)
    batch = following.poll()
    assert (ids(batch), batch.left_out) == (["e2", "e1"], 2)
    assert ids(following.poll()) == []


def test_more_files_than_can_be_remembered_are_refused(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LISTED_MAX", 2)
    for name in "abc":
        memory.put(name)
    with pytest.raises(WrongInputError, match="more than 2 files") as refused:
        tail(memory).poll()
    assert refused.value.hint == "give a longer prefix"


def test_the_test_object_is_not_read(memory: Memory) -> None:
    memory.put("p/audit-log-access-test", "test")
    batch = tail(memory, skipped=frozenset({"audit-log-access-test"})).poll()
    assert (batch.broken_total, memory.read) == (0, [])


class EndedError(Exception):
    """Ends a follow."""


def test_following_polls_at_its_interval_and_survives_a_transient_refusal(memory: Memory) -> None:
    seen: list[list[str]] = []
    refusals: list[str] = []
    pauses: list[float] = []
    memory.put("a", event("a"))

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 1:
            memory.refusal = AwsRefusedError("slow down", transient=True)
        elif len(pauses) == 2:
            memory.refusal = None
            memory.put("b", event("b"))
        else:
            raise EndedError

    with pytest.raises(EndedError):
        follow(
            tail(memory),
            show=lambda batch: seen.append(ids(batch)),
            could_not_read=lambda error: refusals.append(error.message),
            every=300,
            sleep=sleep,
        )
    assert (seen, refusals, pauses) == ([["a"], ["b"]], ["slow down"], [300, 300, 300])


def test_a_refusal_for_good_ends_the_follow(memory: Memory) -> None:
    memory.refusal = AwsRefusedError("denied")
    with pytest.raises(AwsRefusedError, match="denied"):
        follow(tail(memory), show=print, could_not_read=print, every=1, sleep=lambda _: None)


def test_a_line_says_when_what_and_who(memory: Memory) -> None:
    memory.put("x", event("a", outcome={"result": "failure", "error_code": "403", "reason": "no role"}))
    (line,) = map(line_of, tail(memory).poll().events)
    assert line == "2026-11-30 12:00:00Z  failure   delete index  docs, faq  by Ada  (user): 403 no role"


def test_nothing_in_an_event_breaks_the_line_or_reaches_the_terminal(memory: Memory) -> None:
    hostile = "x\n2026-11-30 forged\x1b[2J\u202e"
    content = event("a", action=hostile, resource_id={"a": hostile}, outcome={"result": hostile, "reason": hostile})
    content["actor"] = {"display_name": hostile, "principal_type": [hostile]}
    memory.put("x", content)
    (line,) = map(line_of, tail(memory).poll().events)
    assert line.isprintable()


@pytest.mark.parametrize("content", [{}, {"outcome": 7}, {"action": ["a"], "outcome": {"result": None}}])
def test_a_line_of_an_odd_event_is_a_line(memory: Memory, content: dict[str, Any]) -> None:
    memory.put("x", {"event": content, "actor": "me"})
    (line,) = map(line_of, tail(memory).poll().events)
    assert line.isprintable()
    assert line.startswith("no time")
