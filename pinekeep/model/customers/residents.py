"""Who has which place, and what they were told: what the ledger holds, apart from its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pinekeep.model.customers.packing import Place


@dataclass(frozen=True)
class Given:
    """What a customer was given, and what of its Pinecone may use since then.

    ``role_arn``: the ARN of the role; None where that was not written down. ``keys``: ARNs of its keys, or the pattern
    for every key of its account; None where that was not written down.
    """

    role_arn: str | None = None
    keys: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Resident:
    """One customer in the ledger.

    ``place``: the role, and the policies in it. ``given``: what the customer has been told; None where it has been told
    nothing yet.
    """

    account: str
    place: "Place"
    given: Given | None = None

    @property
    def handed_over(self) -> bool:
        """Whether the customer has been told which role to let in."""
        return self.given is not None


@dataclass(frozen=True)
class Ledger:
    """Everybody who has a place, by deployment and name."""

    residents: Mapping[str, Mapping[str, Resident]] = field(default_factory=dict)

    def of(self, deployment: str) -> Mapping[str, Resident]:
        """Return the customers of a deployment."""
        return self.residents.get(deployment, {})

    def with_deployment(self, deployment: str, residents: Mapping[str, Resident]) -> "Ledger":
        """Return the ledger with these customers in place of the deployment's."""
        return Ledger({**self.residents, deployment: dict(residents)})


def ledger_path(configuration: Path) -> Path:
    """Return where the ledger of a configuration file is: ``pinekeep.customers.json`` for ``pinekeep.yaml``."""
    return configuration.with_suffix(".customers.json")
