"""``pinekeep audit tail``: the newest events."""

import sys
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.audit_sources import from_option, moment, source
from pinekeep.cli.options import Selection, json_text, log, verb
from pinekeep.errors import AwsRefusedError, ExitCode

if TYPE_CHECKING:
    from pinekeep.operations.audit.tail import Batch

_INTERVAL: Final = 300
_INTERVAL_MIN: Final = 5
_INTERVAL_MAX: Final = 86_400


@verb("tail")
@from_option
@click.option("--since", metavar="TIME", default="1h", show_default=True, help="How far to look back.")
@click.option("--follow", "-f", is_flag=True, help="Show the events of new files as they arrive, until Ctrl-C.")
@click.option(
    "--interval",
    type=click.IntRange(_INTERVAL_MIN, _INTERVAL_MAX),
    default=_INTERVAL,
    show_default=True,
    metavar="SECONDS",
    help="With --follow: how often to list the files.",
)
def command(*, selection: Selection, place: str | None, since: str, follow: bool, interval: int) -> int:
    """Show the newest events, one a line.

    Pinecone writes a file about every 30 minutes. With --json, each line is an event as JSON. Each poll lists all
    files, as their names do not tell which are new: S3 charges for that. What could not be read is reported on stderr.
    """
    from pinekeep.model.facts.pinecone import AUDIT_TEST_OBJECT  # noqa: PLC0415
    from pinekeep.operations.audit.tail import EPOCH, Tail  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.audit.tail import follow as follow_it  # noqa: PLC0415

    start = moment("--since", since) or EPOCH
    name, store = source(selection, place)
    tail = Tail(store=store, since=start, skipped=frozenset({AUDIT_TEST_OBJECT}))
    first = True

    def show(batch: "Batch") -> None:
        nonlocal first
        _show(batch, as_json=selection.as_json)
        if first and follow:
            log(_following(batch, interval=interval, in_s3=name.startswith("s3://")))
        first = False

    def could_not_read(error: AwsRefusedError) -> None:
        log(f"{error.message}; trying again in {interval} s")

    if follow:
        follow_it(tail, show=show, could_not_read=could_not_read, every=interval)
    else:
        show(tail.poll())
    return ExitCode.FINE


def _show(batch: "Batch", *, as_json: bool) -> None:
    from pinekeep.model.output.audit import AuditTailOutput  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.words import visible  # noqa: PLC0415
    from pinekeep.operations.audit.tail import line_of  # noqa: PLC0415

    for each in batch.events:
        line = json_text(AuditTailOutput(file=each.file, event=each.content)) if as_json else line_of(each)
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    if batch.left_out:
        log(f"{batch.left_out:,} older files were not read: give a later --since")
    if batch.broken_total:
        log(f"places that hold no event: {batch.broken_total:,}")
        for place in batch.broken:
            log(f"  {visible(place)}")


def _following(batch: "Batch", *, interval: int, in_s3: bool) -> str:
    from pinekeep.account.reads.audit_files import PAGE  # noqa: PLC0415
    from pinekeep.model.facts.prices import S3_LIST  # noqa: PLC0415

    text = f"looking for new files every {interval} s, among {batch.listed:,} files; Ctrl-C ends it"
    if not in_s3 or S3_LIST.usd is None:
        return text
    requests = max(-(-batch.listed // PAGE), 1)
    a_day = requests * 86_400 / interval * float(S3_LIST.usd) / 1000
    return f"{text}. That is {requests:,} list requests each time, about ${a_day:.2f} a day"
