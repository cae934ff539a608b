"""``pinekeep customer-template``: what one of your customers deploys in its own account."""

from pathlib import Path

import click

from pinekeep.cli.options import Selection, log, verb, write


@verb("customer-template")
@click.option(
    "--customer",
    "customers",
    multiple=True,
    metavar="NAME",
    help="The customer's name in the configuration file. Repeat for several.",
)
@click.option("--all", "every", is_flag=True, help="Write those of all customers of the selected deployments.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write to. Each customer gets a folder of its own in it.",
)
def command(selection: Selection, customers: tuple[str, ...], every: bool, out: Path) -> None:
    """Write the templates that customers deploy.

    A customer of yours who brings its own key gets a CloudFormation template, the statements for a key policy of its
    own, and a page that explains both. They name the role that uses the key. From then on the ledger beside the
    configuration file keeps the customer on that role: commit the ledger.
    """
    if every == bool(customers):
        raise click.UsageError("name customers with --customer, or all with --all", click.get_current_context())
    from pinekeep.operations.onboarding.handover import hand_over  # noqa: PLC0415 - imports pydantic

    configuration, deployments = selection.read()
    output = hand_over(configuration, deployments, customers=None if every else customers, folder=out)
    files = [name for each in output.customers for name in each.files]
    selection.write(output, lambda: write("\n".join(files), verbatim=True))
    if not selection.as_json:
        for each in output.customers:
            log(f"{each.customer} is assigned to {each.role_arn}")
        log("commit the ledger of customers")
