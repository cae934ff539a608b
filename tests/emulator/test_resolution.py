"""What a client in a VPC gets for a name, by the precedence that AWS documents."""

from collections.abc import Callable
from typing import Any

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.resolution import DnsAnswer
from pinekeep.emulator.server import EmbeddedAws

Client = Callable[..., Any]
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
ZONE = "private.aped-4627-b74a.pinecone.io"
INDEX = f"docs-abc1234.svc.{ZONE}"
ADDRESSES = ("10.50.0.10", "10.50.1.10")
SPOKE = "444455556666"


class Place:
    """A VPC with an endpoint without private DNS, and what is done to the names there."""

    def __init__(self, aws: EmbeddedAws, client: Client) -> None:
        self.aws, self.client = aws, client
        self.ec2, self.route53 = client("ec2"), client("route53")
        self.vpc = self.new_vpc()
        subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.50.{number}.0/24", AvailabilityZone=zone)
            for number, zone in enumerate(("us-east-1a", "us-east-1b"))
        ]
        self.endpoint = self.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=self.vpc,
            SubnetIds=[each["Subnet"]["SubnetId"] for each in subnets],
            ServiceName=SERVICE,
        )["VpcEndpoint"]

    def new_vpc(self, account: str | None = None) -> str:
        ec2 = self.client("ec2", account)
        vpc_id = str(ec2.create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"])
        ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
        return vpc_id

    def answer(self, name: str = INDEX, record_type: str = "A", *, vpc: str = "") -> DnsAnswer:
        return self.aws.resolve(vpc or self.vpc, name, record_type)

    def private_dns(self, on: bool) -> None:
        self.ec2.modify_vpc_endpoint(VpcEndpointId=self.endpoint["VpcEndpointId"], PrivateDnsEnabled=on)

    def zone(self, name: str = ZONE, *, vpc: str = "", record: str = "*", alias: bool = True) -> str:
        place = {"VPCRegion": "us-east-1", "VPCId": vpc or self.vpc}
        made = self.route53.create_hosted_zone(Name=name, VPC=place, CallerReference=f"{name}{vpc}{self.vpc}")
        zone_id = str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")
        if record:
            self.record(zone_id, f"{record}.{name}", alias=alias)
        return zone_id

    def record(self, zone_id: str, name: str, *, alias: bool = True, kind: str = "", value: str = "") -> None:
        entry = self.endpoint["DnsEntries"][0]
        target = {"HostedZoneId": entry["HostedZoneId"], "DNSName": entry["DnsName"], "EvaluateTargetHealth": False}
        record: dict[str, Any] = {"Name": name, "Type": kind or ("A" if alias else "CNAME")}
        if alias and not value:
            record["AliasTarget"] = target
        else:
            record |= {"TTL": 60, "ResourceRecords": [{"Value": value or entry["DnsName"]}]}
        changes = [{"Action": "CREATE", "ResourceRecordSet": record}]
        self.route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})

    def rule(self, domain: str, kind: str = "FORWARD") -> str:
        resolver = self.client("route53resolver")
        made = resolver.create_resolver_rule(
            CreatorRequestId=domain + self.vpc + kind, RuleType=kind, DomainName=domain
        )["ResolverRule"]["Id"]
        resolver.associate_resolver_rule(ResolverRuleId=made, VPCId=self.vpc)
        return str(made)

    def profile(self, arn: str, vpc: str) -> None:
        profiles = self.client("route53profiles")
        made = profiles.create_profile(Name="shared", ClientToken=arn)["Profile"]["Id"]
        profiles.associate_resource_to_profile(Name="names", ProfileId=made, ResourceArn=arn)
        profiles.associate_profile(Name="names", ProfileId=made, ResourceId=vpc)


@pytest.fixture
def place(embedded_aws: EmbeddedAws, client: Client) -> Place:
    return Place(embedded_aws, client)


def test_without_private_dns_a_private_name_does_not_exist(place: Place) -> None:
    assert place.answer() == DnsAnswer(code="NXDOMAIN", source="public")
    assert place.answer("example.com") == DnsAnswer(code="", source="public")


def test_private_dns_answers_with_the_endpoints_addresses_in_its_vpc_alone(place: Place) -> None:
    place.private_dns(on=True)
    found = DnsAnswer(code="NOERROR", source="endpoint", by=place.endpoint["VpcEndpointId"], records=ADDRESSES)
    assert place.answer() == found
    assert place.answer(f"{INDEX.upper()}.") == found
    assert place.answer(record_type="AAAA") == DnsAnswer(code="NOERROR", source="endpoint", by=found.by)
    assert place.answer(vpc=place.new_vpc()).code == "NXDOMAIN"
    place.private_dns(on=False)
    assert place.answer().code == "NXDOMAIN"


def test_the_names_of_an_endpoint_are_public(place: Place) -> None:
    regional, first, *_ = (each["DnsName"] for each in place.endpoint["DnsEntries"])
    assert place.answer(regional, vpc=place.new_vpc()).records == ADDRESSES
    assert place.answer(first).records == ADDRESSES[:1]
    place.aws.reject_endpoint(place.endpoint["VpcEndpointId"])
    assert place.answer(regional).code == "NXDOMAIN"


@pytest.mark.parametrize("alias", [True, False], ids=["alias", "CNAME"])
def test_a_wildcard_record_leads_to_the_endpoint(place: Place, alias: bool) -> None:
    zone = place.zone(alias=alias)
    assert place.answer() == DnsAnswer(code="NOERROR", source="hosted-zone", by=zone, records=ADDRESSES)
    assert place.answer(ZONE) == DnsAnswer(code="NOERROR", source="hosted-zone", by=zone)


