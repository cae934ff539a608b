from dataclasses import replace
from typing import Any

import pytest

from pinekeep.account.reads.live import Unreadable
from pinekeep.model.facts import quotas
from pinekeep.operations.preflight.check import Demand
from pinekeep.operations.preflight.inventory import Count
from tests.operations.preflight.conftest import VPC, Scene

CLOSED = Unreadable("servicequotas:GetServiceQuota", "allow it")


def summary(**changes: int) -> dict[str, int]:
    return {"Roles": 12, "RolesQuota": 1000, "Policies": 3, "PoliciesQuota": 1500, **changes}


def test_a_role_too_many_stands_in_the_way(scene: Scene) -> None:
    full = scene.when(account_summary=summary(Roles=1000))
    assert full.refusal("quota-iam") == "1,000 of 1,000 IAM roles of the account; 1 more is needed"
    assert scene.when(account_summary=summary(Roles=999)).blocked() == set()


def test_the_roles_of_the_whole_run_are_counted(scene: Scene) -> None:
    several = replace(scene.when(account_summary=summary(Roles=990)), demand=Demand(roles=11))
    assert several.refusal("quota-iam") == "990 of 1,000 IAM roles of the account; 11 more are needed"


def test_the_flow_logs_policy_counts(new_vpc: Scene) -> None:
    full = new_vpc.when(account_summary=summary(Policies=1500))
    roles, policies = full.of("quota-iam")
    assert (roles.status, policies.status) == ("ok", "failed")
    assert policies.found == "1,500 of 1,500 managed policies of the account; 1 more is needed"


def test_a_summary_without_a_quota_says_nothing(scene: Scene) -> None:
    assert scene.when(account_summary={}).of("quota-iam") == []


def test_a_key_too_many_stands_in_the_way_with_the_quotas_code(scene: Scene) -> None:
    full = scene.when(keys=Count(50), key_quota=50.0)
    assert full.refusal("quota-keys") == "50 of 50 KMS keys in the Region; 1 more is needed"
    assert "Service Quotas (kms L-C2F1777E)" in str(full.finding("quota-keys").fix)


def test_a_count_that_was_cut_short_is_told_as_such(scene: Scene) -> None:
    assert scene.when(keys=Count(20_000, complete=False)).finding("quota-keys").found == (
        "at least 20,000 of 100,000 KMS keys in the Region"
    )


def test_a_vpc_too_many_stands_in_the_way(new_vpc: Scene) -> None:
    assert new_vpc.when(vpc_count=Count(5)).refusal("quota-vpcs") == "5 of 5 VPCs in the Region; 1 more is needed"
    assert new_vpc.when(vpc_count=Count(4)).blocked() == set()


def test_an_endpoint_too_many_stands_in_the_way(scene: Scene) -> None:
    kinds = ["Interface"] * 49 + ["GatewayLoadBalancer"] + ["Gateway"] * 5
    others = [
        {"VpcEndpointId": "vpce-1", "VpcId": VPC, "ServiceName": "s", "State": "available", "VpcEndpointType": kind}
        for kind in kinds
    ]
    assert scene.when(endpoints=others).refusal("quota-endpoints") == (
        "50 of 50 interface endpoints of the VPC; 1 more is needed"
    )
    assert scene.when(endpoints=others, endpoint_quota=51.0).blocked() == set()


@pytest.mark.parametrize(
    ("quota", "why", "status"),
    [
        (CLOSED, "could not be read (servicequotas:GetServiceQuota)", "unreadable"),
        (None, "is not told", "ok"),
    ],
)
def test_a_quota_that_cannot_be_read_is_taken_for_the_default_and_told(
    scene: Scene, quota: Any, why: str, status: str
) -> None:
    found = scene.when(key_quota=quota, keys=Count(7)).finding("quota-keys")
    assert found.status == status
    assert found.found == f"7 of 100,000 KMS keys in the Region, which is AWS's default: your own quota {why}"


def test_the_codes_are_distinct() -> None:
    assert len({(each.service, each.code) for each in quotas.ALL}) == len(quotas.ALL)
