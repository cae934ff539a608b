"""``pinekeep schema``: the JSON Schemas of the configuration file and of the output."""

import json
import sys

import click

from pinekeep.cli.options import Selection, verb


@verb("schema")
@click.option("--output", "of_output", is_flag=True, help="Print the schema of the `--json` output instead.")
def command(selection: Selection, of_output: bool) -> None:  # noqa: ARG001 - the schema is JSON in any case
    """Print the JSON Schema of the configuration file."""
    from pinekeep.model.config.schema import json_schema  # noqa: PLC0415 - imports pydantic
    from pinekeep.model.output.schema import output_schema  # noqa: PLC0415

    sys.stdout.write(json.dumps(output_schema() if of_output else json_schema(), indent=2) + "\n")
