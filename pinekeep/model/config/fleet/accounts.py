"""What is wanted in each account of a fleet, and what its Regions have in common: the role."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.model.config.fleet import columns
from pinekeep.model.config.fleet.merging import merged
from pinekeep.model.config.fleet.rows import Row, Rows
from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.facts import pinecone
from pinekeep.model.words import listed, plain

MANAGEMENT: Final = "it is the management account, to which service-managed permissions do not deploy"
_REGIONS_MAX: Final = len(pinecone.REGIONS) + 1
"""Of more Regions in a row, one of these is a problem already."""
_OF_THE_ROLE: Final[tuple[Path, ...]] = (
    ("cmek", "role_name"),
    ("cmek", "trust"),
    ("iam_path",),
    ("permissions_boundary",),
)
"""The settings of the role, of which there is one in an account."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target before it is validated.

    Attributes:
        row: its row, if it has one.
        index: its index in ``accounts``, if it is one of them. Without row and index, its unit contains it.
    """

    account: Any
    region: Any
    row: Row | None = None
    index: int | None = None

    @property
    def is_named(self) -> bool:
        """Whether the file names the account, not only a unit that contains it."""
        return self.row is not None or self.index is not None

    @property
    def name(self) -> str:
        """The account as messages name it."""
        return f"account {plain(str(self.account))}"


Found = Iterator[tuple[Wanted, Problem]]
"""Problems, each with the target that it is about."""


def wanted_accounts(fleet: Fleet, rows: Rows, members: Mapping[str, Sequence[str]]) -> dict[str, list[Wanted]]:
    """Return the targets of each account: those of its rows; without rows, the fleet's Regions.

    ``members``: the accounts of organizational units.
    """
    found: dict[str, list[Wanted]] = {}
    for row in rows.rows:
        account = row.place.get(columns.ACCOUNT)
        key = account if isinstance(account, str) else f"row {row.number}"
        found.setdefault(key, []).extend(Wanted(account, region, row) for region in _regions(row, fleet)[:_REGIONS_MAX])
    in_file = [(account, index) for index, account in enumerate(fleet.accounts)]
    in_units = [(account, None) for unit in fleet.units for account in members.get(unit, ())]
    for account, index in [*in_file, *in_units]:
        if account not in found:
            found[account] = [Wanted(account, region, None, index) for region in fleet.regions]
    return found


def _regions(row: Row, fleet: Fleet) -> list[Any]:
    given = row.place.get(columns.REGION)
    if given is None:
        return list(fleet.regions)
    if isinstance(given, str):
        return given.split()
    return given if isinstance(given, list) and given else [given]


def is_management(account: str, fleet: Fleet) -> bool:
    """Return whether an account is the organization's management account, as far as the file says."""
    administrator = fleet.administrator.account
    return fleet.permissions == "service-managed" and not fleet.delegated and account == administrator


def targets_differ(entries: list[Wanted]) -> Found:
    """No Region of an account is listed twice."""
    first: dict[str, Wanted] = {}
    for each in entries:
        earlier = first.setdefault(str(each.region), each)
        if earlier is not each:
            message = f"{each.name} in {plain(str(each.region))} is already listed, in line {_line(earlier)}"
            yield each, Problem("fleet-target-twice", message, "keep one row", (columns.REGION,))


def role_region(entries: list[Wanted], fleet: Fleet) -> str:
    """Return the Region of the role in an account: by its rows, by the fleet, or the first of its Regions."""
    given = _given_role_regions(entries)
    return next(iter(given)) if given else fleet.role_region or str(entries[0].region)


def _given_role_regions(entries: list[Wanted]) -> dict[str, Wanted]:
    """Return the Regions of the role that rows of an account name, each with its last target."""
    places = ((each, each.row.place) for each in entries if each.row)
    return {str(place[columns.ROLE_REGION]): each for each, place in places if columns.ROLE_REGION in place}


def no_role_has_a_region(entries: list[Wanted]) -> Found:
    """Without cmek, there is no role that could have a Region."""
    for each in _given_role_regions(entries).values():
        yield each, Problem("role-region-without-role", "without cmek there is no role", "remove it", _ROLE_REGION)


def role_has_one_region(entries: list[Wanted], fleet: Fleet) -> Found:
    """The role of an account is in one Region, which is one of the account's."""
    given = _given_role_regions(entries)
    if len(given) > 1:
        message = f"the role of {entries[0].name} is in one Region, and its rows name {listed([*map(plain, given)])}"
        hint = "name one in all rows of the account"
        yield [*given.values()][-1], Problem("fleet-role-differs", message, hint, _ROLE_REGION)
    wanted = role_region(entries, fleet)
    regions = list(dict.fromkeys(str(each.region) for each in entries))
    if wanted not in regions:
        own = listed([*map(plain, regions)])
        message = f"the role's Region {plain(wanted)} is not among the Regions of the account: {own}"
        hint = f"add {plain(wanted)} to region, or name one of them in role_region"
        yield given.get(wanted, entries[0]), Problem("role-region", message, hint, _ROLE_REGION)


def role_is_the_same(entries: list[Wanted], settings: Mapping[str, Any]) -> Found:
    """The rows of an account agree about its role."""
    rows = list({each.row.number: each for each in entries if each.row}.values())
    roles = [_role(_merged(settings, each)) for each in rows] if len(rows) > 1 else []
    for each, role in zip(rows[1:], roles[1:], strict=False):
        for path, value in role.items():
            if value != roles[0][path]:
                message = f"this differs from line {_line(rows[0])}, and {each.name} has one role for all Regions"
                hint = "write the same values of the role in all rows of the account"
                yield each, Problem("fleet-role-differs", message, hint, path)


def existing_keys_are_of_one_region(entries: list[Wanted], settings: Mapping[str, Any]) -> Found:
    """A role for existing keys is in one Region of an account: its stack creates nothing in others."""
    if len(entries) == 1:
        return
    cmek = _merged(settings, entries[0]).get("cmek")
    key = cmek.get("key") if isinstance(cmek, Mapping) else None
    adopts = isinstance(key, Mapping) and key.get("adopt") is not None
    if adopts or (isinstance(cmek, Mapping) and cmek.get("customer_keys")):
        count = len(entries)
        message = f"{entries[0].name} has {count} Regions, and a role that uses existing keys is in one"
        hint = "name one Region for the account, and set up the others with a deployment each"
        yield entries[1], Problem("fleet-one-region", message, hint, (columns.REGION,))


_ROLE_REGION: Final[Path] = (columns.ROLE_REGION,)


def _merged(settings: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    return merged(settings, wanted.row.values if wanted.row else {})


def _role(data: Mapping[str, Any]) -> dict[Path, Any]:
    """Return the settings of the role, by path."""
    found: dict[Path, Any] = {}
    for path in _OF_THE_ROLE:
        value: Any = data
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        found[path] = value
    return found


def _line(wanted: Wanted) -> int:
    return wanted.row.line if wanted.row else 0
