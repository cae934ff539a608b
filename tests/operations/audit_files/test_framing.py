import gzip
import random
import time
import tracemalloc
from pathlib import Path

import pytest

from pinekeep.operations.audit_files import framing
from pinekeep.operations.audit_files.broken import Broken
from pinekeep.operations.audit_files.framing import events_of, framing_of

MANY = 40_000
SECONDS_MAX = 1.5
"""The processor's time of a reader whose time grows with the file; one that grows with its square takes far more."""


@pytest.mark.parametrize(
    ("content", "read", "broken"),
    [
        ('[{"a": x' + "\n" * MANY + "]", 0, 1),
        ('{"id": 1, "id": 2, ' + ", ".join(f'"k{each}": 1' for each in range(MANY)) + "}", 1, 1),
    ],
    ids=["newlines after what is broken", "keys beside one that occurs twice"],
)
def test_the_time_of_reading_grows_with_the_file_alone(content: str, read: int, broken: int, tmp_path: Path) -> None:
    path, found = tmp_path / "f", Broken()
    path.write_text(content)
    start = time.process_time()
    assert (len(list(events_of(path, found))), found.count) == (read, broken)
    assert time.process_time() - start < SECONDS_MAX


def test_a_small_file_that_holds_much_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(gzip.compress(b" " * (64 << 20), 1))
    tracemalloc.start()
    try:
        framing_of(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_a_compressed_file_gives_all_that_it_holds_whatever_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing, "CHUNK", 64)
    chance, path = random.Random(1), tmp_path / "f"  # noqa: S311 - the same sizes each time
    for number in range(300):
        size = 64 * (number % 5) + chance.randrange(-2, 3)
        name = "".join(chance.choices("ab" if number % 2 else "a", k=max(size, 1)))
        path.write_bytes(gzip.compress(f'{{"id": "{name}"}}\n'.encode()) + gzip.compress(b'{"id": "next"}'))
        broken = Broken()
        assert [each["id"] for _, each in events_of(path, broken)] == [name, "next"]
        assert not broken.count
