"""Adding accounts to a fleet's CSV file, each with a new external ID. What is in the file stays, byte for byte."""

import csv
import io
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from tempfile import NamedTemporaryFile
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.config.editing import write_atomically
from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.model.config.fleet.rows import BYTES_MAX, Rows, read_rows
from pinekeep.model.config.fleet.selection import fleet_of
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.loading import Configuration
from pinekeep.model.config.problems import ConfigurationError, Position, Problem
from pinekeep.model.config.reading import open_text
from pinekeep.model.values import InvalidValueError, require
from pinekeep.model.values.accounts import OwnAccount
from pinekeep.model.words import shown

_HEADER: Final = f"{columns.ACCOUNT},{columns.EXTERNAL_ID}\n"
_AS_LINE: Final = "write the 12 digits, without spaces, hyphens or quotes"
_BY_HAND: Final = "write the rows into the file yourself"


@dataclass(frozen=True, kw_only=True)
class Addition:
    """Rows to add to the file of a fleet.

    Attributes:
        path: the file.
        before: its bytes; None if it does not exist.
        after: its bytes with the new rows. They contain external IDs.
        added: the accounts of the new rows.
        present: the accounts that have a row already.
    """

    path: FilePath
    before: bytes | None
    after: bytes
    added: tuple[str, ...]
    present: tuple[str, ...]

    def write(self) -> None:
        """Write the file, whole or not at all. Raises WrongInputError if it cannot be written, or has changed."""
        if not self.added:
            return
        if (self.path.read_bytes() if self.path.exists() else None) != self.before:
            raise WrongInputError(f"{self.path} has changed meanwhile", hint="run the command again")
        if self.before is not None:
            write_atomically(self.path, self.after.decode("utf-8"))
            return
        with _writing(self.path):
            self.path.touch(exist_ok=False)
        try:
            write_atomically(self.path, self.after.decode("utf-8"))
        except BaseException:
            self.path.unlink(missing_ok=True)
            raise


def added_accounts(configuration: Configuration, name: str, accounts: Sequence[str]) -> Addition:
    """Return the file of a fleet with a row for each account that has none, with a new external ID.

    The targets with the new rows are validated as a whole. Raises WrongInputError if the fleet has no CSV file, or its
    accounts need no external IDs of their own; ConfigurationError with all problems of the rows.
    """
    _, fleet = fleet_of(configuration, name)
    file = _require_file(fleet, name)
    path = configuration.path.parent / file
    rows = _existing(configuration, file, path)
    present = {row.place.get(columns.ACCOUNT) for row in rows.rows} if rows else set()
    wanted = list(dict.fromkeys(accounts))
    new = [each for each in wanted if each not in present]
    before = path.read_bytes() if rows else None
    after = _with_rows(before if before is not None else _HEADER.encode(), new)
    if new:
        _validate(configuration, name, fleet, path, after)
    return Addition(
        path=path,
        before=before,
        after=after,
        added=tuple(new),
        present=tuple(each for each in wanted if each in present),
    )


def _require_file(fleet: Fleet, name: str) -> str:
    cmek = fleet.settings.get("cmek")
    if cmek is None:
        raise WrongInputError(f"fleet {name} has no cmek, so its accounts have no external IDs", hint=_BY_HAND)
    if "external_id" in cmek.get("trust", {}):
        message = f"fleet {name} has one external ID for all its accounts, under settings"
        raise WrongInputError(message, hint="remove it there if no account is deployed yet")
    if fleet.file is None:
        raise WrongInputError(f"fleet {name} names no file", hint="write file: fleet.csv in the fleet; it is created")
    if not fleet.file.endswith(".csv"):
        raise WrongInputError(f"rows are added to CSV files, and {fleet.file} is YAML", hint=_BY_HAND)
    return fleet.file


def _existing(configuration: Configuration, file: str, path: FilePath) -> Rows | None:
    """Return the rows of the file, or None if it does not exist yet. Raises ConfigurationError for single problems."""
    try:
        rows = read_rows(configuration.path, file)
    except ConfigurationError as error:
        if [each.code for each in error.problems] == ["no-file"] and path.parent.is_dir():
            return None
        raise
    if rows.problems:
        raise ConfigurationError(rows.file, rows.problems, more=rows.more)
    return rows


def _with_rows(before: bytes, accounts: Sequence[str]) -> bytes:
    """Return a file with rows for accounts, in its own columns and with its own line ends."""
    text = before.decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text, newline="")))
    names = [each.strip() for each in header]
    end = "\r\n" if "\r\n" in text else "\n"
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator=end)
    for account in accounts:
        values = {columns.ACCOUNT: account, columns.EXTERNAL_ID: str(uuid.uuid4())}
        writer.writerow([values.get(each, "") for each in names])
    return before + (b"" if before.endswith((b"\n", b"\r")) else end.encode()) + stream.getvalue().encode()


def _validate(configuration: Configuration, name: str, fleet: Fleet, path: FilePath, content: bytes) -> None:
    """Validate the targets with another content of the file."""
    with _writing(path), NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}.", suffix=".csv") as file:
        file.write(content)
        file.flush()
        draft = path.with_name(FilePath(file.name).name)
        changed = fleet.model_copy(update={"file": str(FilePath(str(fleet.file)).with_name(draft.name))})
        fleets = {**configuration.content.fleet, name: changed}
        edited = replace(configuration, content=configuration.content.model_copy(update={"fleet": fleets}))
        try:
            read_targets(edited, name)
        except ConfigurationError as error:
            problems = [_renamed(each, draft, path) for each in error.problems]
            raise ConfigurationError(str(configuration.path), problems) from None


def _renamed(problem: Problem, draft: FilePath, path: FilePath) -> Problem:
    message = problem.message.replace(draft.name, path.name)
    return replace(problem, file=str(path) if problem.file == str(draft) else problem.file, message=message)


@contextmanager
def _writing(path: FilePath) -> Generator[None]:
    try:
        yield
    except OSError as error:
        hint = "change the permissions of its folder"
        raise WrongInputError(f"{path} cannot be written ({error.strerror})", hint=hint) from None


def read_accounts(path: FilePath) -> list[str]:
    """Return the accounts in a text file, one a line. Raises ConfigurationError with all lines that are none."""
    file = str(path) if str(path).isprintable() else shown(str(path))
    found: list[str] = []
    problems: list[Problem] = []
    with open_text(path, most=BYTES_MAX, kind="text", start="write one account a line") as stream:
        for line, text in enumerate(stream, 1):
            if not (account := text.strip()):
                continue
            if error := _error_of(account):
                problems.append(Problem(error.code, error.message, _AS_LINE, position=Position(line, 1)))
            found.append(account)
    if problems:
        raise ConfigurationError(file, problems)
    return found


def require_accounts(accounts: Sequence[str]) -> None:
    """Require that texts are account numbers. Raises WrongInputError with all that are not."""
    errors = [error for each in accounts if (error := _error_of(each))]
    if errors:
        raise WrongInputError("; ".join(each.message for each in errors), hint=_AS_LINE)


def _error_of(account: str) -> InvalidValueError | None:
    try:
        require(OwnAccount, account)
    except InvalidValueError as error:
        return error
    return None
