"""What all verbs share: their options, and how they write."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from pinekeep.cli.terminal import fitted, is_live, width_of
from pinekeep.errors import DeclinedError, WrongInputError
from pinekeep.process import listening

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pinekeep.model.config import Configuration, Deployment

DEFAULT_FILE: Final = "pinekeep.yaml"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Selection:
    """What the options that every verb takes say.

    Attributes:
        config: the configuration file, or None where none was named.
        names: the deployments asked for; none means all.
        as_json: whether the result goes to stdout as JSON.
    """

    config: Path | None
    names: tuple[str, ...]
    as_json: bool

    def load(self, *, to_deploy: bool = False) -> "Configuration":
        """Read the configuration file, telling its warnings on stderr.

        Args:
            to_deploy: whether templates are made of it to deploy. What Pinecone was given must be as it was then.

        Raises:
            ConfigurationError: the file is not right, or would take from Pinecone what it was given.
        """
        from pinekeep.cli.reporting import report_warnings  # noqa: PLC0415
        from pinekeep.model.config import load  # noqa: PLC0415 - a verb that reads no file need not wait for it

        configuration = load(self.config or DEFAULT_FILE)
        if to_deploy:
            configuration.require_as_handed_over(self.deployments(configuration))
        report_warnings(configuration)
        return configuration

    def deployments(self, configuration: "Configuration", *, only: str | None = None) -> "dict[str, Deployment]":
        """Return the deployments asked for, with one of their parts alone where that is asked for.

        Raises:
            WrongInputError: there is no such deployment, or it does not have the part.
        """
        from pinekeep.model.config.derived import only_part  # noqa: PLC0415 - a verb that reads no file need not wait for it

        found = configuration.select(self.names)
        return only_part(found, only) if only else found


def _complete_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete deployment names from the configuration file; an unreadable one completes nothing."""
    from pinekeep.errors import PinekeepError  # noqa: PLC0415
    from pinekeep.model.config import load  # noqa: PLC0415

    try:
        names = load(context.params.get("config") or DEFAULT_FILE).deployments
    except PinekeepError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def selection_options(function: F) -> F:
    """Give a verb ``--config``, ``--deployment`` and ``--json``, handed to it as ``selection``."""

    @click.option(
        "--config", "-c", type=click.Path(path_type=Path), help=f"The configuration file.  [default: {DEFAULT_FILE}]"
    )
    @click.option(
        "--deployment",
        "-d",
        "names",
        metavar="NAME",
        multiple=True,
        shell_complete=_complete_names,
        help="A deployment of the file; may be given several times.  [default: all]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Write the result to stdout as JSON.")
    @wraps(function)
    def wrapper(*, config: Path | None, names: tuple[str, ...], as_json: bool, **options: Any) -> Any:
        return function(selection=Selection(config, names, as_json), **options)

    return wrapper  # type: ignore[return-value]


def only_option(function: F) -> F:
    """Give a verb ``--only``, handed to it as ``only``."""
    return click.option(
        "--only",
        type=click.Choice(["cmek", "private_link"]),
        help="Look at this part of each deployment alone, and leave the other one's stack as it is.",
    )(function)


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether ``--json`` is among the arguments, for errors that come before they are parsed."""
    return "--json" in arguments


def write_json(output: "BaseModel") -> None:
    """Write a result to stdout as JSON."""
    sys.stdout.write(output.model_dump_json(indent=2) + "\n")


def write(text: str = "", *, verbatim: bool = False) -> None:
    """Write a line of a result to stdout; on a terminal, in lines that fit.

    Args:
        text: the line.
        verbatim: whether it is something to be copied as it is, such as a document.
    """
    sys.stdout.write((text if verbatim else fitted(text, width_of(sys.stdout))) + "\n")


def log(text: str = "") -> None:
    """Write a line about what is happening to stderr, at once; on a terminal, in lines that fit."""
    sys.stderr.write(fitted(text, width_of(sys.stderr)) + "\n")
    sys.stderr.flush()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is changed.

    Args:
        question: what would be changed.
        yes: whether the user has said yes already.

    Raises:
        DeclinedError: the user did not say yes.
        WrongInputError: nobody is there to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongInputError("nobody is at the terminal to say yes", hint="add --yes to go ahead without asking")
    if not click.confirm(question, err=True):
        raise DeclinedError("nothing was changed")


def confirm_by_name(name: str, *, why: str, otherwise: str) -> None:
    """Ask for a deployment's name before something that is more than a yes takes.

    Args:
        name: what must be typed.
        why: what would be done.
        otherwise: how it is said where nobody is at the terminal.

    Raises:
        DeclinedError: something else was typed.
        WrongInputError: nobody is there to ask.
    """
    if not sys.stdin.isatty():
        raise WrongInputError(f"{name}: {why}, and nobody is at the terminal to type its name", hint=otherwise)
    log(f"{name}: {why}")
    if click.prompt("Type the deployment's name to go on", default="", show_default=False, err=True) != name:
        raise DeclinedError("nothing was changed")


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """Show on stderr that something takes its time; a plain line where there is no terminal."""
    if not is_live(sys.stderr):
        log(text)
        yield
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import

    with (
        Console(stderr=True).status(text) as status,
        listening(lambda waits: status.update(f"{text}: {waits}" if waits else text)),
    ):
        yield
