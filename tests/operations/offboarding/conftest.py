"""A deployment to offboard, a clock that can be set, and a CloudTrail that tells what it is told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.model.arns import role_arn
from tests.command_support import Result, Run
from tests.operations.revocation.conftest import (
    ACCOUNT,
    REGION,
    MakeWorld,
    World,
    caller,
    make_world,
    pinekeep,
    server,
    shared_clients,
)

__all__ = ["caller", "make_world", "pinekeep", "server", "shared_clients"]

START = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PAGE = 2


@dataclass
class Clock:
    """The time that AWS tells."""

    now: datetime = START

    def pass_(self, **length: float) -> None:
        self.now += timedelta(**length)


@dataclass
class FakeTrail:
    """CloudTrail's event history, a few events a page."""

    events: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    late: list[dict[str, Any]] = field(default_factory=list)
    """Events that are found by their ID alone."""

    def happen(self, name: str, resource: str, at: datetime, *, error: str | None = None, by: str = "") -> None:
        detail: dict[str, Any] = {
            "userIdentity": {"arn": by or f"arn:aws:sts::{ACCOUNT}:assumed-role/somebody/session"}
        }
        if error:
            detail["errorCode"] = error
        self.events.append(
            {
                "EventName": name,
                "EventTime": at,
                "Resources": [{"ResourceName": resource}],
                "CloudTrailEvent": json.dumps(detail),
            }
        )

    def lookup_events(self, **given: Any) -> dict[str, Any]:
        self.calls.append(given)
        (attribute,) = given["LookupAttributes"]
        if attribute["AttributeKey"] == "EventId":
            return {"Events": [each for each in self.late if each.get("EventId") == attribute["AttributeValue"]]}
        assert attribute["AttributeKey"] == "ResourceName"
        found = [
            each
            for each in sorted(self.events, key=lambda each: each["EventTime"], reverse=True)
            if given["StartTime"] <= each["EventTime"] <= given["EndTime"]
            and each["Resources"] == [{"ResourceName": attribute["AttributeValue"]}]
        ]
        start = int(given.get("NextToken", "0"))
        answer: dict[str, Any] = {"Events": found[start : start + PAGE]}
        if start + PAGE < len(found):
            answer["NextToken"] = str(start + PAGE)
        return answer


@dataclass
class Way:
    """One deployment's way out."""

    world: World
    trail: FakeTrail
    clock: Clock
    pinekeep: Run

    @property
    def name(self) -> str:
        return self.world.name

    @property
    def role_arn(self) -> str:
        return role_arn(account=ACCOUNT, role_name=self.world.role)

    def offboard(self, *arguments: str) -> Result:
        return self.pinekeep("offboard", "--deployment", self.name, *arguments)

    def step(self, *arguments: str) -> Result:
        """Try to pass the next gate."""
        return self.offboard("--confirm", self.name, *arguments)

    def statuses(self) -> list[str]:
        gates = self.offboard("--status", "--json").require_schema("offboard")["gates"]
        return [gate["status"] for gate in gates]

    @property
    def passed(self) -> int:
        return self.statuses().count("passed")

    def reach(self, number: int) -> None:
        """Pass gates until so many are passed, waiting as long as each needs."""
        waits = {2: 8, 4: 8}
        for each in range(self.passed, number):
            self.clock.pass_(days=waits.get(each, 0), minutes=1)
            result = self.step()
            assert result.code == 0, result.out + result.err

    @property
    def state(self) -> Any:
        return self.world.parameter("offboarding")

    def write_state(self, text: str) -> None:
        self.world.client("ssm").put_parameter(Name=f"/pinekeep/{self.name}/offboarding", Value=text, Overwrite=True)


MakeWay = Callable[..., Way]


@pytest.fixture
def make_way(
    make_world: MakeWorld,
    shared_clients: Callable[[str], Clients],
    pinekeep: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> MakeWay:
    def make(**options: Any) -> Way:
        world, trail, clock = make_world(**options), FakeTrail(), Clock()
        monkeypatch.setitem(shared_clients(REGION)._clients, "cloudtrail", trail)
        monkeypatch.setattr("pinekeep.operations.offboarding.progress.aws_now", lambda _: clock.now)
        return Way(world, trail, clock, pinekeep)

    return make


@pytest.fixture
def way(make_way: MakeWay) -> Way:
    return make_way()
