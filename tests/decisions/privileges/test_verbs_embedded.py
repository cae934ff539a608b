"""The verbs, run with their own policies alone on an AWS that enforces them, every call written down.

The emulator enforces the policies of users and of the bootstrap's roles. It does not act as the execution role; the
last test here shows it, and tests/decisions/privileges/test_execution.py holds that policy against something else.
"""

import json
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pinekeep.decisions.privileges.secrets import READ_SECRETS, USE_KEYS_OF_SECRETS
from pinekeep.decisions.privileges.storage_reads import BUCKET_ACTIONS, RETENTION
from pinekeep.decisions.privileges.verbs import (
    NO_PERMISSION_NEEDED,
    VERBS,
    actions_of,
)
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.model.policies.document import Policy
from pinekeep.operations.offboarding.progress import aws_now
from tests.command_support import Run
from tests.decisions.privileges.conftest import CONFIGURATION, As
from tests.decisions.privileges.support import AS_THE_DEPLOY_ROLE

pytestmark = pytest.mark.e2e

BY_THE_CDK = {verb: {"sts:AssumeRole"} for verb in ("preflight",)}
"""What the CDK command line alone does for a verb, in a process of its own."""

PART_OF_A_CALL = {"ssm:AddTagsToResource", "events:TagResource"}
"""What AWS asks for besides a call's own permission: a new parameter is tagged by the call that makes it."""

OF_STORAGE = {*BUCKET_ACTIONS, *RETENTION.actions}
"""What reads audit buckets, which this deployment does not have."""

ONLY_BEFORE_SOME = {
    *OF_STORAGE,
    "logs:DescribeLogGroups",
    "sns:GetTopicAttributes",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcAttribute",
    "route53:GetHostedZone",
    "route53:ListResourceRecordSets",
    "route53profiles:GetProfile",
    "route53profiles:ListProfileAssociations",
    "route53profiles:ListProfileResourceAssociations",
    "route53resolver:ListResolverEndpoints",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeManagedPrefixLists",
    "ssm:GetParametersByPath",
    "route53:ListHostedZonesByVPC",
    "kms:GetKeyPolicy",
    "kms:ListResourceTags",
    "iam:GetPolicy",
    "iam:GetUser",
    "ec2:DescribeDhcpOptions",
    "route53resolver:ListResolverRuleAssociations",
    "route53resolver:ListResolverRules",
}
"""What is looked at before a deployment with a VPC, a security group, an adopted key, a taken alias, prefix lists, a
permissions boundary, administrators, another bootstrap, DNS that exists, audit logs, or monitoring: none is here.
tests/operations/preflight/test_embedded.py makes those calls with the policy alone, except the last two'."""

POLICIES_OF_ROLES = {"iam:GetRolePolicy", "iam:GetPolicy", "iam:GetPolicyVersion"}
"""What reads the policies of a role that has some."""

OF_RESOLVERS = {"route53resolver:ListResolverEndpointIpAddresses"}
"""What reads the addresses of an inbound resolver, which this deployment does not have."""

ONLY_WHEN_ASKED = {
    # --access-analyzer, which the embedded AWS does not have, and customers, whom this deployment does not have
    "access-analyzer:ValidatePolicy",
    "access-analyzer:CheckNoPublicAccess",
    "access-analyzer:CheckAccessNotGranted",
    *POLICIES_OF_ROLES,
    # audit logs and storage integrations
    *OF_STORAGE,
    # a Profile, an inbound resolver, IPv6
    "route53profiles:ListProfileAssociations",
    "route53profiles:ListProfileResourceAssociations",
    "route53resolver:GetResolverEndpoint",
    *OF_RESOLVERS,
    "ec2:DescribeNetworkInterfaces",
    # a stack that an earlier version deployed, a hosted zone beside a key, --drift
    "ec2:DescribeNetworkAcls",
    "route53:ListHostedZonesByVPC",
    "cloudformation:DescribeStackResources",
    # a deployment with monitoring
    "events:ListRules",
    "events:ListRuleNamesByTarget",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    "cloudwatch:DescribeAlarms",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
    "logs:DescribeLogGroups",
    "logs:DescribeMetricFilters",
    "chatbot:DescribeSlackChannelConfigurations",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "route53resolver:ListResolverRuleAssociations",
    "route53resolver:ListResolverRules",
    "cloudformation:DetectStackDrift",
    "cloudformation:DetectStackResourceDrift",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
}
"""What ``verify`` calls for some deployments and options alone; tests/operations/verification holds those calls."""

READ_BACK = {
    "kms:GetKeyPolicy",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeSecurityGroups",
    "route53:GetHostedZone",
    "route53:ListResourceRecordSets",
}
"""What ``deploy`` calls afterwards, and looks first at in other deployments alone."""
FOR_CUSTOMERS = {"iam:GetPolicy", "iam:GetPolicyVersion"}
"""What ``deploy`` reads back of policies with customers' keys."""


