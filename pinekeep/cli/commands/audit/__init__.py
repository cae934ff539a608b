"""``pinekeep audit``: reading Pinecone's audit logs. Each subcommand is a module here."""

import click

from pinekeep.cli.groups import LazyGroup


@click.group("audit", cls=LazyGroup, verbs=("query", "report", "tail"), package=__name__)
def command() -> None:
    """Read Pinecone's audit logs: from a folder, a bucket, or the bucket of a deployment."""
