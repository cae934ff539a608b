"""Rules about lists: enough items, all different."""

from collections.abc import Iterator
from typing import Any, Final

from pinekeep.model.config.models import (
    ADMINISTRATORS,
    CIDRS,
    CLIENT_VPC_IDS,
    PREFIX_LIST_IDS,
    REMOVED_CUSTOMERS,
    REMOVED_KEYS,
    REMOVED_ROLES,
    SECURITY_GROUP_IDS,
    SUBNET_IDS,
    TRUST_REGIONS,
    ZONES,
    Deployment,
    PinekeepFile,
)
from pinekeep.model.config.partial import known_items
from pinekeep.model.config.problems import Path, Problem
from pinekeep.model.config.types import Items

LISTS: Final[tuple[tuple[Items, tuple[str, ...]], ...]] = (
    (TRUST_REGIONS, ("cmek", "trust", "regions")),
    (ADMINISTRATORS, ("cmek", "key", "administrators")),
    (REMOVED_CUSTOMERS, ("cmek", "removed_customers")),
    (REMOVED_KEYS, ("cmek", "removed_keys")),
    (REMOVED_ROLES, ("cmek", "removed_roles")),
    (SUBNET_IDS, ("private_link", "vpc", "subnet_ids")),
    (ZONES, ("private_link", "vpc", "availability_zones")),
    (CIDRS, ("private_link", "clients", "cidrs")),
    (SECURITY_GROUP_IDS, ("private_link", "clients", "security_group_ids")),
    (PREFIX_LIST_IDS, ("private_link", "clients", "prefix_list_ids")),
    (CLIENT_VPC_IDS, ("private_link", "client_vpc_ids")),
)


def list_items_differ(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Nothing is listed twice."""
    for kind, names in LISTS:
        seen: dict[str, int] = {}
        for index, value in known_items(_list(deployment, names)):
            first = seen.setdefault(value, index)
            if first != index:
                yield Problem(
                    f"{kind.code}-twice", f"{value} is listed already, as item {first + 1}", "keep one",
                    (*path, *names, index),
                )  # fmt: skip


def lists_are_long_enough(_: PinekeepFile, __: str, deployment: Deployment, path: Path) -> Iterator[Problem]:
    """Where several are needed, several are listed."""
    for kind, names in LISTS:
        values = _list(deployment, names, least=kind.least)
        if len(values) < kind.least:
            few = f"at least {kind.least} {kind.item}{'' if kind.least == 1 else 's'} needed, got {len(values)}"
            yield Problem(f"{kind.code}-few", few, f"name {'one' if kind.least == 1 else 'more'}", (*path, *names))


def _list(deployment: Deployment, names: tuple[str, ...], least: int = 0) -> list[str]:
    """Return the list, or one that nothing can be said against where there is none, or an unreadable one."""
    value: Any = deployment
    for name in names:
        value = getattr(value, name, None)
    return value if isinstance(value, list) else [str(number) for number in range(least)]
