"""Pinecone's audit logs: who was active, and with which programs.

The events have no source address, and none is about a request to an index. Their fields are those of Pinecone's page
"Configure audit logs"; whether a file holds an array, one object or lines is not documented, so all three are read.
"""

import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.operations.connectivity.flow_logs import GZIP, Reading

FILE_MAX: Final = 256 * 1024 * 1024
"""Bytes of an array or a single object, uncompressed: these are read as a whole, lines are not."""
AGENTS_SHOWN: Final = 5
_BLANK: Final = re.compile(r"\s*")
_ENCODING: Final = "utf-8-sig"
"""UTF-8, with or without a byte order mark."""
_DAMAGED: Final = (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError)


@dataclass
class Principal:
    """A user, an API key or a service account that was active. ``first``, ``last``: as in the events."""

    kind: str
    id: str
    name: str
    first: datetime
    last: datetime
    events: int = 0
    agents: list[str] = field(default_factory=list)
    failures: int = 0


class AuditActivity:
    """The principals in audit logs."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._found: dict[tuple[str, str], Principal] = {}

    @property
    def principals(self) -> list[Principal]:
        """The principals, the latest first."""
        return sorted(self._found.values(), key=lambda each: each.last, reverse=True)

    def read(self, folder: Path) -> int:
        """Read every file in a folder and below; return how many. Raises WrongInputError if there is none."""
        if not folder.is_dir():
            raise WrongInputError(
                f"--audit-logs: {folder} is no folder",
                hint=f"`aws s3 sync s3://BUCKET/PREFIX {folder}` copies the audit logs into it",
            )
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        if not files:
            raise WrongInputError(
                f"--audit-logs: {folder} is empty",
                hint=f"`aws s3 sync s3://BUCKET/PREFIX {folder}` copies the audit logs into it",
            )
        for path in files:
            for place, event in events_of(path, self._reading):
                self._reading.lines += 1
                self._add(place, event)
        return len(files)

    def _add(self, place: str, event: Any) -> None:
        try:
            actor, happened = event["actor"], event["event"]
            time = datetime.fromisoformat(str(happened["time"]))
            kind, identifier = str(actor["principal_type"]), str(actor["principal_id"])
            name = str(actor.get("display_name") or actor.get("principal_name") or identifier)
            agent = str((event.get("client") or {}).get("userAgent") or "")
            failed = str((happened.get("outcome") or {}).get("result", "")).lower() in ("failure", "failed", "error")
            if time.tzinfo is None:
                raise ValueError("the time has no zone")
        except (KeyError, TypeError, ValueError, AttributeError):
            self._reading.reject(place, "it is no event with actor and time")
            return
        found = self._found.setdefault((kind, identifier), Principal(kind, identifier, name, time, time))
        found.first, found.last = min(found.first, time), max(found.last, time)
        found.events += 1
        found.failures += failed
        if agent and agent not in found.agents and len(found.agents) < AGENTS_SHOWN:
            found.agents.append(agent)


def events_of(path: Path, reading: Reading) -> Iterator[tuple[str, Any]]:
    """Yield the events of a file, each with its place; what is no JSON is counted as broken."""
    try:
        yield from _events(path, reading)
    except _DAMAGED as error:
        reading.reject(str(path), f"the file is damaged ({error})")
    except OSError as error:
        raise WrongInputError(
            f"{path} cannot be read: {error.strerror or error}", hint="give a folder that you may read"
        ) from None


def _events(path: Path, reading: Reading) -> Iterator[tuple[str, Any]]:
    with path.open("rb") as file:
        compressed = file.read(len(GZIP)) == GZIP
    with gzip.open(path, "rt", encoding=_ENCODING) if compressed else path.open(encoding=_ENCODING) as text:
        number = 0
        while line := text.readline(FILE_MAX):
            number += 1
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as error:
                if number == 1 and line.lstrip()[0] in "[{":
                    # An array or an object over several lines.
                    yield from _whole(line + text.read(FILE_MAX), path, reading)
                    return
                reading.reject(place, f"it is no JSON ({_words(error)})")
                continue
            yield from ((place, each) for each in (found if isinstance(found, list) else [found]))


def _whole(text: str, path: Path, reading: Reading) -> Iterator[tuple[str, Any]]:
    if len(text) >= FILE_MAX:
        reading.reject(str(path), f"it is larger than {FILE_MAX:,} characters and not one event a line")
        return
    try:
        found = _values(text)
    except (ValueError, RecursionError) as error:
        # Not values one after the other: lines of which the first is broken.
        reading.reject(f"{path}:1", f"it is no JSON ({_words(error)})")
        for number, line in enumerate(text.splitlines()[1:], start=2):
            try:
                if line.strip():
                    yield f"{path}:{number}", json.loads(line)
            except (ValueError, RecursionError) as broken:
                reading.reject(f"{path}:{number}", f"it is no JSON ({_words(broken)})")
        return
    events = [event for value in found for event in (value if isinstance(value, list) else [value])]
    for number, each in enumerate(events, start=1):
        yield f"{path}, event {number}", each


def _values(text: str) -> list[Any]:
    """Return the JSON values of a text, one after the other. Raises ValueError if it holds anything else."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    at = _after_blanks(text, 0)
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        at = _after_blanks(text, at)
    return found


def _after_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _words(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