ONLY_WITH_A_SERVICE_ACCOUNT = actions_of([READ_SECRETS, USE_KEYS_OF_SECRETS])
"""What ``offboard`` calls to ask Pinecone for its indexes."""


ONLY_AFTER_AN_IMPORT = {"cloudformation:DescribeStackResources"}
"""What tells ``plan`` what a stack is about that was just taken back in; tests/e2e/test_recover.py makes the call."""


def expected(verb: str, *, as_deploy_role: Iterable[str] = ()) -> set[str]:
    seldom = {
        "verify": ONLY_WHEN_ASKED,
        "access": POLICIES_OF_ROLES | OF_STORAGE,
        "preflight": ONLY_BEFORE_SOME,
        "deploy": ONLY_BEFORE_SOME | ONLY_AFTER_AN_IMPORT,
        "offboard": ONLY_WITH_A_SERVICE_ACCOUNT,
    }.get(verb, set())
    own = actions_of(VERBS[verb]) - BY_THE_CDK.get(verb, set()) - PART_OF_A_CALL - seldom
    own |= set(as_deploy_role)
    # A verification sees from the stacks whose account it is.
    return own if verb == "verify" else own | set(NO_PERMISSION_NEEDED)


def test_each_verb_runs_with_its_policy_alone_and_makes_the_calls_that_are_declared(
    narrow: EmbeddedAws, file: Path, act_as: As, calls: set[str], pinekeep: Run
) -> None:
    act_as("preflight")
    calls.clear()
    looked = pinekeep("preflight", "--json")
    assert looked.code == 0, looked.out
    assert calls == expected("preflight")
    (note,) = [each for each in looked.json["findings"] if each["status"] != "ok"]
    assert note["check"] == "deploy-permissions"
    assert "these credentials may not call cloudformation:SetStackPolicy" in note["found"]

    act_as("deploy")
    looked = pinekeep("preflight", "--json")
    assert [each for each in looked.json["findings"] if each["status"] != "ok"] == []

    require_plan(act_as, calls, pinekeep)

    act_as("deploy")
    calls.clear()
    deployed = pinekeep("deploy", "--yes")
    assert deployed.code == 0, deployed.err
    again = pinekeep("deploy", "--yes")
    assert again.code == 0, again.err
    deploying = set(calls)

    require_verify_and_access(act_as, calls, pinekeep)

    require_revoke_and_restore(narrow, act_as, calls, pinekeep)

    act_as("handoff")
    calls.clear()
    handed = pinekeep("handoff", "--record")
    assert handed.code == 0, handed.err
    assert calls == expected("handoff") - OF_RESOLVERS

    file.write_text(CONFIGURATION.replace("team: search", "team: other").replace("10.20.0.0/16]", "10.20.0.0/17]"))
    act_as("deploy")
    calls.clear()
    updated = pinekeep("deploy", "--yes")
    assert updated.code == 0, updated.err
    assert "nothing had to be changed" not in updated.err
    never_where_nothing_is_left = {
        "cloudformation:ListChangeSets",
        "cloudformation:DeleteStack",
        "cloudformation:DescribeEvents",
    }
    as_deploy_role = {*AS_THE_DEPLOY_ROLE["plan"], *AS_THE_DEPLOY_ROLE["deploy"]} - never_where_nothing_is_left
    assert deploying | calls == (expected("deploy", as_deploy_role=as_deploy_role) | READ_BACK) - FOR_CUSTOMERS
    act_as("verify")
    assert pinekeep("verify").code == 0

    act_as("destroy")
    calls.clear()
    destroyed = pinekeep("destroy", "--yes", "--json")
    assert destroyed.code == 0, destroyed.err
    assert "could not be used to assume" not in destroyed.err
    assert destroyed.json["removed"] == ["Pinekeep-search-PrivateLink"]
    never_where_it_works = {"cloudformation:DescribeStackEvents"}
    assert calls == expected("destroy", as_deploy_role=set(AS_THE_DEPLOY_ROLE["destroy"]) - never_where_it_works)

    require_offboard(narrow, act_as, calls, pinekeep)


def require_verify_and_access(act_as: As, calls: set[str], pinekeep: Run) -> None:
    """Verify, then decide from the live account, each with its policy alone."""
    act_as("verify")
    calls.clear()
    verified = pinekeep("verify", "--json")
    assert verified.code == 0, [each for each in verified.json["findings"] if each["status"] != "ok"]
    assert calls == expected("verify")
    require_each_permission_of_verify(act_as, pinekeep)
    act_as("access")
    calls.clear()
    decided = pinekeep("access", "--live")
    assert decided.code == 0, decided.err
    assert calls == expected("access")


