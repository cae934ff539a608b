from typing import Any

import pytest
from botocore.exceptions import ClientError

from pinekeep.account.reads.live import Unreadable
from pinekeep.errors import AwsRefusedError
from pinekeep.operations.preflight.inventory import Decision, DryRun
from tests.operations.preflight.conftest import SERVICE, SUBNETS, VPC, Scene
from tests.operations.preflight.fake_aws import FakeAws, not_there
from tests.operations.verification.conftest import ACCOUNT

ROLE = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds-{{}}-role-{ACCOUNT}-us-east-1"
DEPLOY, PUBLISH, LOOKUP, EXECUTE = (ROLE.format(each) for each in ("deploy", "file-publishing", "lookup", "cfn-exec"))


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


def simulating(aws: FakeAws, **decisions: str) -> None:
    """Let IAM's simulation decide about the bootstrap's roles by their kind; what is not named is allowed."""

    def answer(ActionNames: list[str], ResourceArns: list[str], **_: Any) -> dict[str, Any]:  # noqa: N803
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "EvalResourceName": arn,
                    "EvalDecision": next((said for kind, said in decisions.items() if kind in arn), "allowed"),
                }
                for action in ActionNames
                for arn in ResourceArns
            ]
        }

    aws.answers["simulate_principal_policy"] = answer


def test_the_three_roles_are_asked_about_at_once_with_the_region(aws: FakeAws, scene: Scene) -> None:
    seen = aws.read(scene.deployment)
    (asked,) = [each for each in aws.of("simulate_principal_policy") if each["ActionNames"] == ["sts:AssumeRole"]]
    assert asked["ResourceArns"] == [DEPLOY, PUBLISH, LOOKUP]
    assert asked["ContextEntries"] == [
        {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["us-east-1"]}
    ]
    assert isinstance(seen.caller_decisions, list)
    assert seen.caller_decisions[:3] == [
        Decision("sts:AssumeRole", each, "allowed") for each in (DEPLOY, PUBLISH, LOOKUP)
    ]
    assert seen.assumable == {"deploy": True, "file-publishing": True}
    assert not aws.of("assume_role")


