import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from pinekeep.account.client.clients import Clients
from pinekeep.account.reads.live import Unreadable
from pinekeep.account.reads.permissions import ALSO_PERMISSIONS, CUSTOMER_PERMISSIONS, FIELDS, PERMISSIONS
from pinekeep.errors import AwsRefusedError
from pinekeep.model.config import Deployment
from pinekeep.operations.verification import verify as verify_module
from pinekeep.operations.verification.checks import dns_targets
from pinekeep.operations.verification.checks.finding import Finding, unreadable
from pinekeep.operations.verification.verify import CHECKS, verify

if TYPE_CHECKING:
    from tests.operations.verification.conftest import World


OF_SHAPES = {each.id for each in dns_targets.CHECKS} | {"endpoint-own-groups"}
"""Checks of what only some endpoints have; test_dns_targets_check.py is about them."""
ELSEWHERE = ("adopted-", "customer-keys-", "monitoring-", "audit-", "storage-")
"""What the names of checks begin with of what this deployment does not have."""


def test_everything_right_is_all_ok(world: "World") -> None:
    found = world.findings()
    assert {each.status for each in found} == {"ok"}
    assert not [each for each in found if each.fix]
    assert all(each.found and each.wanted for each in found)
    elsewhere = {info.id for info in CHECKS if info.id.startswith(ELSEWHERE)} | OF_SHAPES
    assert [each.check for each in found] == [info.id for info in CHECKS if info.id not in elsewhere]


def test_each_check_says_what_it_means_and_needs() -> None:
    for info in CHECKS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", info.id), info.id
        assert info.title and info.wanted
        assert info.meaning.endswith("."), info.id
        assert info.permissions or info.id == "customer-keys-key-policies", "nobody may read those"
        assert set(info.reads) <= {*FIELDS, *CUSTOMER_PERMISSIONS, *ALSO_PERMISSIONS}
    assert len({info.id for info in CHECKS}) == len(CHECKS)
    assert len({info.title for info in CHECKS}) == len(CHECKS)


def test_every_permission_is_one_to_read() -> None:
    assert set(PERMISSIONS) == set(FIELDS)
    for permission in (*PERMISSIONS.values(), *(one for each in CUSTOMER_PERMISSIONS.values() for one in each)):
        assert re.fullmatch(r"[a-z0-9]+:(Get|List|Describe)[A-Za-z]+", permission)


def test_permissions_include_those_for_finding_the_thing() -> None:
    needed = {info.id: info.permissions for info in CHECKS}
    assert needed["key-policy-root"] == ("cloudformation:DescribeStacks", "kms:GetKeyPolicy")
    assert needed["endpoint-clients"] == (
        "cloudformation:DescribeStacks",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeSecurityGroups",
    )
    assert needed["customer-keys-policies"] == (
        "iam:ListAttachedRolePolicies",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
    )


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_not_readable_never_passes_and_names_the_permission(world: "World", field: str) -> None:
    closed = world.when(**{field: Unreadable(PERMISSIONS[field], "ask for it")}).findings()
    concerned = {info.id for info in CHECKS if field in info.reads and not info.id.startswith(ELSEWHERE)} - OF_SHAPES
    assert {each.check for each in closed if each.status == "unreadable"} == concerned
    assert concerned
    for each in closed:
        if each.status == "unreadable":
            assert each.found == f"not readable without {PERMISSIONS[field]}"
            assert each.fix == "ask for it"
        else:
            assert each.status == "ok"


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_can_be_missing_without_a_failure(world: "World", field: str) -> None:
    assert world.when(**{field: None}).all_failures()


@pytest.mark.parametrize("field", FIELDS)
def test_each_failure_says_what_it_means_for_pinecone_and_what_to_do(world: "World", field: str) -> None:
    for each in world.when(**{field: None}).findings():
        assert bool(each.meaning) is (each.status == "failed")
        assert bool(each.fix) is (each.status == "failed")
        assert (each.meaning or ".").endswith(".")


def test_a_deployment_without_a_part_is_not_checked_for_it(world: "World") -> None:
    no_key = replace(world, settings={key: value for key, value in world.settings.items() if key != "cmek"})
    assert all(re.match("handed|private-link|endpoint|vpc|hosted", each.check) for each in no_key.findings())
    no_link = replace(world, settings={key: value for key, value in world.settings.items() if key != "private_link"})
    assert all(re.match("handed|cmek|role|trust|key|decisions", each.check) for each in no_link.findings())


def test_a_finding_is_plain_values() -> None:
    finding = Finding(check="key-state", deployment="prod", what="w", status="ok", found="f", wanted="w")
    assert finding.as_json() == {
        "check": "key-state",
        "deployment": "prod",
        "what": "w",
        "status": "ok",
        "found": "f",
        "wanted": "w",
        "fix": None,
        "meaning": None,
    }
    assert unreadable(Unreadable("kms:GetKeyPolicy", "why")).status == "unreadable"


def test_deployments_come_in_the_order_given(world: "World", monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*, name: str, deployment: Deployment, clients: Clients, customers: Any, **_: Any) -> Any:
        assert customers is None
        assert clients.region == deployment.region
        return world.live if name == "prod" else world.when(role=None).live

    monkeypatch.setattr(verify_module, "read_live", read)
    deployments = {"prod": world.deployment, "b": world.deployment, "a": world.deployment}
    found = verify(
        deployments, pinecone_account="444455556666", clients_for=lambda each: Clients(NoSession(), each.region)
    )
    assert list(dict.fromkeys(each.deployment for each in found)) == ["prod", "b", "a"]
    assert verify({}, pinecone_account=None, clients_for=lambda _: pytest.fail("nobody to ask")) == []


def test_a_refusal_of_one_deployment_ends_all(world: "World") -> None:
    def clients_for(deployment: Deployment) -> Clients:
        raise AwsRefusedError(f"no way to {deployment.account}")

    with pytest.raises(AwsRefusedError, match="no way to 111122223333"):
        verify({"prod": world.deployment}, pinecone_account=None, clients_for=clients_for)


class NoSession:
    def client(self, service_name: str, *, region_name: str, config: Any) -> Mapping[str, Any]:
        pytest.fail(f"{service_name} {region_name} {config}")
