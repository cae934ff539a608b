"""The fence protects what the templates create: the same alias, role and stack, and it lets them be created."""

from typing import Any

import pytest

from pinekeep.model.naming import cmek_stack
from pinekeep.model.policies.fence import Fenced, fence_policy
from pinekeep.model.policies.guard import TARGETS, guard_rules
from pinekeep.operations.monitoring.fence import fenced_of
from tests.stacks.support import cmek, deployment, make

NAME = "watched"


@pytest.fixture(scope="module")
def fenced() -> Fenced:
    return fenced_of(NAME, deployment(cmek=cmek(), monitoring={"fence": {}}), None)


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return make({NAME: deployment(cmek=cmek())})[cmek_stack(NAME)].template["Resources"]


def test_the_policy_names_the_alias_and_the_role_of_the_template(fenced: Fenced, resources: dict[str, Any]) -> None:
    (alias,) = (each["Properties"] for each in resources.values() if each["Type"] == "AWS::KMS::Alias")
    (role,) = (each["Properties"] for each in resources.values() if each["Type"] == "AWS::IAM::Role")
    statements = {each["Sid"]: each for each in fence_policy([fenced])["Statement"]}
    assert statements["Key"]["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"] == [alias["AliasName"]]
    assert statements["Alias"]["Resource"].endswith(f":{alias['AliasName']}")
    assert (
        statements["Role"]["Resource"] == f"arn:aws:iam::{fenced.account}:role{role.get('Path', '/')}{role['RoleName']}"
    )


def test_the_rules_let_the_template_be_created_and_keep_it(fenced: Fenced, resources: dict[str, Any]) -> None:
    guard = pytest.importorskip("tests.model.policies.test_guard")
    stack = f"arn:aws:cloudformation:{fenced.region}:{fenced.account}:stack/{cmek_stack(NAME)}/0f1e2d3c"
    rules = guard_rules([fenced])
    found = [each for each in resources.values() if each["Type"] in TARGETS]
    assert len(found) == 3
    for each in found:
        given = {"stack": stack, "rules": rules}
        assert guard.refused_by("CREATE", each["Type"], each["Properties"], **given) == set()
        same = guard.refused_by("UPDATE", each["Type"], each["Properties"], before=each["Properties"], **given)
        assert same == set()
        assert guard.refused_by("DELETE", each["Type"], each["Properties"], **given) == {f"keep_{NAME}_resources"}
