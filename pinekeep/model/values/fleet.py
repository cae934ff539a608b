"""The values of a fleet: its accounts, organizational units and files."""

from typing import Annotated, Final

from pinekeep.model.facts import regions
from pinekeep.model.values import Check, Items, matching, refuse
from pinekeep.model.values.accounts import OwnAccount, Region, require_partition
from pinekeep.model.values.numbers import between
from pinekeep.model.values.roles import RoleName
from pinekeep.model.words import did_you_mean, shown

_UNIT: Final = r"(?:ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})"
"""Source: the API reference of AWS Organizations (OrganizationalUnit, Root), checked 2026-11-30."""


def _aws_region(value: str) -> str:
    require_partition(value)
    if value not in regions.COMMERCIAL:
        guess = did_you_mean(value, regions.COMMERCIAL)
        refuse("aws-region", f"{shown(value)} is not a Region of AWS", guess or "`aws ec2 describe-regions` lists them")
    return value


AwsRegion = Annotated[str, Check(_aws_region, allowed="a Region of AWS", enum=[*regions.COMMERCIAL])]
FLEET_MAX: Final = 10_000
"""The accounts of a fleet."""
FleetRegions = Annotated[list[Region], Items("fleet-regions", "Region", least=1)]
ConcurrentAccounts = Annotated[int, between("concurrent-accounts", 1, FLEET_MAX, unit="accounts", example=10)]
FailedAccounts = Annotated[int, between("failed-accounts", 0, FLEET_MAX, unit="accounts", example=0)]
TargetAccounts = Annotated[list[OwnAccount], Items("fleet-accounts", "account")]
OrganizationalUnit = Annotated[
    str,
    matching(
        "organizational-unit",
        _UNIT,
        "the ID of an organizational unit has the form ou-ab12-11111111, the root's the form r-ab12",
        "`aws organizations list-organizational-units-for-parent --parent-id r-ab12` lists them",
        allowed="IDs of organizational units, or of the root",
    ),
]
OrganizationalUnits = Annotated[list[OrganizationalUnit], Items("organizational-units", "organizational unit")]
RoleNameInEveryAccount = RoleName
TargetFile = Annotated[
    str,
    matching(
        "target-file",
        r"[^\x00-\x1f]+\.(?:csv|yaml|yml)",
        "the file of the targets is a CSV or YAML file",
        "write a name that ends in .csv, .yaml or .yml",
        allowed="the path of a CSV or YAML file, relative to this file",
    ),
]