def test_what_deploy_does_by_itself_is_asked_about_on_its_stacks(aws: FakeAws, scene: Scene) -> None:
    aws.read(scene.deployment)
    (asked,) = [
        each
        for each in aws.of("simulate_principal_policy")
        if each["PolicySourceArn"] != EXECUTE and each["ActionNames"] != ["sts:AssumeRole"]
    ]
    assert "cloudformation:SetStackPolicy" in asked["ActionNames"]
    assert asked["ResourceArns"] == [f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/Pinekeep-prod-Cmek/x"]


def test_a_role_that_the_simulation_refuses_is_tried(aws: FakeAws, scene: Scene) -> None:
    """Its trust policy may name the caller, which no simulation knows."""
    simulating(aws, deploy="implicitDeny", lookup="implicitDeny")
    seen = aws.read(scene.deployment)
    assert [each["RoleArn"] for each in aws.of("assume_role")] == [DEPLOY]
    assert seen.assumable == {"deploy": True, "file-publishing": True}
    assert "never to be kept" not in str(seen)


def test_a_role_that_cannot_be_assumed_either_is_told(aws: FakeAws, scene: Scene) -> None:
    simulating(aws, deploy="explicitDeny")
    aws.refuse("assume_role", "AccessDenied")
    seen = aws.read(scene.deployment)
    assert seen.assumable == {"deploy": False, "file-publishing": True}
    assert (
        scene.when(assumable=seen.assumable, caller_decisions=seen.caller_decisions)
        .refusal("deploy-permissions")
        .endswith("a policy denies it explicitly")
    )


def test_without_the_permission_to_simulate_both_roles_are_tried(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("simulate_principal_policy", "AccessDenied")
    seen = aws.read(scene.deployment)
    assert isinstance(seen.caller_decisions, Unreadable)
    assert [each["RoleArn"] for each in aws.of("assume_role")] == [DEPLOY, PUBLISH]
    assert {(each["RoleSessionName"], each["DurationSeconds"]) for each in aws.of("assume_role")} == {
        ("pinekeep-preflight", 900)
    }


def test_a_trial_that_ends_in_something_else_ends_the_look(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("simulate_principal_policy", "AccessDenied")
    aws.refuse("assume_role", "ExpiredToken")
    with pytest.raises(AwsRefusedError, match="the AWS credentials have expired"):
        aws.read(scene.deployment)


def test_cloudformations_role_is_asked_about_every_action_of_the_templates(aws: FakeAws, scene: Scene) -> None:
    seen = aws.read(scene.deployment)
    (asked,) = [each for each in aws.of("simulate_principal_policy") if each["PolicySourceArn"] == EXECUTE]
    assert asked["ResourceArns"] == ["*"]
    assert {"kms:CreateKey", "iam:CreateRole", "ec2:CreateVpcEndpoint", "route53:CreateHostedZone"} <= set(
        asked["ActionNames"]
    )
    assert asked["ActionNames"] == sorted(set(asked["ActionNames"]))
    assert isinstance(seen.execution_decisions, list)
    assert len(seen.execution_decisions) == len(asked["ActionNames"])


def test_a_missing_execution_role_is_none(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("simulate_principal_policy", "NoSuchEntity")
    seen = aws.read(scene.deployment)
    assert seen.execution_decisions is None


def test_without_a_bootstrap_nobody_is_asked_about_its_roles(aws: FakeAws, scene: Scene) -> None:
    aws.refuse("get_parameter", "ParameterNotFound")
    seen = aws.read(scene.deployment)
    assert (seen.bootstrap, seen.caller_decisions, seen.assumable, seen.execution_decisions) == (None,) * 4
    assert not {"simulate_principal_policy", "assume_role"} & set(aws.operations())


def test_decisions_of_single_resources_and_of_the_organization_are_told_apart(aws: FakeAws, scene: Scene) -> None:
    aws.answers["simulate_principal_policy"] = {
        "EvaluationResults": [
            {
                "EvalActionName": "sts:AssumeRole",
                "EvalDecision": "implicitDeny",
                "OrganizationsDecisionDetail": {"AllowedByOrganizations": False},
                "ResourceSpecificResults": [
                    {"EvalResourceName": DEPLOY, "EvalResourceDecision": "allowed"},
                    {"EvalResourceName": LOOKUP, "EvalResourceDecision": "implicitDeny"},
                ],
            }
        ]
    }
    keyless = scene.configured(cmek=None)
    assert aws.read(keyless.deployment).caller_decisions == [
        Decision("sts:AssumeRole", DEPLOY, "allowed", by_organization=True),
        Decision("sts:AssumeRole", LOOKUP, "implicitDeny", by_organization=True),
    ]


def test_the_endpoint_is_asked_for_as_a_dry_run_alone(aws: FakeAws, scene: Scene) -> None:
    assert aws.read(scene.deployment).endpoint_dry_run == DryRun("allowed")
    (asked,) = aws.of("create_vpc_endpoint")
    assert asked == {
        "DryRun": True,
        "VpcEndpointType": "Interface",
        "VpcId": VPC,
        "SubnetIds": list(SUBNETS),
        "ServiceName": SERVICE,
        "PrivateDnsEnabled": False,
        "TagSpecifications": [
            {
                "ResourceType": "vpc-endpoint",
                "Tags": [
                    {"Key": "pinekeep:deployment", "Value": "prod"},
                    {"Key": "Name", "Value": "pinecone-prod"},
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("refusal", "heard"),
    [
        (
            not_there("UnauthorizedOperation", "with an explicit deny in a service control policy."),
            DryRun("forbidden", "with an explicit deny in a service control policy"),
        ),
        (
            not_there("UnauthorizedOperation", "because no identity-based policy allows it"),
            DryRun("denied", "because no identity-based policy allows it"),
        ),
        (
            not_there("UnauthorizedOperation", "This operation does not support shared VPCs."),
            DryRun("refused", "This operation does not support shared VPCs"),
        ),
        (not_there("InvalidParameter", "The subnet is full."), DryRun("refused", "The subnet is full")),
        (not_there("RequestLimitExceeded"), DryRun("refused", "RequestLimitExceeded")),
    ],
)
def test_what_a_dry_run_says_is_told_apart(aws: FakeAws, scene: Scene, refusal: ClientError, heard: DryRun) -> None:
    aws.answers["create_vpc_endpoint"] = refusal
    assert aws.read(scene.deployment).endpoint_dry_run == heard
