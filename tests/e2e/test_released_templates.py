"""Released templates, launched: a deployment to `verify`, keys of several Regions with one role, a fleet's roles."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from pinekeep.emulator.server import EmbeddedAws
from pinekeep.operations.release.resolution import Resolution
from tests.command_support import GOOD, Run, named

PASSED = {
    "cmek-stack-policy",
    "cmek-stack-protection",
    "decisions-as-planned",
    "key-kind",
    "key-policy-users",
    "key-rotation",
    "role-permissions-boundary",
    "trust-policy-conditions",
    "trust-policy-principals",
}

pytestmark = pytest.mark.process


def launch(aws: EmbeddedAws, template: Path, *, stack: str, parameters: Mapping[str, str], region: str) -> None:
    """Create a stack as the console does, and wait for it."""
    cloudformation = aws.session(region=region).client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateBody=template.read_text(),
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        StackPolicyBody=(template.parent / "stack-policy.json").read_text(),
        EnableTerminationProtection=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName=stack, WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})


@pytest.fixture
def release(pinekeep: Run, folder: Path) -> Path:
    """The folder with the released templates."""
    assert pinekeep("release", "--out", "release").code == 0
    return folder / "release"


def test_a_launched_template_passes_verification(pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws) -> None:
    settings = GOOD[: GOOD.index("    private_link:")].replace("    tags: {team: search}\n", "")
    (folder / "pinekeep.yaml").write_text(named("launched", settings))
    (stack,) = pinekeep("parameters", "--json").require_schema("parameters")["stacks"]
    template = release / stack["template"]
    launch(aws, template, stack=stack["stack"], parameters=stack["parameters"], region=stack["region"])
    verified = pinekeep("verify", "--json")
    findings = {each["check"]: each for each in verified.require_schema("verify")["findings"]}
    assert {name: each["found"] for name, each in findings.items() if each["status"] == "failed"} == {}
    assert {name for name, each in findings.items() if each["status"] == "ok"} >= PASSED


def test_stacks_in_two_regions_have_one_role(pinekeep: Run, folder: Path, release: Path, aws: EmbeddedAws) -> None:
    settings = GOOD[: GOOD.index("    private_link:")].replace("    tags: {team: search}\n", "")
    (folder / "pinekeep.yaml").write_text(named("spread", settings))
    (stack,) = pinekeep("parameters", "--json").require_schema("parameters")["stacks"]
    role = stack["parameters"]["RoleName"]
    others: dict[str, set[str]] = {}
    for region in ("us-east-1", "eu-west-1"):
        values = {**stack["parameters"], "RoleRegion": "us-east-1"}
        launch(aws, release / stack["template"], stack="spread", parameters=values, region=region)
        cloudformation, kms = (aws.session(region=region).client(name) for name in ("cloudformation", "kms"))
        resources = cloudformation.describe_stack_resources(StackName="spread")["StackResources"]
        (described,) = cloudformation.describe_stacks(StackName="spread")["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in described["Outputs"]}
        policy = json.loads(kms.get_key_policy(KeyId=outputs["KeyArn"])["Policy"])
        (user,) = {each["Principal"]["AWS"] for each in policy["Statement"] if each["Sid"] == "AllowUseOfTheKey"}
        others[region] = {each["ResourceType"] for each in resources} - {"AWS::KMS::Key", "AWS::KMS::Alias"}
        assert user == outputs["RoleArn"] == f"arn:aws:iam::{aws.account}:role/{role}"
    assert others == {"us-east-1": {"AWS::IAM::Role"}, "eu-west-1": set()}


ROLES = {
    "fleet-verification-role": {"AdministratorArns": "arn:aws:iam::444455556666:role/Security"},
    "fleet-execution-role": {"AdministrationRoleArn": "arn:aws:iam::444455556666:role/Administration"},
    "fleet-administration-role": {"TargetAccounts": "111122223333,777788889999"},
}


def test_the_roles_of_a_fleet_are_created_as_their_templates_say(release: Path, aws: EmbeddedAws) -> None:
    for key, values in ROLES.items():
        path = release / f"{key}.template.json"
        launch(aws, path, stack=key, parameters=values, region="us-east-1")
        template = json.loads(path.read_text())
        resources = Resolution(template, values, account=aws.account, region="us-east-1").template()["Resources"]
        wanted = resources["Role"]["Properties"]
        iam = aws.session().client("iam")
        role = iam.get_role(RoleName=wanted["RoleName"])["Role"]
        assert role["AssumeRolePolicyDocument"] == wanted["AssumeRolePolicyDocument"]
        (inline,) = wanted["Policies"]
        live = iam.get_role_policy(RoleName=wanted["RoleName"], PolicyName=inline["PolicyName"])
        assert live["PolicyDocument"] == inline["PolicyDocument"]
        attached = iam.list_attached_role_policies(RoleName=wanted["RoleName"])["AttachedPolicies"]
        documents = [
            iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId="v1")["PolicyVersion"]["Document"]
            for each in attached
        ]
        managed = [each["Properties"]["PolicyDocument"] for name, each in resources.items() if name != "Role"]
        assert sorted(documents, key=str) == sorted(managed, key=str)
