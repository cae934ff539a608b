"""Every state that an endpoint can come into, by what users and others do: each has a way forward, without an outage.

The states are explored one and all, on a model of the stack and of EC2; the rules of the plan and the record are the
real ones. The same on an AWS, a part of the states, is tests/e2e/test_endpoint_life.py.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import Any

from pinekeep.account.record.endpoint import registered, retired
from pinekeep.account.record.handover import HandedOver, Value
from pinekeep.account.record.store import Record
from pinekeep.errors import PinekeepError
from pinekeep.model.naming import endpoint_logical_id
from pinekeep.operations.plan.changes import Action, Change
from pinekeep.operations.plan.classify import classify
from pinekeep.operations.plan.rules import Kind
from pinekeep.operations.plan.state import ENDPOINT_TYPE, Endpoints, deployed_endpoints, planned_endpoints
from pinekeep.operations.plan.subject import Subject
from tests.operations.plan.subjects import DEPLOYMENT, LINK, NAME, STATE

GENERATIONS = (1, 2, 3)
FILES = tuple((g, s) for g in GENERATIONS for s in (None, *GENERATIONS) if s != g)
COMMANDS_MAX = 6
LIVE_MAX = 3
"""Endpoints that others leave live; more are alike."""


@dataclass(frozen=True)
class World:
    """What there is, each endpoint by a number.

    Attributes:
        stack: the endpoints of the stack by generation, the one that serves first; empty where there is no stack.
        live: the endpoints that are live.
        given: the endpoints that the record knows as registered; None where nothing was recorded.
        old: the endpoints that it knows as retired.
    """

    stack: tuple[tuple[int, int], ...] = ()
    live: frozenset[int] = frozenset()
    given: tuple[int, ...] | None = None
    old: frozenset[int] = frozenset()

    @property
    def plain(self) -> "World":
        """The same with the endpoints numbered anew, and forgotten where nothing tells of them any more."""
        kept = sorted(self.old & self.live)
        seen = chain((each for _, each in self.stack), self.given or (), kept)
        number = {each: index for index, each in enumerate(dict.fromkeys(seen))}
        return World(
            tuple((generation, number[each]) for generation, each in self.stack),
            frozenset(number[each] for each in self.live if each in number),
            None if self.given is None else tuple(number[each] for each in self.given),
            frozenset(number[each] for each in self.old if each in number),
        )

    @property
    def is_well(self) -> bool:
        """Whether clients have a way through an endpoint that is registered, and that a file describes."""
        return bool(self.stack) and self.stack[0][1] in self.live and self.given == tuple(e for _, e in self.stack)

    @property
    def registered_and_live(self) -> list[int]:
        return [each for each in self.given or () if each in self.live]

    @property
    def handed(self) -> HandedOver:
        given = [str(each) for each in self.given or ()]
        values = {Value.ENDPOINT_ID: given[0]} if given else {}
        return HandedOver(values, standby_endpoints=tuple(given[1:]), retired_endpoints=tuple(map(str, self.old)))

    def recorded(self, handed: HandedOver) -> "World":
        given = tuple(map(int, handed.registered_endpoints))
        return replace(self, given=given, old=frozenset(map(int, handed.retired_endpoints)))


def template(generations: tuple[int, ...]) -> dict[str, Any]:
    """The endpoint's stack, as far as the plan looks at it."""
    names = [endpoint_logical_id(each) for each in generations]
    outputs = dict(zip(("VpcEndpointId", "StandbyVpcEndpointId"), names, strict=False))
    return {
        "Resources": {
            each: {"Type": ENDPOINT_TYPE, "Properties": {"VpcId": "vpc", "PrivateDnsEnabled": each == names[0]}}
            for each in names
        },
        "Outputs": {output: {"Value": {"Ref": name}} for output, name in outputs.items()},
    }


def before(world: World) -> Endpoints:
    names = ("VpcEndpointId", "StandbyVpcEndpointId")
    outputs = {name: str(each) for name, (_, each) in zip(names, world.stack, strict=False)}
    return deployed_endpoints(template(tuple(g for g, _ in world.stack)) if world.stack else None, outputs)


def subject(world: World, file: tuple[int, int | None]) -> Subject:
    """What the rules look at when a file is deployed."""
    wanted, there = [each for each in file if each is not None], dict(world.stack)
    made = [(each, Action.ADD, None) for each in wanted if each not in there]
    gone = [(each, Action.REMOVE, str(there[each])) for each in there if each not in wanted]
    served = world.stack[0][0] if world.stack else None
    renamed = [
        (each, Action.MODIFY, str(there[each]))
        for each in wanted
        if each in there and (each == served) != (each == wanted[0])
    ]
    changes = tuple(
        Change(stack=LINK, logical_id=endpoint_logical_id(each), type=ENDPOINT_TYPE, action=action, physical_id=known)
        for each, action, known in (*made, *gone, *renamed)
    )
    now = before(world)
    record = None if world.given is None else Record(NAME, world.handed, "2026-11-20T10:00:00+00:00", "somebody")
    known = {each for _, each in world.stack} | set(world.given or ())
    return Subject(
        name=NAME,
        deployment=DEPLOYMENT,
        before=replace(STATE, endpoints=now),
        after=replace(STATE, endpoints=planned_endpoints(template(tuple(wanted)), now, changes)),
        changes=changes,
        existing=frozenset({LINK}) if world.stack else frozenset(),
        record=record,
        gone_endpoints=frozenset(str(each) for each in known if each not in world.live),
    )


