"""A path for everything of IAM's that is made: in the templates, and in every ARN that is told of it."""

import json
from typing import Any

import pytest

from pinekeep.account.record.handover import Value
from pinekeep.decisions.access.template import template_policies
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.model.config import Configuration, ConfigurationError, Deployment, load
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.roles import planned_roles
from pinekeep.operations.onboarding.handover import hand_over
from pinekeep.operations.plan.state import State, planned_state
from stacks.build import add_stacks, new_app
from tests.properties.loaded import load_text
from tests.stacks.support import ACCOUNT, EXTERNAL_ID, NAME, NEW_VPC, PINECONE, REGION, scratch

PATH = "/delegated/dev/"
ROLE = f"arn:aws:iam::{ACCOUNT}:role{PATH}pinekeep-{NAME}-{REGION}"
FILE: dict[str, Any] = {
    "version": 1,
    "pinecone_account": PINECONE,
    "deployments": {
        NAME: {
            "account": ACCOUNT,
            "region": REGION,
            "iam_path": PATH,
            "permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
            "cmek": {
                "trust": {"regions": [REGION], "external_id": EXTERNAL_ID},
                "key": {},
                "customer_keys": [{"name": "acme", "account": "444455556666"}],
            },
            "private_link": {"vpc": NEW_VPC, "clients": {"cidrs": ["10.20.0.0/16"]}},
        }
    },
}


@pytest.fixture(scope="module")
def configuration() -> Configuration:
    return load_text(json.dumps(FILE))


@pytest.fixture(scope="module")
def deployment(configuration: Configuration) -> Deployment:
    return configuration.deployments[NAME]


@pytest.fixture(scope="module")
def templates(configuration: Configuration) -> dict[str, dict[str, Any]]:
    folder = scratch()
    app = new_app(outdir=str(folder))
    add_stacks(app, configuration.deployments, pinecone_account=PINECONE, customers=configuration.rosters.packings)
    app.synth()
    return {side: json.loads((folder / f"Pinekeep-{NAME}-{side}.template.json").read_text()) for side in SIDES}


SIDES = ("Cmek", "PrivateLink")


def test_every_role_and_policy_is_under_the_path_and_has_the_boundary_that_aws_manages(
    templates: dict[str, dict[str, Any]],
) -> None:
    found = [
        each for template in templates.values() for each in template["Resources"].values()
        if each["Type"] in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy")
    ]  # fmt: skip
    assert len(found) == 4
    assert {each["Properties"].get("Path") for each in found} == {PATH}
    boundaries = {each["Properties"]["PermissionsBoundary"] for each in found if each["Type"] == "AWS::IAM::Role"}
    assert boundaries == {"arn:aws:iam::aws:policy/PowerUserAccess"}


def test_the_arns_carry_it(
    configuration: Configuration, deployment: Deployment, templates: dict[str, dict[str, Any]]
) -> None:
    (planned,) = planned_roles(NAME, deployment, configuration.rosters.packings[NAME])
    assert planned.arn == role_arn_of(NAME, deployment) == ROLE
    assert list(planned.policies) == [f"arn:aws:iam::{ACCOUNT}:policy{PATH}pinekeep-{NAME}-{REGION}-keys-1"]
    policies = template_policies(
        templates["Cmek"], name=NAME, deployment=deployment, pinecone_account=PINECONE, customer_keys=[]
    )
    assert [each.arn for each in policies.roles] == [ROLE]
    assert ROLE in json.dumps(policies.keys[0].document)


def test_the_policies_for_cloudformation_name_it(deployment: Deployment) -> None:
    scope = Scope(ACCOUNT, {NAME: deployment})
    role = f"arn:aws:iam::{ACCOUNT}:role{PATH}"
    assert scope.roles() == [ROLE, f"{ROLE}-*"]
    assert scope.generated_roles() == [f"{role}Pinekeep-search-prod-Pri*"]
    policy = role.replace(":role", ":policy")
    assert scope.policies() == [f"{policy}Pinekeep-search-prod-Pri*", f"{policy}pinekeep-{NAME}-{REGION}-*keys-*"]


def test_a_planned_deployment_has_another_role_under_another_path(
    deployment: Deployment, templates: dict[str, dict[str, Any]]
) -> None:
    before = State(values={Value.ROLE_ARN: f"arn:aws:iam::{ACCOUNT}:role/pinekeep-{NAME}-{REGION}"})
    after = planned_state(
        NAME, deployment, cmek=templates["Cmek"], link=templates["PrivateLink"], before=before, changes=[]
    )
    assert after.values[Value.ROLE_ARN] == ROLE


def test_a_customer_is_told_of_it_and_it_cannot_change_once_told(tmp_path: Any) -> None:
    file = tmp_path / "pinekeep.yaml"
    file.write_text(json.dumps(FILE))
    loaded = load(file)
    (output,) = hand_over(loaded, loaded.deployments, customers=["acme"], folder=tmp_path / "out").customers
    assert output.role_arn == ROLE
    assert load(file).deployments
    file.write_text(json.dumps(FILE).replace(PATH, "/delegated/prod/"))
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert (problem.code, problem.setting) == ("customers-role-changed", f"deployments.{NAME}.iam_path")
    assert str(problem.hint).startswith(f"write iam_path: {PATH};")
    assert f"removed_roles: [{ROLE}]" in str(problem.hint)
    given_up = json.loads(file.read_text())
    given_up["deployments"][NAME]["cmek"]["removed_roles"] = [ROLE]
    file.write_text(json.dumps(given_up))
    assert load(file).deployments
