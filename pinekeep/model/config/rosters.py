"""The places of the deployments' customers, as :mod:`pinekeep.model.config.roster` assigns them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinekeep.model.config.problems import Problem
from pinekeep.model.customers.residents import Ledger

if TYPE_CHECKING:
    from pinekeep.model.customers.packing import Packing


@dataclass(frozen=True)
class Rosters:
    """The places of all customers.

    ``packings``: the places of the customers by deployment; deployments without customers have none. ``problems``:
    errors that prevent the places or forbid them, and warnings.
    """

    ledger: Ledger
    packings: Mapping[str, "Packing"]
    problems: tuple[Problem, ...]


NOBODY = Rosters(Ledger(), {}, ())
"""The rosters of a configuration without customers."""
