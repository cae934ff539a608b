"""What a fleet's stack set should be."""

import json
from dataclasses import replace
from functools import cache

import pytest

from pinekeep.model.config import ConfigurationError
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.values.trust import PLACEHOLDER_EXTERNAL_ID
from pinekeep.operations.fleet.desired import Desired, digest_of, groups, new_operation_id, template_digest
from pinekeep.operations.fleet.proof import desired_of, witnesses_of
from tests.operations.fleet.fleets import FIRST, NAME, SECOND, THIRD, cmek, external_id, link, targets

pytestmark = pytest.mark.process


@cache
def both() -> Desired:
    """A fleet of two accounts with two Regions each."""
    return desired_of(targets())


def made(*wanted: Target) -> Desired:
    return desired_of(targets(*wanted))


def test_an_instance_overrides_what_differs_between_targets() -> None:
    found = both()
    assert found.varying == ("ExternalId",)
    assert found.parameters["ExternalId"] == PLACEHOLDER_EXTERNAL_ID
    assert found.parameters["RoleName"] == "pinekeep-search"
    for (account, _), each in found.instances.items():
        assert each.overrides == {"ExternalId": external_id(account)}
        assert each.values == {**found.parameters, **each.overrides}


def test_the_external_id_is_overridden_in_a_fleet_of_one_account() -> None:
    found = made(cmek(FIRST))
    assert found.parameters["ExternalId"] == PLACEHOLDER_EXTERNAL_ID
    assert found.instances[FIRST, "us-east-1"].overrides == {"ExternalId": external_id(FIRST)}


def test_the_values_of_an_existing_stack_set_stay() -> None:
    found = both().with_current({**both().parameters, "RotationDays": "100", "Removed": "x"})
    assert found.parameters["RotationDays"] == "100"
    assert "Removed" not in found.parameters
    for place, each in found.instances.items():
        assert each.overrides == {**both().instances[place].overrides, "RotationDays": "365"}
        assert each.digest == both().instances[place].digest
    assert both().with_current(both().parameters) is both()


def test_tags_are_those_of_deployments_and_fleet() -> None:
    found = desired_of(targets(tags={"cost": "1"}))
    assert found.tags == {"team": "search", "cost": "1", "pinekeep:fleet": NAME}


def test_the_regions_of_an_account_are_one_group_with_the_role_first() -> None:
    found = groups(both().instances.values())
    assert [(each.accounts, each.regions, each.wave) for each in found] == [
        ((FIRST,), ("us-east-1", "eu-west-1"), 0),
        ((SECOND,), ("us-east-1", "eu-west-1"), 0),
    ]
    later = groups([both().instances[FIRST, "eu-west-1"]])
    assert [(each.regions, each.wave) for each in later] == [(("eu-west-1",), 1)]


def test_accounts_with_equal_overrides_are_one_group() -> None:
    link_id = {"vpc": {"id": "vpc-0a1b2c3d4e5f60718", "subnet_ids": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}}
    found = groups(made(link(SECOND, **link_id), link(FIRST, **link_id), link(THIRD)).instances.values())
    assert sorted(each.accounts for each in found) == [(THIRD,), (FIRST, SECOND)]
    assert all(set(each.overrides) == {"VpcId", "SubnetIds"} for each in found)


def test_the_id_of_an_operation_says_what_it_deploys() -> None:
    digest = both().instances[FIRST, "us-east-1"].digest
    one, other = new_operation_id(digest), new_operation_id(digest)
    assert one != other
    assert digest_of(one) == digest_of(other) == digest
    for stranger in (None, "", "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", one.upper(), f"{one}0"):
        assert digest_of(stranger) is None


def test_a_digest_differs_with_values_tags_and_template_alone() -> None:
    digests = {place: each.digest for place, each in both().instances.items()}
    assert digests[FIRST, "us-east-1"] == digests[FIRST, "eu-west-1"] != digests[SECOND, "us-east-1"]
    assert {place: each.digest for place, each in desired_of(targets()).instances.items()} == digests
    tagged = desired_of(targets(tags={"cost": "1"}))
    rotated = made(*(cmek(account, key={"rotation_days": 100}) for account in (FIRST, SECOND)))
    for other in (tagged, rotated):
        assert other.instances[FIRST, "us-east-1"].digest != digests[FIRST, "us-east-1"]


