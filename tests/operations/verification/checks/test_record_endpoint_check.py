"""Each state of an endpoint, with the one way forward that is told for it."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.verification.conftest import RECORD, parameter, stack

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

FIRST = "vpce-0123456789abcdef0"
SECOND = "vpce-0123456789abcdef1"
CHECK = "handed-over-endpoint"
RECORD_IT = "pinekeep handoff --record --deployment prod"


def state(
    world: "World",
    *,
    serving: str | None = FIRST,
    standby: str | None = None,
    live: tuple[str, ...] = (FIRST,),
    registered: tuple[str, ...] = (FIRST,),
    retired: tuple[str, ...] = (),
    in_file: bool = True,
) -> list[Finding]:
    """What is found of a deployment whose endpoints are so."""
    found: Any = world.live.parameters
    document = {
        **json.loads(found[RECORD]["Value"]),
        "version": 2,
        "endpoint_id": registered[0] if registered else None,
        "standby_endpoint_ids": registered[1:],
        "retired_endpoint_ids": retired,
    }
    text = {name: each for name, each in document.items() if each not in (None, ())}
    names = {"VpcEndpointId": serving, "StandbyVpcEndpointId": standby}
    outputs = {name: each for name, each in names.items() if each}
    endpoint: Any = world.live.endpoint
    there = world.when(
        parameters={RECORD: parameter(RECORD, text)},
        private_link_stack=stack("UPDATE_COMPLETE", outputs) if serving else None,
        endpoints=[{**endpoint, "VpcEndpointId": each} for each in live],
    )
    if not in_file:
        there = replace(there, settings={key: each for key, each in there.settings.items() if key != "private_link"})
    return [each for each in there.findings() if each.check == CHECK]


def test_the_registered_endpoint_that_serves_passes(world: "World") -> None:
    (found,) = state(world)
    assert (found.status, found.wanted) == ("ok", f"what Pinecone was given: {FIRST}")
    both: dict[str, Any] = {"standby": FIRST, "serving": SECOND, "live": (FIRST, SECOND)}
    assert [each.status for each in state(world, **both, registered=(FIRST, SECOND))] == ["ok"]


@pytest.mark.parametrize(
    ("there", "status", "found", "fix"),
    [
        pytest.param(
            {"registered": ()},
            "note",
            f"{FIRST} is not recorded as registered with Pinecone",
            f"PRIVATE ENDPOINTS > Add an endpoint), then: {RECORD_IT}",
            id="made",
        ),
        pytest.param(
            {"live": ()}, "failed", "it no longer exists", "create another: pinekeep deploy --revert-drift", id="gone"
        ),
        pytest.param(
            {"live": (), "serving": None},
            "failed",
            "it no longer exists",
            "pinekeep deploy --deployment prod; then register the new endpoint",
            id="gone with its stack",
        ),
        pytest.param(
            {"serving": None},
            "failed",
            f"{FIRST} is live, and no stack has it",
            "retire it: pinekeep destroy",
            id="alone",
        ),
        pytest.param(
            {"serving": SECOND, "live": (SECOND,)},
            "failed",
            SECOND,
            f"then: {RECORD_IT}",
            id="made anew",
        ),
        pytest.param(
            {"serving": SECOND, "live": (FIRST, SECOND)},
            "failed",
            SECOND,
            "pinekeep handoff --record --endpoint-registered-anew --deployment prod",
            id="replaced in Pinecone",
        ),
        pytest.param(
            {"serving": SECOND, "standby": FIRST, "live": (FIRST, SECOND)},
            "failed",
            SECOND,
            f"then: {RECORD_IT}",
            id="DNS moved too early",
        ),
        pytest.param(
            {"standby": SECOND, "live": (FIRST, SECOND)},
            "note",
            f"{SECOND}, on standby, is not recorded as registered with Pinecone",
            f"then: {RECORD_IT}",
            id="standby made",
        ),
        pytest.param(
            {"serving": SECOND, "live": (SECOND,), "registered": (FIRST, SECOND)},
            "note",
            f"{FIRST} is registered with Pinecone and gone",
            f"then: {RECORD_IT}",
            id="old one retired",
        ),
        pytest.param(
            {"registered": (), "retired": (FIRST,)},
            "failed",
            f"{FIRST} is there and noted as retired",
            "pinekeep destroy --deployment prod",
            id="destroy cut short",
        ),
        pytest.param(
            {"serving": SECOND, "live": (FIRST, SECOND), "registered": (SECOND,), "retired": (FIRST,)},
            "note",
            f"{FIRST} is retired and still live",
            f"aws ec2 delete-vpc-endpoints --vpc-endpoint-ids {FIRST} --region us-east-1",
            id="retired and left over",
        ),
        pytest.param(
            {"in_file": False},
            "failed",
            "it is still live and no longer in the file",
            "take the endpoint away: pinekeep destroy --deployment prod",
            id="live and not in the file",
        ),
        pytest.param(
            {"in_file": False, "live": (), "serving": None},
            "failed",
            "it is gone and no longer in the file",
            "then note that: pinekeep destroy --deployment prod",
            id="gone and not in the file",
        ),
    ],
)
def test_each_state_has_one_way_forward(
    world: "World", there: dict[str, Any], status: str, found: str, fix: str
) -> None:
    (told,) = [each for each in state(world, **there) if each.status != "ok"]
    assert (told.status, told.found) == (status, found)
    assert fix in str(told.fix)
    assert bool(told.meaning) is (status == "failed")


def test_where_the_one_on_standby_is_registered_it_takes_over(world: "World") -> None:
    standby = world.configured(private_link={"standby": 2})
    (told,) = state(standby, standby=SECOND, live=(SECOND,), registered=(FIRST, SECOND))
    assert str(told.fix).startswith("write generation: 2 and take standby out, then: pinekeep deploy")


def test_where_nothing_was_ever_registered_and_nothing_is_there_nothing_is_said(world: "World") -> None:
    assert state(world, live=(), serving=None, registered=()) == []
    assert state(world, live=(), serving=None, registered=(), in_file=False) == []
