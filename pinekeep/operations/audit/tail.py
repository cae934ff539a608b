"""The newest audit events, and those of new files as they come.

The names of the files are not documented, so nothing says which are new but the list of all of them: every poll lists
everything, and reads the files that were not there before.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from pinekeep.account.process import scratch_folder
from pinekeep.account.reads.audit_files import StoredFile
from pinekeep.errors import AwsRefusedError, WrongInputError
from pinekeep.model.words import visible
from pinekeep.operations.audit.fields import event_of, mapping, text_of, time_of
from pinekeep.operations.audit.stores import Store
from pinekeep.operations.audit_files.framing import events_of
from pinekeep.operations.connectivity.flow_logs import BROKEN_SHOWN, Reading

FILES_MAX: Final = 500
"""The most files that one poll reads, the newest first: ten days of them."""
LISTED_MAX: Final = 1_000_000
"""The most files that are remembered: half a century of them."""
EPOCH: Final = datetime(1, 1, 1, tzinfo=UTC)
"""The time of an event that has none that can be read: it is shown all the same."""


@dataclass(frozen=True, kw_only=True)
class TailedEvent:
    """An event, where it is from, and its time; see :data:`EPOCH`."""

    file: str
    time: datetime
    content: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What one poll found. ``left_out``: new files beyond :data:`FILES_MAX`. ``broken``: places that hold no event."""

    events: tuple[TailedEvent, ...]
    files: int
    listed: int
    left_out: int
    broken: tuple[str, ...]
    broken_total: int


@dataclass
class Tail:
    """The files that were seen. ``since``: older events, and files written before, are left out."""

    store: Store
    since: datetime
    skipped: frozenset[str] = frozenset()
    _seen: set[str] = field(default_factory=set)

    def poll(self) -> Batch:
        """Return the events of the files that are new since the last poll, the oldest first.

        A file that could not be read stays new. Raises WrongInputError if there are too many files; AwsRefusedError if
        they cannot be listed or read.
        """
        new: list[StoredFile] = []
        listed = 0
        for each in self.store.files():
            listed += 1
            if listed > LISTED_MAX:
                raise WrongInputError(
                    f"there are more than {LISTED_MAX:,} files, and every poll lists them all",
                    hint="give a longer prefix",
                )
            # A file holds events from before it was written.
            if each.name not in self._seen and each.modified >= self.since:
                new.append(each)
        new.sort(key=lambda each: (each.modified, each.name))
        left_out = max(len(new) - FILES_MAX, 0)
        self._seen.update(each.name for each in new[:left_out])
        reading = Reading()
        events: list[TailedEvent] = []
        for each in new[left_out:]:
            if each.name.rpartition("/")[2] not in self.skipped:
                events += [event for event in self._events(each.name, reading) if self._is_wanted(event)]
            self._seen.add(each.name)
        events.sort(key=lambda event: event.time)
        return Batch(
            events=tuple(events),
            files=len(new) - left_out,
            listed=listed,
            left_out=left_out,
            broken=tuple(reading.broken_at),
            broken_total=reading.broken,
        )

    def _events(self, name: str, reading: Reading) -> Iterator[TailedEvent]:
        with scratch_folder() as folder:
            path = folder / "events"
            self.store.copy(name, path)
            of_file = Reading()
            for place, content in events_of(path, of_file):
                if event_of(content) is not None:
                    yield TailedEvent(file=name, time=time_of(content["event"]) or EPOCH, content=content)
                else:
                    of_file.reject(place, "it is no event")
            reading.broken += of_file.broken
            room = BROKEN_SHOWN - len(reading.broken_at)
            reading.broken_at += [f"{name}{each.removeprefix(str(path))}" for each in of_file.broken_at][:room]

    def _is_wanted(self, event: TailedEvent) -> bool:
        return event.time == EPOCH or event.time >= self.since


def follow(
    tail: Tail,
    *,
    show: Callable[[Batch], None],
    could_not_read: Callable[[AwsRefusedError], None],
    every: float,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Poll for good, ``every`` so many seconds. A transient refusal after the first poll is shown, and tried again.

    Raises AwsRefusedError if AWS refuses for good, or refuses the first poll.
    """
    first = True
    while True:
        try:
            show(tail.poll())
        except AwsRefusedError as error:
            if first or not error.transient:
                raise
            could_not_read(error)
        first = False
        sleep(every)


def line_of(event: TailedEvent) -> str:
    """Return an event as one line: time, result, action, resource, and who did it. Nothing in it can break the line."""
    happened, actor = mapping(event.content.get("event")), mapping(event.content.get("actor"))
    outcome = mapping(happened.get("outcome"))
    when = "no time" if event.time == EPOCH else f"{event.time:%Y-%m-%d %H:%M:%SZ}"
    what = _words(happened.get("action"), happened.get("resource_type"))
    resource = _words(happened.get("resource_name") or happened.get("resource_id"))
    who = _words(actor.get("display_name") or actor.get("principal_name") or actor.get("principal_id"))
    kind = _words(actor.get("principal_type"))
    why = _words(outcome.get("error_code"), outcome.get("reason"))
    result = _words(outcome.get("result")) or "-"
    parts = [f"{when:<20}", f"{result:<8}", what or "-", resource, f"by {who or '-'}", f"({kind})" if kind else ""]
    return "  ".join(each for each in parts if each) + (f": {why}" if why else "")


def _words(*values: Any) -> str:
    given = [", ".join(map(text_of, each)) if isinstance(each, list) else text_of(each) for each in values if each]
    return visible(" ".join(given))
