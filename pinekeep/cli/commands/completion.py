"""``pinekeep completion``: the shell completion script."""

import sys

import click
from click.shell_completion import get_completion_class

from pinekeep.cli.options import Selection, verb


@verb("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, selection: Selection, shell: str) -> None:  # noqa: ARG001
    """Print a shell completion script.

    Load it with `eval "$(pinekeep completion bash)"`.
    """
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"there is no completion for {shell}")
    script = completion(context.find_root().command, {}, "pinekeep", "_PINEKEEP_COMPLETE").source()
    sys.stdout.write(script + "\n")
