"""What is to be done once an endpoint is registered, in each DNS mode."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients
from pinekeep.account.credentials.access import Access
from pinekeep.account.credentials.source import Source
from pinekeep.model.config import Deployment
from pinekeep.model.naming import Output
from pinekeep.operations.handoff.afterwards import after_registration, resolver_addresses
from pinekeep.operations.handoff.console import as_markdown, as_text, handoff

ZONE = "private.aped-4627-b74a.pinecone.io"
ENDPOINT = "vpce-0a1b2c3d4e5f60718"
OUTPUTS: dict[str, str] = {
    Output.VPC_ENDPOINT_ID: ENDPOINT,
    Output.VPC_ENDPOINT_DNS_NAME: "vpce-1.example",
    Output.RESOLVER_ENDPOINT_ID: "rslvr-in-1",
}
INBOUND = {"dns": "resolver-inbound", "resolver": {"client_cidrs": ["192.168.0.0/24"]}}


def deployment(**link: Any) -> Deployment:
    vpc = {"id": "vpc-0a1b2c3d", "subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}
    settings = {"vpc": vpc, "clients": {"cidrs": ["10.0.0.0/16"]}} | link
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "private_link": settings})


def steps(addresses: tuple[str, ...] = (), outputs: dict[str, str] | None = None, **link: Any) -> list[str]:
    found = OUTPUTS if outputs is None else outputs
    return after_registration("a", deployment(**link), found, resolver_addresses=addresses).steps


@pytest.mark.parametrize("dns", ["endpoint", "hosted-zone", "profile"])
def test_with_dns_of_aws_the_client_is_checked_first_and_access_restricted_last(dns: str) -> None:
    check, verify, restrict = steps(dns=dns)
    assert check.startswith("On a client: pinekeep private-link check --host INDEX_HOST.")
    assert verify == "In the account: pinekeep verify --deployment a"
    assert "pinekeep private-link callers" in restrict


def test_with_dns_of_your_own_the_record_is_named() -> None:
    assert f"a CNAME record *.{ZONE} that leads to vpce-1.example." in steps(dns="none")[0]
    assert "the regional DNS name of the endpoint" in steps(outputs={}, dns="none")[0]


def test_dns_servers_outside_aws_forward_to_the_resolver() -> None:
    assert f"forward {ZONE} to 10.0.0.10, 10.0.1.10." in steps(("10.0.0.10", "10.0.1.10"), **INBOUND)[0]
    assert f"forward {ZONE} to the addresses of the inbound resolver." in steps(**INBOUND)[0]


def test_vpcs_of_other_accounts_are_associated_by_a_command() -> None:
    others = {"dns": "hosted-zone", "client_vpcs": [{"id": "vpc-0e0e0e0e", "account": "444455556666"}]}
    assert steps(**others)[0].endswith("pinekeep private-link associate --deployment a")


def test_an_adopted_endpoint_is_registered_alike() -> None:
    adopted = {"vpc": {"id": "vpc-0a1b2c3d", "adopt": ENDPOINT}, "clients": {"cidrs": list[str]()}}
    handed = handoff({"a": deployment(**adopted)}, {"a": OUTPUTS})
    assert [(each.label, each.value) for each in handed.pages[0].fields] == [
        ("VPC endpoint ID", ENDPOINT),
        ("Region", "us-east-1"),
    ]
    assert len(handed.afterwards) == 1


def test_the_region_is_that_of_the_indexes() -> None:
    handed = handoff({"a": deployment(service_region="eu-west-1")}, {"a": OUTPUTS})
    assert handed.pages[0].fields[1].value == "eu-west-1"


def test_the_steps_are_numbered_in_text_and_markdown() -> None:
    handed = handoff({"a": deployment()}, {"a": OUTPUTS})
    for text in (as_text(handed), as_markdown(handed)):
        assert "After the registration: see that the private endpoint works" in text
        assert "1. On a client: pinekeep private-link check" in text
        assert "3. Then turn on" in text


class Resolver:
    """A Route 53 Resolver with two addresses, or one that refuses the call."""

    def __init__(self, *, denied: bool) -> None:
        self.denied = denied

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name in ("route53resolver", "sts")
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "ME"}

    def list_resolver_endpoint_ip_addresses(self, **asked: Any) -> Any:
        assert asked == {"ResolverEndpointId": "rslvr-in-1"}
        if self.denied:
            error = {"Code": "AccessDeniedException", "Message": "no"}
            raise ClientError(cast(Any, {"Error": error}), "ListResolverEndpointIpAddresses")
        return {"IpAddresses": [{"Ip": "10.0.0.10"}, {"Ip": "10.0.1.10"}]}


@pytest.mark.parametrize(("denied", "found"), [(False, {"a": ["10.0.0.10", "10.0.1.10"]}), (True, {})])
def test_the_resolvers_addresses_are_read_as_far_as_it_is_allowed(*, denied: bool, found: dict[str, list[str]]) -> None:
    access = Access.of(Source(environment=dict, clients_for=lambda region: Clients(Resolver(denied=denied), region)))
    deployments = {"a": deployment(**INBOUND), "b": deployment()}
    assert resolver_addresses(deployments, {"a": OUTPUTS, "b": {}}, access=access) == found
