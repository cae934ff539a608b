"""``pinekeep access``: who can do what, decided from the policies themselves."""

from typing import TYPE_CHECKING

import click

from pinekeep.cli.options import Selection, selection_options, spinner, write

if TYPE_CHECKING:
    from pinekeep.decisions.access.table import Table


@click.command("access", short_help="Say who can do what, and which statement says so.")
@selection_options
@click.option("--markdown", is_flag=True, help="Write a page for a security review.")
@click.option("--live", is_flag=True, help="Decide from what is live in the account: grants and replicas count, too.")
def command(selection: Selection, markdown: bool, live: bool) -> None:
    """Say who can do what with the role and the keys, decided from the templates' own policies.

    Each decision names the statement that made it. What cannot be decided is said, not guessed.
    Needs no credentials and no network. With --live it reads your account instead, and changes nothing there.
    """
    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.operations.access.planned import planned_tables  # noqa: PLC0415 - imports pydantic

    configuration = selection.load()
    deployments = {name: each for name, each in selection.deployments(configuration).items() if each.cmek is not None}
    if not deployments:
        raise WrongInputError("no deployment here has a key or a role, so there is no access to decide")
    if live:
        from pinekeep.account.credentials.access import Access  # noqa: PLC0415
        from pinekeep.operations.access.live import live_tables  # noqa: PLC0415

        access = Access.of_the_user(deployments)
        with spinner("Reading the account and deciding"):
            tables = live_tables(configuration, deployments, access=access)
    else:
        with spinner("Writing the templates and deciding"):
            tables = planned_tables(configuration, deployments)
    if selection.as_json:
        _write_json(tables)
        return
    for table in tables:
        _write_table(table, markdown=markdown)


def _write_json(tables: "list[Table]") -> None:
    from pinekeep.cli.options import write_json  # noqa: PLC0415
    from pinekeep.decisions.access.render import as_json  # noqa: PLC0415
    from pinekeep.model.output.access import AccessOutput  # noqa: PLC0415 - imports pydantic

    write_json(AccessOutput(tables=[as_json(table) for table in tables]))


def _write_table(table: "Table", *, markdown: bool) -> None:
    from pinekeep.decisions.access.render import as_markdown, as_text  # noqa: PLC0415

    write(as_markdown(table) if markdown else as_text(table), verbatim=markdown)
