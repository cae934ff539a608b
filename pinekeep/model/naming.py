"""The names of stacks, outputs and parameters, shared by templates and deployer."""

import hashlib
import re
from enum import StrEnum
from typing import Final

from pinekeep.model.facts import aws, pinecone

STACK_PREFIX: Final = "Pinekeep"
UNFINISHED: Final = "-unfinished"
"""What the name of an API key ends in until its value is stored and it has been tried."""
_API_KEY_NAME_MAX: Final = 80
_USES: Final = {
    "audit": "write audit logs to S3",
    "import": "import objects from S3",
    "export": "export backups to S3",
}
_ACCESS_LOGS: Final = "-access-logs"
_RULE_DEPLOYMENT_MAX: Final = 28
_QUEUE_DEPLOYMENT_MAX: Final = 48

RECORD_COPIES: Final = "/pinekeep-records/"
"""The hierarchy of the copies of the records."""

DEPLOYMENT_TAG: Final = "pinekeep:deployment"
"""The tag on everything that takes tags; its value is the deployment's name."""
FLEET_TAG: Final = "pinekeep:fleet"
"""The tag on a fleet's stack set and on its stacks; its value is the fleet's name."""


class Output(StrEnum):
    """The names of the stacks' outputs, the same in every deployment."""

    ROLE_ARN = "RoleArn"
    KEY_ARN = "KeyArn"
    KEY_ALIAS = "KeyAlias"
    EXTERNAL_ID = "ExternalId"
    VPC_ENDPOINT_ID = "VpcEndpointId"
    STANDBY_VPC_ENDPOINT_ID = "StandbyVpcEndpointId"
    VPC_ENDPOINT_DNS_NAME = "VpcEndpointDnsName"
    PRIVATE_DNS_ZONE = "PrivateDnsZone"
    VPC_ID = "VpcId"
    SUBNET_IDS = "SubnetIds"
    SECURITY_GROUP_ID = "SecurityGroupId"
    HOSTED_ZONE_ID = "HostedZoneId"
    BRIDGE_ZONE_ID = "BridgeZoneId"
    PROFILE_ID = "ProfileId"
    RESOLVER_ENDPOINT_ID = "ResolverEndpointId"
    AUDIT_ROLE_ARN = "AuditRoleArn"
    AUDIT_BUCKET = "AuditBucket"
    AUDIT_LOCATION = "AuditLocation"
    AUDIT_KEY_ARN = "AuditKeyArn"
    AUDIT_DATABASE = "AuditDatabase"
    AUDIT_WORKGROUP = "AuditWorkgroup"
    MONITORING_TOPIC_ARN = "MonitoringTopicArn"
    MONITORING_KEY_ARN = "MonitoringKeyArn"
    SLACK_TOPIC_ARN = "SlackTopicArn"
    DASHBOARD_NAME = "DashboardName"


class IntegrationOutput(StrEnum):
    """The ends of the names of a storage integration's outputs; see :func:`integration_output`."""

    ROLE_ARN = "RoleArn"
    LOCATION = "Location"


def bridge_zone(zone: str) -> str:
    """Return the narrower zone that resolves the names of a zone's indexes while the DNS mode changes."""
    return f"{pinecone.INDEX_LABEL}.{zone}"


def role_description(deployment: str) -> str:
    """Return the description of the role that Pinecone assumes."""
    return f"Assumed by Pinecone to use the KMS key of {deployment} (CMEK)"


def cmek_stack(deployment: str) -> str:
    """Return the name of the stack that holds the key and the role."""
    return f"{STACK_PREFIX}-{deployment}-Cmek"


def endpoint_logical_id(generation: int) -> str:
    """Return the logical ID of an endpoint by its generation. Pinecone knows the endpoint by its ID, so it stays."""
    return "Endpoint" if generation == 1 else f"Endpoint{generation}"


