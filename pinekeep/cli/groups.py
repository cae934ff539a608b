"""Groups of commands that import a command when it is asked for, so that starting stays instant."""

import importlib
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are modules of a package, each with a ``command``.

    ``verbs``: the names of the commands, in the order of ``--help``. ``package``: the package of their modules.
    """

    def __init__(self, *arguments: Any, verbs: tuple[str, ...], package: str, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.verbs = verbs
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command by name, or None."""
        if cmd_name not in self.verbs:
            return None
        command = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}").command
        return command if isinstance(command, click.Command) else None


def subcommands(command: click.Command | None) -> dict[str, click.Command]:
    """Return the commands of a group by name."""
    if isinstance(command, LazyGroup):
        found = {verb: command.get_command(click.Context(command), verb) for verb in command.verbs}
        return {verb: each for verb, each in found.items() if each}
    return dict(command.commands) if isinstance(command, click.Group) else {}
