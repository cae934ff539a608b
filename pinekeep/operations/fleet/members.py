"""The accounts of a fleet's organizational units."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pinekeep.account.reads.organization import Account


@dataclass(frozen=True, kw_only=True)
class Members:
    """The accounts of a fleet's organizational units, those of the units below included, by unit and ID."""

    by_unit: Mapping[str, Mapping[str, Account]] = field(default_factory=dict)

    @property
    def units(self) -> dict[str, str]:
        """The unit of the file through which each account is found."""
        return {account: unit for unit, accounts in self.by_unit.items() for account in accounts}

    @property
    def suspended(self) -> dict[str, Account]:
        """The accounts to which CloudFormation does not deploy."""
        return {each.id: each for accounts in self.by_unit.values() for each in accounts.values() if not each.is_active}

    @property
    def active(self) -> dict[str, list[str]]:
        """The IDs of the other accounts, by unit."""
        return {
            unit: sorted(each.id for each in accounts.values() if each.is_active)
            for unit, accounts in self.by_unit.items()
        }
