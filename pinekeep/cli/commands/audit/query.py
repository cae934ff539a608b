"""``pinekeep audit query``: saved queries over audit logs, run on this machine."""

from typing import Final

import click

from pinekeep.account.process import tell
from pinekeep.cli.audit_sources import from_option, moment, source
from pinekeep.cli.options import Selection, log, pairs, spinner, verb, write
from pinekeep.errors import ExitCode, WrongInputError
from pinekeep.model.words import visible

_LIMIT: Final = 1000
_LIMIT_MAX: Final = 1_000_000_000


def _complete_queries(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    from pinekeep.model.audit.queries import QUERIES  # noqa: PLC0415

    return [name for name in QUERIES if name.startswith(incomplete)]


@verb("query")
@click.argument("name", required=False, shell_complete=_complete_queries)
@click.option("--list", "list_", is_flag=True, help="List the saved queries with their parameters.")
@from_option
@click.option("--since", metavar="TIME", help="Leave out earlier events: a date, a time, or an age.")
@click.option("--until", metavar="TIME", help="Leave out events from this time on.")
@click.option(
    "--param", "given", metavar="KEY=VALUE", multiple=True, help="A parameter of the query. Repeat for several."
)
@click.option(
    "--limit",
    type=click.IntRange(0, _LIMIT_MAX),
    help=f"The most rows; 0: all.  [default: {_LIMIT}, or the query's own]",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write the rows to stdout as CSV.")
@click.option("--sql", "show_sql", is_flag=True, help="Write the query as SQL for DuckDB, and read nothing.")
@click.option("--strict", is_flag=True, help="Exit code 1 where something could not be read.")
def command(
    *,
    selection: Selection,
    name: str | None,
    list_: bool,
    place: str | None,
    since: str | None,
    until: str | None,
    given: tuple[str, ...],
    limit: int | None,
    as_csv: bool,
    show_sql: bool,
    strict: bool,
) -> int:
    """Run a saved query over Pinecone's audit logs.

    Reads lines, arrays and objects of JSON, plain or compressed with gzip, in any mixture, and runs the query on this
    machine. What cannot be read is listed on stderr with file and line. Changes nothing. Exit code 1 with --strict:
    something could not be read.
    """
    from pinekeep.model.audit.queries import QUERIES  # noqa: PLC0415
    from pinekeep.model.words import did_you_mean, shown  # noqa: PLC0415
    from pinekeep.operations.audit.results import (  # noqa: PLC0415 - imports DuckDB
        queries_output,
        queries_text,
        query_output,
        reading_lines,
        result_csv,
        result_text,
    )

    if as_csv and selection.as_json:
        raise click.UsageError("--csv and --json exclude each other")
    if list_ or name is None:
        if name is not None:
            raise click.UsageError("--list takes no name")
        if not list_:
            raise click.UsageError("name a query; --list lists them")
        queries = queries_output()
        selection.write(queries, lambda: write(queries_text(queries), verbatim=True))
        return ExitCode.FINE
    query = QUERIES.get(name)
    if query is None:
        raise WrongInputError(
            f"{shown(name)} is not a saved query",
            hint=did_you_mean(name, list(QUERIES)) or "`pinekeep audit query --list` lists them",
        )
    values = query.values(pairs(given))
    start, end = moment("--since", since), moment("--until", until)
    if start and end and start >= end:
        raise WrongInputError("--since is not before --until", hint="exchange the two times")
    rows = (query.rows or _LIMIT) if limit is None else (limit or None)
    if show_sql:
        most = query.rows if limit is None else rows
        write(
            query.sql("duckdb", relation="audit_events", values=values, since=start, until=end, limit=most),
            verbatim=True,
        )
        return ExitCode.FINE

    from pinekeep.account.process import scratch_folder  # noqa: PLC0415
    from pinekeep.operations.audit.local import local_files  # noqa: PLC0415
    from pinekeep.operations.audit.querying import run_query  # noqa: PLC0415 - imports DuckDB

    found, store = source(selection, place)
    with scratch_folder() as folder:
        objects, work = folder / "objects", folder / "work"
        objects.mkdir()
        work.mkdir()
        with spinner(f"Reading {visible(found)}"):
            files = local_files(store, objects, place=visible(found), progress=tell)
            tell("")
            result = run_query(query, files, work, values=values, since=start, until=end, limit=rows)
        output = query_output(result, files)
    for line in reading_lines(output):
        log(line)
    if as_csv:
        write(result_csv(output).removesuffix("\n"), verbatim=True)
    else:
        selection.write(output, lambda: write(result_text(output), verbatim=True))
    return ExitCode.CHECK_FAILED if strict and output.reading.broken else ExitCode.FINE
