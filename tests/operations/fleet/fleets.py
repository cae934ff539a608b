"""Fleets in tests: targets as the configuration file would make them."""

import uuid
from typing import Any

from pinekeep.model.config.fleet.settings import Fleet
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.models import Deployment

NAME = "search"
ADMINISTRATOR = "111122223333"
FIRST, SECOND, THIRD = "444455556666", "777788889999", "222233334444"
PINECONE = "740000000001"
UNIT = "ou-ab12-11111111"


def external_id(account: str) -> str:
    """The external ID of an account."""
    return str(uuid.UUID(int=int(account), version=4))


def fleet(**given: Any) -> Fleet:
    """A fleet's settings."""
    settings: dict[str, Any] = {
        "administrator": {"account": ADMINISTRATOR, "region": "us-east-1"},
        "permissions": "service-managed",
        "accounts": [FIRST, SECOND],
        "regions": ["us-east-1", "eu-west-1"],
        "settings": {"tags": {"team": "search"}, "cmek": {"trust": {"regions": ["us-east-1"]}}},
    }
    return Fleet.model_validate({**settings, **given})


def cmek(account: str, region: str = "us-east-1", *, role_region: str | None = "us-east-1", **given: Any) -> Target:
    """A target with a role and a key. ``given``: settings of ``cmek``; those of ``key`` and ``trust`` are added."""
    trust = {"regions": ["us-east-1"], "external_id": external_id(account), **given.pop("trust", {})}
    settings = {
        "account": account,
        "region": region,
        "tags": {"team": "search"},
        "cmek": {"role_name": f"pinekeep-{NAME}", "trust": trust, **given},
    }
    return Target(
        account=account,
        region=region,
        deployment=Deployment.model_validate(settings),
        role_region=role_region,
        place=f"fleet.csv:{2 + (int(account) % 7)}",
    )


def link(account: str, region: str = "us-east-1", **given: Any) -> Target:
    """A target with an endpoint in an existing VPC."""
    number = int(account) % 0xFFFFFF
    settings = {
        "account": account,
        "region": region,
        "tags": {"team": "search"},
        "private_link": {
            "vpc": {"id": f"vpc-{number:017x}", "subnet_ids": [f"subnet-{number:016x}{each}" for each in "ab"]},
            "clients": {"cidrs": ["10.0.0.0/16"]},
            **given,
        },
    }
    return Target(account=account, region=region, deployment=Deployment.model_validate(settings))


def targets(*wanted: Target, incomplete: tuple[tuple[str, str], ...] = (), **given: Any) -> FleetTargets:
    """A fleet with targets; two accounts with two Regions each by default."""
    made = wanted or tuple(
        cmek(account, region) for account in (FIRST, SECOND) for region in ("us-east-1", "eu-west-1")
    )
    return FleetTargets(name=NAME, fleet=fleet(**given), pinecone_account=PINECONE, targets=made, incomplete=incomplete)
