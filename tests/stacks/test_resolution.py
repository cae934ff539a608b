"""Changes of the DNS mode: at no moment of any step does a client lose the names.

The templates are the product's. What CloudFormation and Route 53 do with them is played here, event by event:
creations and updates first (a zone after the endpoint that it depends on), then deletions; a VPC takes one private zone
of a name.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from typing import Any

import pytest

from pinekeep.model.facts import pinecone
from pinekeep.operations.plan.resolution import MODES, OUTSIDE, Step, conflicts, lost, next_step, resolution_of, steps
from tests.stacks.support import REGION, VPC, make_private_link

ZONE = pinecone.PRIVATE_LINK[REGION].private_zone
CLIENT_VPC = "vpc-0a1b2c3d4e5f60799"
EXTRA: dict[str, dict[str, Any]] = {
    "hosted-zone": {"client_vpc_ids": [CLIENT_VPC]},
    "profile": {"client_vpc_ids": [CLIENT_VPC]},
    "resolver-inbound": {"resolver": {"client_cidrs": ["192.168.0.0/24"]}},
}


@cache
def template(step: Step) -> dict[str, Any]:
    # The bridge answers in the client VPCs too, also in modes that do not name them otherwise.
    extra = EXTRA.get(step.dns, {}) | ({"client_vpc_ids": [CLIENT_VPC]} if step.bridge else {})
    return make_private_link(dns=step.dns, dns_bridge=step.bridge, **extra).template


Live = dict[str, dict[str, Any]]


def events(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Live]:
    """Yield what is live after each thing that CloudFormation does."""
    live: Live = dict(before["Resources"])
    wanted: Live = after["Resources"]
    for name in sorted(wanted, key=lambda name: wanted[name]["Type"] != "AWS::EC2::VPCEndpoint"):
        live = {**live, name: wanted[name]}
        yield live
    for name in set(live) - set(wanted):
        live = {each: what for each, what in live.items() if each != name}
        yield live


def zones(live: Live, vpc: str) -> list[str]:
    """Return the names of the private zones that Route 53 associates with a VPC directly."""
    found = [
        ZONE
        for each in live.values()
        if each["Type"] == "AWS::EC2::VPCEndpoint"
        and each["Properties"]["PrivateDnsEnabled"]
        and each["Properties"]["VpcId"] == vpc
    ]
    return found + [
        each["Properties"]["Name"]
        for each in live.values()
        if each["Type"] == "AWS::Route53::HostedZone" and vpc in [one["VPCId"] for one in each["Properties"]["VPCs"]]
    ]


def resolves(live: Live, client: str) -> bool:
    kinds = [each["Type"] for each in live.values()]
    if client == OUTSIDE:
        return "AWS::Route53Resolver::ResolverEndpoint" in kinds and resolves(live, VPC)
    by_profile = (
        any(
            each["Type"] == "AWS::Route53Profiles::ProfileAssociation" and each["Properties"]["ResourceId"] == client
            for each in live.values()
        )
        and "AWS::Route53Profiles::ProfileResourceAssociation" in kinds
        and "AWS::Route53::HostedZone" in kinds
    )
    return by_profile or bool(zones(live, client))


def clients(live: Live) -> set[str]:
    return {each for each in (VPC, CLIENT_VPC, OUTSIDE) if resolves(live, each)}


CHANGES = [(before, after) for before, after in product(MODES, MODES) if before != after]


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_no_step_takes_the_names_from_a_client_that_keeps_them(before: str, after: str) -> None:
    way = [Step(before), *steps(before, after)]
    assert (way[-1].dns, way[-1].bridge) == (after, False)
    first, last = clients(template(way[0])["Resources"]), clients(template(way[-1])["Resources"])
    for one, other in pairwise(way):
        for live in events(template(one), template(other)):
            assert len(zones(live, VPC)) == len(set(zones(live, VPC))), f"two zones of a name: {one} → {other}"
            assert first & last <= clients(live), f"{one} → {other}"


@pytest.mark.parametrize(("before", "after"), CHANGES)
def test_a_step_is_not_refused_and_the_change_at_once_is_where_it_would_hurt(before: str, after: str) -> None:
    way = [Step(before), *steps(before, after)]
    for one, other in pairwise(way):
        states = resolution_of(template(one)), resolution_of(template(other))
        assert conflicts(*states) == []
        assert lost(*states) == {} or other.moved
    at_once = resolution_of(template(way[0])), resolution_of(template(Step(after)))
    hurt = any(
        not clients(template(way[0])["Resources"]) <= clients(live) or len(zones(live, VPC)) > 1
        for live in events(template(way[0]), template(Step(after)))
    )
    assert bool(lost(*at_once) or conflicts(*at_once)) == hurt


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("bridge", [False, True])
def test_a_mode_is_known_by_its_template(mode: str, bridge: bool) -> None:
    found = resolution_of(template(Step(mode, bridge)))
    assert (found.mode, found.has_bridge, found.zone) == (mode, bridge, ZONE)


def test_the_next_step_goes_on_where_the_deployment_is() -> None:
    assert next_step(resolution_of(template(Step("endpoint"))), "hosted-zone") == Step("endpoint", bridge=True)
    on_the_way = resolution_of(template(Step("hosted-zone", bridge=True)))
    assert next_step(on_the_way, "endpoint") == Step("none", bridge=True)
    half = resolution_of(template(Step("endpoint", bridge=True)))
    assert next_step(half, "resolver-inbound") is None
    assert next_step(resolution_of(template(Step("resolver-inbound", bridge=True))), "profile") == Step(
        "profile", moved=True
    )
    assert next_step(resolution_of(template(Step("endpoint"))), "none") == Step("none", moved=True)
    assert next_step(resolution_of(template(Step("endpoint"))), "resolver-inbound") is None


def test_the_end_of_the_bridge_is_a_loss_where_nothing_else_answers() -> None:
    bridge, nothing = resolution_of(template(Step("none", bridge=True))), resolution_of(template(Step("none")))
    assert lost(bridge, nothing) == {VPC: False, CLIENT_VPC: False}
    assert lost(nothing, bridge) == {}


def test_a_client_vpc_that_leaves_the_zone_loses_the_names() -> None:
    both = resolution_of(template(Step("hosted-zone")))
    one = resolution_of(make_private_link(dns="hosted-zone").template)
    assert lost(both, one) == {CLIENT_VPC: False}


def test_an_existing_zone_whose_record_goes_takes_the_names_from_its_vpcs() -> None:
    zone = "Z0123456789ABCDEFGHIJ"
    adopted = resolution_of(make_private_link(dns="hosted-zone", hosted_zone_id=zone).template)
    assert lost(adopted, resolution_of(template(Step("none")))) == {f"the VPCs of hosted zone {zone}": False}


def test_another_service_region_means_other_names() -> None:
    there = resolution_of(make_private_link(service_region="us-west-2").template)
    assert lost(resolution_of(template(Step("endpoint"))), there) == {VPC: False}
