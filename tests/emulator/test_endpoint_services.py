"""Endpoint services and connections to them, from the consumer's and the provider's side."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import PROVIDER_ACCOUNT, EndpointService

Deploy = Callable[..., dict[str, Any]]
Resources = dict[str, Any]
STRICT_ID = "vpce-svc-0aaaaaaaaaaaaaaaa"
STRICT = f"com.amazonaws.vpce.us-east-1.{STRICT_ID}"
FAR = "com.amazonaws.vpce.eu-west-1.vpce-svc-0bbbbbbbbbbbbbbbb"
OPEN_ID = "vpce-svc-05ef6f1f0b9130b54"
OPEN = f"com.amazonaws.vpce.us-east-1.{OPEN_ID}"
SERVICES = {
    OPEN: "*.private.aped-4627-b74a.pinecone.io",
    STRICT: EndpointService(
        private_dns_name="*.strict.example.com",
        acceptance_required=True,
        zone_ids=("use1-az1", "use1-az4"),
        ip_address_types=("ipv4", "dualstack"),
    ),
    FAR: EndpointService(private_dns_name="*.far.example.com", regions=("us-east-1",)),
}


@pytest.fixture(scope="module")
def embedded_aws() -> Iterator[EmbeddedAws]:
    with EmbeddedAws(endpoint_services=SERVICES) as aws:
        yield aws


def refused(attempt: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        attempt()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def strict(endpoint: Resources, **properties: Any) -> Resources:
    own = {"ServiceName": STRICT, "SubnetIds": [{"Ref": "SubnetA"}], "PrivateDnsEnabled": False}
    return {**endpoint, "Properties": {**endpoint["Properties"], **own, **properties}}


def shown(aws: EmbeddedAws, endpoint_id: str) -> Any:
    return aws.session().client("ec2").describe_vpc_endpoints(VpcEndpointIds=[endpoint_id])["VpcEndpoints"][0]


def test_a_service_says_what_it_requires_and_supports(embedded_aws: EmbeddedAws) -> None:
    ec2 = embedded_aws.session().client("ec2")
    (found,) = ec2.describe_vpc_endpoint_services(ServiceNames=[STRICT])["ServiceDetails"]
    assert found["AcceptanceRequired"] is True
    assert found["AvailabilityZoneIds"] == ["use1-az1", "use1-az4"]
    assert found["AvailabilityZones"] == ["us-east-1a", "us-east-1d"]
    assert found["SupportedIpAddressTypes"] == ["ipv4", "dualstack"]
    assert found["ServiceRegion"] == "us-east-1"
    assert found["PrivateDnsName"] == "*.strict.example.com"
    (plain,) = ec2.describe_vpc_endpoint_services(ServiceNames=[OPEN])["ServiceDetails"]
    assert (plain["AcceptanceRequired"], plain["SupportedIpAddressTypes"]) == (False, ["ipv4"])


def test_a_service_of_another_region_is_there_for_the_regions_it_allows(embedded_aws: EmbeddedAws) -> None:
    ec2, elsewhere = (embedded_aws.session(region=region).client("ec2") for region in ("us-east-1", "us-west-2"))
    asked = {"ServiceNames": [FAR], "ServiceRegions": ["eu-west-1"]}
    (found,) = ec2.describe_vpc_endpoint_services(**asked)["ServiceDetails"]
    assert (found["ServiceName"], found["ServiceRegion"]) == (FAR, "eu-west-1")
    assert refused(lambda: ec2.describe_vpc_endpoint_services(ServiceNames=[FAR]))[0] == "InvalidServiceName"
    assert refused(lambda: elsewhere.describe_vpc_endpoint_services(**asked))[0] == "InvalidServiceName"


def test_an_endpoint_waits_for_its_acceptance_before_it_has_private_dns(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    stack = deploy({**network, "Endpoint": strict(endpoint)}, {"Id": {"Ref": "Endpoint"}})
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    endpoint_id = stack["Values"]["Id"]
    assert shown(embedded_aws, endpoint_id)["State"] == "pendingAcceptance"
    ec2, provider = (embedded_aws.session(each).client("ec2") for each in (None, PROVIDER_ACCOUNT))

    def private_dns() -> Any:
        return ec2.modify_vpc_endpoint(VpcEndpointId=endpoint_id, PrivateDnsEnabled=True)

    assert refused(private_dns)[0] == "InvalidParameter"
    wired = {**network, "Endpoint": strict(endpoint, PrivateDnsEnabled=True)}
    assert deploy(wired, name=stack["StackName"])["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    waiting = [{"Name": "vpc-endpoint-state", "Values": ["pendingAcceptance"]}]
    (connection,) = provider.describe_vpc_endpoint_connections(Filters=waiting)["VpcEndpointConnections"]
    assert (connection["VpcEndpointId"], connection["VpcEndpointOwner"]) == (endpoint_id, "111122223333")
    provider.accept_vpc_endpoint_connections(ServiceId=STRICT_ID, VpcEndpointIds=[endpoint_id])
    assert shown(embedded_aws, endpoint_id)["State"] == "available"
    assert deploy(wired, name=stack["StackName"])["StackStatus"] == "UPDATE_COMPLETE"
    assert "*.strict.example.com" in [each["DnsName"] for each in shown(embedded_aws, endpoint_id)["DnsEntries"]]
    provider.reject_vpc_endpoint_connections(ServiceId=STRICT_ID, VpcEndpointIds=[endpoint_id])
    assert shown(embedded_aws, endpoint_id)["State"] == "rejected"


def test_private_dns_from_the_start_is_rolled_back_where_acceptance_is_required(
    deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    stack = deploy({**network, "Endpoint": strict(endpoint, PrivateDnsEnabled=True)})
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"


def test_the_server_accepts_and_rejects_by_the_endpoint_alone(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    endpoint_id = deploy({**network, "Endpoint": strict(endpoint)}, {"Id": {"Ref": "Endpoint"}})["Values"]["Id"]
    embedded_aws.reject_endpoint(endpoint_id)
    assert shown(embedded_aws, endpoint_id)["State"] == "rejected"
    embedded_aws.accept_endpoint(endpoint_id)
    assert shown(embedded_aws, endpoint_id)["State"] == "available"


def test_only_the_provider_decides(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    endpoint_id = deploy({**network, "Endpoint": strict(endpoint)}, {"Id": {"Ref": "Endpoint"}})["Values"]["Id"]
    ec2 = embedded_aws.session().client("ec2")
    accept = {"ServiceId": STRICT_ID, "VpcEndpointIds": [endpoint_id]}
    assert refused(lambda: ec2.accept_vpc_endpoint_connections(**accept))[0] == "InvalidVpcEndpointServiceId.NotFound"
    assert ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"] == []
    provider = embedded_aws.session(PROVIDER_ACCOUNT).client("ec2")
    answer = provider.accept_vpc_endpoint_connections(ServiceId=STRICT_ID, VpcEndpointIds=["vpce-0"])
    assert answer["Unsuccessful"][0]["Error"]["Code"] == "InvalidVpcEndpointId.NotFound"
    assert shown(embedded_aws, endpoint_id)["State"] == "pendingAcceptance"


def test_a_provider_can_require_acceptance_while_it_runs(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    provider = embedded_aws.session(PROVIDER_ACCOUNT).client("ec2")
    embedded_aws.take_snapshot("as-offered")
    provider.modify_vpc_endpoint_service_configuration(ServiceId=OPEN_ID, AcceptanceRequired=True)
    endpoint["Properties"]["PrivateDnsEnabled"] = False
    made = deploy({**network, "Endpoint": endpoint}, {"Id": {"Ref": "Endpoint"}})["Values"]["Id"]
    assert shown(embedded_aws, made)["State"] == "pendingAcceptance"
    embedded_aws.restore_snapshot("as-offered")
    ec2 = embedded_aws.session().client("ec2")
    (service,) = ec2.describe_vpc_endpoint_services(ServiceNames=[OPEN])["ServiceDetails"]
    assert service["AcceptanceRequired"] is False


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"zone": "us-east-1b"}, "InvalidParameter", "does not support the availability zone of the subnet"),
        ({"twice": True}, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet"),
        ({"type": "ipv6"}, "InvalidParameter", "does not support the IP address type ipv6"),
        ({"type": "dualstack"}, "InvalidParameter", "does not have an IPv6 CIDR block"),
        (
            {"service": "com.amazonaws.vpce.us-east-1.vpce-svc-0cccccccccccccccc"},
            "InvalidParameter",
            "private DNS name",
        ),
        ({"service": FAR}, "InvalidServiceName", "does not exist"),
    ],
)
def test_an_endpoint_that_the_service_cannot_have_is_refused(
    embedded_aws: EmbeddedAws, change: Resources, code: str, words: str
) -> None:
    ec2 = embedded_aws.session().client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.41.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    zone = change.get("zone", "us-east-1a")
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.41.{number}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for number in range(2 if change.get("twice") else 1)
    ]
    attempt = refused(
        lambda: ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=vpc,
            SubnetIds=subnets,
            ServiceName=change.get("service", STRICT),
            PrivateDnsEnabled="service" in change,
            IpAddressType=change.get("type", "ipv4"),
        )
    )
    assert attempt[0] == code
    assert words in attempt[1]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    assert ec2.describe_vpc_endpoints(Filters=of_vpc)["VpcEndpoints"] == []


def test_the_addresses_of_an_endpoint_are_those_of_its_interfaces(
    embedded_aws: EmbeddedAws, deploy: Deploy, network: Resources, endpoint: Resources
) -> None:
    outputs = {"Id": {"Ref": "Endpoint"}, "Vpc": {"Ref": "Vpc"}, "Subnet": {"Ref": "SubnetB"}}
    values = deploy({**network, "Endpoint": endpoint}, outputs)["Values"]
    ec2 = embedded_aws.session().client("ec2")

    def addresses(**filters: str) -> list[str]:
        asked = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        found = ec2.describe_network_interfaces(Filters=asked)["NetworkInterfaces"]
        return [each["PrivateIpAddress"] for each in found]

    assert addresses(vpc_id=values["Vpc"], interface_type="vpc_endpoint") == ["10.9.0.10", "10.9.1.10"]
    assert addresses(vpc_id=values["Vpc"], subnet_id=values["Subnet"]) == ["10.9.1.10"]
    assert addresses(description=f"VPC Endpoint Interface {values['Id']}", subnet_id=values["Subnet"]) == ["10.9.1.10"]
    assert addresses(vpc_id="vpc-0123456789abcdef0") == []
    unknown = refused(lambda: ec2.describe_network_interfaces(NetworkInterfaceIds=["eni-0"]))
    assert unknown[0] == "InvalidNetworkInterfaceID.NotFound"


def test_an_endpoint_reaches_a_service_of_another_region_that_allows_this_one(embedded_aws: EmbeddedAws) -> None:
    def make(region: str) -> Any:
        ec2 = embedded_aws.session(region=region).client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
        asked = {"VpcEndpointType": "Interface", "VpcId": vpc, "ServiceName": FAR, "ServiceRegion": "eu-west-1"}
        return ec2.create_vpc_endpoint(**asked)["VpcEndpoint"]

    found = make("us-east-1")
    assert found["ServiceRegion"] == "eu-west-1"
    assert found["DnsEntries"][0]["DnsName"].endswith(".eu-west-1.vpce.amazonaws.com")
    assert refused(lambda: make("us-west-2"))[0] == "InvalidServiceName"
