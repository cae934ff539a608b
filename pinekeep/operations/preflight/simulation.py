"""Asking AWS whether something would be allowed, without doing it.

IAM's simulation knows the policies of whoever acts and those of the organization, not the trust policies of roles.
So where it does not say yes, the deploy role is assumed for real, which changes nothing, and the session is dropped.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from pinekeep.account.client.refusal_codes import DENIED, cleaned, code_of, message_of
from pinekeep.account.credentials.identity import Caller
from pinekeep.decisions.privileges.policies import execution_statements
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.verbs import VERBS, actions_of
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import endpoint_service_of
from pinekeep.model.config.private_link import ExistingVpc
from pinekeep.model.facts import aws
from pinekeep.model.facts.bootstrap import ASSUMED, DEPLOYS, EXECUTION
from pinekeep.operations.preflight.inventory import Decision, DryRun
from pinekeep.operations.preflight.queries import Asker

_READS: Final = re.compile(r"^[a-z0-9-]+:(?:Describe|Get|List)")
_CHANGES: Final = tuple(
    (actions, grant.resources)
    for grant in VERBS["deploy"]
    if (
        actions := [
            each for each in grant.actions if not _READS.match(each) and each not in actions_of(VERBS["preflight"])
        ]
    )
)
"""What `deploy` changes with these credentials themselves, each with what gives the resources."""

_SESSION: Final = "pinekeep-preflight"
_SHORTEST_SESSION: Final = 900
_SIMULATE: Final = "iam:SimulatePrincipalPolicy"
_DRY_RUN: Final = "DryRunOperation"
_ROLE_SESSION: Final = re.compile(r"^arn:[a-z-]+:sts::\d{12}:assumed-role/([^/]+)/")
_USER: Final = re.compile(r"^arn:[a-z-]+:iam::\d{12}:user/")
_BY_ORGANIZATION: Final = ("service control policy", "resource control policy")


def decisions_about_caller(asker: Asker, name: str, deployment: Deployment, caller: Caller) -> Any:
    """Return what IAM says about these credentials assuming the bootstrap's roles, and doing what `deploy` does itself.

    Unreadable without the permission to ask; None where IAM cannot be asked about such a caller. What is only read is
    not asked about: it is told where it cannot be read.
    """
    arn = _principal(asker, deployment, caller)
    if not isinstance(arn, str):
        return arn
    roles = [bootstrap_role(deployment, kind) for kind in ASSUMED]
    scope = Scope(deployment.account, {name: deployment})
    asked = [(["sts:AssumeRole"], roles)]
    # A pattern stands for one of the resources that it takes in.
    asked += [(actions, [arn.replace("*", "x") for arn in resources(scope)]) for actions, resources in _CHANGES]
    found: list[Decision] = []
    for actions, resources in asked:
        decisions = _simulate(asker, deployment, arn, actions=actions, resources=resources) if resources else []
        if not isinstance(decisions, list):
            return decisions
        found += decisions
    return found


def decisions_about_execution(asker: Asker, name: str, deployment: Deployment) -> Any:
    """Return what IAM says about CloudFormation's role making the resources of the templates, whatever their names.

    Unreadable without the permission to ask; None where there is no such role.
    """
    scope = Scope(deployment.account, {name: deployment})
    made = execution_statements(scope)
    actions = sorted({action for each in made if each["Effect"] == "Allow" for action in each["Action"]})
    arn = bootstrap_role(deployment, EXECUTION)
    return _simulate(asker, deployment, arn, actions=actions, resources=["*"])


def assumable(asker: Asker, deployment: Deployment, decisions: Iterable[Decision]) -> dict[str, bool]:
    """Return for each role that a deployment needs whether these credentials can act as it.

    A role that IAM's ``decisions`` do not let them assume is tried.
    """
    said = {each.resource for each in decisions if each.allowed}
    return {kind: bootstrap_role(deployment, kind) in said or _can_assume(asker, deployment, kind) for kind in DEPLOYS}


def _can_assume(asker: Asker, deployment: Deployment, kind: str) -> bool:
    return bool(
        asker.attempt(
            deployment.region,
            "sts:AssumeRole",
            _may,
            RoleArn=bootstrap_role(deployment, kind),
            RoleSessionName=_SESSION,
            DurationSeconds=_SHORTEST_SESSION,
        )
    )


def endpoint_dry_run(asker: Asker, name: str, deployment: Deployment, vpc: ExistingVpc) -> Any:
    """Return what EC2 says to making the endpoint, without making it.

    The tags are those that the deployment gives it: an organization may forbid what carries none.
    """
    tags = {**deployment.tags, naming.DEPLOYMENT_TAG: name, "Name": naming.network_name(name)}
    return asker.attempt(
        deployment.region,
        "ec2:CreateVpcEndpoint",
        _heard,
        DryRun=True,
        VpcEndpointType="Interface",
        VpcId=vpc.id,
        SubnetIds=list(vpc.subnet_ids),
        ServiceName=endpoint_service_of(deployment).service_name,
        PrivateDnsEnabled=False,
        TagSpecifications=[
            {"ResourceType": "vpc-endpoint", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        ],
    )


def bootstrap_role(deployment: Deployment, kind: str) -> str:
    """Return the ARN of one of the roles that `cdk bootstrap` makes."""
    return Scope(deployment.account, {"": deployment}).bootstrap_role(kind)[0]


def _principal(asker: Asker, deployment: Deployment, caller: Caller) -> Any:
    """Return the ARN that IAM knows the caller by. A session's ARN lacks the path of its role."""
    if _USER.match(caller.arn):
        return caller.arn
    if not (session := _ROLE_SESSION.match(caller.arn)):
        return None
    found = asker.ask(deployment.region, "iam:GetRole", RoleName=session[1])
    return found["Role"]["Arn"] if isinstance(found, dict) else found


def _simulate(asker: Asker, deployment: Deployment, arn: str, *, actions: list[str], resources: list[str]) -> Any:
    answer = asker.all_of(
        deployment.region,
        _SIMULATE,
        "EvaluationResults",
        PolicySourceArn=arn,
        ActionNames=actions,
        ResourceArns=resources,
        ContextEntries=[
            {
                "ContextKeyName": "aws:RequestedRegion",
                "ContextKeyType": "string",
                "ContextKeyValues": [deployment.region],
            }
        ],
        PaginationConfig={"PageSize": 1000},
    )
    if not isinstance(answer, tuple):
        return answer
    return [decision for result in answer[0] for decision in _decisions(result)]


def _decisions(result: dict[str, Any]) -> list[Decision]:
    """Return the decisions of one result: one a resource where IAM tells them apart."""
    organization = (result.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations", True)
    of_each = result.get("ResourceSpecificResults") or []
    pairs = [(each["EvalResourceName"], each["EvalResourceDecision"]) for each in of_each]
    pairs = pairs or [(result.get("EvalResourceName", "*"), result["EvalDecision"])]
    return [
        Decision(result["EvalActionName"], resource, decision, by_organization=not organization)
        for resource, decision in pairs
    ]


def _may(error: Exception | None) -> bool:
    if error is not None and code_of(error) not in DENIED:
        raise error
    return error is None


def _heard(error: Exception | None) -> DryRun:
    code, said = (code_of(error), message_of(error)) if error else ("", "")
    if error is None or code == _DRY_RUN:
        return DryRun("allowed")
    if code in DENIED and aws.SHARED_VPC_REFUSAL not in said:
        forbidden = any(words in said.lower() for words in _BY_ORGANIZATION)
        return DryRun("forbidden" if forbidden else "denied", cleaned(said))
    return DryRun("refused", cleaned(said) or code)
