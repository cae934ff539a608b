"""What takes more than a yes."""

import sys

import click
import pytest

from pinekeep.cli.options import confirm_by_name
from pinekeep.errors import DeclinedError, WrongInputError


def ask(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: typed)
    confirm_by_name("search", why="this breaks Pinecone", otherwise="--accept-breaking search")


def test_the_name_itself_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ask(monkeypatch, "search")
    assert capsys.readouterr().err == "search: this breaks Pinecone\n"


@pytest.mark.parametrize("typed", ["", "y", "yes", "Search", "search-prod"])
def test_anything_else_changes_nothing(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    with pytest.raises(DeclinedError, match="nothing was changed"):
        ask(monkeypatch, typed)


def test_where_nobody_is_there_it_is_said_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    with pytest.raises(WrongInputError, match="there is no terminal to enter its name at") as refused:
        confirm_by_name("search", why="this breaks Pinecone", otherwise="--accept-breaking search")
    assert refused.value.hint == "--accept-breaking search"
