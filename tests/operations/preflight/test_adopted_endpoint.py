from typing import Any

import pytest

from tests.operations.preflight.conftest import DNS_NAME, ENDPOINT, SERVICE, VPC, Scene


def as_configured(scene: Scene, dns: str) -> Scene:
    """The endpoint that is adopted, with another DNS mode."""
    return scene.configured(private_link={"dns": dns, "resolver": None})


def test_an_endpoint_that_is_not_there_stands_in_the_way(taken_over: Scene) -> None:
    gone = taken_over.when(adopted_endpoint=None)
    assert gone.refusal("adopted-endpoint") == f"there is no endpoint {ENDPOINT} in account 111122223333, us-east-1"
    assert not gone.of("adopted-endpoint-dns")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"ServiceName": "com.amazonaws.us-east-1.s3"}, f"leads to com.amazonaws.us-east-1.s3, not to {SERVICE}"),
        ({"VpcEndpointType": "Gateway"}, "is of type Gateway, not Interface"),
        ({"VpcId": "vpc-77777777"}, f"is in vpc-77777777, not in {VPC}"),
        ({"State": "rejected"}, "is in state rejected"),
        ({"State": "Failed"}, "is in state Failed"),
    ],
)
def test_an_endpoint_to_somewhere_else_stands_in_the_way(taken_over: Scene, changes: dict[str, Any], told: str) -> None:
    assert f"{ENDPOINT} {told}" in taken_over.changed("adopted_endpoint", **changes).refusal("adopted-endpoint")


@pytest.mark.parametrize("state", ["available", "Pending", "pendingAcceptance"])
def test_an_endpoint_that_is_or_will_be_available_will_do(taken_over: Scene, state: str) -> None:
    assert taken_over.changed("adopted_endpoint", State=state).blocked() == set()


def test_private_dns_that_is_off_stands_in_the_way_of_a_mode_that_needs_it(taken_over: Scene) -> None:
    off = taken_over.changed("adopted_endpoint", PrivateDnsEnabled=False)
    assert off.refusal("adopted-endpoint-dns").startswith(f"the private DNS name of {ENDPOINT} is off")
    assert "--private-dns-enabled" in str(off.finding("adopted-endpoint-dns").fix)


def test_private_dns_that_is_on_conflicts_with_a_hosted_zone(taken_over: Scene) -> None:
    on = as_configured(taken_over, "hosted-zone").changed("adopted_endpoint", PrivateDnsEnabled=True)
    assert "conflicts with a hosted zone" in on.refusal("adopted-endpoint-dns")
    assert "--no-private-dns-enabled" in str(on.finding("adopted-endpoint-dns").fix)
    own = as_configured(taken_over, "none").changed("adopted_endpoint", PrivateDnsEnabled=True)
    assert "is on" in own.note("adopted-endpoint-dns")


def test_another_dns_entry_than_the_file_names_stands_in_the_way(taken_over: Scene) -> None:
    entries = [{"DnsName": "vpce-1.example", "HostedZoneId": "Z1"}, {"DnsName": DNS_NAME, "HostedZoneId": "Z7"}]
    other = taken_over.changed("adopted_endpoint", DnsEntries=entries)
    assert "the first DNS entry of the endpoint is vpce-1.example" in other.refusal("adopted-endpoint-dns")
    fix = str(other.finding("adopted-endpoint-dns").fix)
    assert "dns_name: vpce-1.example and dns_hosted_zone_id: Z1" in fix
    early = taken_over.changed("adopted_endpoint", DnsEntries=[])
    assert "has no DNS entry yet" in early.refusal("adopted-endpoint-dns")


def test_the_option_for_services_with_gateway_endpoints_is_refused(taken_over: Scene) -> None:
    narrowed = taken_over.changed("adopted_endpoint", DnsOptions={"PrivateDnsOnlyForInboundResolverEndpoint": True})
    assert "PrivateDnsOnlyForInboundResolverEndpoint" in narrowed.refusal("adopted-endpoint-dns")
    assert "PrivateDnsOnlyForInboundResolverEndpoint=false" in str(narrowed.finding("adopted-endpoint-dns").fix)


def test_its_own_private_dns_and_itself_are_no_conflict(taken_over: Scene) -> None:
    own = {"HostedZoneId": "Z0", "Name": "private.aped-4627-b74a.pinecone.io.", "Owner": {"OwningService": "vpce"}}
    itself = {"VpcEndpointId": ENDPOINT, "VpcId": VPC, "ServiceName": SERVICE, "PrivateDnsEnabled": True}
    assert taken_over.when(hosted_zones={VPC: [own]}, endpoints=[itself]).blocked() == set()
    zoned = as_configured(taken_over, "hosted-zone").when(hosted_zones={VPC: [own]})
    assert "hosted-zone-conflict" in zoned.blocked()
