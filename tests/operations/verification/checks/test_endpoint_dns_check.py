from typing import TYPE_CHECKING, Any

import pytest

from tests.operations.verification.conftest import REGIONAL

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World

ZONE_NAME = "private.aped-4627-b74a.pinecone.io"
PRIVATE, VPC, ZONE, VPCS, RECORD = (
    "endpoint-private-dns",
    "vpc-dns",
    "hosted-zone",
    "hosted-zone-vpcs",
    "hosted-zone-record",
)


def resolving(world: "World", dns: str) -> "World":
    return world.configured(private_link={"dns": dns, "client_vpc_ids": []})


@pytest.mark.parametrize("dns", ["endpoint", "hosted-zone", "none"])
def test_the_private_dns_name_is_on_for_one_way_and_off_for_the_others(world: "World", dns: str) -> None:
    right = resolving(world, dns)
    assert right.failures() == set()
    on = dns == "endpoint"
    wrong = right.changed("endpoint", PrivateDnsEnabled=not on)
    assert wrong.failures() == {PRIVATE}
    assert ("--private-dns-enabled" if on else "--no-private-dns-enabled") in str(wrong.finding(PRIVATE).fix)


def test_dns_of_ones_own_needs_neither_zone_nor_vpc_settings(world: "World") -> None:
    assert not {each.check for each in resolving(world, "none").findings()} & {VPC, ZONE, VPCS, RECORD}


@pytest.mark.parametrize("dns", ["endpoint", "hosted-zone"])
@pytest.mark.parametrize(
    ("field", "words", "switch"),
    [
        ("dns_support", "DNS resolution is off", "--enable-dns-support"),
        ("dns_hostnames", "DNS hostnames are off", "--enable-dns-hostnames"),
    ],
)
def test_dns_that_is_off_in_the_vpc_fails(world: "World", dns: str, field: str, words: str, switch: str) -> None:
    wrong = resolving(world, dns).when(**{field: False})
    assert wrong.failure(VPC) == words
    assert wrong.finding(VPC).fix == f"aws ec2 modify-vpc-attribute --vpc-id vpc-0a1b2c3d {switch} --region us-east-1"
    assert wrong.failures() == {VPC}


def test_a_missing_zone_fails_once(world: "World") -> None:
    wrong = world.when(zone=None, records=None)
    assert wrong.failure(ZONE) == "there is no such zone"
    assert wrong.failures() == {ZONE}


def zoned(world: "World", **changes: Any) -> "World":
    hosted = {"Id": "/hostedzone/Z1", "Name": f"{ZONE_NAME}.", "Config": {"PrivateZone": True}, **changes}
    return world.changed("zone", HostedZone=hosted)


def test_a_public_zone_and_another_name_fail(world: "World") -> None:
    assert zoned(world, Config={"PrivateZone": False}).failure(ZONE) == "it is public"
    assert zoned(world, Name="example.com.").failure(ZONE) == "its name is example.com"


def test_each_vpc_that_is_not_associated_is_named(world: "World") -> None:
    wrong = world.changed("zone", VPCs=[{"VPCId": "vpc-0a1b2c3d", "VPCRegion": "us-east-1"}])
    assert wrong.failure(VPCS) == "vpc-9f8e7d6c is not associated"
    assert wrong.finding(VPCS).fix == (
        "aws route53 associate-vpc-with-hosted-zone --hosted-zone-id Z1 --vpc VPCRegion=us-east-1,VPCId=vpc-9f8e7d6c"
    )
    elsewhere = world.changed("zone", VPCs=[{"VPCId": "vpc-0a1b2c3d", "VPCRegion": "us-west-2"}])
    assert "vpc-0a1b2c3d is not associated" in next(each.found for each in elsewhere.findings() if each.check == VPCS)


@pytest.mark.parametrize(
    ("vpc", "told"),
    [
        ({"VPCId": "vpc-12345678", "VPCRegion": "us-east-1"}, "vpc-12345678"),
        ({"VPCId": "vpc-0a1b2c3d", "VPCRegion": "us-west-2"}, "vpc-0a1b2c3d in us-west-2"),
    ],
)
def test_a_vpc_that_the_configuration_does_not_name_is_noted_with_what_it_means(
    world: "World", vpc: dict[str, str], told: str
) -> None:
    zone = world.live.zone
    assert isinstance(zone, dict)
    more = world.changed("zone", VPCs=[*zone["VPCs"], vpc])
    assert more.failures() == set()
    found = more.finding(VPCS, what="Other VPCs")
    assert (found.status, found.found) == ("note", f"associated with {told} too, which the configuration does not name")
    assert str(found.fix).endswith(
        "aws route53 disassociate-vpc-from-hosted-zone --hosted-zone-id Z1 "
        f"--vpc VPCRegion={vpc['VPCRegion']},VPCId={vpc['VPCId']}"
    )
    assert "Clients in that VPC are led to the endpoint's private addresses" in str(found.meaning)


def test_a_new_vpc_has_to_be_associated(world: "World") -> None:
    new = world.configured(
        private_link={"vpc": {"cidr": "10.2.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]}}
    )
    assert new.changed("zone", VPCs=[]).failure(VPCS).startswith("vpc-0f0f0f0f is not associated")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            {"Type": "A", "AliasTarget": {"DNSName": "other.example.com."}},
            "the A record is an alias of other.example.com",
        ),
        ({"Type": "A", "ResourceRecords": [{"Value": "10.0.0.7"}]}, "the A record leads to 10.0.0.7"),
        ({"Type": "CNAME", "ResourceRecords": [{"Value": "x.example.com"}]}, "the CNAME record leads to x.example.com"),
        ({"Type": "TXT"}, f"there is no record *.{ZONE_NAME}"),
    ],
)
def test_a_record_that_leads_elsewhere_is_told(world: "World", record: dict[str, Any], words: str) -> None:
    wrong = world.when(records=[{"Name": f"\\052.{ZONE_NAME}.", **record}])
    assert wrong.failure(RECORD) == words
    assert wrong.failures() == {RECORD}


