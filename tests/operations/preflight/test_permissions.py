from dataclasses import replace

import pytest
import yaml

from pinekeep.account.credentials.identity import Caller
from pinekeep.account.reads.live import Unreadable
from pinekeep.decisions.privileges.policies import execution_statements
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.operations.preflight.inventory import Decision, DryRun
from tests.operations.preflight.conftest import Scene
from tests.operations.verification.conftest import ACCOUNT

BOOTSTRAP = f"arn:aws:iam::{ACCOUNT}:role/cdk-hnb659fds"
CLOSED = Unreadable("iam:SimulatePrincipalPolicy", "allow it")


def role(kind: str) -> str:
    return f"{BOOTSTRAP}-{kind}-role-{ACCOUNT}-us-east-1"


def deciding(scene: Scene, *decisions: Decision, **assumable: bool) -> Scene:
    return scene.when(
        caller_decisions=list(decisions), assumable={"deploy": True, "file-publishing": True, **assumable}
    )


# --- These credentials ---


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (Decision("sts:AssumeRole", role("deploy"), "implicitDeny"), ""),
        (Decision("sts:AssumeRole", role("deploy"), "explicitDeny"), ": a policy denies it explicitly"),
        (
            Decision("sts:AssumeRole", role("deploy"), "implicitDeny", by_organization=True),
            ": the organization forbids it",
        ),
    ],
)
def test_credentials_that_cannot_act_as_the_deploy_role_stand_in_the_way(
    scene: Scene, decision: Decision, why: str
) -> None:
    refused = deciding(scene, decision, deploy=False)
    assert refused.refusal("deploy-permissions") == (
        f"these credentials may not assume cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1{why}"
    )
    assert refused.finding("deploy-permissions").fix == (
        "attach the policy that `pinekeep permissions --for deploy` prints"
    )


def test_credentials_that_cannot_publish_templates_stand_in_the_way(scene: Scene) -> None:
    found = deciding(scene, **{"file-publishing": False}).refusal("deploy-permissions")
    assert "cdk-hnb659fds-file-publishing-role" in found
    assert "deploy-role" not in found


def test_a_lookup_role_out_of_reach_is_noted(scene: Scene) -> None:
    refused = deciding(scene, Decision("sts:AssumeRole", role("lookup"), "implicitDeny"))
    assert "the CDK warns, and reads as the deploy role in its place" in refused.note("deploy-permissions")


def test_what_deploy_does_by_itself_is_asked_about_too(scene: Scene) -> None:
    stack = f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/Pinekeep-prod-Cmek/x"
    refused = deciding(scene, Decision("cloudformation:SetStackPolicy", stack, "implicitDeny"))
    assert refused.note("deploy-permissions") == (
        "IAM's simulation says that these credentials may not call cloudformation:SetStackPolicy on Pinekeep-prod-Cmek"
    )


def test_a_simulation_that_was_denied_leaves_unread_what_cannot_be_tried(scene: Scene) -> None:
    found = scene.when(caller_decisions=CLOSED).finding("deploy-permissions")
    assert (found.status, found.fix) == ("unreadable", CLOSED.reason)
    words = "confirmed by assuming them; what else `deploy` calls is not readable without"
    assert found.found == f"{words} {CLOSED.permission}"


def test_of_a_caller_whom_the_simulation_does_not_know_trying_is_enough(scene: Scene) -> None:
    found = scene.when(caller_decisions=None).finding("deploy-permissions")
    assert (found.status, found.found) == (
        "ok",
        "confirmed by assuming them, because IAM does not simulate this caller",
    )


def test_the_root_user_is_noted(scene: Scene) -> None:
    root = replace(
        scene.when(caller_decisions=None, assumable=None),
        caller=Caller(account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:root"),
    )
    assert "the account's root user, who may do everything but assume a role" in root.note("deploy-permissions")


# --- CloudFormation's role ---


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (
            Decision("kms:CreateKey", "*", "implicitDeny", by_organization=True),
            f"the organization forbids cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1 to call kms:CreateKey",
        ),
        (
            Decision("iam:CreateRole", "*", "explicitDeny"),
            f"a policy denies cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1 to call iam:CreateRole",
        ),
        (
            Decision("ec2:DescribeVpcs", "*", "implicitDeny"),
            f"no policy allows cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1 to call ec2:DescribeVpcs",
        ),
    ],
)
def test_what_cloudformation_may_not_do_is_noted_because_a_simulation_is_no_proof(
    scene: Scene, decision: Decision, told: str
) -> None:
    assert scene.when(execution_decisions=[decision]).note("execution-permissions").startswith(told)


