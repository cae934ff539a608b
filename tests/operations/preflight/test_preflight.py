"""The whole look: nothing in the way of what can be deployed, and only what matters for an update."""

import pytest

from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.live import Unreadable
from pinekeep.operations.preflight.check import Demand
from pinekeep.operations.preflight.inventory import FIELDS, PAGINATED, PERMISSIONS, Seen
from pinekeep.operations.preflight.preflight import CHECKS, demand_of
from pinekeep.operations.verification.checks.finding import Finding
from tests.operations.preflight.conftest import NEW_VPC, Scene
from tests.operations.verification.conftest import ACCOUNT

ALLOWED_TO_DIFFER = {"quota-iam"}
"""Its findings are named after the thing that is counted."""


@pytest.mark.parametrize("kind", ["scene", "adopting", "new_vpc", "profiled", "taken_over", "guarded"])
def test_where_all_is_well_every_finding_says_so(kind: str, request: pytest.FixtureRequest) -> None:
    scene: Scene = request.getfixturevalue(kind)
    findings = scene.findings()
    assert [each for each in findings if each.status != "ok"] == []
    assert all(each.fix is None and each.meaning is None for each in findings)
    assert len({each.check for each in findings}) >= 15


def test_what_is_not_as_it_should_be_says_why_it_matters(scene: Scene) -> None:
    scene = scene.when(bootstrap=None).changed("service", AcceptanceRequired=True)
    told = {each.check: each.meaning for each in scene.findings() if each.status != "ok"}
    meanings = {each.id: each.meaning for each in CHECKS}
    assert set(told) == {"bootstrap-version", "endpoint-service-acceptance"}
    assert told == {check: meanings[check] for check in told}


def test_every_check_finds_something_in_one_of_them(shapes: tuple[Scene, ...]) -> None:
    found = {each.check for one in shapes for each in one.findings()}
    assert found == {each.id for each in CHECKS}


def test_the_ids_are_distinct_and_in_kebab_case() -> None:
    ids = [each.id for each in CHECKS]
    assert len(set(ids)) == len(ids)
    assert all(each.replace("-", "").islower() for each in ids)


def test_every_value_is_looked_at_by_a_check_or_needed_for_another() -> None:
    looked_at = {read for each in CHECKS for read in (*each.reads, *each.uses)}
    assert set(FIELDS) - looked_at == set()
    assert set(PAGINATED) <= set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_what_cannot_be_read_is_told_and_stands_in_nobodys_way(field: str, shapes: tuple[Scene, ...]) -> None:
    closed = Unreadable(PERMISSIONS[field][-1], "allow it")
    found: list[Finding] = []
    for one in shapes:
        if field in ("assumable", "endpoint_dry_run"):
            continue  # answers of AWS, never unreadable
        told = one.when(**{field: closed})
        assert told.blocked() == set()
        found += [each for each in told.findings() if each.status == "unreadable"]
    more = ("peerings", "profile_zones", "caller_decisions", "alias_key_tags", "other_bootstraps", "bootstrap_roles")
    if not field.endswith("_quota") and field not in more and field not in ("assumable", "endpoint_dry_run"):
        assert found
        assert {each.found for each in found} == {f"not readable without {PERMISSIONS[field][-1]}"}
        assert {each.fix for each in found} == {"allow it"}


def test_once_deployed_names_quotas_and_conflicts_are_left_alone(scene: Scene) -> None:
    found = {each.check for each in scene.deployed().findings()}
    first = {each.check for each in scene.findings()}
    assert first - found == {
        "left-behind",
        "role-name",
        "key-alias-name",
        "subnet-addresses",
        "endpoint-conflict",
        "hosted-zone-conflict",
        "project-endpoints",
        "quota-iam",
        "quota-keys",
        "quota-endpoints",
    }
    assert scene.deployed().blocked() == set()


def test_of_another_account_nothing_is_told_but_that(scene: Scene) -> None:
    elsewhere = Scene(scene.settings, caller=Caller(account="222233334444", arn="arn:aws:iam::222233334444:user/ann"))
    (found,) = elsewhere.findings()
    assert found.check == "credentials-account"
    assert found.status == "failed"


def test_a_role_of_an_unreadable_stack_is_not_called_taken(scene: Scene) -> None:
    closed = scene.when(cmek_stack=Unreadable("cloudformation:DescribeStacks", "allow it"))
    assert {each.check for each in closed.findings() if each.status == "unreadable"} == {"cmek-stack"}
    assert not closed.of("role-name")


def test_what_a_run_would_make_is_added_up_over_its_deployments(scene: Scene, new_vpc: Scene) -> None:
    customers = [{"name": f"c{each}", "account": f"{600000000000 + each}"} for each in range(2000)]
    saas = scene.configured(cmek={"customer_keys": customers})
    deployments = {"a": scene.deployment, "b": new_vpc.deployment, "c": saas.deployment, "d": scene.deployment}
    seen = {name: Seen() for name in "abc"} | {"d": scene.deployed().seen}
    assert saas.customers
    demand = demand_of(deployments, seen, account=ACCOUNT, customers={"c": saas.customers})
    assert demand == Demand(
        roles=1 + 2 + 2,
        policies=1 + 12,
        keys={"us-east-1": 2},
        vpcs={"us-east-1": 1},
        endpoints={"vpc-0a1b2c3d": 2},
    )
    assert NEW_VPC["cidr"] == "10.2.0.0/16"
    assert demand_of(deployments, seen, account="222233334444", customers={}) == Demand()
