"""``pinekeep monitoring``: what watches and protects what Pinecone depends on. Each subcommand is a module here."""

import click

from pinekeep.cli.groups import LazyGroup


@click.group("monitoring", cls=LazyGroup, verbs=("test", "fence"), package=__name__)
def command() -> None:
    """Test the notifications, and write the policies that protect key and role."""
