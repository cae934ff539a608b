"""A fleet of two accounts, one of them in two Regions, in an AWS in this process."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bench.fleet_accounts import FleetAws, fleet_of
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.operations.fleet.verification.results import TargetResult
from pinekeep.operations.fleet.verification.run import Verified, job_of, verify_fleet
from pinekeep.operations.fleet.verification.store import Store

FIRST, SECOND, THIRD = (f"20000000000{number}" for number in range(3))
HOME, ABROAD = "us-east-1", "eu-west-1"


@pytest.fixture
def fleet() -> FleetTargets:
    """Three accounts; the first is in two Regions."""
    both = fleet_of(3, regions=(HOME, ABROAD))
    return replace(both, targets=tuple(each for each in both.targets if each.region == HOME or each.account == FIRST))


@pytest.fixture
def aws(fleet: FleetTargets) -> FleetAws:
    return FleetAws(fleet, reuse=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "pinekeep.fleet.sqlite") as opened:
        yield opened


Verify = Callable[..., dict[tuple[str, str], TargetResult]]


@pytest.fixture
def verified(aws: FleetAws, fleet: FleetTargets, store: Store) -> Callable[..., Verified]:
    def run(**options: object) -> Verified:
        job = job_of(fleet, aws.clients(), handovers=options.pop("handovers", {}), delegated=aws.shared)  # pyrefly: ignore[bad-argument-type]
        arguments = {"store": store, "configuration": "digest", "complete": True, **options}
        targets = arguments.pop("targets", fleet.targets)
        return verify_fleet(job, fleet, targets, **arguments)  # pyrefly: ignore[bad-argument-type]

    return run


@pytest.fixture
def verify(verified: Callable[..., Verified]) -> Verify:
    """Verify the fleet, and return the results by account and Region."""
    return lambda **options: {each.place: each for each in verified(**options).results}
