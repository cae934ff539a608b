"""``pinekeep customer-template``: what one of your customers does in its own account."""

from pathlib import Path

import click

from pinekeep.cli.options import Selection, log, selection_options, write, write_json


@click.command("customer-template", short_help="Write what one of your customers must do.")
@selection_options
@click.option("--customer", required=True, metavar="NAME", help="The customer, as the configuration names it.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write to; one is made in it for the customer.",
)
def command(selection: Selection, customer: str, out: Path) -> None:
    """Write what one of your customers must do in its own account: a template, key-policy statements, and a page.

    They name the role that the customer lets in. From then on the customer is handed over: the ledger beside the
    configuration file keeps it in that role. Keep the ledger in version control.
    """
    from pinekeep.operations.onboarding.handover import hand_over  # noqa: PLC0415 - imports pydantic

    configuration = selection.load()
    output = hand_over(configuration, selection.deployments(configuration), customer=customer, folder=out)
    if selection.as_json:
        write_json(output)
        return
    for file in output.files:
        write(file, verbatim=True)
    log(f"{output.customer} is handed over with {output.role_arn}; commit the ledger of customers")
