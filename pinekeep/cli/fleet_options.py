"""What the commands of ``fleet`` share: their options, the fleet of the file, and its accounts and Regions."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from pinekeep.cli.options import DEFAULT_FILE, Command, Selection, write_json

if TYPE_CHECKING:
    from pydantic import BaseModel

    from pinekeep.account.client.clients import Clients
    from pinekeep.model.config import Configuration
    from pinekeep.model.config.fleet.settings import Fleet
    from pinekeep.model.config.fleet.targets import FleetTargets
    from pinekeep.operations.fleet.members import Members
    from pinekeep.operations.fleet.plans import Narrowing

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class FleetSelection:
    """The options of the commands of ``fleet``: the file (None: the default), the fleet, and ``--json``.

    ``fleet``: None for the only one of the file. ``accounts``, ``regions``: empty for all.
    """

    config: Path | None
    fleet: str | None
    as_json: bool
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @property
    def narrowing(self) -> "Narrowing":
        """The accounts and Regions that were given."""
        from pinekeep.operations.fleet.plans import Narrowing  # noqa: PLC0415 - imports pydantic

        return Narrowing(accounts=frozenset(self.accounts), regions=frozenset(self.regions))

    def load(self, *, to_deploy: bool = False) -> "Configuration":
        """Read the configuration file and report its warnings; see :meth:`Selection.load`."""
        return Selection(self.config, (), self.as_json).load(to_deploy=to_deploy)

    def named(self, configuration: "Configuration") -> "tuple[str, Fleet]":
        """Return the fleet with its name. Raises WrongInputError if there is none of this name, or several."""
        from pinekeep.model.config.fleet.selection import fleet_of  # noqa: PLC0415 - imports pydantic

        return fleet_of(configuration, self.fleet)

    def clients(self, name: str, fleet: "Fleet") -> "Clients":
        """Return the clients of the account that administers the stack set. Raises AwsRefusedError."""
        from pinekeep.operations.fleet.administration import administrator_clients  # noqa: PLC0415 - imports pydantic

        return administrator_clients(name, fleet.administrator)

    def targets(self, configuration: "Configuration", name: str, clients: "Clients") -> "tuple[FleetTargets, Members]":
        """Return the targets, and the accounts of the organizational units. Reports the warnings about rows.

        Raises ConfigurationError if the rows are invalid, or if an account or Region that was given is no target's;
        AwsRefusedError.
        """
        from pinekeep.cli.reporting import report_problems  # noqa: PLC0415 - imports pydantic
        from pinekeep.operations.fleet.targets import targets_of  # noqa: PLC0415

        found = targets_of(configuration, name, clients=lambda: clients)
        report_problems(found[0].warnings, str(configuration.path))
        return found

    def write(self, output: "BaseModel", text: Callable[[], object]) -> None:
        """Write the result to stdout: as JSON, or as ``text`` writes it."""
        if self.as_json:
            write_json(output)
        else:
            text()


def fleet_verb(name: str, *, narrowed: bool = True) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command of ``fleet``, with ``--config``, ``--fleet`` and ``--json``.

    ``narrowed``: whether it takes ``--account`` and ``--region``. All are passed on as ``selection``.
    """
    return lambda function: click.command(name, cls=Command)(_options(function, narrowed=narrowed))


def _options(function: F, *, narrowed: bool) -> F:
    @click.option(
        "--config", "-c", type=click.Path(path_type=Path), help=f"The configuration file.  [default: {DEFAULT_FILE}]"
    )
    @click.option(
        "--fleet",
        "-f",
        metavar="NAME",
        shell_complete=_complete_fleets,
        help="The fleet in the file.  [default: the only one]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Write the result to stdout as JSON.")
    @wraps(function)
    def wrapper(
        *,
        config: Path | None,
        fleet: str | None,
        as_json: bool,
        accounts: tuple[str, ...] = (),
        regions: tuple[str, ...] = (),
        **options: Any,
    ) -> Any:
        return function(selection=FleetSelection(config, fleet, as_json, accounts, regions), **options)

    return cast(F, _narrowing(wrapper) if narrowed else wrapper)


def _narrowing(function: F) -> F:
    account = click.option(
        "--account", "accounts", metavar="ID", multiple=True, help="An account. Repeat for several.  [default: all]"
    )
    region = click.option(
        "--region", "regions", metavar="REGION", multiple=True, help="A Region. Repeat for several.  [default: all]"
    )
    return account(region(function))


def _complete_fleets(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete fleet names from the configuration file; an unreadable file completes nothing."""
    from pinekeep.errors import PinekeepError  # noqa: PLC0415
    from pinekeep.model.config import load  # noqa: PLC0415

    try:
        names = load(context.params.get("config") or DEFAULT_FILE).content.fleet
    except PinekeepError:
        return []
    return [name for name in names if name.startswith(incomplete)]
