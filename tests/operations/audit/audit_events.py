"""Audit events as Pinecone documents them, made from a seed: every kind, every shape of ``resource_id``, failures."""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pinekeep.model.audit.events import EVENT_KINDS, PRINCIPAL_TYPES

START: Final = datetime(2026, 3, 1, tzinfo=UTC)
FRAMINGS: Final = ("lines", "crlf", "array", "pretty array", "pretty objects", "joined", "bom")
_NAMES: Final = (
    "Jürgen Müller",
    "東京 太郎",
    "O'Neil; DROP TABLE events --",
    "<script>alert(1)</script>",
    "a\u202eb\x1b[31m",
)

Event = dict[str, Any]


def events(count: int, *, seed: int = 1, principals: int = 40) -> Iterator[Event]:
    """Yield events; the same seed gives the same ones. Their times differ, and are not in order."""
    chance = random.Random(seed)  # noqa: S311 - the same seed, the same events
    actors = [_actor(chance, number) for number in range(principals)]
    for number in range(count):
        kind, actor = chance.choice(EVENT_KINDS), chance.choice(actors)
        name = f"{kind.resource_type}-{number % 50}"
        shape: Any = {"string": name, "array": [name, actor["principal_name"]], "object": {"user": name, "role": "r"}}
        failed = chance.random() < 0.05
        failure = {"reason": 'not "allowed"', "error_code": chance.choice(["PERMISSION_DENIED", "QUOTA"])}
        moment = START + timedelta(seconds=chance.randrange(200 * 86400), milliseconds=number % 1000)
        yield {
            "id": str(UUID(int=chance.getrandbits(128), version=4)),
            "organization_id": "AA1bbbbCCdd2EEEe3FF",
            "organization_name": "example-org",
            "client": {"userAgent": chance.choice(["python-client-10.2.0", "Mozilla/5.0 (X11)"])},
            "actor": actor,
            "event": {
                "time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z",
                "action": kind.action,
                "resource_type": kind.resource_type,
                kind.spelling: shape[kind.shape],
                "resource_name": name,
                "outcome": {"result": "failure", **failure} if failed else {"result": "success"},
                "parameters": {"number": number, "deep": {"list": [1, None, "é"]}},
            },
        }


def _actor(chance: random.Random, number: int) -> dict[str, str]:
    kind = PRINCIPAL_TYPES[number % len(PRINCIPAL_TYPES)]
    actor = {
        "principal_id": str(UUID(int=chance.getrandbits(128), version=4)),
        "principal_name": f"principal-{number}@example.com",
        "principal_type": kind,
    }
    return {**actor, "display_name": _NAMES[number % len(_NAMES)]} if kind == "user" else actor


def framed(found: Sequence[Event], framing: str) -> bytes:
    """Return events as the content of a file."""
    plain = [json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in found]
    text = {
        "lines": "\n".join(plain) + "\n",
        "crlf": "\r\n".join(plain),
        "array": f"[{','.join(plain)}]",
        "pretty array": json.dumps(found, indent=2),
        "pretty objects": "\n".join(json.dumps(each, indent=2) for each in found),
        "joined": "".join(plain),
        "bom": "\ufeff" + "\n".join(plain),
    }[framing]
    return text.encode()


def write_mixed(folder: Path, found: Sequence[Event], *, files: int) -> None:
    """Write events into a number of files of every framing, every other one compressed, without meaningful names."""
    folder.mkdir(parents=True, exist_ok=True)
    size = -(-len(found) // files)
    for number in range(files):
        content = framed(found[number * size : (number + 1) * size], FRAMINGS[number % len(FRAMINGS)])
        packed = gzip.compress(content, 1) if number % 2 else content
        (folder / f"{number:04}").write_bytes(packed)
