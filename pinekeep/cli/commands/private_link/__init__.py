"""``pinekeep private-link``: the endpoint's network, its DNS, and its clients. Each subcommand is a module here."""

import importlib
from typing import Final

import click

SUBCOMMANDS: Final[tuple[str, ...]] = ("check", "zones", "forwarding", "callers")
"""The subcommands, in the order of ``--help``."""


class _Group(click.Group):
    """Imports a subcommand's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in SUBCOMMANDS:
            return None
        found = importlib.import_module(f"{__name__}.{cmd_name.replace('-', '_')}").command
        return found if isinstance(found, click.Command) else None


@click.group("private-link", cls=_Group)
def command() -> None:
    """Check the endpoint from its clients, and prepare its network and DNS."""