def deploy(world: World, file: tuple[int, int | None]) -> World | None:
    """Deploy a file, accepting by name what may be accepted; None where that is refused."""
    looked_at = subject(world, file)
    breaking = [each.rule for each in classify(looked_at) if each.kind is Kind.BREAKS]
    if any(each.fails or looked_at.registered_endpoints for each in breaking):
        return None
    there, fresh = dict(world.stack), 100
    stack = [(each, there.get(each, fresh + each)) for each in file if each is not None]
    left = {each for generation, each in world.stack if generation not in file}
    made = {each for generation, each in stack if generation not in there}
    return replace(world, stack=tuple(stack), live=(world.live - left) | made)


def record(world: World, *, anew: bool) -> World | None:
    """Record the handover; None where that is refused."""
    if not world.stack or world.stack[0][1] not in world.live:
        return None
    serving, *standby = (str(each) for _, each in world.stack)
    beside = next((each for each in standby if int(each) in world.live), None)
    gone = [str(each) for each in world.given or () if each not in world.live]
    try:
        handed = registered(NAME, world.handed, serving=serving, standby=beside, gone=gone, replaced=anew)
    except PinekeepError:
        return None
    return world.recorded(handed)


def destroy(world: World) -> World:
    noted = world.recorded(retired(world.handed)) if world.given else world
    return replace(noted, stack=(), live=world.live - {each for _, each in world.stack})


def commands(world: World) -> Iterator[World]:
    """Yield what each documented command makes of a world."""
    found = [*(deploy(world, each) for each in FILES), *(record(world, anew=each) for each in (False, True))]
    for each in (*found, destroy(world)):
        if each is not None:
            yield each.plain


def by_others(world: World) -> Iterator[World]:
    """Yield what is made of a world by hand, by an interruption, and by tools that look at nothing."""
    for each in world.live:
        yield replace(world, live=world.live - {each}).plain
    mine = {each for _, each in world.stack}
    yield replace(world, stack=(), live=world.live - mine).plain
    yield replace(world, stack=()).plain  # the endpoints were kept
    if world.given:
        yield world.recorded(retired(world.handed)).plain  # a destruction that was cut short


@cache
def worlds() -> dict[World, list[World]]:
    """Return all worlds that can be come into, each with what the commands make of it."""
    found: dict[World, list[World]] = {}
    waiting = deque([World()])
    while waiting:
        world = waiting.popleft()
        if world in found:
            continue
        found[world] = list(dict.fromkeys(commands(world)))
        waiting += found[world]
        waiting += [each for each in by_others(world) if len(each.live) <= LIVE_MAX]
    return found


def test_from_every_state_a_few_commands_lead_to_a_registered_endpoint() -> None:
    found = worlds()
    assert len(found) > 500
    backwards: dict[World, set[World]] = {}
    for world, after in found.items():
        for each in after:
            backwards.setdefault(each, set()).add(world)
    far = dict.fromkeys((each for each in found if each.is_well), 0)
    waiting = deque(far)
    while waiting:
        world = waiting.popleft()
        for each in backwards.get(world, ()):
            if each not in far:
                far[each] = far[world] + 1
                waiting.append(each)
    assert [each for each in found if each not in far] == []
    assert max(far[each] for each in found) <= COMMANDS_MAX


def test_no_deployment_takes_a_registered_endpoint_away_that_serves_or_leads_clients_to_an_unregistered_one() -> None:
    looked_at = 0
    for world in worlds():
        if not world.stack or world.stack[0][1] not in world.registered_and_live:
            continue
        for file in FILES:
            after = deploy(world, file)
            if after is not None:
                looked_at += 1
                assert world.stack[0][1] in after.live, (world, file)
                assert after.stack[0][1] in world.registered_and_live, (world, file)
    assert looked_at > 100


def test_no_deployment_that_goes_ahead_would_be_refused_by_ec2() -> None:
    """Two endpoints of a VPC cannot have the private DNS name at once, and one that is gone cannot be changed."""
    for world in worlds():
        serving = world.stack[0] if world.stack else None
        for file in FILES:
            after = deploy(world, file)
            if after is None or serving is None:
                continue
            if serving[1] in world.live:
                assert serving[0] in file, (world, file)
            if after.stack[0][0] != serving[0] and after.stack[0] in world.stack:
                assert after.stack[0][1] in world.live, (world, file)


def test_a_record_never_knows_an_endpoint_as_registered_and_as_retired() -> None:
    assert [world for world in worlds() if world.old & set(world.given or ())] == []
