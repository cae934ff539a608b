"""What only one of all fleets and deployments of a file can have: roles, aliases, projects, and parts of an account."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from pinekeep.model.config.fleet.columns import PARTS
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.models import Deployment, PinekeepFile
from pinekeep.model.config.partial import UnknownValueError
from pinekeep.model.config.problems import Path
from pinekeep.model.config.rules import uniqueness
from pinekeep.model.config.rules.subject import Subject, subjects
from pinekeep.model.words import plain

_OF_AN_ACCOUNT: Final = (uniqueness.role_names_differ, uniqueness.external_ids_differ)
"""What all Regions of an account share in a fleet."""
_RULES: Final = (
    *_OF_AN_ACCOUNT,
    uniqueness.aliases_differ,
    uniqueness.one_private_name_a_vpc,
    uniqueness.projects_differ,
    uniqueness.secrets_differ,
)

_HINTS: Final = {
    "project-taken": "give each target a project of its own, as by search-${AWS::AccountId}-${AWS::Region}",
    "external-id-shared": "one for each account keeps them apart; leave it where Pinecone has it already",
}


@dataclass(frozen=True)
class Conflict:
    """A target's claim to something that another one has.

    ``path``: the setting of the target, below the deployment. ``other``: the name of the fleet or deployment that has
    it.
    """

    target: Target
    code: str
    message: str
    hint: str
    path: Path
    other: str
    warn: bool = False


@dataclass(frozen=True, slots=True)
class _Owner:
    identity: Hashable
    name: str
    fleet: bool
    account: str
    place: str | None = None

    def words(self, name: str) -> str:
        """Return how a problem of the fleet ``name`` calls this owner."""
        if not self.fleet:
            return f"deployment {plain(self.name)}"
        if self.name != name:
            return f"fleet {plain(self.name)}"
        return f"account {self.account} ({self.place})" if self.place else f"account {self.account}"


class Claims:
    """What the deployments of a file, and the fleets so far, have. ``content``: the file."""

    def __init__(self, content: PinekeepFile) -> None:
        self._content = content
        self._owners: dict[Hashable, _Owner] = {}
        for here in subjects(content):
            for _ in self._contested(here, _Owner((here.name,), here.name, False, here.deployment.account)):
                pass  # the rules of the file report these

    def conflicts(self, fleet: FleetTargets) -> Iterator[Conflict]:
        """Yield the conflicts of a fleet's targets with what was claimed before, and among themselves."""
        for target in fleet.targets:
            owner = _Owner((fleet.name, target.account, target.region), fleet.name, True, target.account, target.place)
            yield from self._parts(fleet.name, target, owner)
            here = Subject(self._content, fleet.name, target.deployment)
            for claim, first in self._contested(here, owner):
                message = f"{first.words(fleet.name)} {claim.message}"
                hint = _HINTS.get(claim.code, claim.hint)
                yield Conflict(target, claim.code, message, hint, claim.path, first.name, claim.warn)

    def _contested(self, here: Subject, owner: _Owner) -> Iterator[tuple[uniqueness.Claim, _Owner]]:
        for rule in _RULES:
            try:
                for claim in rule(here):
                    first = self._owners.setdefault((rule, claim.key), owner)
                    if not _is_same(first, owner, of_an_account=rule in _OF_AN_ACCOUNT):
                        yield claim, first
            except UnknownValueError:
                continue
        if not owner.fleet:
            for part in _parts_of(here.deployment):
                self._owners.setdefault((part, owner.account, here.deployment.region), owner)

    def _parts(self, name: str, target: Target, owner: _Owner) -> Iterator[Conflict]:
        """Yield the conflict where another fleet or deployment has the same part there: a key, or an endpoint."""
        for part in _parts_of(target.deployment):
            first = self._owners.setdefault((part, target.account, target.region), owner)
            where = f"{target.region} of account {target.account}"
            one = self._owners.setdefault((part, target.account), owner)  # of fleets alone
            if part == "cmek" and one.name != name:
                first, where = one, f"account {target.account}"
            if first.name != name:
                yield Conflict(
                    target, "fleet-part-taken", f"{first.words(name)} already has {part} in {where}",
                    "remove the account from one of the two", ("account",), first.name,
                )  # fmt: skip


def _is_same(one: _Owner, other: _Owner, *, of_an_account: bool) -> bool:
    if one.fleet and other.fleet and of_an_account:
        return one.name == other.name and one.account == other.account
    return one.identity == other.identity


def _parts_of(deployment: Deployment) -> list[str]:
    return [part for part in PARTS if getattr(deployment, part) is not None]
