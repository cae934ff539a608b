"""The targets of a fleet: a complete deployment for each account and Region."""

from dataclasses import dataclass

from pinekeep.model import naming
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.problems import Problem


@dataclass(frozen=True, kw_only=True)
class Target:
    """One account and Region of a fleet.

    Attributes:
        deployment: its settings, complete and valid. Its name in the account is the fleet's.
        role_region: the Region of the account whose stack has the role; None without ``cmek``.
        place: where its row is, such as ``fleet.csv:12``; None for an account without a row.
    """

    account: str
    region: str
    deployment: Deployment
    role_region: str | None = None
    place: str | None = None


@dataclass(frozen=True, kw_only=True)
class FleetTargets:
    """A fleet with its targets.

    Attributes:
        pinecone_account: Pinecone's own account by the file.
        targets: by account, then by Region, the Region of the role first.
        incomplete: accounts of organizational units that need a row of their own, each with the reason.
        warnings: what is allowed in the rows, but deserves attention.
    """

    name: str
    fleet: Fleet
    pinecone_account: str | None
    targets: tuple[Target, ...]
    incomplete: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def accounts(self) -> int:
        """The number of accounts."""
        return len({each.account for each in self.targets})

    @property
    def stack_set(self) -> str:
        """The name of the stack set."""
        has_cmek = self.fleet.settings.get("cmek") is not None
        return naming.cmek_stack(self.name) if has_cmek else naming.private_link_stack(self.name)
