"""The Pinecone projects of a fleet's targets, made at the stand-in for Pinecone."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from httpx import create_ssl_context

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.stack_sets import Instance
from pinekeep.emulator.stand_in import Fault, PineconeStandIn
from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.operations.fleet.key_rotation import fleet_rotations, rotations_output
from pinekeep.operations.fleet.projects import FleetProjects, TargetProject, projects_output, with_fleet
from pinekeep.pinecone.client import PineconeAdmin
from pinekeep.pinecone.credentials import ServiceAccount
from pinekeep.pinecone.sdk import Caller
from tests.operations.fleet.handoff_support import Accounts, deployed, fleet, instance, place, target
from tests.pinecone.contract import faults_of

_CONTEXT = cache(create_ssl_context)
TWELVE = tuple(range(100000000000, 100000000012))


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[PineconeStandIn]:
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", _CONTEXT)
    with PineconeStandIn() as running:
        yield running
    assert [fault for exchange in running.exchanges for fault in faults_of(exchange)] == []


@pytest.fixture
def admin(stand_in: PineconeStandIn) -> Iterator[PineconeAdmin]:
    account = ServiceAccount.of_the_environment(stand_in.environment)
    with PineconeAdmin(account, caller=Caller(lambda _: None)) as connected:
        yield connected


def no_secrets(_: Target) -> Clients:
    raise AssertionError("no secret is looked at")


def with_project(number: int, **more: Any) -> Target:
    return target(number, pinecone={"project": f"search-{number}", **more})


def projects(
    targets: FleetTargets,
    admin: PineconeAdmin,
    *,
    instances: list[Instance] | None = None,
    accounts: Accounts | None = None,
    secrets: Any = no_secrets,
    told: list[str] | None = None,
) -> FleetProjects:
    known = [instance(each) for each in targets.targets] if instances is None else instances
    reader = accounts or Accounts({}, refused=[each.account for each in targets.targets])
    return FleetProjects(
        targets=targets,
        instances=known,
        admin=admin,
        verification_clients=reader.clients_for,
        secret_clients=secrets,
        tell=(told if told is not None else []).append,
    )


def applied(side: FleetProjects) -> list[TargetProject]:
    found = side.plans()
    for each in found:
        side.apply(each)
    return found


def statuses(found: list[TargetProject]) -> list[str]:
    return [each.output("search").status for each in found]


def requests(stand_in: PineconeStandIn, method: str) -> list[str]:
    return [each.template for each in stand_in.exchanges if each.method == method and "oauth" not in each.template]


def test_each_target_gets_its_project_once_and_a_second_run_makes_none(
    stand_in: PineconeStandIn, admin: PineconeAdmin
) -> None:
    of_fleet, told = fleet(*map(with_project, TWELVE)), list[str]()
    side = projects(of_fleet, admin, told=told)
    planned = side.plans()
    assert statuses(planned) == ["planned"] * 12
    assert requests(stand_in, "GET") == ["/admin/projects"]
    for each in planned:
        side.apply(each)
    assert statuses(planned) == ["applied"] * 12
    made = stand_in.organization.projects.values()
    assert sorted(each["name"] for each in made) == [f"search-{number}" for number in TWELVE]
    assert all(each["force_encryption_with_cmek"] for each in made)
    assert told[0] == (
        "100000000000/us-east-1: create the project search-100000000000, with CMEK, which can never be turned off"
    )
    stand_in.exchanges.clear()
    again = applied(side)
    assert statuses(again) == ["in order"] * 12
    assert requests(stand_in, "POST") == []
    assert projects_output(of_fleet, again, changed=False).passed


def test_a_run_that_was_ended_continues_and_makes_no_second_project(
    stand_in: PineconeStandIn, admin: PineconeAdmin
) -> None:
    of_fleet = fleet(*map(with_project, TWELVE))
    side = projects(of_fleet, admin)
    planned = side.plans()
    for each in planned[:5]:
        side.apply(each)
    # The request is carried out, and this program is gone before the answer comes.
    stand_in.faults.append(Fault("close", method="POST", path="/admin/projects", carried_out=True))
    side.apply(planned[5])
    assert planned[5].output("search").status == "failed"
    stand_in.exchanges.clear()
    again = applied(side)
    assert statuses(again) == ["in order"] * 6 + ["applied"] * 6
    names = [each["name"] for each in stand_in.organization.projects.values()]
    assert sorted(names) == [f"search-{number}" for number in TWELVE]
    assert requests(stand_in, "POST") == ["/admin/projects"] * 6


def test_one_that_fails_stops_no_other(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    of_fleet = fleet(*map(with_project, TWELVE[:4]))
    side = projects(of_fleet, admin)
    planned = side.plans()
    stand_in.faults.append(Fault(status=403, code="FORBIDDEN", method="POST", path="/admin/projects"))
    for each in planned:
        side.apply(each)
    assert statuses(planned) == ["failed", "applied", "applied", "applied"]
    output = projects_output(of_fleet, planned, changed=True)
    assert not output.passed
    assert output.targets[0].reason
    assert len(stand_in.organization.projects) == 3


def test_what_is_not_deployed_yet_is_skipped_with_the_reason(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    targets = [with_project(number) for number in TWELVE[:4]]
    accounts = deployed(*targets)
    accounts.stacks[place(targets[2])]["StackStatus"] = "ROLLBACK_COMPLETE"
    instances = [
        instance(targets[0]),
        instance(targets[2], status="OUTDATED"),
        instance(targets[3], status="OUTDATED"),
    ]
    found = applied(projects(fleet(*targets), admin, instances=instances, accounts=accounts))
    assert statuses(found) == ["applied", "skipped", "skipped", "applied"]
    assert found[1].output("search").reason == "it is not deployed yet"
    assert found[2].output("search").reason == "its stack is in the state ROLLBACK_COMPLETE"
    assert "fleet deploy --fleet search --account 100000000001" in str(found[1].output("search").fix)
    # Of the stacks, only those whose last operation did not succeed are read.
    assert accounts.calls.count("describe_stacks") == 2
    assert len(stand_in.organization.projects) == 2


def test_a_project_without_cmek_is_refused_and_the_others_are_made(
    stand_in: PineconeStandIn, admin: PineconeAdmin
) -> None:
    stand_in.organization.create_project(f"search-{TWELVE[0]}", cmek=False)
    found = applied(projects(fleet(*map(with_project, TWELVE[:2])), admin))
    assert statuses(found) == ["refused", "applied"]
    assert "has no CMEK" in str(found[0].output("search").reason)


def test_a_name_that_two_projects_have_is_refused(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    for _ in range(2):
        stand_in.organization.create_project(f"search-{TWELVE[0]}", cmek=True)
    (found,) = applied(projects(fleet(with_project(TWELVE[0])), admin))
    assert "2 projects are named search-100000000000" in str(found.output("search").reason)
    assert len(stand_in.organization.projects) == 2


@pytest.mark.parametrize(
    ("targets", "said", "hint"),
    [
        ((target(1),), "fleet search has no pinecone section for 000000000001/us-east-1", "${AWS::AccountId}"),
        (
            (with_project(1, api_keys=[{"name": "a", "roles": ["ProjectViewer"], "secret": "a"}]),),
            "000000000001/us-east-1 have API keys, and fleet search names no role that may store them",
            "pinecone_role_name",
        ),
    ],
)
def test_what_cannot_be_done_for_the_fleet_is_refused_before_pinecone_is_asked(
    targets: tuple[Target, ...], said: str, hint: str, stand_in: PineconeStandIn, admin: PineconeAdmin
) -> None:
    before = len(stand_in.exchanges)
    with pytest.raises(WrongInputError) as caught:
        projects(fleet(*targets), admin).plans()
    assert said in caught.value.message
    assert hint in str(caught.value.hint)
    assert len(stand_in.exchanges) == before


def test_commands_in_hints_are_those_of_the_fleet(stand_in: PineconeStandIn, admin: PineconeAdmin) -> None:
    one = with_project(TWELVE[0])
    hint = "`pinekeep pinecone rotate --key ingest` replaces it; see `pinekeep verify`"
    assert with_fleet(hint, "search", one) == (
        "`pinekeep pinecone rotate --fleet search --account 100000000000 --key ingest` replaces it; see "
        "`pinekeep verify`"
    )
    key = {"name": "ingest", "roles": ["DataPlaneEditor"], "secret": "pinecone/ingest"}
    side = projects(fleet(with_project(TWELVE[0], api_keys=[key]), pinecone_role_name="Keys"), admin)
    (found,) = rotations_output(side.targets, fleet_rotations(side, []), keep_old=False, changed=False).targets
    assert found.fix == "`pinekeep pinecone apply --fleet search --account 100000000000` creates it"
    with pytest.raises(WrongInputError, match="no API key ingst in fleet search; there are ingest"):
        fleet_rotations(side, ["ingst"])
