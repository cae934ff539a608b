"""The places of the deployments' customers, once they are given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pinekeep.model.config.problems import Problem
from pinekeep.model.customers.residents import Ledger

if TYPE_CHECKING:
    from pinekeep.model.customers.packing import Packing


@dataclass(frozen=True)
class Rosters:
    """Who has which place.

    Attributes:
        ledger: what was written down before.
        packings: the places of each deployment's customers; deployments without customers have none.
        problems: why there can be no places, or why they may not be given; and warnings.
    """

    ledger: Ledger
    packings: Mapping[str, "Packing"]
    problems: tuple[Problem, ...]


NOBODY = Rosters(Ledger(), {}, ())
"""Where there are no customers."""
