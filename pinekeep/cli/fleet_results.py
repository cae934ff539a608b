"""The results of an operation of a fleet, for a terminal: each account and Region, alike failures together."""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Final

from pinekeep.cli.options import write

if TYPE_CHECKING:
    from pinekeep.model.output.fleet_deployment import FleetInstanceResult

_REASONS_SHOWN: Final = 10
"""So many instances with the same reason are named one by one."""


def write_results(results: "Iterable[FleetInstanceResult]", *, quiet: Collection[str]) -> None:
    """Write one line for each account and Region; equal reasons once. ``quiet``: results that are counted alone."""
    shown = [each for each in results if each.result not in quiet]
    width = max((len(each.region) for each in shown), default=0)
    for each in shown:
        if each.reason is None:
            write(f"{each.account} {each.region:<{width}} {each.result}")
    for result, reason, hint in dict.fromkeys((each.result, each.reason, each.hint) for each in shown if each.reason):
        alike = [each for each in shown if (each.result, each.reason, each.hint) == (result, reason, hint)]
        for each in alike[:_REASONS_SHOWN]:
            write(f"{each.account} {each.region:<{width}} {result}")
        if len(alike) > _REASONS_SHOWN:
            write(f"and {len(alike) - _REASONS_SHOWN} more {result}")
        write(f"  {reason}")
        if hint:
            write(f"  {hint}")
