"""``pinekeep access``: who has access to the roles, the keys and the buckets."""

import click

from pinekeep.cli.options import Selection, access_to, spinner, verb, write


@verb("access")
@click.option("--markdown", is_flag=True, help="Write Markdown, for a security review.")
@click.option("--live", is_flag=True, help="Use the live policies of the account, including grants and replicas.")
def command(selection: Selection, markdown: bool, live: bool) -> None:
    """Show who has access to the roles, the keys and the buckets.

    The decisions are made from the policies in the templates, without credentials or network access. Each names the
    statement that made it; what cannot be decided is reported as such. With --live, the policies are read from the
    account; nothing is changed there.
    """
    if markdown and selection.as_json:
        raise click.UsageError("--markdown and --json exclude each other")
    from pinekeep.errors import WrongInputError  # noqa: PLC0415
    from pinekeep.operations.access.planned import planned_tables  # noqa: PLC0415 - imports pydantic

    configuration, selected = selection.read()
    deployments = {
        name: each for name, each in selected.items() if each.cmek or each.audit_logs or each.storage_integrations
    }
    if not deployments:
        raise WrongInputError("no deployment here has a key, a role or a bucket, so there is no access to decide")
    if live:
        from pinekeep.operations.access.live import live_tables  # noqa: PLC0415

        access = access_to(deployments)
        with spinner("Reading the account and deciding"):
            tables = live_tables(configuration, deployments, access=access)
    else:
        with spinner("Synthesizing the templates and deciding"):
            tables = planned_tables(configuration, deployments)
    from pinekeep.decisions.access.render import as_json, as_markdown, as_text  # noqa: PLC0415
    from pinekeep.model.output.access import AccessOutput  # noqa: PLC0415

    texts = map(as_markdown if markdown else as_text, tables)
    output = AccessOutput(tables=[as_json(table) for table in tables])
    selection.write(output, lambda: [write(text, verbatim=markdown) for text in texts])
