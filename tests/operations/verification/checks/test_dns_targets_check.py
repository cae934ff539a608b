"""The shapes of an endpoint besides one with its own DNS or zone: nothing fails on them, and what is wrong is seen."""

from copy import deepcopy
from typing import Any

import pytest

from tests.operations.verification.conftest import REGIONAL, World

NAME = "private.aped-4627-b74a.pinecone.io"
ELSEWHERE = [{"id": "vpc-0e0e0e0e", "account": "444455556666"}, {"id": "vpc-0d0d0d0d", "region": "eu-west-1"}]
RESOLVER = {"client_cidrs": ["192.168.0.0/24"]}
ADOPTED = {
    "id": "vpc-0a1b2c3d",
    "adopt": "vpce-0123456789abcdef0",
    "dns_name": REGIONAL,
    "dns_hosted_zone_id": "Z7HUB22UULQXV",
}
OWN_GROUP = "sg-0a0b0c0d"
SHAPES: dict[str, dict[str, Any]] = {
    "profile": {"dns": "profile"},
    "adopted zone": {"hosted_zone_id": "Z0123456789ABCDEFGHIJ"},
    "resolver": {"dns": "resolver-inbound", "client_vpc_ids": [], "resolver": RESOLVER},
    "bridge": {"dns": "none", "dns_bridge": True},
    "dual stack": {"ip_address_type": "dualstack", "dns_bridge": True},
    "elsewhere": {"client_vpcs": ELSEWHERE},
    "own groups": {"security_group_ids": [OWN_GROUP], "clients": {"cidrs": [], "security_group_ids": []}},
}


def shaped(world: World, shape: str) -> World:
    return world.configured(private_link=SHAPES[shape])


@pytest.fixture
def adopted(world: World) -> World:
    settings = deepcopy(world.settings)
    settings["private_link"] = {"vpc": ADOPTED, "dns": "hosted-zone"}
    return World(settings)


@pytest.mark.parametrize("shape", SHAPES)
def test_nothing_fails_on_a_shape_that_is_right(world: World, shape: str) -> None:
    found = [each for each in shaped(world, shape).findings() if each.status != "ok"]
    assert found == []


def test_nothing_fails_on_an_adopted_endpoint_that_is_right(adopted: World) -> None:
    assert [each for each in adopted.findings() if each.status != "ok"] == []
    checked = {each.check for each in adopted.findings()}
    assert not checked & {"endpoint-security-group", "endpoint-clients", "endpoint-egress"}


def test_the_way_back_from_an_adopted_endpoint_that_is_gone_is_the_owners(adopted: World) -> None:
    gone = adopted.when(endpoint=None, endpoints=None)
    assert "write its ID under private_link.vpc.adopt" in str(gone.finding("endpoint-exists").fix)


def test_the_settings_of_an_adopted_endpoint_are_its_owners(adopted: World) -> None:
    other = adopted.changed("endpoint", IpAddressType="dualstack", Tags=[])
    assert other.finding("endpoint-settings").status == "ok"
    narrowed = adopted.changed("endpoint", DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": True})
    assert narrowed.finding("endpoint-settings").status == "note"


def test_private_dns_of_an_adopted_endpoint_conflicts_with_the_zone_alone(adopted: World) -> None:
    assert adopted.changed("endpoint", PrivateDnsEnabled=True).failures() == {"endpoint-private-dns"}
    own = adopted.configured(private_link={"dns": "none"}).changed("endpoint", PrivateDnsEnabled=True)
    assert own.finding("endpoint-private-dns").status == "note"


# --- Your own security groups ---


def test_own_groups_without_a_rule_or_open_to_everyone_fail(world: World) -> None:
    own = shaped(world, "own groups")
    closed = own.when(security_groups=[{"GroupId": OWN_GROUP, "IpPermissions": []}])
    assert closed.failure("endpoint-own-groups") == "no rule allows port 443/tcp"
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    opened = own.when(security_groups=[{"GroupId": OWN_GROUP, "IpPermissions": [rule]}])
    assert opened.failure("endpoint-own-groups") == "OPEN TO EVERY ADDRESS: every port and protocol, 0.0.0.0/0"


# --- The bridge ---


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("bridge_zone", None, "there is no such zone"),
        ("bridge_records", [], f"there is no record *.svc.{NAME}"),
        (
            "bridge_zone",
            {"HostedZone": {"Id": "/hostedzone/Z2", "Name": f"svc.{NAME}."}, "VPCs": [{"VPCId": "vpc-0a1b2c3d"}]},
            "vpc-9f8e7d6c is not associated",
        ),
    ],
)
def test_a_bridge_that_leads_nowhere_fails(world: World, field: str, value: Any, told: str) -> None:
    bridged = shaped(world, "bridge").when(**{field: value})
    assert bridged.failure("bridge-zone") == told
    assert bridged.failures() == {"bridge-zone"}


