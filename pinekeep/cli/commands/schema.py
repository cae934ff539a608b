"""``pinekeep schema``: the JSON Schemas of what goes in and comes out."""

import json
import sys

import click

from pinekeep.cli.options import Selection, selection_options


@click.command("schema", short_help="Write the JSON Schemas.")
@selection_options
@click.option("--output", "of_output", is_flag=True, help="The schema of what --json writes, not of the file.")
def command(selection: Selection, of_output: bool) -> None:  # noqa: ARG001 - the schema is JSON in any case
    """Write the JSON Schema of the configuration file, or of what `--json` writes."""
    from pinekeep.model.config.schema import json_schema  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.schema import output_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(output_schema() if of_output else json_schema(), indent=2) + "\n")