def test_a_zone_without_the_record_answers_that_the_name_does_not_exist(place: Place) -> None:
    zone = place.zone(record="")
    assert place.answer() == DnsAnswer(code="NXDOMAIN", source="hosted-zone", by=zone)


def test_an_explicit_name_below_a_wildcard_takes_its_branch_from_it(place: Place) -> None:
    zone = place.zone()
    place.record(zone, f"one.svc.{ZONE}", kind="A", value="10.50.9.9")
    assert place.answer(f"one.svc.{ZONE}").records == ("10.50.9.9",)
    assert place.answer(f"svc.{ZONE}") == DnsAnswer(code="NOERROR", source="hosted-zone", by=zone)
    assert place.answer().code == "NXDOMAIN"
    assert place.answer(f"two.{ZONE}").records == ADDRESSES


def test_the_most_specific_zone_answers_alone(place: Place) -> None:
    place.zone()
    narrow = place.zone(f"svc.{ZONE}", record="")
    assert place.answer() == DnsAnswer(code="NXDOMAIN", source="hosted-zone", by=narrow)
    assert place.answer(f"other.{ZONE}").records == ADDRESSES


def test_a_narrower_zone_comes_before_an_endpoints_private_dns(place: Place) -> None:
    place.private_dns(on=True)
    narrow = place.zone(f"svc.{ZONE}", record="")
    assert (place.answer().source, place.answer().by) == ("hosted-zone", narrow)


def test_a_forwarding_rule_comes_before_a_zone_of_its_domain(place: Place) -> None:
    place.zone()
    wide = place.rule("pinecone.io")
    assert place.answer().source == "hosted-zone"
    assert place.answer("api.pinecone.io") == DnsAnswer(code="", source="resolver-rule", by=wide)
    same = place.rule(ZONE)
    assert place.answer() == DnsAnswer(code="", source="resolver-rule", by=same)


def test_a_system_rule_takes_a_domain_out_of_a_forwarded_one(place: Place) -> None:
    place.rule("pinecone.io")
    place.rule(ZONE, "SYSTEM")
    assert place.answer().source == "public"


def test_a_profile_brings_a_zone_and_the_vpcs_own_comes_first(place: Place) -> None:
    zone, spoke = place.zone(), place.new_vpc()
    place.profile(f"arn:aws:route53:::hostedzone/{zone}", spoke)
    assert place.answer(vpc=spoke) == DnsAnswer(code="NOERROR", source="profile", by=zone, records=ADDRESSES)
    own = place.zone(vpc=spoke, record="")
    assert place.answer(vpc=spoke) == DnsAnswer(code="NXDOMAIN", source="hosted-zone", by=own)


def test_a_profile_brings_an_endpoints_private_dns(place: Place) -> None:
    place.private_dns(on=True)
    spoke, endpoint = place.new_vpc(), place.endpoint["VpcEndpointId"]
    place.profile(f"arn:aws:ec2:us-east-1:111122223333:vpc-endpoint/{endpoint}", spoke)
    assert place.answer(vpc=spoke) == DnsAnswer(code="NOERROR", source="profile", by=endpoint, records=ADDRESSES)


def test_a_vpc_of_another_account_has_the_zones_that_are_associated_with_it(place: Place) -> None:
    zone, spoke = place.zone(), place.new_vpc(SPOKE)
    vpc = {"VPCRegion": "us-east-1", "VPCId": spoke}
    assert place.answer(vpc=spoke).code == "NXDOMAIN"
    place.route53.create_vpc_association_authorization(HostedZoneId=zone, VPC=vpc)
    place.client("route53", SPOKE).associate_vpc_with_hosted_zone(HostedZoneId=zone, VPC=vpc)
    assert place.answer(vpc=spoke).records == ADDRESSES


def test_a_vpc_without_dns_or_with_a_server_of_its_own_has_no_private_names(place: Place) -> None:
    place.zone()
    place.ec2.modify_vpc_attribute(VpcId=place.vpc, EnableDnsHostnames={"Value": False})
    assert place.answer().source == "public"
    place.ec2.modify_vpc_attribute(VpcId=place.vpc, EnableDnsSupport={"Value": False})
    assert place.answer() == DnsAnswer(code="", source="none")
    servers = [{"Key": "domain-name-servers", "Values": ["10.50.0.53"]}]
    options = place.ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]["DhcpOptionsId"]
    place.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=place.vpc)
    assert place.answer() == DnsAnswer(code="", source="custom-server", by="10.50.0.53")


def test_a_vpc_that_is_not_there_is_named(embedded_aws: EmbeddedAws) -> None:
    with pytest.raises(LocalAwsError, match="vpc-0123"):
        embedded_aws.resolve("vpc-0123", INDEX)


def test_route53_tells_what_a_zone_answers(place: Place) -> None:
    zone = place.zone()

    def tested(name: str, record_type: str = "A") -> tuple[str, list[str]]:
        found = place.route53.test_dns_answer(HostedZoneId=zone, RecordName=name, RecordType=record_type)
        return found["ResponseCode"], found["RecordData"]

    assert tested(INDEX) == ("NOERROR", list(ADDRESSES))
    assert tested(INDEX, "AAAA") == ("NOERROR", [])
    assert tested("example.com") == ("REFUSED", [])
    with pytest.raises(place.route53.exceptions.NoSuchHostedZone):
        place.route53.test_dns_answer(HostedZoneId="Z0", RecordName=INDEX, RecordType="A")
