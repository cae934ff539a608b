"""A saved query over Pinecone's audit events, its parameters, and how it is written in a dialect."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pinekeep.errors import WrongInputError
from pinekeep.model.audit.events import COLUMN, COLUMNS, EventKind
from pinekeep.model.words import did_you_mean, shown

DialectName = Literal["duckdb", "athena"]
Value = str | int

DIALECTS: Final[Mapping[DialectName, Mapping[str, str]]] = {
    "duckdb": {
        "@local": "timezone(:time_zone, timezone('UTC', time))",
        "@weekday": "isodow",
    },
    "athena": {
        "@local": "at_timezone(with_timezone(time, 'UTC'), :time_zone)",
        "@weekday": "day_of_week",
    },
}
"""Where the dialects differ: ``@local`` is an event's time in the time zone of the parameter ``time_zone``;
``@weekday`` is the function for a day of the week, Monday being 1."""

_DIGITS_MAX: Final = 9
"""The digits of a number, at most; Python refuses to read thousands."""
_TOKEN: Final = re.compile(r"@[a-z]+|:[a-z_]+")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a query.

    Attributes:
        default: None where a value is required.
        example: what stands for a value that is required.
        least: the lowest number. most: the highest.
    """

    name: str
    kind: Literal["text", "number", "time zone"]
    description: str
    default: Value | None = None
    example: Value = ""
    least: int = 0
    most: int = 0

    def parse(self, text: str) -> Value:
        """Return a value that was given as text. Raises WrongInputError if it is not of this kind."""
        place = f"--param {self.name}"
        if self.kind == "number":
            digits = text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX
            if not digits or not self.least <= int(text) <= self.most:
                raise WrongInputError(
                    f"{place}: it is a number from {self.least} to {self.most}, got {shown(text)}",
                    hint=f"use --param {self.name}={self.default if self.default is not None else self.least}",
                )
            return int(text)
        if self.kind == "time zone":
            try:
                ZoneInfo(text)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise WrongInputError(
                    f"{place}: {shown(text)} is not a time zone of the IANA database",
                    hint=f"use a name such as --param {self.name}=Europe/Berlin",
                ) from None
        if "\0" in text:
            raise WrongInputError(f"{place}: it contains a NUL character", hint="remove the character")
        if any("\ud800" <= each <= "\udfff" for each in text):
            raise WrongInputError(f"{place}: it is not UTF-8", hint="set the terminal to UTF-8, and type it again")
        return text


@dataclass(frozen=True, kw_only=True)
class Query:
    """A saved query.

    Attributes:
        question: what it answers, as a sentence.
        reads: the columns of the flat relation that it uses after ``where``.
        where: the condition on a single event; empty: every event.
        select: the statement over the events that remain, which it calls ``events``.
        columns: the names of the columns of the result.
        rows: the most rows, unless a limit is given; None: all.
        note: what the result cannot tell.
        kind: the documented kind of events, of a query for one.
    """

    name: str
    title: str
    question: str
    reads: tuple[str, ...]
    select: str
    columns: tuple[str, ...]
    where: str = ""
    parameters: tuple[Parameter, ...] = ()
    rows: int | None = None
    note: str = ""
    kind: EventKind | None = field(default=None, compare=False)

    def values(self, given: Mapping[str, str]) -> dict[str, Value]:
        """Return the value of every parameter.

        Raises:
            WrongInputError: a parameter does not exist, lacks a value that is required, or has a wrong one.
        """
        known = {each.name: each for each in self.parameters}
        for name in given:
            if name not in known:
                guess = did_you_mean(name, list(known))
                names = ", ".join(known) or "none"
                raise WrongInputError(
                    f"--param: the query {self.name} has no parameter {shown(name)}; it has: {names}",
                    hint=guess or f"`pinekeep audit query {self.name} --sql` shows the query",
                )
        found: dict[str, Value] = {}
        for name, each in known.items():
            if name in given:
                found[name] = each.parse(given[name])
            elif each.default is not None:
                found[name] = each.default
            else:
                raise WrongInputError(
                    f"the query {self.name} needs the parameter {name}: {each.description}",
                    hint=f"add --param {name}={each.example}",
                )
        return found

    def sql(
        self,
        dialect: DialectName,
        *,
        relation: str,
        values: Mapping[str, Value] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> str:
        """Return the statement in a dialect, with all values as literals.

        Args:
            relation: a table, a view or a SELECT in parentheses with the columns of the flat relation.
            values: the values of parameters, by name. Others have their default, or else their example.
            since: the earliest time, inclusive. until: the latest, exclusive. Both need a time zone.
            limit: the most rows; None: as the query has it.
        """
        events = f"SELECT {', '.join(self.reads)}\n  FROM {relation}"  # noqa: S608 - values are quoted literals
        if conditions := self.conditions(dialect, values=values, since=since, until=until):
            events += "\n  WHERE " + "\n    AND ".join(conditions)
        return f"WITH events AS (\n  {events}\n)\n{self.statement(dialect, values=values, limit=limit)}"

    def conditions(
        self,
        dialect: DialectName,
        *,
        values: Mapping[str, Value] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[str]:
        """Return the conditions on a single event, all of which must hold."""
        found = [f"({self._rendered(self.where, dialect, values)})"] if self.where else []
        found += [f"time >= {_timestamp(since)}"] if since else []
        return found + ([f"time < {_timestamp(until)}"] if until else [])

    def statement(
        self, dialect: DialectName, *, values: Mapping[str, Value] | None = None, limit: int | None = None
    ) -> str:
        """Return the statement over ``events``: what :meth:`conditions` leave, with the columns ``reads``."""
        most = self.rows if limit is None else limit
        return self._rendered(self.select, dialect, values) + ("" if most is None else f"\nLIMIT {most:d}")

    def _rendered(self, text: str, dialect: DialectName, values: Mapping[str, Value] | None) -> str:
        filled = {
            each.name: (values or {}).get(each.name, each.example if each.default is None else each.default)
            for each in self.parameters
        }

        def literal(match: re.Match[str]) -> str:
            word = match[0]
            if word == "@local" and filled["time_zone"] == "UTC":
                return "time"
            return _literal(filled[word[1:]]) if word.startswith(":") else expand(DIALECTS[dialect][word])

        def expand(part: str) -> str:
            return _TOKEN.sub(literal, part)

        return expand(text)


def flat_select(dialect: DialectName, source: str) -> str:
    """Return the SELECT that makes the flat relation from the files' own fields.

    ``source``: a relation with :data:`~pinekeep.model.audit.events.DUCKDB_COLUMNS`, or with
    :data:`~pinekeep.model.audit.events.ATHENA_ITEM`.
    """
    columns = ",\n  ".join(f"{expression(each.name, dialect)} AS {each.name}" for each in COLUMNS)
    return f"SELECT\n  {columns}\nFROM {source}"


def expression(column: str, dialect: DialectName) -> str:
    """Return the expression of a column of the flat relation over the files' own fields."""
    return COLUMN[column].duckdb if dialect == "duckdb" else COLUMN[column].athena


def _timestamp(moment: datetime) -> str:
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return f"TIMESTAMP '{utc.isoformat(sep=' ', timespec='milliseconds')}'"


def _literal(value: Value) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
