from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.model.facts.aws import ENDPOINT_STATES
from pinekeep.operations.verification.checks.endpoint import STATES

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World


def test_every_state_of_an_endpoint_has_a_sentence_of_its_own() -> None:
    assert tuple(STATES) == ENDPOINT_STATES
    assert len({words for words, _, _ in STATES.values()}) == len(ENDPOINT_STATES)


@pytest.mark.parametrize("state", [state for state in ENDPOINT_STATES if state != "available"])
def test_every_state_but_available_fails_with_something_to_do(world: "World", state: str) -> None:
    for spelled in (state, state[0].upper() + state[1:]):
        wrong = world.changed("endpoint", State=spelled)
        assert wrong.failure("endpoint-state") == f"{state}: {STATES[state][0]}"
        assert wrong.failures() == {"endpoint-state"}
        assert wrong.finding("endpoint-state").meaning == STATES[state][2]


def test_available_is_right_in_either_spelling(world: "World") -> None:
    assert world.changed("endpoint", State="Available").failures() == set()


def test_an_endpoint_that_waits_for_pinecone_says_where_to_register_it(world: "World") -> None:
    fix = world.changed("endpoint", State="pendingAcceptance").finding("endpoint-state").fix
    assert "Settings > Network > PRIVATE ENDPOINTS > Add an endpoint" in str(fix)


def test_a_failed_endpoint_gives_awss_reason(world: "World") -> None:
    wrong = world.changed("endpoint", State="failed", LastError={"Code": "InsufficientFreeAddresses", "Message": "x"})
    assert "(InsufficientFreeAddresses)" in wrong.failure("endpoint-state")


def test_a_state_that_nobody_foresaw_fails(world: "World") -> None:
    assert "unknown state" in world.changed("endpoint", State="frozen").failure("endpoint-state")


def test_an_endpoint_that_is_gone_fails_once(world: "World") -> None:
    gone = world.when(endpoint=None, security_groups=None)
    assert gone.failures() == {"endpoint-exists"}
    assert gone.failure("endpoint-exists") == "the stack's endpoint is gone"
    never = gone.when(private_link_stack=None)
    assert never.failure("endpoint-exists") == "there is no endpoint"
    assert never.finding("endpoint-exists").fix == "deploy it: pinekeep deploy --deployment prod"
    assert "register the new endpoint" in str(gone.finding("endpoint-exists").fix)


def test_another_service_fails(world: "World") -> None:
    wrong = world.changed("endpoint", ServiceName="com.amazonaws.us-east-1.s3")
    assert wrong.failure("endpoint-service") == "it leads to com.amazonaws.us-east-1.s3"
    assert "type Gateway" in world.changed("endpoint", VpcEndpointType="Gateway").failure("endpoint-service")


def test_another_vpc_is_named(world: "World") -> None:
    wrong = world.changed("endpoint", VpcId="vpc-77777777")
    assert wrong.failure("endpoint-place") == "it is in vpc-77777777, not in vpc-0a1b2c3d"


def test_missing_and_further_subnets_are_named(world: "World") -> None:
    wrong = world.changed("endpoint", SubnetIds=["subnet-1a2b3c4d", "subnet-99999999"])
    assert wrong.failure("endpoint-place") == "it is in subnet-99999999 too; it is not in subnet-0a1b2c3d"
    assert wrong.failures() == {"endpoint-place"}


NEW = {"vpc": {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}}


def test_a_new_vpc_is_right_when_the_endpoint_is_in_what_the_stack_made(world: "World") -> None:
    assert world.configured(private_link=NEW).failures() == set()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SubnetIds": ["subnet-aaaa0000"]}, "it is not in subnet-bbbb0000"),
        ({"VpcId": "vpc-77777777"}, "not in vpc-0f0f0f0f"),
    ],
)
def test_an_endpoint_outside_of_what_the_stack_made_fails(world: "World", changes: dict[str, Any], words: str) -> None:
    assert words in world.configured(private_link=NEW).changed("endpoint", **changes).failure("endpoint-place")


def test_a_zone_that_was_configured_since_is_counted(world: "World") -> None:
    new = world.configured(private_link=NEW)
    live = new.live.private_link_resources
    more = new.configured(private_link={"vpc": {**NEW["vpc"], "availability_zones": [f"us-east-1{z}" for z in "abc"]}})
    told = more.when(private_link_resources=live).failure("endpoint-place")
    assert told == "the stack has 2 subnets, the configuration 3"


def test_a_new_vpc_that_is_not_deployed_is_told(world: "World") -> None:
    old = world.live.private_link_resources
    told = world.configured(private_link=NEW).when(private_link_resources=old).failure("endpoint-place")
    assert "not in a VPC of the stack" in told