def test_a_missing_record_fails(world: "World") -> None:
    assert world.when(records=[]).failure(RECORD) == f"there is no record *.{ZONE_NAME}"


def test_a_second_record_beside_the_right_one_fails(world: "World") -> None:
    more = {"Name": f"*.{ZONE_NAME}.", "Type": "AAAA", "AliasTarget": {"DNSName": "other.example.com."}}
    records = world.live.records
    assert isinstance(records, list)
    assert "AAAA record" in world.when(records=[*records, more]).failure(RECORD)


def test_an_endpoint_without_a_name_yet_fails(world: "World") -> None:
    assert "no DNS name yet" in world.changed("endpoint", DnsEntries=[]).failure(RECORD)


def test_upper_case_and_dots_do_not_matter(world: "World") -> None:
    live: Any = world.live
    regional = live.endpoint["DnsEntries"][0]["DnsName"]
    records = [{"Name": f"*.{ZONE_NAME}".upper(), "Type": "A", "AliasTarget": {"DNSName": regional.upper()}}]
    assert world.when(records=records).failures() == set()


OTHER_TARGET = {"AliasTarget": {"DNSName": "other.example.com."}}


def besides(world: "World", **record: Any) -> "World":
    """The same world with one more record in the zone."""
    records = world.live.records
    assert isinstance(records, list)
    return world.when(records=[*records, record])


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            {"Name": "myindex.svc.", "Type": "A", **OTHER_TARGET},
            "(A): the A record is an alias of other.example.com",
        ),
        (
            {"Name": "\\052.svc.", "Type": "AAAA", "ResourceRecords": [{"Value": "fd00::7"}]},
            "(AAAA): the AAAA record leads to fd00::7",
        ),
        (
            {"Name": "myindex.svc.", "Type": "CNAME", "ResourceRecords": [{"Value": "x.example.com"}]},
            "(CNAME): the CNAME record leads to x.example.com",
        ),
        (
            {"Name": "myindex.svc.", "Type": "HTTPS", "ResourceRecords": [{"Value": "1 x.example.com"}]},
            "(HTTPS): the HTTPS record tells clients to connect to 1 x.example.com",
        ),
        (
            {"Name": "svc.", "Type": "TXT", "ResourceRecords": [{"Value": "note"}]},
            "(TXT): the TXT record keeps the wildcard from answering for this name",
        ),
    ],
)
@pytest.mark.fault(
    "A record in the hosted zone that is more specific than the wildcard leads an index elsewhere",
    sees="An index whose name has a record of its own, or is below such a name, is led elsewhere than to the endpoint",
    safe="verify tells the record with the command that deletes it; the wildcard answers again at once",
)
def test_a_record_that_is_more_specific_than_the_wildcard_fails(
    world: "World", record: dict[str, Any], words: str, fault: Any
) -> None:
    wrong = besides(world, **{**record, "Name": f"{record['Name']}{ZONE_NAME}."})
    found = wrong.finding(RECORD, what="Records besides")
    assert found.status == "failed"
    assert found.found.endswith(words)
    fault.require_seen(str(found.meaning))
    assert str(found.fix).startswith("delete them: aws route53 change-resource-record-sets --hosted-zone-id Z1 ")


@pytest.mark.parametrize("kind", ["HTTPS", "SVCB"])
def test_a_service_record_at_the_wildcard_leads_clients_elsewhere(world: "World", kind: str) -> None:
    wrong = besides(world, Name=f"\\052.{ZONE_NAME}.", Type=kind, ResourceRecords=[{"Value": "1 . ipv4hint=10.0.0.7"}])
    assert f"the {kind} record tells clients to connect to 1 . ipv4hint=10.0.0.7" in wrong.failure(RECORD)


def test_a_more_specific_record_that_leads_to_the_endpoint_too_is_another_form_of_the_same(world: "World") -> None:
    target = {"DNSName": f"{REGIONAL}.", "HostedZoneId": "Z7HUB22UULQXV"}
    found = besides(world, Name=f"x.svc.{ZONE_NAME}.", Type="A", AliasTarget=target).finding(RECORD, what="besides")
    assert (found.status, found.meaning) == ("note", "Clients reach the endpoint all the same.")


def test_the_zones_own_records_lead_nobody_anywhere(world: "World") -> None:
    own = [{"Name": f"{ZONE_NAME}.", "Type": each} for each in ("NS", "SOA")]
    records = world.live.records
    assert isinstance(records, list)
    assert {each.status for each in world.when(records=[*own, *records]).findings() if each.check == RECORD} == {"ok"}


def test_a_wildcard_that_leads_to_one_zone_of_the_endpoint_is_told_as_that(world: "World") -> None:
    zonal = REGIONAL.replace("a1b2c3d4.", "a1b2c3d4-us-east-1a.")
    endpoint = world.changed("endpoint", DnsEntries=[{"DnsName": REGIONAL}, {"DnsName": zonal}])
    records = [{"Name": f"\\052.{ZONE_NAME}.", "Type": "A", "AliasTarget": {"DNSName": f"{zonal}."}}]
    told = endpoint.when(records=records).failure(RECORD)
    assert told == f"the A record leads to the endpoint in one zone alone ({zonal})"
