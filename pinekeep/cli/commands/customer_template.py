"""``pinekeep customer-template``: what one of your customers deploys in its own account."""

from pathlib import Path

import click

from pinekeep.cli.options import Selection, log, verb, write


@verb("customer-template")
@click.option("--customer", required=True, metavar="NAME", help="The customer's name in the configuration file.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write to. The customer gets a folder of its own in it.",
)
def command(selection: Selection, customer: str, out: Path) -> None:
    """Write the template that a customer deploys.

    A customer of yours who brings its own key gets a CloudFormation template, the statements for a key policy of its
    own, and a page that explains both. They name the role that uses the key. From then on the ledger beside the
    configuration file keeps the customer on that role: commit the ledger.
    """
    from pinekeep.operations.onboarding.handover import hand_over  # noqa: PLC0415 - imports pydantic

    configuration, deployments = selection.read()
    output = hand_over(configuration, deployments, customer=customer, folder=out)
    selection.write(output, lambda: write("\n".join(output.files), verbatim=True))
    if not selection.as_json:
        log(f"{output.customer} is assigned to {output.role_arn}; commit the ledger of customers")
