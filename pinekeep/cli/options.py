"""What the commands share: their options, and reading from and writing to the terminal."""

import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from pinekeep.account.process import listening
from pinekeep.cli.terminal import fitted, is_live, width_of
from pinekeep.errors import DeclinedError, WrongInputError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pinekeep.account.credentials.access import Access
    from pinekeep.model.config import Configuration, Deployment

DEFAULT_FILE: Final = "pinekeep.yaml"
F = TypeVar("F", bound=Callable[..., Any])


class Command(click.Command):
    """A command that refuses an option given twice where it takes one value. Click uses the last one silently."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does, then look for options given twice."""
        given = list(args)
        rest = super().parse_args(ctx, args)
        if ctx.resilient_parsing:
            return rest
        _, _, order = self.make_parser(ctx).parse_args(given)
        for each in order:
            takes_one = isinstance(each, click.Option) and not (each.is_flag or each.multiple or each.count)
            if takes_one and order.count(each) > 1:
                raise click.UsageError(f"{each.opts[0]} is given {order.count(each)} times and takes one value", ctx)
        return rest


@dataclass(frozen=True)
class Selection:
    """The options that every command takes: the file (None: the default), deployments (none: all), and ``--json``."""

    config: Path | None
    names: tuple[str, ...]
    as_json: bool

    def load(self, *, to_deploy: bool = False) -> "Configuration":
        """Read the configuration file and report its warnings on stderr. Raises ConfigurationError if it is invalid.

        ``to_deploy``: its templates will be deployed, so what was handed over to Pinecone must be unchanged too.
        """
        from pinekeep.cli.reporting import report_warnings  # noqa: PLC0415
        from pinekeep.model.config import load  # noqa: PLC0415 - imports pydantic

        configuration = load(self.config or DEFAULT_FILE)
        if to_deploy:
            configuration.require_as_handed_over(self.deployments(configuration))
        report_warnings(configuration)
        return configuration

    def deployments(self, configuration: "Configuration", *, only: str | None = None) -> "dict[str, Deployment]":
        """Return the selected deployments, or only one part of each. Raises WrongInputError if one does not exist."""
        from pinekeep.model.config.derived import only_part  # noqa: PLC0415 - imports pydantic

        found = configuration.select(self.names)
        return only_part(found, only) if only else found

    def read(
        self, *, to_deploy: bool = False, only: str | None = None
    ) -> "tuple[Configuration, dict[str, Deployment]]":
        """Return the configuration and the selected deployments; see :meth:`load` and :meth:`deployments`."""
        configuration = self.load(to_deploy=to_deploy)
        return configuration, self.deployments(configuration, only=only)

    def write(self, output: "BaseModel", text: Callable[[], object]) -> None:
        """Write the result to stdout: as JSON, or as ``text`` writes it."""
        if self.as_json:
            write_json(output)
        else:
            text()


def access_to(deployments: "dict[str, Deployment]") -> "Access":
    """Return access to the deployments' accounts with the user's credentials."""
    from pinekeep.account.credentials.access import Access  # noqa: PLC0415 - imports pydantic

    return Access.of_the_user(deployments)


def _complete_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete deployment names from the configuration file; an unreadable file completes nothing."""
    from pinekeep.errors import PinekeepError  # noqa: PLC0415
    from pinekeep.model.config import load  # noqa: PLC0415

    try:
        names = load(context.params.get("config") or DEFAULT_FILE).deployments
    except PinekeepError:
        return []
    return [name for name in names if name.startswith(incomplete)]


def selection_options(function: F) -> F:
    """Add ``--config``, ``--deployment`` and ``--json``, passed on as ``selection``."""

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
        help="A deployment in the file. Repeat for several.  [default: all]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Write the result to stdout as JSON.")
    @wraps(function)
    def wrapper(*, config: Path | None, names: tuple[str, ...], as_json: bool, **options: Any) -> Any:
        return function(selection=Selection(config, names, as_json), **options)

    return cast(F, wrapper)


def verb(name: str, *, of: click.Group | None = None) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command with the options that every command takes."""
    return lambda function: (of or click).command(name, cls=Command)(selection_options(function))


only_option: Final = click.option(
    "--only",
    type=click.Choice(["cmek", "private_link", "storage", "monitoring"]),
    help="Use only this part of each deployment, and leave the stacks of the other parts unchanged.",
)
dry_run_option: Final = click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")


def changing_options(function: F) -> F:
    """Add ``--yes`` and ``--dry-run``."""
    return click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")(dry_run_option(function))


def pairs(given: tuple[str, ...]) -> dict[str, str]:
    """Return the parameters that were given as KEY=VALUE. Raises WrongInputError if one is not, or is given twice."""
    from pinekeep.model.words import shown  # noqa: PLC0415

    found: dict[str, str] = {}
    for each in given:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise WrongInputError(f"--param: it is written KEY=VALUE, got {shown(each)}", hint="use --param KEY=VALUE")
        if key in found:
            raise WrongInputError(f"--param: {shown(key)} is given twice", hint=f"give one --param {key}=VALUE")
        found[key] = value
    return found


def write_json(output: "BaseModel") -> None:
    """Write a result to stdout as JSON."""
    sys.stdout.write(json_text(output, indent=2) + "\n")


def json_text(output: "BaseModel", *, indent: int | None = None) -> str:
    """Return a result as JSON. Names of files are bytes: those that are not UTF-8 become JSON's escapes."""
    try:
        return output.model_dump_json(indent=indent)
    except ValueError:
        return json.dumps(output.model_dump(mode="json"), indent=indent)


def write(text: str = "", *, verbatim: bool = False) -> None:
    """Write a line of the result to stdout, wrapped to the terminal unless it is ``verbatim``, to be copied."""
    sys.stdout.write((text if verbatim else fitted(text, width_of(sys.stdout))) + "\n")


def log(text: str = "") -> None:
    """Write a line of progress to stderr at once, wrapped to the terminal."""
    sys.stderr.write(fitted(text, width_of(sys.stderr)) + "\n")
    sys.stderr.flush()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before a change unless ``yes``. Raises DeclinedError on refusal, WrongInputError without a terminal."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise WrongInputError("there is no terminal to confirm at", hint="add --yes to go ahead without asking")
    if not click.confirm(question, err=True):
        raise DeclinedError("nothing was changed")


def confirm_by_name(name: str, *, why: str, otherwise: str, of: str = "deployment") -> None:
    """Ask for a name before a change that ``--yes`` does not cover. ``why``: the change. ``of``: whose name it is.

    ``otherwise``: how to confirm without a terminal. Raises DeclinedError if something else was typed, WrongInputError
    without a terminal.
    """
    if not sys.stdin.isatty():
        raise WrongInputError(f"{name}: {why}, and there is no terminal to enter its name at", hint=otherwise)
    log(f"{name}: {why}")
    if click.prompt(f"Type the {of}'s name to confirm", default="", show_default=False, err=True) != name:
        raise DeclinedError("nothing was changed")


@contextmanager
def spinner(text: str) -> Generator[None]:
    """Show on stderr that something is in progress; without a terminal, as one line."""
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