def private_link_stack(deployment: str) -> str:
    """Return the name of the stack that holds the endpoint."""
    return f"{STACK_PREFIX}-{deployment}-PrivateLink"


def storage_stack(deployment: str) -> str:
    """Return the name of the stack that holds the audit bucket and the roles of Pinecone's S3 account."""
    return f"{STACK_PREFIX}-{deployment}-Storage"


def monitoring_stack(deployment: str) -> str:
    """Return the name of the stack that holds the rules, the topic, the alarms and the dashboard."""
    return f"{STACK_PREFIX}-{deployment}-Monitoring"


def global_monitoring_stack(deployment: str) -> str:
    """Return the name of the stack in us-east-1 that forwards the events of global services."""
    return f"{STACK_PREFIX}-{deployment}-MonitoringGlobal"


_FURTHER: Final = re.compile(rf"{STACK_PREFIX}-.+-(Storage|Monitoring|MonitoringGlobal)")


def is_further_stack(stack: str) -> bool:
    """Return whether a stack's name is that of a deployment's storage or monitoring."""
    return _FURTHER.fullmatch(stack) is not None


def event_rules(deployment: str) -> str:
    """Return what the names of a deployment's EventBridge rules begin with.

    No other deployment's begin so: its name has no dots. A long name is cut, and told from others by a part of its
    hash, as a rule's name has at most 64 characters.
    """
    if len(deployment) > _RULE_DEPLOYMENT_MAX:
        mark = hashlib.sha256(deployment.encode()).hexdigest()[:8]
        deployment = f"{deployment[: _RULE_DEPLOYMENT_MAX - len(mark) - 1]}-{mark}"
    return f"pinekeep.{deployment}."


def dashboard(deployment: str) -> str:
    """Return the name of a deployment's dashboard. Such names have no dots, and are global to an account."""
    return f"{STACK_PREFIX.lower()}-{deployment}"


def test_queue_prefix(deployment: str) -> str:
    """Return what the names of the temporary queues of ``monitoring test`` begin with; a mark follows.

    A long name is cut, and told from others by a part of its hash: a queue's name has at most 80 characters.
    """
    if len(deployment) > _QUEUE_DEPLOYMENT_MAX:
        mark = hashlib.sha256(deployment.encode()).hexdigest()[:8]
        deployment = f"{deployment[: _QUEUE_DEPLOYMENT_MAX - len(mark) - 1]}-{mark}"
    return f"pinekeep-{deployment}-test-"


def metric_namespace(deployment: str) -> str:
    """Return the namespace of the metrics that metric filters make for a deployment."""
    return f"{STACK_PREFIX}/{deployment}"


def slack_configuration(*, deployment: str, region: str) -> str:
    """Return the name of a deployment's Slack channel. It holds the Region: the names are global to an account."""
    return f"pinekeep-{deployment}-{region}"


def record_parameter(deployment: str) -> str:
    """Return the name of the parameter that holds what was handed over for a deployment."""
    return f"/pinekeep/{deployment}/handed-over"


def revocation_parameter(deployment: str) -> str:
    """Return the name of the parameter that notes what ``revoke`` did to a deployment."""
    return f"/pinekeep/{deployment}/revocation"


def record_copy_parameter(deployment: str) -> str:
    """Return the name of the record's copy, outside ``/pinekeep/NAME/``, so that deleting that spares it."""
    return f"{RECORD_COPIES}{deployment}"


def parameters(deployment: str) -> tuple[str, str, str]:
    """Return the names of the parameters about a deployment that a verification looks at."""
    return record_parameter(deployment), record_copy_parameter(deployment), revocation_parameter(deployment)


def default_role_name(*, deployment: str, region: str) -> str:
    """Return the role's default name. It holds the Region: roles are global to an account, deployments are not."""
    return f"pinekeep-{deployment}-{region}"


def default_fleet_role_name(fleet: str) -> str:
    """Return the default name of the role in each account of a fleet, one for all Regions of the account."""
    return f"{STACK_PREFIX.lower()}-{fleet}"


