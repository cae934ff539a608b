"""How a file frames its events, and a reader in Python that loses nothing in silence.

Pinecone documents neither: a file may hold lines, an array, one object or several, plain or compressed with gzip. The
content decides, never the name.
"""

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from pinekeep.errors import WrongInputError

GZIP: Final = b"\x1f\x8b"
BOM: Final = b"\xef\xbb\xbf"
HEAD: Final = 256 * 1024
"""Bytes that are read, uncompressed, to see how a file frames its events."""
WHOLE_MAX: Final = 256 * 1024 * 1024
"""Bytes of a file that is not lines, uncompressed: the reader in Python holds it as a whole."""
CHUNK: Final = 1 << 20
_LINE_END: Final = "\n"
_GZIP_STREAM: Final = 31
"""What zlib calls the format of gzip, with its header and checksum."""
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_NEXT_ELEMENT: Final = re.compile(r"\}\s*,\s*(?=\{)|\n[ \t\r]*(?=\{)")
"""Without newlines in the second blank: each newline of a long run would be tried up to the end of the run."""
_NEXT_OBJECT: Final = re.compile(r"\n(?=\{)")


class Format(StrEnum):
    """The ways to frame events, by DuckDB's names."""

    LINES = "newline_delimited"
    ARRAY = "array"
    OBJECTS = "unstructured"
    """One object or several, each over any number of lines."""
    UNCLEAR = "unclear"
    """None of them: only the reader in Python takes it."""


@dataclass(frozen=True)
class Framing:
    """How a file frames its events. ``empty``: it holds nothing but blanks."""

    format: Format
    compressed: bool = False
    empty: bool = False


class _DamagedError(Exception):
    """A compressed file ends early, or its content does not match its checksum."""


class Rejects(Protocol):
    """Something that counts broken places."""

    def reject(self, place: str, why: str) -> None:
        """Count a broken place."""


def framing_of(path: Path) -> Framing:
    """Return how a file frames its events, from its first bytes. Raises WrongInputError if it cannot be read."""
    head, compressed = bytearray(), False
    try:
        with path.open("rb") as file:
            compressed = file.read(len(GZIP)) == GZIP
        for chunk in _chunks(path):
            head += chunk
            if len(head) >= HEAD:
                break
    except _DamagedError:
        # What comes before the damage shows the framing.
        if not head:
            return Framing(Format.UNCLEAR, compressed)
    except OSError as error:
        raise _unreadable(path, error) from None
    text = bytes(head).removeprefix(BOM).lstrip()
    if not text:
        # Blanks only, as far as was read.
        return Framing(Format.LINES, compressed, empty=len(head) < HEAD)
    if text.startswith(b"["):
        return Framing(Format.ARRAY, compressed)
    if not text.startswith(b"{"):
        return Framing(Format.UNCLEAR, compressed)
    lines = [line for line in text.split(b"\n") if line.strip()]
    if len(head) >= HEAD:
        lines = lines[:-1] or lines
    return Framing(Format.LINES if any(map(_is_object, lines[:2])) else Format.OBJECTS, compressed)


