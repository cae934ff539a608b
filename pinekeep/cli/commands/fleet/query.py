"""``pinekeep fleet query``: questions about the results of a fleet's verifications."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.audit_sources import moment
from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.fleet_store import fleet_of_results, store_option, store_path
from pinekeep.cli.options import log, pairs, write
from pinekeep.errors import ExitCode, WrongInputError

if TYPE_CHECKING:
    from pinekeep.operations.fleet.verification.asking import Answer

_LIMIT: Final = 1000
_LIMIT_MAX: Final = 1_000_000_000


def _complete_questions(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from pinekeep.operations.fleet.verification.questions import QUESTIONS  # noqa: PLC0415

    return [name for name in QUESTIONS if name.startswith(incomplete)]


@fleet_verb("query", narrowed=False)
@click.argument("name", required=False, shell_complete=_complete_questions)
@click.option("--list", "list_", is_flag=True, help="List the saved questions, and what --sql can use.")
@store_option
@click.option("--param", "--set", "given", metavar="KEY=VALUE", multiple=True, help="A parameter. Repeat for several.")
@click.option("--since", metavar="TIME", help="The parameter since: a date, a time, or an age such as 7d.")
@click.option("--sql", metavar="SELECT", help="Ask in SQL, which can only read.")
@click.option("--limit", type=click.IntRange(0, _LIMIT_MAX), default=_LIMIT, show_default=True, help="0: all rows.")
@click.option("--csv", "as_csv", is_flag=True, help="Write the rows to stdout as CSV.")
def command(
    selection: FleetSelection,
    *,
    name: str | None,
    list_: bool,
    store: Path | None,
    given: tuple[str, ...],
    since: str | None,
    sql: str | None,
    limit: int,
    as_csv: bool,
) -> int:
    """Ask the results of `fleet verify`.

    Needs no credentials: the answers are of the last verification of each target, and as old as it is. Changes nothing.
    """
    from pinekeep.model.output.fleet_verification import FleetQueryOutput  # noqa: PLC0415
    from pinekeep.model.words import did_you_mean, shown  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.asking import ask, reading  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.questions import QUESTIONS  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.render import queries_output, queries_text  # noqa: PLC0415
    from pinekeep.operations.fleet.verification.schema import columns  # noqa: PLC0415
    from pinekeep.operations.presentation.tables import table_csv, table_text  # noqa: PLC0415

    if as_csv and selection.as_json:
        raise click.UsageError("--csv and --json exclude each other")
    if list_:
        if name is not None or sql is not None:
            raise click.UsageError("--list takes no question")
        listing = queries_output(columns())
        selection.write(listing, lambda: write(queries_text(listing), verbatim=True))
        return ExitCode.FINE
    if (name is None) == (sql is None):
        raise click.UsageError("name one question, or give --sql; --list lists the questions")
    if sql is not None and (given or since):
        raise click.UsageError("--sql takes no parameters: write the values into it")
    question = QUESTIONS.get(name) if name is not None else None
    if name is not None and question is None:
        raise WrongInputError(
            f"{shown(name)} is not a saved question",
            hint=did_you_mean(name, list(QUESTIONS)) or "`pinekeep fleet query --list` lists them",
        )
    values: dict[str, str] = {}
    if question is not None:
        asked = pairs(given)
        if since is not None:
            if "since" in asked:
                raise click.UsageError("--since and --param since exclude each other")
            asked["since"] = since
        values = question.values(asked)
        if "since" in values:
            values["since"] = _moment(values["since"])
    path = store_path(store, selection.config)
    with reading(path) as connection:
        fleet = fleet_of_results(connection, selection.fleet, path) if question or selection.fleet else None
        answer = ask(
            connection,
            question.sql if question else str(sql),
            {**values, **({"fleet": fleet} if question else {})},
            most=limit or None,
        )
    output = FleetQueryOutput(
        fleet=fleet,
        query=name,
        question=question.question if question else None,
        parameters=values,
        columns=list(answer.columns),
        rows=[list(row) for row in answer.rows],
        more=answer.more,
    )
    if as_csv:
        write(table_csv(output.columns, output.rows).removesuffix("\n"), verbatim=True)
    else:
        text = table_text(output.columns, output.rows) if output.rows else "none"
        selection.write(output, lambda: write(text, verbatim=True))
    _tell(answer, limit)
    return ExitCode.FINE


def _tell(answer: "Answer", limit: int) -> None:
    if answer.more:
        log(f"the first {limit:,} rows are shown; --limit 0 shows all")


def _moment(text: str) -> str:
    """Return a time as the file has it."""
    from pinekeep.operations.fleet.verification.times import time_text  # noqa: PLC0415

    found = moment("--since", text)
    assert found is not None  # noqa: S101 - only for no text
    return time_text(found)
