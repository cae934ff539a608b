"""``pinekeep monitoring``: the notifications about what Pinecone depends on. Each subcommand is a module here."""

import click

from pinekeep.cli.groups import LazyGroup


@click.group("monitoring", cls=LazyGroup, verbs=("test",), package=__name__)
def command() -> None:
    """Test the notifications about key, role, endpoint and audit logs."""