def events_of(path: Path, broken: Rejects, *, name: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of a file in order, each with its place; what is none is counted in ``broken``.

    ``name``: what the file is called in places. Raises WrongInputError if it cannot be opened.
    """
    shown = name or str(path)
    framing = framing_of(path)
    if framing.empty:
        return
    try:
        if framing.format is Format.LINES:
            yield from _lines(_chunks(path), shown, broken)
        else:
            yield from _whole(_chunks(path), shown, broken)
    except OSError as error:
        raise _unreadable(path, error) from None


def _chunks(path: Path) -> Iterator[bytes]:
    """Yield the bytes of a file, uncompressed. Raises _DamagedError after the last that can be had."""
    with path.open("rb") as file:
        raw = file.read(CHUNK)
        if not raw.startswith(GZIP):
            while raw:
                yield raw
                raw = file.read(CHUNK)
            return
        # A file may hold several compressed streams in a row.
        inflate = zlib.decompressobj(_GZIP_STREAM)
        while True:
            try:
                # A small file may hold much: no more than this is in memory at a time.
                yield inflate.decompress(raw, CHUNK)
            except zlib.error as error:
                raise _DamagedError(str(error)) from None
            raw = inflate.unconsumed_tail
            if inflate.eof:
                raw = (inflate.unused_data or file.read(CHUNK)).lstrip(b"\0") or file.read(CHUNK).lstrip(b"\0")
                if not raw:
                    return
                inflate = zlib.decompressobj(_GZIP_STREAM)
            elif not raw:
                raw = file.read(CHUNK)
                if not raw:
                    raise _DamagedError("it ends early")


def _unreadable(path: Path, error: OSError) -> WrongInputError:
    return WrongInputError(
        f"{path} cannot be read: {error.strerror or error}", hint="give files that you may read with --from"
    )


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _lines(chunks: Iterator[bytes], name: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
    number, rest = 0, bytearray()
    try:
        for chunk in chunks:
            first, *others = chunk.split(b"\n")
            rest += first
            if others:
                *lines, last = others
                for number, line in enumerate([bytes(rest), *lines], start=number + 1):  # noqa: B020 - it goes on counting
                    yield from _values(line, number, name, broken)
                rest = bytearray(last)
            if len(rest) > WHOLE_MAX:
                broken.reject(f"{name}:{number + 1}", f"the line is longer than {WHOLE_MAX:,} bytes")
                return
    except _DamagedError as error:
        broken.reject(f"{name}:{number + 1}", f"the compressed file is damaged from here on: {error}")
        return
    yield from _values(bytes(rest), number + 1, name, broken)


def _values(line: bytes, number: int, name: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of one line: an object, an array of them, or several objects in a row."""
    place = f"{name}:{number}"
    try:
        text = (line.removeprefix(BOM) if number == 1 else line).decode()
    except UnicodeDecodeError:
        broken.reject(place, "it is not UTF-8")
        return
    decoder, at, end = _Decoder(), 0, len(text.rstrip())
    while (at := _blank(text, at)) < end:
        try:
            value, at = decoder.decode(text, at)
        except (ValueError, RecursionError) as error:
            broken.reject(place, f"it is not JSON ({_words(error)})")
            return
        for each in value if isinstance(value, list) else [value]:
            yield from _event(each, place, broken)
        yield from decoder.told(place, broken)


def _whole(chunks: Iterator[bytes], name: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events of an array, or of objects that are not one a line."""
    content, damage, replaced = bytearray(), "", False
    try:
        for chunk in chunks:
            content += chunk
            if len(content) > WHOLE_MAX:
                broken.reject(name, f"it is larger than {WHOLE_MAX:,} bytes and not one event a line")
                return
    except _DamagedError as error:
        damage = str(error)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        broken.reject(f"{name}:{line}", "it is not UTF-8; a question mark stands for what is not")
        text, replaced = content.decode("utf-8-sig", "replace").replace("\ufffd", "?"), True
    if "{" in text or "[" in text:
        yield from _elements(text, name, broken)
    elif text.strip() and not (damage or replaced):
        broken.reject(name, "it holds no JSON")
    if damage:
        line = text.count("\n") + 1
        broken.reject(f"{name}:{line}", f"the compressed file is damaged from here on: {damage}")


def _elements(text: str, name: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
    decoder, at, line, counted, depth, whole = _Decoder(), 0, 1, 0, 0, True
    in_array = text.lstrip().startswith("[")
    while True:
        at = _blank(text, at)
        while at < len(text) and text[at] in "[],":
            depth += {"[": 1, "]": -1}.get(text[at], 0)
            at = _blank(text, at + 1)
        if at >= len(text):
            if depth > 0 and whole:
                broken.reject(f"{name}:{text.count(_LINE_END) + 1}", "the array does not end")
            return
        line, counted = line + text.count("\n", counted, at), at
        place = f"{name}:{line}"
        try:
            value, at = decoder.decode(text, at)
        except (ValueError, RecursionError) as error:
            broken.reject(place, f"it is not JSON ({_words(error)})")
            # Go on where the next event seems to begin.
            whole = False
            found = (_NEXT_ELEMENT if in_array else _NEXT_OBJECT).search(text, at)
            if found is None:
                return
            at = found.end()
            continue
        for each in value if isinstance(value, list) else [value]:
            yield from _event(each, place, broken)
        yield from decoder.told(place, broken)


def _event(value: Any, place: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield place, value
    else:
        broken.reject(place, f"it is {json.dumps(value, default=str)[:40]}, not an object")


class _Decoder:
    """A JSON decoder that notices keys that occur twice; the last one counts."""

    def __init__(self) -> None:
        self._twice: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._object)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            times = Counter(key for key, _ in pairs)
            self._twice += sorted(key for key, count in times.items() if count > 1)
        return made

    def decode(self, text: str, at: int) -> tuple[Any, int]:
        """Return the value that begins at a place, and where it ends."""
        return self._decoder.raw_decode(text, at)

    def told(self, place: str, broken: Rejects) -> Iterator[tuple[str, dict[str, Any]]]:
        """Count the keys that occurred twice. Yields nothing."""
        for each in self._twice:
            broken.reject(place, f"the key {each!r} occurs twice; the last one counts")
        self._twice.clear()
        yield from ()


def _blank(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _words(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return error.msg
        case RecursionError():
            return "nested too deeply"
        case _:
            return "a number has too many digits"