def audit_role_name(*, deployment: str, region: str) -> str:
    """Return the default name of the role with which Pinecone writes audit logs."""
    return f"{default_role_name(deployment=deployment, region=region)}-audit"


def integration_role_name(*, deployment: str, region: str, integration: str) -> str:
    """Return the default name of the role of a storage integration."""
    return f"{default_role_name(deployment=deployment, region=region)}-{integration}"


def storage_role_description(deployment: str, use: str) -> str:
    """Return the description of a role that Pinecone assumes for one use of S3."""
    return f"Assumed by Pinecone to {_USES[use]} ({deployment})"


def storage_policy(role_name: str) -> str:
    """Return the name of the policy with which a role uses its bucket."""
    return f"{role_name}-s3"


def audit_alias(deployment: str) -> str:
    """Return the alias of the audit bucket's own key, without ``alias/``."""
    return f"pinekeep/{deployment}/audit"


def audit_workgroup(deployment: str) -> str:
    """Return the name of the Athena workgroup over a deployment's audit logs."""
    return f"pinekeep-{deployment}-audit"


def audit_database(workgroup: str) -> str:
    """Return the name of the Glue database of a workgroup. Glue's names take no hyphens in SQL without quotes."""
    return workgroup.replace("-", "_")


def access_logs_bucket(bucket: str) -> str:
    """Return the name of the bucket for another one's access logs. A name that would become too long is cut."""
    return f"{bucket[: aws.BUCKET_NAME_MAX - len(_ACCESS_LOGS)].rstrip('-')}{_ACCESS_LOGS}"


def integration_id(integration: str) -> str:
    """Return the part of logical IDs and output names that stands for a storage integration.

    They take letters and digits only, so the name alone would not tell ``a-1`` from ``a1``.
    """
    words = "".join(each.capitalize() for each in re.findall(r"[a-z0-9]+", integration.lower()))
    return f"{words}{hashlib.sha256(integration.encode()).hexdigest()[:6]}"


def integration_output(integration: str, output: "IntegrationOutput") -> str:
    """Return the name of an output of a storage integration."""
    return f"Integration{integration_id(integration)}{output}"


def default_alias(deployment: str) -> str:
    """Return the key's alias, without ``alias/``, where the configuration gives none."""
    return f"pinecone/{deployment}"


def further_role_name(role_name: str, number: int) -> str:
    """Return a role's name by number; the first is plain. Customers whose keys do not fit go into further roles."""
    return role_name if number == 1 else f"{role_name}-{number}"


def further_role_output(number: int) -> str:
    """Return the name of the output with the ARN of a deployment's role by its number."""
    return Output.ROLE_ARN if number == 1 else f"{Output.ROLE_ARN}{number}"


def customer_policies(role_name: str) -> str:
    """Return the prefix of the policies with which a role uses customers' keys; a hyphen and a number follow."""
    return f"{role_name}-keys"


def probe_name(deployment: str) -> str:
    """Return the name of the function, role and security group of ``private-link probe``."""
    return f"pinekeep-{deployment}-probe"


def network_name(deployment: str) -> str:
    """Return the ``Name`` tag of a deployment's endpoint and VPC, and the beginning of those of its subnets."""
    return f"pinecone-{deployment}"


def customer_id(name: str) -> str:
    """Return a customer's name as it goes into file names, aliases and the ledger."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def unfinished_key_name(name: str) -> str:
    """Return the name that an API key has in Pinecone until its value is stored and it has been tried.

    A name that would become too long is cut, and told from others by a part of its hash.
    """
    if len(name) + len(UNFINISHED) <= _API_KEY_NAME_MAX:
        return name + UNFINISHED
    mark = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{name[: _API_KEY_NAME_MAX - len(UNFINISHED) - len(mark) - 1]}-{mark}{UNFINISHED}"
