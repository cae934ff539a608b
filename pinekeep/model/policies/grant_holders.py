"""What the holder of a grant is to a deployment.

On a key made by the stack nobody needs a grant but an AWS service for which the account asked; ListGrants names the
account that asked, not the role. Whoever else holds one is a stranger. A grant to the role that gives it nothing new is
told apart. An adopted key has an owner, who may have given grants to others, and these are the owner's affair. A grant
to a whole other account is not taken for that, and neither is one that gives the role more than a key user may.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from pinekeep.model.policies.compare import covers
from pinekeep.model.policies.grants import Grant
from pinekeep.model.policies.key import USE_ACTIONS


class Holder(Enum):
    """What the holder of a grant is to the deployment."""

    SERVICE = auto()
    ROLE = auto()
    OF_THE_OWNER = auto()
    STRANGER = auto()


@dataclass(frozen=True, kw_only=True)
class Holders:
    """Tells what the holders of grants on one key are.

    ``account``: the account of the deployment, which owns the key. ``adopted``: whether the key was there before the
    deployment, and is its owner's.
    """

    account: str
    role_arns: tuple[str, ...]
    adopted: bool

    def holder(self, grant: Grant) -> Holder:
        """Return what the holder of a grant is."""
        if grant.is_for_service(self.account):
            return Holder.SERVICE
        if grant.grantee in self.role_arns:
            known = [any(covers(action, f"kms:{each}") for action in USE_ACTIONS) for each in grant.operations]
            return Holder.ROLE if all(known) else Holder.STRANGER
        if self.adopted and grant.whole_account in (None, self.account):
            return Holder.OF_THE_OWNER
        return Holder.STRANGER

    def strangers(self, grants: Iterable[Grant]) -> tuple[Grant, ...]:
        """Return the grants by which somebody can use the key who should not."""
        return tuple(each for each in grants if self.holder(each) is Holder.STRANGER)