def test_long_lists_are_cut_short(scene: Scene) -> None:
    denied = [Decision(f"ec2:Do{number}", "*", "explicitDeny") for number in range(9)]
    assert "ec2:Do5 and 3 more" in scene.when(execution_decisions=denied).note("execution-permissions")


def test_a_narrow_policy_such_as_ours_is_no_reason_for_a_word(scene: Scene) -> None:
    """What ours allows for all resources is allowed when no resource is named; everything else is denied then."""
    decisions: list[Decision] = []
    for statement in execution_statements(Scope(ACCOUNT, {"prod": scene.deployment})):
        anywhere = statement["Resource"] == ["*"] and set(statement.get("Condition", {})) <= {"StringEquals"}
        if statement["Effect"] == "Allow":
            said = "allowed" if anywhere else "implicitDeny"
            decisions += [Decision(action, "*", said) for action in statement["Action"]]
    assert any(not each.allowed for each in decisions)
    found = scene.when(execution_decisions=decisions).finding("execution-permissions")
    assert found.status == "ok"
    assert "of them for resources that its policies name" in found.found


def test_a_missing_execution_role_stands_in_the_way(scene: Scene) -> None:
    assert scene.when(execution_decisions=None).refusal("execution-permissions") == (
        f"there is no role cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1, as which CloudFormation is to act"
    )


# --- The organization ---


def test_an_endpoint_that_the_organization_forbids_is_noted(scene: Scene) -> None:
    heard = DryRun("forbidden", "explicit deny in a service control policy")
    found = scene.when(endpoint_dry_run=heard).note("endpoint-organization")
    assert found.endswith("explicit deny in a service control policy")


def test_what_ec2_would_refuse_is_noted_in_its_words(scene: Scene) -> None:
    heard = DryRun("refused", "The subnet is full")
    assert scene.when(endpoint_dry_run=heard).note("endpoint-organization") == (
        "EC2 would refuse the endpoint: The subnet is full"
    )


def test_a_dry_run_that_would_succeed_is_as_it_should_be(scene: Scene) -> None:
    assert scene.when(endpoint_dry_run=DryRun("allowed")).finding("endpoint-organization").status == "ok"


def test_a_dry_run_that_was_denied_has_told_nothing(scene: Scene) -> None:
    found = scene.when(endpoint_dry_run=DryRun("denied", "no policy allows it")).finding("endpoint-organization")
    assert found.status == "unreadable"
    assert "a dry run does not tell what the organization forbids" in found.found


def test_roles_of_the_bootstrap_under_a_path_are_offered_as_a_setting(scene: Scene) -> None:
    roles = {
        kind: f"arn:aws:iam::{ACCOUNT}:role/cdk/cdk-hnb659fds-{kind}-role-{ACCOUNT}-us-east-1"
        for kind in ("deploy", "file-publishing", "cfn-exec")
    }
    pathed = scene.when(
        assumable={"deploy": False, "file-publishing": False}, execution_decisions=None, bootstrap_roles=roles
    )
    for check_id, settings in (
        ("deploy-permissions", {"deploy_role_arn": "deploy", "file_publishing_role_arn": "file-publishing"}),
        ("execution-permissions", {"execution_role_arn": "cfn-exec"}),
    ):
        found = pathed.finding(check_id)
        assert found.status == "failed"
        written = yaml.safe_load(str(found.fix).partition("write ")[2])
        assert written == {"bootstrap": {setting: roles[kind] for setting, kind in settings.items()}}


def test_a_missing_execution_role_of_a_bootstrap_of_ones_own_is_never_repaired_by_the_default(scene: Scene) -> None:
    own = scene.configured(bootstrap={"execution_role_arn": f"arn:aws:iam::{ACCOUNT}:role/cdk/cloudformation"})
    found = own.when(execution_decisions=None).finding("execution-permissions")
    assert found.found == "there is no role cloudformation, as which CloudFormation is to act"
    assert found.fix == "write the role that the account has for it under bootstrap.execution_role_arn"
