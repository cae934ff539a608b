"""``pinekeep private-link``: the endpoint's network, its DNS, and its clients. Each subcommand is a module here."""

import click

from pinekeep.cli.groups import LazyGroup


@click.group(
    "private-link",
    cls=LazyGroup,
    verbs=("check", "probe", "zones", "forwarding", "associate", "callers"),
    package=__name__,
)
def command() -> None:
    """Check the endpoint from its clients, and prepare its network and DNS."""
