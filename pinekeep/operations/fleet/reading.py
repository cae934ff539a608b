"""What the handoff and the Pinecone projects of a fleet read first: its targets, its instances and their accounts."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance, list_instances
from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.words import did_you_mean, listed
from pinekeep.operations.fleet.accounts import TargetAccounts
from pinekeep.operations.fleet.desired import call_as, part_of, stack_set_name

_ROLE_TEMPLATE: Final = (
    "deploy the released template fleet-verification-role to the account; `pinekeep release` writes it"
)


@dataclass(frozen=True, kw_only=True)
class FleetReading:
    """A fleet with its instances. ``verification_clients``: clients that read a target's account."""

    targets: FleetTargets
    instances: tuple[Instance, ...]
    verification_clients: Callable[[Target], Clients]
    administrator: Clients

    @property
    def secret_clients(self) -> Callable[[Target], Clients]:
        """Clients that store API keys in a target's account, by the role that the fleet names for it."""
        role = self.targets.fleet.pinecone_role_name
        if role is None:
            return self.verification_clients
        fix = f"create the role {role} in the account, and let the administrator assume it"
        return TargetAccounts(self.administrator, role, fix=fix).clients_for


def read_fleet(
    targets: FleetTargets, administrator: Clients, *, accounts: Collection[str] = (), regions: Collection[str] = ()
) -> FleetReading:
    """Return some targets of a fleet with their instances. One call for 100 instances.

    ``accounts``, ``regions``: empty for all. Raises WrongInputError if one of them is no target's; AwsRefusedError if
    AWS refuses.
    """
    some = narrowed(targets, accounts=accounts, regions=regions)
    name = stack_set_name(targets.name, part_of(targets))
    one = next(iter(accounts)) if len(accounts) == 1 else None
    found = list_instances(administrator, name, call_as=call_as(targets), account=one)
    reader = TargetAccounts(administrator, targets.fleet.verification_role_name, fix=_ROLE_TEMPLATE)
    return FleetReading(
        targets=some,
        instances=tuple(found),
        verification_clients=reader.clients_for,
        administrator=administrator,
    )


def narrowed(targets: FleetTargets, *, accounts: Collection[str] = (), regions: Collection[str] = ()) -> FleetTargets:
    """Return the targets of some accounts and Regions; empty for all. Raises WrongInputError if one is no target's."""
    for given, what, known in (
        (accounts, "account", {each.account for each in targets.targets}),
        (regions, "Region", {each.region for each in targets.targets}),
    ):
        if unknown := [each for each in given if each not in known]:
            raise WrongInputError(
                f"fleet {targets.name} has no target in {what} {listed(unknown)}",
                hint=did_you_mean(unknown[0], sorted(known)),
            )
    return replace(
        targets,
        targets=tuple(
            each
            for each in targets.targets
            if each.account in (accounts or (each.account,)) and each.region in (regions or (each.region,))
        ),
        incomplete=tuple(each for each in targets.incomplete if not accounts and not regions),
    )
