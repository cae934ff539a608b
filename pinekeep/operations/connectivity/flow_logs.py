"""VPC flow logs as records, line by line: the default format, and any other that names its fields.

Source of the formats: "Flow log records" of the Amazon VPC user guide (docs.aws.amazon.com, checked 2026-11-30).
"""

import gzip
import ipaddress
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from pinekeep.errors import WrongInputError
from pinekeep.model.words import shown

DEFAULT_FORMAT: Final = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
)
NEEDED: Final = ("srcaddr", "dstaddr", "srcport", "dstport", "start")
GZIP: Final = b"\x1f\x8b"
"""What a compressed file begins with."""
BROKEN_SHOWN: Final = 5
"""The most broken lines that are reported one by one."""

_FIELD: Final = re.compile(r"\$\{([a-z][a-z0-9-]*)\}|([a-z][a-z0-9-]*)")
_LINE_MAX: Final = 10_000
_PARQUET: Final = b"PAR1"
_ABSENT: Final = "-"


@dataclass(frozen=True, slots=True)
class Flow:
    """One record: traffic of one network interface in one direction.

    ``start`` and ``end``: seconds since the epoch. ``accepted``: whether security groups and network ACLs let it pass.
    """

    interface: str
    source: str
    destination: str
    source_port: int
    destination_port: int
    size: int
    start: int
    end: int
    accepted: bool


@dataclass
class Reading:
    """What was read: lines, records that AWS itself left out, and lines that are no records."""

    lines: int = 0
    skipped: int = 0
    broken: int = 0
    broken_at: list[str] = field(default_factory=list)

    def reject(self, place: str, why: str) -> None:
        """Count a broken line; the first few are kept with their place."""
        self.broken += 1
        if len(self.broken_at) < BROKEN_SHOWN:
            self.broken_at.append(f"{place}: {why}")


def fields_of(text: str) -> tuple[str, ...]:
    """Return the fields of a format, as in ``${srcaddr} ${dstaddr}`` or ``srcaddr dstaddr``.

    Raises:
        WrongInputError: it is no format, or lacks a field that is needed.
    """
    found = []
    for word in text.split():
        match = _FIELD.fullmatch(word)
        if match is None:
            raise WrongInputError(
                f"a format of flow logs is a list of fields, got {shown(text)}",
                hint=f"write it as the flow log has it, such as '{' '.join(f'${{{each}}}' for each in NEEDED)}'",
            )
        found.append(match[1] or match[2])
    if missing := [each for each in NEEDED if each not in found]:
        raise WrongInputError(
            f"the format lacks {', '.join(missing)}",
            hint="use a flow log that records " + ", ".join(NEEDED),
        )
    return tuple(found)


class FlowLogParser:
    """Turns lines into records. A line with the names of fields, as each file on S3 begins with, sets the format."""

    def __init__(self, reading: Reading, *, fields: Sequence[str] | None = None) -> None:
        self._reading = reading
        self._use(tuple(fields) if fields else tuple(DEFAULT_FORMAT.split()))

    def _use(self, fields: tuple[str, ...]) -> None:
        self._count = len(fields)
        at = {name: index for index, name in enumerate(fields)}
        self._source, self._destination = at["srcaddr"], at["dstaddr"]
        self._ports = at["srcport"], at["dstport"]
        self._start = at["start"]
        self._end = at.get("end", self._start)
        self._size, self._interface = at.get("bytes"), at.get("interface-id")
        self._action, self._status = at.get("action"), at.get("log-status")

    def parse(self, lines: Iterable[tuple[str, str]], *, port: int) -> Iterator[Flow]:
        """Yield the records to or from a port. ``lines``: each with its place, such as ``FILE:7``."""
        wanted = str(port)
        reading = self._reading
        for place, line in lines:
            words = line.split()
            if not words:
                continue
            reading.lines += 1
            if "srcaddr" in words or "${srcaddr}" in words:
                try:
                    self._use(fields_of(line))
                except WrongInputError as error:
                    reading.reject(place, error.message)
                continue
            if len(words) != self._count:
                reading.reject(place, f"{self._count} fields are expected, got {len(words)}")
                continue
            source_port, destination_port = words[self._ports[0]], words[self._ports[1]]
            if wanted in (source_port, destination_port):
                if (flow := self._flow(words)) is None:
                    reading.reject(place, "a number or an address is not one")
                else:
                    yield flow
            elif source_port == _ABSENT:
                # AWS writes NODATA where there was no traffic, SKIPDATA where it left records out.
                reading.skipped += self._status is not None and words[self._status] == "SKIPDATA"
            elif not (source_port.isdecimal() and destination_port.isdecimal()):
                reading.reject(place, "a port is not a number")

    def _flow(self, words: list[str]) -> Flow | None:
        size = words[self._size] if self._size is not None else "0"
        if not (_is_address(words[self._source]) and _is_address(words[self._destination])):
            return None
        try:
            return Flow(
                interface=words[self._interface] if self._interface is not None else "",
                source=words[self._source],
                destination=words[self._destination],
                source_port=int(words[self._ports[0]]),
                destination_port=int(words[self._ports[1]]),
                size=int(size),
                start=int(words[self._start]),
                end=int(words[self._end]),
                accepted=self._action is None or words[self._action] == "ACCEPT",
            )
        except ValueError:
            return None


@lru_cache(1 << 16)
def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def lines_of_file(path: Path, reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield the lines of a file, plain or compressed with gzip, each with its place.

    A file that ends early or is damaged counts as one broken line. Raises WrongInputError if it cannot be opened, or is
    no text.
    """
    number = 0
    try:
        with _opened(path) as file:
            while line := file.readline(_LINE_MAX):
                number += 1
                yield f"{path}:{number}", line.decode("utf-8", "replace")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reading.reject(f"{path}:{number + 1}", f"the compressed file is damaged ({error})")
    except OSError as error:
        raise WrongInputError(
            f"{path} cannot be read: {error.strerror or error}", hint="give the path of a file that you may read"
        ) from None


def _opened(path: Path) -> BinaryIO | gzip.GzipFile:
    with path.open("rb") as file:
        start = file.read(len(_PARQUET))
    if start == _PARQUET:
        raise WrongInputError(
            f"{path} is a Parquet file; flow logs are read as text",
            hint="let the flow log write text, or convert the file to lines with the names of the fields first",
        )
    # Not closed here: the caller does.
    return gzip.open(path, "rb") if start.startswith(GZIP) else path.open("rb")
