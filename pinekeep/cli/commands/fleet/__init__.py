"""``pinekeep fleet``: one shape of deployment in many accounts. Each subcommand is a module here."""

import click

from pinekeep.cli.groups import LazyGroup

VERBS = ("targets", "plan", "deploy", "status", "verify", "query", "report", "handoff", "remove")


@click.group("fleet", cls=LazyGroup, verbs=VERBS, package=__name__)
def command() -> None:
    """Deploy one shape to many accounts with StackSets."""