def test_the_bridge_is_no_rival(world: World) -> None:
    bridged = world.configured(private_link={"dns_bridge": True})
    zones = [{"HostedZoneId": "Z2", "Name": f"svc.{NAME}.", "VPCId": "vpc-0a1b2c3d"}]
    assert bridged.when(vpc_zones=zones).finding("endpoint-rivals").status == "ok"
    other = [{**zones[0], "HostedZoneId": "Z3"}]
    assert "hosted zone Z3" in bridged.when(vpc_zones=other).failure("endpoint-rivals")


# --- The Profile ---


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        (None, "there is no Profile"),
        ([], "Z1 is not associated with the Profile"),
        (
            [{"ResourceArn": "arn:aws:route53:::hostedzone/Z1", "Status": "DELETING"}],
            "the association of Z1 is in state DELETING",
        ),
    ],
)
def test_a_profile_without_the_zone_fails(world: World, resources: Any, told: str) -> None:
    assert shaped(world, "profile").when(profile_resources=resources).failure("profile-zone") == told


@pytest.mark.parametrize(
    ("vpcs", "told"),
    [
        ([], "vpc-9f8e7d6c is not associated"),
        ([{"ResourceId": "vpc-9f8e7d6c", "Status": "FAILED"}], "vpc-9f8e7d6c is in state FAILED"),
    ],
)
def test_a_client_vpc_without_the_profile_fails(world: World, vpcs: Any, told: str) -> None:
    assert shaped(world, "profile").when(profile_vpcs=vpcs).failure("profile-vpcs") == told


# --- Client VPCs elsewhere ---


def test_a_client_vpc_of_another_account_without_the_zone_fails(world: World) -> None:
    away = shaped(world, "elsewhere")
    live: Any = away.live
    fewer = away.changed("zone", VPCs=[each for each in live.zone["VPCs"] if each["VPCId"] != "vpc-0e0e0e0e"])
    assert fewer.failure("client-vpcs") == "vpc-0e0e0e0e is not associated with the hosted zone"
    assert fewer.finding("client-vpcs").fix == "pinekeep private-link associate --deployment prod"
    assert fewer.failures() == {"client-vpcs"}


def test_a_profile_shared_with_another_account_is_not_seen_from_here(world: World) -> None:
    shared = world.configured(private_link={"dns": "profile", "client_vpcs": ELSEWHERE[:1]})
    assert shared.finding("client-vpcs").status == "note"
    seen = shared.when(
        profile_vpcs=[{"ResourceId": each, "Status": "COMPLETE"} for each in ("vpc-9f8e7d6c", "vpc-0e0e0e0e")]
    )
    assert seen.finding("client-vpcs").status == "ok"


# --- The inbound resolver ---


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Status": "ACTION_NEEDED", "StatusMessage": "an address is lost"}, "state ACTION_NEEDED: an address is lost"),
        ({"Direction": "OUTBOUND"}, "it is an endpoint of direction OUTBOUND"),
        ({"HostVPCId": "vpc-77777777"}, "it is in vpc-77777777, and the endpoint in vpc-0a1b2c3d"),
    ],
)
def test_a_resolver_that_does_not_answer_fails(world: World, changes: dict[str, str], told: str) -> None:
    assert told in shaped(world, "resolver").changed("resolver", **changes).failure("resolver-state")


def test_a_resolver_that_is_gone_fails_once(world: World) -> None:
    gone = shaped(world, "resolver").when(resolver=None, resolver_addresses=None, resolver_groups=None)
    assert gone.failures() == {"resolver-state"}


def test_one_address_of_the_resolver_is_too_few(world: World) -> None:
    addresses = [{"Ip": "10.0.0.10", "Status": "ATTACHED"}, {"Ip": "10.0.1.10", "Status": "DETACHING"}]
    found = shaped(world, "resolver").when(resolver_addresses=addresses)
    assert found.failure("resolver-addresses") == "1 of 2 addresses answer; 10.0.1.10 is in state DETACHING"


def test_other_rules_of_the_resolvers_security_group_fail(world: World) -> None:
    rule = {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    found = shaped(world, "resolver").when(resolver_groups=[{"GroupId": "sg-1", "IpPermissions": [rule]}])
    told = found.failure("resolver-security-group")
    assert told == "missing: port 53/tcp, 192.168.0.0/24; also allowed: port 53/udp, 0.0.0.0/0"


# --- IPv6 ---


def test_an_interface_without_ipv6_fails(world: World) -> None:
    interfaces = [{"NetworkInterfaceId": "eni-1", "Ipv6Addresses": [{"Ipv6Address": "2001:db8::10"}]}]
    found = shaped(world, "dual stack").when(endpoint_interfaces=[*interfaces, {"NetworkInterfaceId": "eni-2"}])
    assert found.failure("endpoint-addresses") == "no IPv6 address: eni-2"


def test_a_dual_stack_endpoint_has_a_record_for_ipv6(world: World) -> None:
    dual = shaped(world, "dual stack")
    live: Any = dual.live
    assert dual.when(records=live.records[:1]).failure("hosted-zone-record") == (
        f"there is no record *.{NAME} for IPv6 (AAAA)"
    )
    narrow = dual.changed("endpoint", IpAddressType="ipv4")
    assert narrow.finding("endpoint-settings").fix is not None
    assert "--ip-address-type dualstack" in str(narrow.finding("endpoint-settings").fix)
