"""Files beside the configuration: read with bounds, written whole or not at all."""

import os
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.sidecar import read_sidecar, require_names_once, write_sidecar, write_whole


def test_what_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_sidecar(tmp_path / "a.json", max_bytes=10, hint="so") is None


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(WrongInputError, match="is no regular file") as caught:
        read_sidecar(tmp_path / "a.json", max_bytes=10, hint="so")
    assert caught.value.hint == "so"


@pytest.mark.parametrize(
    "content", [b'{"a": 1, "a": 1}', b'{"b": {"a": 1, "c": 2, "a": 3}}', b'[{"a": 1, "\\u0061": 2}]']
)
def test_a_name_that_stands_twice_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="has the name 'a' twice in one place"):
        require_names_once(tmp_path / "a.json", content, hint="so")


def test_the_same_name_in_two_places_is_right(tmp_path: Path) -> None:
    require_names_once(tmp_path / "a.json", b'{"a": {"a": 1}, "b": {"a": 1}}', hint="so")


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_sidecar(path, {"a": 1})
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(WrongInputError, match="cannot be written: No space left on device"):
        write_sidecar(path, {"a": 2})
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_a_device_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(WrongInputError, match="pipe is no regular file"):
        write_whole(pipe, "content", mode=0o600)
    assert pipe.is_fifo()
