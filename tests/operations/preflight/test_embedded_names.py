"""Whom and what the configuration names, looked up in an AWS that refuses what AWS refuses."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.services import endpoint_services
from pinekeep.model.config import Deployment
from tests.faults.fault import Fault
from tests.operations.preflight.test_embedded import TRUST, Account
from tests.operations.verification.conftest import ACCOUNT

pytestmark = pytest.mark.e2e

MISSING = f"arn:aws:iam::{ACCOUNT}:role/DoesNotExist"
ZONE = "private.aped-4627-b74a.pinecone.io"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with EmbeddedAws(account=ACCOUNT, endpoint_services=endpoint_services()) as aws:
        yield Account(aws)


@pytest.fixture
def undo() -> Iterator[list[Callable[[], Any]]]:
    steps: list[Callable[[], Any]] = []
    yield steps
    for step in reversed(steps):
        step()


def bounded(account: Account, arn: str) -> Deployment:
    return account.deployment.model_copy(update={"permissions_boundary": arn})


def noted(account: Account, check: str) -> str:
    (found,) = [each for each in account.look() if each.check == check]
    assert found.status == "note", found
    return found.found


@pytest.mark.fault(
    "the file names a key administrator who does not exist",
    sees="account 111122223333 has no role DoesNotExist, which arn:aws:iam::111122223333:role/DoesNotExist names",
    safe="Nothing was changed: KMS would have refused the key policy and CloudFormation undone the deployment.",
)
def test_an_administrator_who_does_not_exist_stands_in_the_way(fault: Fault, account: Account) -> None:
    blocked = account.blocked(account.configured(key={"administrators": [MISSING]}))
    assert set(blocked) == {"key-administrators"}
    fault.require_seen(blocked["key-administrators"])


def test_an_administrator_under_a_path_is_found_by_name(account: Account) -> None:
    made = account.client("iam").create_role(
        RoleName="KeyAdmins", Path="/platform/", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]["Arn"]
    bare = made.replace("/platform", "")
    wrong = account.configured(key={"administrators": [bare]})
    assert account.blocked(wrong) == {"key-administrators": f"there is no {bare}; the role KeyAdmins is {made}"}
    assert account.blocked(account.configured(key={"administrators": [made]})) == {}


@pytest.mark.fault(
    "the file names a permissions boundary that does not exist",
    sees="account 111122223333 has no policy arn:aws:iam::111122223333:policy/nobody",
    safe="Nothing was changed: IAM would have refused the role and CloudFormation undone the deployment.",
)
def test_a_boundary_that_does_not_exist_stands_in_the_way(fault: Fault, account: Account) -> None:
    blocked = account.blocked(bounded(account, f"arn:aws:iam::{ACCOUNT}:policy/nobody"))
    assert set(blocked) == {"permissions-boundary"}
    fault.require_seen(blocked["permissions-boundary"])
    assert set(account.blocked(bounded(account, "arn:aws:iam::aws:policy/Nobody"))) == {"permissions-boundary"}


def test_a_boundary_that_aws_manages_is_there(account: Account) -> None:
    assert account.blocked(bounded(account, "arn:aws:iam::aws:policy/PowerUserAccess")) == {}


@pytest.mark.fault(
    "the VPC's DHCP options name other DNS servers than AmazonProvidedDNS",
    sees="the DHCP options … of … name other DNS servers: 10.9.0.2",
    safe="Nothing is in the way: it is noted, with what those servers have to forward.",
)
def test_dns_servers_of_ones_own_are_noted(fault: Fault, account: Account, undo: list[Callable[[], Any]]) -> None:
    ec2 = account.client("ec2")
    before = ec2.describe_vpcs(VpcIds=[account.vpc])["Vpcs"][0]["DhcpOptionsId"]
    servers = [{"Key": "domain-name-servers", "Values": ["10.9.0.2"]}]
    own = ec2.create_dhcp_options(DhcpConfigurations=servers)["DhcpOptions"]["DhcpOptionsId"]
    ec2.associate_dhcp_options(VpcId=account.vpc, DhcpOptionsId=own)
    undo.append(lambda: ec2.associate_dhcp_options(VpcId=account.vpc, DhcpOptionsId=before))
    fault.require_seen(noted(account, "vpc-dns-servers"))


@pytest.mark.fault(
    "a Resolver rule of the VPC sends Pinecone's private zone to other servers",
    sees="Resolver rule … sends private.aped-4627-b74a.pinecone.io from … to 10.9.0.2",
    safe="Nothing is in the way: it is noted, with the command that takes the rule off the VPC.",
)
def test_a_rule_that_sends_the_zone_elsewhere_is_noted(
    fault: Fault, account: Account, undo: list[Callable[[], Any]]
) -> None:
    account.forward(ZONE, undo)
    fault.require_seen(noted(account, "vpc-resolver-rules"))