def require_revoke_and_restore(narrow: EmbeddedAws, act_as: As, calls: set[str], pinekeep: Run) -> None:
    """Cut off both ways, end a grant, let in again, a pending deletion cancelled; each with its own policy alone."""
    kms = narrow.session().client("kms")
    key = kms.describe_key(KeyId="alias/pinecone/search")["KeyMetadata"]["Arn"]
    kms.create_grant(KeyId=key, GranteePrincipal="arn:aws:iam::999988887777:root", Operations=["Decrypt"])
    act_as("revoke")
    calls.clear()
    revoked = pinekeep("revoke", "--end-grants", "--yes")
    assert revoked.code == 0, revoked.err + revoked.out
    assert calls == expected("revoke")
    assert pinekeep("restore", "--yes").code == 3

    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    act_as("restore")
    calls.clear()
    restored = pinekeep("restore", "--cancel-deletion", "--yes")
    assert restored.code == 0, restored.err + restored.out
    assert calls == expected("restore")
    assert pinekeep("revoke", "--yes").code == 3


def require_offboard(narrow: EmbeddedAws, act_as: As, calls: set[str], pinekeep: Run) -> None:
    """The whole way out, with a step back where it undoes something; the deployer's policy gets nowhere."""
    topic = "arn:aws:sns:us-east-1:111122223333:security"
    ahead = [0]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "pinekeep.operations.offboarding.progress.aws_now",
            lambda clients: aws_now(clients) + timedelta(days=ahead[0]),
        )

        def offboard(*options: str, days: int = 0) -> None:
            ahead[0] += days
            result = pinekeep("offboard", "--deployment", "search", *(options or ("--confirm", "search")))
            assert result.code == 0, result.err + result.out

        act_as("deploy")
        assert pinekeep("offboard", "--deployment", "search", "--confirm", "search").code == 3
        act_as("offboard")
        calls.clear()
        offboard()
        offboard()
        offboard(days=8)
        with_alarm = ("--confirm", "search", "--alarm-topic", topic)
        offboard(*with_alarm)
        offboard("--back", "--yes")
        offboard(*with_alarm)
        offboard(days=8)
        offboard("--back", "--yes")
        offboard()
        offboard()
    # The endpoint's stack, which is removed as the bootstrap's role, is gone already.
    assert calls == expected("offboard") - {"sts:AssumeRole"}
    session = narrow.session()
    key = session.client("kms").describe_key(KeyId="alias/pinecone/search")["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert session.client("iam").get_role(RoleName="pinekeep-search-us-east-1")
    stacks = {each["StackName"] for each in session.client("cloudformation").describe_stacks()["Stacks"]}
    assert "Pinekeep-search-Cmek" not in stacks


def require_plan(act_as: As, calls: set[str], pinekeep: Run) -> None:
    """Plan a first deployment, with its policy alone."""
    never_on_a_first_one = ONLY_AFTER_AN_IMPORT | {
        "iam:GetRole",
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:ListGrants",
        "cloudformation:GetTemplate",
        "ec2:DescribeVpcEndpoints",
        "iam:GetPolicy",  # a boundary's, which this file has none of
        "iam:GetPolicyVersion",
    }
    unprotected = set(AS_THE_DEPLOY_ROLE["plan"]) - {
        "cloudformation:UpdateTerminationProtection",
        "cloudformation:DescribeEvents",
    }
    act_as("plan")
    calls.clear()
    planned = pinekeep("plan")
    assert planned.code == 0, planned.err
    assert calls == expected("plan", as_deploy_role=unprotected) - never_on_a_first_one


def require_each_permission_of_verify(act_as: As, pinekeep: Run) -> None:
    """Take away a permission of each service: each time the verification says what it could not read, and why.

    One of a service is enough here; tests/account holds every read against its own permission.
    """
    all_of_them = sorted(actions_of(VERBS["verify"]) - ONLY_WHEN_ASKED)
    for action in {each.partition(":")[0]: each for each in all_of_them}.values():
        act_as("verify", change=partial(without, action))
        result = pinekeep("verify", "--json")
        assert result.code == 1, action
        assert action in result.out


def without(action: str, document: Policy) -> Policy:
    kept = [
        {**statement, "Action": [each for each in statement["Action"] if each != action]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in kept if statement["Action"]]}


def test_the_emulator_does_not_act_as_the_role_that_a_stack_is_given(narrow: EmbeddedAws) -> None:
    """When this fails, the emulator has learned it: hold the execution policy against deployments then."""
    session = narrow.session()
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    iam = session.client("iam")
    role = iam.create_role(RoleName="may-nothing", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="may-nothing", PolicyName="nothing", PolicyDocument=json.dumps(nothing))
    cloudformation = session.client("cloudformation")
    template = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
    cloudformation.create_stack(StackName="may-nothing", TemplateBody=json.dumps(template), RoleARN=role)
    assert _state(cloudformation, "may-nothing") == "CREATE_COMPLETE"


def _state(cloudformation: Any, stack: str) -> str:
    for _ in range(100):
        state = str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        if not state.endswith("_IN_PROGRESS"):
            return state
        time.sleep(0.1)
    return "never ended"
