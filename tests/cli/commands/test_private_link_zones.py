"""``pinekeep private-link zones``."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.model.facts import pinecone
from tests.command_support import GOOD, Run

SERVICE = pinecone.PRIVATE_LINK["us-east-1"].service_name
OLD_VPC = GOOD.replace(
    "{cidr: 10.20.0.0/16, availability_zones: [us-east-1a, us-east-1b]}",
    "{id: vpc-0a1b2c3d, subnet_ids: [subnet-0a1b2c3d, subnet-0a1b2c3e]}",
)


def refused(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "Stack with id x does not exist"}}, operation)


class Account:
    """An account in which the zones b and c have the service, and a has not."""

    def __init__(self, *, status: str | None = None, service: bool = True, denied: bool = False) -> None:
        self.status, self.service, self.denied = status, service, denied
        self.asked: dict[str, Any] = {}

    def client(self, service_name: str, **_: Any) -> Any:
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}

    def describe_vpc_endpoint_services(self, **asked: Any) -> Any:
        self.asked = asked
        if self.denied:
            raise refused("UnauthorizedOperation", "DescribeVpcEndpointServices")
        if not self.service:
            raise refused("InvalidServiceName", "DescribeVpcEndpointServices")
        return {
            "ServiceDetails": [
                {
                    "ServiceName": SERVICE,
                    "ServiceRegion": "us-east-1",
                    "AvailabilityZoneIds": ["use1-az4", "use1-az2", "use1-az9"],
                    "AcceptanceRequired": True,
                    "SupportedIpAddressTypes": ["ipv4", "ipv6"],
                }
            ]
        }

    def describe_availability_zones(self) -> Any:
        zones = {"us-east-1a": "use1-az1", "us-east-1b": "use1-az2", "us-east-1c": "use1-az4"}
        return {"AvailabilityZones": [{"ZoneName": name, "ZoneId": each} for name, each in zones.items()]}

    def describe_subnets(self, Filters: Any) -> Any:  # noqa: N803 - AWS's names, here and below
        assert Filters == [{"Name": "vpc-id", "Values": ["vpc-0a1b2c3d"]}]
        return {"Subnets": [{"SubnetId": "subnet-0a1b2c3d", "AvailabilityZoneId": "use1-az2"}]}

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803
        assert StackName.startswith("Pinekeep-search-prod")
        if self.status is None:
            raise refused("ValidationError", "DescribeStacks")
        return {"Stacks": [{"StackStatus": self.status}]}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    made = Account()

    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(made, region)))
    monkeypatch.setattr(Access, "of_the_user", lambda _: access)
    return made


def test_the_offer_is_shown_as_a_table(pinekeep: Run, good: Path, account: Account) -> None:
    result = pinekeep("private-link", "zones")
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        f"search-prod: {SERVICE}",
        "hosted in us-east-1; ipv4, ipv6; each connection must be accepted",
        "",
        "ZONE ID      NAME               SUBNETS",
        "use1-az2     us-east-1b         -",
        "use1-az4     us-east-1c         -",
        "use1-az9     not in this account -",
    ]
    assert good.read_text() == GOOD
    assert account.asked == {"ServiceNames": [SERVICE]}


def test_subnets_of_an_existing_vpc_are_shown_and_nothing_is_to_be_written(
    pinekeep: Run, good: Path, account: Account
) -> None:
    good.write_text(OLD_VPC)
    zones = pinekeep("private-link", "zones", "--json").require_schema("private-link zones")["deployments"][0]["zones"]
    assert zones[0] == {"id": "use1-az2", "name": "us-east-1b", "subnet_ids": ["subnet-0a1b2c3d"]}
    result = pinekeep("private-link", "zones", "--write")
    assert result.code == 2
    assert "--write is for a new VPC" in result.err


def test_zones_are_written_by_id_and_one_without_the_service_is_replaced(
    pinekeep: Run, good: Path, account: Account
) -> None:
    result = pinekeep("private-link", "zones", "--write", "--json")
    assert result.code == 0, result.err
    (found,) = result.require_schema("private-link zones")["deployments"]
    assert found["written"] == ["use1-az4", "use1-az2"], "us-east-1b stays, us-east-1a has no service"
    assert good.read_text() == GOOD.replace("[us-east-1a, us-east-1b]", "[use1-az4, use1-az2]")
    again = pinekeep("private-link", "zones", "--write")
    assert again.code == 0, again.err
    assert "has these zones already" in again.err


def test_the_zones_of_a_further_endpoint_are_written_where_they_stand(
    pinekeep: Run, good: Path, account: Account
) -> None:
    further = (
        "      further_endpoints:\n        batch:\n          vpc:\n            cidr: 10.40.0.0/16\n"
        "            availability_zones:\n              - us-east-1b  # kept\n              - us-east-1c\n"
        "          clients: {cidrs: [10.40.0.0/16]}\n"
    )
    good.write_text(GOOD + further)
    result = pinekeep("private-link", "zones", "--write", "-d", "search-prod-batch")
    assert result.code == 0, result.err
    assert good.read_text() == GOOD + further.replace("us-east-1b", "use1-az2").replace("us-east-1c", "use1-az4")


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE"])
def test_zones_of_a_vpc_that_is_deployed_are_not_written(
    pinekeep: Run, good: Path, account: Account, status: str
) -> None:
    account.status = status
    result = pinekeep("private-link", "zones", "--write")
    assert result.code == 2
    assert "other zones would replace the subnets of its VPC" in result.err
    assert good.read_text() == GOOD


def test_zones_that_two_deployments_share_by_an_alias_are_not_written(
    pinekeep: Run, good: Path, account: Account
) -> None:
    further = (
        "      further_endpoints:\n        batch:\n          clients: {cidrs: [10.40.0.0/16]}\n"
        "          vpc: {cidr: 10.40.0.0/16, availability_zones: *zones}\n"
    )
    shared = GOOD.replace("[us-east-1a, us-east-1b]", "&zones [us-east-1a, us-east-1b]") + further
    good.write_text(shared)
    result = pinekeep("private-link", "zones", "--write", "-d", "search-prod")
    assert result.code == 2, result.err
    assert good.read_text() == shared


def test_a_service_that_is_not_offered_and_a_denied_call_are_told(pinekeep: Run, good: Path, account: Account) -> None:
    account.service = False
    gone = pinekeep("private-link", "zones")
    assert gone.code == 1
    assert f"EC2 knows no endpoint service {SERVICE}" in gone.err
    account.denied = True
    denied = pinekeep("private-link", "zones")
    assert denied.code == 3
    assert "ec2:DescribeVpcEndpointServices" in denied.err