def test_a_template_is_the_same_whatever_version_of_the_program_made_it() -> None:
    template = json.loads(both().template)
    assert both().template == json.dumps(template, separators=(",", ":"), ensure_ascii=False)
    other = {**template, "Description": "another version", "Metadata": dict[str, str]()}
    assert template_digest(other) == both().template_digest
    template["Resources"]["EncryptionKey"]["Properties"]["PendingWindowInDays"] = 7
    assert template_digest(template) != both().template_digest
    assert template_digest("Resources: {}") is None
    assert template_digest("[]") is None


def test_witnesses_are_first_last_and_one_of_each_combination() -> None:
    many = [cmek(f"{200000000000 + number}") for number in range(50)]
    many[20] = cmek("200000000020", key={"administrators": ["arn:aws:iam::200000000020:role/Admin"]})
    many[30] = cmek("200000000030", key={"multi_region": True})
    many[40] = cmek("200000000040", "eu-west-1")
    many[41] = cmek("200000000041", "eu-west-1", trust={"regions": ["us-west-2"]})
    assert witnesses_of(many) == [0, 20, 30, 40, 41, 49]
    assert witnesses_of([]) == []


def problems(found: FleetTargets) -> list[tuple[str, str]]:
    with pytest.raises(ConfigurationError) as refused:
        desired_of(found)
    return [(each.code, each.message) for each in refused.value.problems]


def test_targets_of_another_shape_are_refused_all_at_once() -> None:
    adopted = {"adopt": "arn:aws:kms:us-east-1:444455556666:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9"}
    first, second = cmek(FIRST, key=adopted), cmek(THIRD, key=adopted)
    found = problems(targets(first, second, cmek(SECOND), cmek("200000000001"), cmek("200000000002")))
    assert [code for code, _ in found] == ["fleet-shape", "fleet-shape"]
    assert f"{first.place}: account {FIRST} in us-east-1 is of shape cmek-adopted-key" in found[0][1]


def test_what_no_template_can_express_is_refused() -> None:
    both_stacks = {"ip_address_type": "dualstack"}
    found = problems(targets(link(FIRST), link(SECOND, **both_stacks)))
    assert [code for code, _ in found] == ["fleet-template"]
    assert f"account {SECOND}" in found[0][1]


def test_tags_differ_between_stack_sets_alone() -> None:
    other = cmek(SECOND)
    deployment = other.deployment.model_copy(update={"tags": {"team": "other"}})
    found = problems(targets(cmek(FIRST), replace(other, deployment=deployment)))
    assert [code for code, _ in found] == ["fleet-tags"]
    assert [code for code, _ in problems(targets(tags={"empty": ""}))] == ["fleet-tags"]


def test_the_keys_of_customers_and_adopted_keys_are_overridden() -> None:
    customers = [{"name": "one", "account": "555566667777"}], [{"name": "two", "account": "555566667778"}]
    found = made(*(cmek(account, customer_keys=each) for account, each in zip((FIRST, SECOND), customers, strict=True)))
    assert (found.shape, found.varying) == ("cmek-customer-keys", ("ExternalId", "CustomerKeyArns"))
    keys = [f"arn:aws:kms:us-east-1:{each}:key/0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9" for each in (FIRST, SECOND)]
    found = made(*(cmek(account, key={"adopt": key}) for account, key in zip((FIRST, SECOND), keys, strict=True)))
    assert (found.shape, found.varying) == ("cmek-adopted-key", ("ExternalId", "KeyArn"))


def test_a_fleet_without_targets_is_refused() -> None:
    with pytest.raises(Exception, match="fleet search has no targets"):
        desired_of(replace(targets(), targets=()))
