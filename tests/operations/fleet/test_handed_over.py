"""A fleet whose file would take from Pinecone what it was given: those targets are held back, and the others go on."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.handover import fleet_handover_path, read_changes, write_fleet_handovers
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.config.handover.file import Handover, digest
from pinekeep.operations.fleet import proof
from pinekeep.operations.fleet.desired import Desired
from pinekeep.operations.fleet.fingerprints import Fingerprints
from pinekeep.operations.fleet.planning import plan_fleet
from pinekeep.operations.fleet.plans import Action, FleetPlan
from pinekeep.operations.fleet.proof import desired_of
from tests.operations.fleet.fleets import ADMINISTRATOR, FIRST, PINECONE, SECOND, cmek, external_id, targets
from tests.operations.fleet.stack_sets_aws import Aws

pytestmark = pytest.mark.process

GIVEN = Handover(
    account=FIRST,
    region="us-east-1",
    role_arn=f"arn:aws:iam::{FIRST}:role/pinekeep-search",
    key_arn=f"arn:aws:kms:us-east-1:{FIRST}:key/1a701453-e750-49ea-8e75-228c38fd39c0",
    external_id=digest(external_id(FIRST)),
    pinecone_account=PINECONE,
    regions=("us-east-1",),
    recorded_at="2026-11-30T12:00:00+00:00",
)


@cache
def made() -> Desired:
    return desired_of(targets(cmek(FIRST), cmek(SECOND)))


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setattr(proof, "_unproved", lambda *_: [])
    return Aws(accounts=dict.fromkeys((ADMINISTRATOR, FIRST, SECOND), "ACTIVE"))


def plan(aws: Aws, found: FleetTargets, folder: Path, given: Handover = GIVEN) -> FleetPlan:
    file = folder / "pinekeep.yaml"
    write_fleet_handovers(fleet_handover_path(file), {"search": {(FIRST, "us-east-1"): given}})
    return plan_fleet(
        found,
        clients=aws.clients(),
        file=str(file),
        fingerprints=lambda _: Fingerprints.none(),
    )


def actions(found: FleetPlan) -> dict[str, Action]:
    return {each.account: each.action for each in found.targets}


def test_what_is_as_handed_over_is_planned_as_ever(aws: Aws, tmp_path: Path) -> None:
    aws.deploy(made())
    assert actions(plan(aws, targets(cmek(FIRST), cmek(SECOND)), tmp_path)) == {FIRST: Action.NONE, SECOND: Action.NONE}


def test_another_external_id_is_held_back_where_the_stack_set_is_new_too(aws: Aws, tmp_path: Path) -> None:
    other = cmek(FIRST, trust={"external_id": external_id(SECOND)})
    found = plan(aws, targets(other, cmek(SECOND)), tmp_path)
    assert actions(found) == {FIRST: Action.HELD_BACK, SECOND: Action.CREATE}
    (held,) = [each for each in found.targets if each.account == FIRST]
    assert held.reason == (
        "it is not the external ID that Pinecone was given, for good; with another one it would be refused"
    )
    assert "restore the old one from version control" in str(held.remedy)
    assert external_id(SECOND) not in str(held.reason) + str(held.remedy)


def test_the_keys_of_further_regions_wait_for_a_role_that_is_held_back(aws: Aws, tmp_path: Path) -> None:
    renamed = [cmek(FIRST, region, role_name="another") for region in ("us-east-1", "eu-west-1")]
    found = plan(aws, targets(*renamed), tmp_path)
    assert {each.region: each.action for each in found.targets} == {
        "us-east-1": Action.HELD_BACK,
        "eu-west-1": Action.HELD_BACK,
    }
    by_region = {each.region: each for each in found.targets}
    assert by_region["us-east-1"].remedy == "write role_name: pinekeep-search"
    assert by_region["eu-west-1"].reason == "the role of the account is held back in us-east-1"


def test_a_damaged_record_ends_the_plan(tmp_path: Path) -> None:
    fleet_handover_path(tmp_path / "pinekeep.yaml").write_text("{")
    with pytest.raises(WrongInputError, match="does not say what was handed over to Pinecone"):
        read_changes(tmp_path / "pinekeep.yaml", targets(cmek(FIRST)))


def test_what_is_deployed_and_was_never_handed_over_so_is_held_back_and_told(aws: Aws, tmp_path: Path) -> None:
    aws.deploy(made())
    role = replace(GIVEN, role_arn=f"arn:aws:iam::{FIRST}:role/another")
    found = plan(aws, targets(cmek(FIRST), cmek(SECOND)), tmp_path, role)
    assert actions(found) == {FIRST: Action.HELD_BACK, SECOND: Action.NONE}
    assert "Pinecone was given the role arn:aws:iam::444455556666:role/another" in str(found.targets[0].reason)
    assert found.targets[0].remedy == "write role_name: another"
