import errno
from pathlib import Path

import pytest

from pinekeep.model.config import ConfigurationError, load
from tests.model.config.bad_files import FILE, RIGHT


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE).write_text(RIGHT, encoding="utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path / FILE)
    (problem,) = error.value.problems
    assert (problem.message, problem.hint) == (
        "the file cannot be read: Permission denied",
        "check its permissions",
    )


@pytest.mark.parametrize("path", ["a\0b", "/dev/zero", "/dev/null", "", "\x1b[2J", "x/" * 5_000])
def test_a_path_that_is_no_file_is_told_on_one_printable_line(path: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(path)
    for problem in error.value.problems:
        assert all(line.isprintable() for line in problem.render(error.value.file).splitlines())
        assert error.value.message.isprintable()
