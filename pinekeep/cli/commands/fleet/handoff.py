"""``pinekeep fleet handoff``: the values of every account for the Pinecone console."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from pinekeep.cli.fleet_options import FleetSelection, fleet_verb
from pinekeep.cli.options import json_text, log, spinner, write

if TYPE_CHECKING:
    from pinekeep.model.output.fleet_handoff import FleetHandoffOutput

_FORMATS: Final = ("table", "csv", "markdown", "json")
_BY_ENDING: Final = {".csv": "csv", ".md": "markdown", ".json": "json"}


@fleet_verb("handoff")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
    help="The format.  [default: by the ending of --out: .csv, .md, .json; else table]",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="A file to write, readable by you alone.")
@click.option("--record", is_flag=True, help="Record that Pinecone was given these values.")
@click.option("--dry-run", is_flag=True, help="With --record: show what would be recorded, and record nothing.")
def command(selection: FleetSelection, *, format_: str | None, out: Path | None, record: bool, dry_run: bool) -> int:
    """Print every account's values for the Pinecone console.

    The values are read from the stacks of the fleet, with the verification role. The external IDs are among them:
    Pinecone needs them. An account that is not deployed, differs from the file or cannot be read is listed with the
    reason. Once the values are saved in the console, --record writes digests to a file beside the configuration file,
    and a change of what Pinecone keeps is refused from then on: commit it. Exit code 1: an account has no values.
    """
    from pinekeep.errors import ExitCode  # noqa: PLC0415
    from pinekeep.model.config.fleet.handover import fleet_handover_path, read_fleet_handovers  # noqa: PLC0415
    from pinekeep.operations.fleet.handoff import handoff_output, read_deployed  # noqa: PLC0415 - imports pydantic
    from pinekeep.operations.fleet.handoff_formats import missing_lines  # noqa: PLC0415
    from pinekeep.operations.fleet.handoff_record import record_handoff, require_recordable  # noqa: PLC0415
    from pinekeep.operations.fleet.reading import read_fleet  # noqa: PLC0415

    if selection.as_json and out is None and format_ not in (None, "json"):
        raise click.UsageError(f"--json and --format {format_} exclude each other")
    if dry_run and not record:
        raise click.UsageError("--dry-run goes with --record")
    configuration = selection.load()
    name, fleet = selection.named(configuration)
    if out is not None:
        _require_other_file(out, configuration.path, fleet.file)
    handovers = read_fleet_handovers(fleet_handover_path(configuration.path))
    with spinner("Reading the stacks of the fleet"):
        clients = selection.clients(name, fleet)
        found, _ = selection.targets(configuration, name, clients)
        reading = read_fleet(found, clients, accounts=selection.accounts, regions=selection.regions)
        if record:
            require_recordable(reading.targets)
        deployed, missing = read_deployed(
            reading.targets,
            reading.instances,
            reading.verification_clients,
            handovers=handovers.get(name, {}),
        )
    output = handoff_output(reading.targets, deployed, missing)
    if record:
        recorded = record_handoff(configuration.path, reading.targets, deployed, dry_run=dry_run)
        output = output.model_copy(update={"recorded": recorded})
    if out is not None:
        _write_file(out, _text(output, format_ or _BY_ENDING.get(out.suffix.lower(), "table")))
    if selection.as_json or out is None:
        write(_text(output, "json" if selection.as_json else format_ or "table").removesuffix("\n"), verbatim=True)
    for line in missing_lines(output) if format_ == "csv" or out is not None else ():
        log(line)
    if output.recorded is not None:
        log(_recorded(output, dry_run=dry_run))
    return ExitCode.CHECK_FAILED if output.missing else ExitCode.FINE


def _text(output: "FleetHandoffOutput", format_: str) -> str:
    from pinekeep.operations.fleet.handoff_formats import as_csv, as_markdown, as_table  # noqa: PLC0415

    match format_:
        case "csv":
            return as_csv(output)
        case "markdown":
            return as_markdown(output) + "\n"
        case "json":
            return json_text(output, indent=2) + "\n"
        case _:
            return as_table(output) + "\n"


def _write_file(out: Path, text: str) -> None:
    from pinekeep.model.sidecar import write_whole  # noqa: PLC0415

    write_whole(out, text, mode=0o600)
    log(f"wrote {out}: it holds the external IDs, so it is readable by you alone")


def _require_other_file(out: Path, *others: Path | str | None) -> None:
    """Refuse to overwrite the configuration file or the file of the targets, which is relative to it."""
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.model.config.fleet.handover import fleet_handover_path  # noqa: PLC0415

    configuration = Path(str(others[0]))
    known = [configuration, fleet_handover_path(configuration)]
    known += [configuration.parent / each for each in others[1:] if each is not None]
    if out.exists() and any(each.exists() and each.samefile(out) for each in known):
        raise WrongInputError(f"--out: {out} is a file of the configuration", hint="give another file")


def _recorded(output: "FleetHandoffOutput", *, dry_run: bool) -> str:
    assert output.recorded is not None  # noqa: S101 - checked by the caller
    of, file = output.recorded.targets, output.recorded.file
    if not output.recorded.changed:
        return f"{file} is unchanged: it has all {of:,}"
    if dry_run:
        return f"would record {of:,} in {file}"
    return f"recorded {of:,} in {file}: commit it; `pinekeep fleet plan` refuses to change what is in it"
