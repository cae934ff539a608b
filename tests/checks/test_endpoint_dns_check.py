from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.checks.conftest import World

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
    assert wrong.finding(VPC).fix == f"aws ec2 modify-vpc-attribute --vpc-id vpc-0a1b2c3d {switch}"
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
    elsewhere = world.changed("zone", VPCs=[{"VPCId": "vpc-0a1b2c3d", "VPCRegion": "us-west-2"}])
    assert "vpc-0a1b2c3d is not associated" in elsewhere.failure(VPCS)


def test_a_further_vpc_is_the_owners(world: "World") -> None:
    vpcs = [{"VPCId": each, "VPCRegion": "us-east-1"} for each in ("vpc-0a1b2c3d", "vpc-9f8e7d6c", "vpc-12345678")]
    assert world.changed("zone", VPCs=vpcs).failures() == set()


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
    more = {"Name": "x", "Type": "AAAA", "AliasTarget": {"DNSName": "other.example.com."}}
    records = world.live.records
    assert isinstance(records, list)
    assert "AAAA record" in world.when(records=[*records, more]).failure(RECORD)


def test_an_endpoint_without_a_name_yet_fails(world: "World") -> None:
    assert "no DNS name yet" in world.changed("endpoint", DnsEntries=[]).failure(RECORD)


def test_upper_case_and_dots_do_not_matter(world: "World") -> None:
    regional = world.live.endpoint["DnsEntries"][0]["DnsName"]  # type: ignore[index]
    records = [{"Name": "x", "Type": "A", "AliasTarget": {"DNSName": regional.upper()}}]
    assert world.when(records=records).failures() == set()
