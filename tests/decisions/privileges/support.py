"""Deployments of every kind, and deciding whether a policy allows a call."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document

from pinekeep.decisions.privileges import Purpose, policies_for
from pinekeep.model.config import Deployment
from pinekeep.model.policies.document import Policy

ACCOUNT = "111122223333"
REGION = "us-east-1"
EXTERNAL_ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
ADOPTED = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-0e1f2a3b4c5d"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/pinekeep-boundary"
VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
NEW_VPC = {"cidr": "10.20.0.0/16", "availability_zones": [f"{REGION}a", f"{REGION}b"]}
OLD_VPC = {"id": VPC, "subnet_ids": SUBNETS}

CLIENT_VPC = "vpc-0c1c2c3c4c5c6c7c8"
GROUP = "sg-0a1b2c3d4e5f60718"
ZONE = "Z0123456789ABCDEFGHIJ"
PROFILE = "rp-0123456789abcdef"
ADOPTED_ENDPOINT = {
    "id": VPC,
    "adopt": "vpce-0a1b2c3d4e5f60718",
    "dns_name": "vpce-0a1b2c3d4e5f60718-x1y2z3.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com",
    "dns_hosted_zone_id": "Z7HUB22UULQXV",
}

CMEK = {"trust": {"regions": [REGION], "external_id": EXTERNAL_ID}}

AS_THE_DEPLOY_ROLE: Mapping[str, tuple[str, ...]] = {
    "plan": (
        "ssm:GetParameter",
        "cloudformation:DescribeStacks",
        "cloudformation:CreateChangeSet",
        "cloudformation:DescribeChangeSet",
        # Only where a change set fails; bootstraps before version 30 do not allow it, and less is told then.
        "cloudformation:DescribeEvents",
        "cloudformation:ListChangeSets",
        "cloudformation:DeleteChangeSet",
        "cloudformation:DeleteStack",
        "cloudformation:UpdateTerminationProtection",
    ),
    "deploy": ("cloudformation:ExecuteChangeSet", "cloudformation:DescribeStackEvents"),
    "recover": ("cloudformation:CreateChangeSet",),
    "destroy": ("cloudformation:DescribeStacks", "cloudformation:DescribeStackEvents", "cloudformation:DeleteStack"),
}
"""What a verb calls as the bootstrap's deploy role, which is allowed it there. ``deploy`` calls what ``plan`` calls,
too, and ``recover`` what both call."""


def link(vpc: Mapping[str, Any], dns: str = "endpoint") -> dict[str, Any]:
    return {"vpc": dict(vpc), "clients": {"cidrs": ["10.0.0.0/16"]}, "dns": dns}


def inbound(vpc: Mapping[str, Any]) -> dict[str, Any]:
    return {**link(vpc, "resolver-inbound"), "resolver": {"client_cidrs": ["10.9.0.0/16"]}}


def deployment(**settings: Any) -> Deployment:
    return Deployment.model_validate({"account": ACCOUNT, "region": REGION, **settings})


def with_boundary(one: Deployment, boundary: str = BOUNDARY) -> Deployment:
    """Return a deployment whose configuration names a permissions boundary."""
    return one.model_copy(update={"permissions_boundary": boundary})


def with_customers(accounts: Iterable[str], **others: Any) -> Deployment:
    """Return a deployment to which customers bring keys of their own."""
    customers = [{"name": f"customer-{each}", "account": each} for each in accounts]
    return deployment(cmek={**CMEK, "customer_keys": customers, **others})


TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:security"
SLACK = {"workspace_id": "T0123ABCDEF", "channel_id": "C0123ABCDEF"}
TRAIL = {"denied_use": "metric-filter", "trail_log_group": "trail"}
AUDIT = {"bucket": {"name": "search-audit-logs", "lock": "none"}}
IMPORTS = {"vectors": {"use": "import", "bucket": "search-vectors"}}
WATCH = {"emails": ["ops@example.com"], "slack": SLACK, **TRAIL}

VARIANTS: dict[str, Deployment] = {
    "own-key": deployment(cmek=CMEK),
    "named": deployment(cmek={**CMEK, "role_name": "pinecone-search", "key": {"alias": "search/main"}}),
    "adopted-key": deployment(cmek={**CMEK, "key": {"adopt": ADOPTED}}),
    "new-vpc": deployment(private_link=link(NEW_VPC)),
    "new-vpc-zone": deployment(private_link=link(NEW_VPC, "hosted-zone")),
    "old-vpc": deployment(private_link=link(OLD_VPC)),
    "old-vpc-zone": deployment(private_link=link(OLD_VPC, "hosted-zone")),
    "old-vpc-own-dns": deployment(private_link=link(OLD_VPC, "none")),
    "old-vpc-bridge": deployment(private_link={**link(OLD_VPC), "dns_bridge": True}),
    "old-vpc-profile": deployment(private_link={**link(OLD_VPC, "profile"), "client_vpc_ids": [CLIENT_VPC]}),
    "given-profile": deployment(
        private_link={**link(OLD_VPC, "profile"), "profile_id": PROFILE, "hosted_zone_id": ZONE}
    ),
    "old-vpc-inbound": deployment(private_link=inbound(OLD_VPC)),
    "new-vpc-inbound": deployment(private_link=inbound(NEW_VPC)),
    "given-groups": deployment(private_link={"vpc": OLD_VPC, "security_group_ids": [GROUP]}),
    "adopted-endpoint": deployment(private_link={"vpc": ADOPTED_ENDPOINT, "dns": "none"}),
    "adopted-endpoint-zone": deployment(private_link={"vpc": ADOPTED_ENDPOINT, "dns": "hosted-zone"}),
    "other-service-region": deployment(private_link={**link(OLD_VPC), "service_region": "us-west-2"}),
    "dual-stack": deployment(private_link={**link(OLD_VPC, "hosted-zone"), "ip_address_type": "dualstack"}),
    "customers": with_customers(["444455556667", "444455556668"]),
    "customers-and-key": with_customers(["444455556667"], key={}),
    "pathed": deployment(iam_path="/delegated/dev/", cmek=CMEK, private_link=link(NEW_VPC)),
    "own-bootstrap": deployment(cmek=CMEK, bootstrap={"qualifier": "platform"}),
    "audit-bucket": deployment(audit_logs=AUDIT),
    "adopted-bucket": deployment(audit_logs={"bucket": {"adopt": "search-audit-logs"}}),
    "given-audit-key": deployment(
        audit_logs={"bucket": {**AUDIT["bucket"], "kms_key": ADOPTED, "access_logs_bucket": "access-logs"}}
    ),
    "imports": deployment(storage_integrations=IMPORTS),
    "watch": deployment(cmek=CMEK, audit_logs=AUDIT, monitoring=WATCH),
    "watch-given-topic": deployment(cmek=CMEK, monitoring={"topic": TOPIC, "dashboard": False}),
    "everything": deployment(cmek=CMEK, private_link=link(NEW_VPC, "hosted-zone")),
}

FULL = {
    "search": deployment(
        cmek=CMEK,
        private_link=link(NEW_VPC),
        audit_logs={**AUDIT, "queries": {}},
        storage_integrations=IMPORTS,
        monitoring=WATCH,
    ),
    "zoned": deployment(private_link=link(NEW_VPC, "hosted-zone")),
    "profiled": deployment(private_link={**link(OLD_VPC, "profile"), "client_vpc_ids": [CLIENT_VPC]}),
    "inbound": deployment(private_link=inbound(OLD_VPC)),
}
"""Deployments of one environment that together have every type of resource."""


def documents(purpose: Purpose, deployments: Mapping[str, Deployment]) -> list[Policy]:
    return [made.document for made in policies_for(purpose, deployments)]


def actions_in(policies: Iterable[Policy]) -> set[str]:
    return {action for each in policies for statement in each["Statement"] for action in statement["Action"]}


@dataclass(frozen=True)
class Call:
    """A call as AWS authorizes it: an action on one resource after the other, each with what is known of it."""

    action: str
    parts: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=(("*", dict[str, Any]()),))

    def __str__(self) -> str:
        return f"{self.action} {self.parts[0][0]}"


def call(action: str, *resources: str) -> Call:
    return Call(action, tuple((resource, {}) for resource in resources or ("*",)))


def allowed(policies: Iterable[Policy], made: Call, *, region: str = REGION) -> bool:
    """Decide a call with the emulator's evaluator: every part of it must be allowed."""
    parsed = [parse_policy_document(each) for each in policies]
    return all(
        evaluate(
            EvalContext(
                principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/somebody/session",
                principal_type="AssumedRole",
                principal_account=ACCOUNT,
                action=made.action,
                resource_arn=resource,
                region=region,
                source_ip="198.51.100.1",
                secure_transport=True,
                service_context={key.lower(): value for key, value in context.items()},
            ),
            parsed,
        ).decision
        == "Allow"
        for resource, context in made.parts
    )
