"""The grants that each verb needs, for the identity that runs it: nothing that it never calls.

A test runs the verbs, records every call, and fails when one is made that is not declared here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pinekeep.decisions.privileges import preflight, reads, storage, storage_reads
from pinekeep.decisions.privileges.association import IN_DEPLOYMENTS_ACCOUNT
from pinekeep.decisions.privileges.audit import AUDIT_LOGS
from pinekeep.decisions.privileges.fleet import FLEET
from pinekeep.decisions.privileges.grant import Grant, grant, in_the_regions
from pinekeep.decisions.privileges.monitoring import TEST as MONITORING_TEST
from pinekeep.decisions.privileges.monitoring import VERIFY as MONITORING_VERIFY
from pinekeep.decisions.privileges.probe import PROBE
from pinekeep.decisions.privileges.removal import OFFBOARD, RESTORE, REVOKE
from pinekeep.decisions.privileges.retained import FIND_RETAINED_STORAGE
from pinekeep.decisions.privileges.scope import Scope
from pinekeep.decisions.privileges.secrets import KEYS_OF_INDEXES, READ_SECRETS, USE_KEYS_OF_SECRETS, WRITE_SECRETS
from pinekeep.model.facts.bootstrap import ASSUMED

NO_PERMISSION_NEEDED: Final = {"sts:GetCallerIdentity": "AWS answers it for any valid credentials"}
"""Calls that need no permission."""

DRY_RUNS: Final = {
    "ec2:CreateVpcEndpoint": "as a `DryRun` only, to check whether the organization forbids it; CloudFormation's role "
    "creates the endpoint, so nobody else is granted it, and a refusal is a result",
}
"""Calls that are not granted and change nothing: they report what would happen."""

TRIED: Final = {
    "s3:DeleteObjectVersion": "by `verify --prove-lock` alone, of a version that Object Lock keeps: S3 refuses it. "
    "Nobody is granted it here; a refusal for want of it proves nothing about the lock, so use credentials that have it"
}
"""Calls that are not granted, and whose refusal is the result."""

NO_AWS: Final = (
    "init",
    "check",
    "synth",
    "release",
    "parameters",
    "customer-template",
    "permissions",
    "schema",
    "completion",
    "demo",
    "local",
)
"""Verbs that call no AWS account: they read files, or use the AWS emulator on this machine."""


def _assume(*kinds: str) -> Grant:
    """Return the grant to assume roles of `cdk bootstrap`."""
    return grant(
        "ActThroughTheBootstrapRoles",
        "sts:AssumeRole",
        on=f"the bootstrap's roles: {', '.join(kinds)}",
        resources=lambda scope: [arn for kind in kinds for arn in scope.bootstrap_role(kind)],
    )


_BOOTSTRAP_VERSION: Final = grant(
    "ReadBootstrapVersion", "ssm:GetParameter", on="the bootstrap's version", resources=Scope.bootstrap_parameters
)

_FIND_BOOTSTRAPS: Final = grant(
    "FindBootstraps",
    "ssm:GetParametersByPath",
    on="the versions of bootstraps with any qualifier",
    resources=Scope.all_bootstrap_parameters,
)

WRITE_RECORD: Final = grant(
    "WriteTheRecord", "ssm:PutParameter", "ssm:AddTagsToResource", on="the same parameters", resources=Scope.records
)

_GUARD_STACKS: Final = grant(
    "GuardStacks",
    "cloudformation:GetStackPolicy",
    "cloudformation:SetStackPolicy",
    on="the deployments' stacks of role and key",
    resources=lambda scope: scope.stacks(link=False, further=False),
)

_LOOK_FIRST: Final = (
    reads.STACKS,
    _BOOTSTRAP_VERSION,
    _FIND_BOOTSTRAPS,
    reads.role("iam:GetRole"),
    reads.key("kms:DescribeKey"),
    *preflight.GRANTS,
    _assume(*ASSUMED),
)
"""``preflight`` checks whether the bootstrap's roles can be assumed, so it needs their permissions, too."""

_READ_DEPLOYED: Final = (
    grant(
        "ReadWhatIsDeployed",
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackResources",
        "cloudformation:GetTemplate",
        on="the stacks of each deployment, also those that the file no longer has",
        resources=lambda scope: [*scope.both_stacks(), *scope.further_stacks()],
    ),
    reads.role("iam:GetRole"),
    reads.key("kms:DescribeKey"),
    reads.key("kms:GetKeyPolicy"),
    reads.GRANTS_ON_KEYS,
    reads.RECORD,
    *reads.MANAGED_POLICIES,
    *reads.FORMER_DEPLOYMENTS,
    reads.ENDPOINTS,
    _assume("deploy", "file-publishing", "lookup"),
)
"""For a plan. The bootstrap's roles create, read and delete its change sets."""

_ACCEPTANCE: Final = grant(
    "LookAtEndpointService",
    "ec2:DescribeVpcEndpointServices",
    on="everything in the Region: whether Pinecone's endpoint service accepts each connection",
    resources=reads.everything_with_endpoints,
    condition=in_the_regions,
    wildcard=reads.DESCRIBE,
)

VERBS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "preflight": _LOOK_FIRST,
    "plan": (*_READ_DEPLOYED, _ACCEPTANCE),
    "deploy": (*_LOOK_FIRST, _GUARD_STACKS, *_READ_DEPLOYED, _ACCEPTANCE, *reads.LIVE_AFTER_DEPLOYMENT),
    "verify": (
        *reads.LIVE,
        reads.RECORD,
        reads.STACK_POLICY,
        reads.KEY_EVENTS,
        reads.KEY_LAST_USAGE,
        reads.GRANTS_ON_KEYS,
        reads.REPLICAS,
        *reads.POLICIES_OF_ROLES,
        *reads.DRIFT,
        *reads.DNS_TARGETS,
        preflight.LOOK_AT_HOSTED_ZONES,
        *preflight.LOOK_AT_DNS,
        reads.ACCESS_ANALYZER,
        *MONITORING_VERIFY,
        *storage_reads.STORAGE,
        storage_reads.RETENTION,
    ),
    "access": (
        reads.STACKS,
        *(reads.live(f"iam:{each}") for each in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies")),
        *(reads.live(f"kms:{each}") for each in ("DescribeKey", "GetKeyPolicy")),
        reads.GRANTS_ON_KEYS,
        reads.REPLICAS,
        *reads.POLICIES_OF_ROLES,
        *storage.READ_ACCESS,
    ),
    "handoff": (
        reads.STACKS,
        reads.DEPLOYED_TEMPLATE,
        reads.GRANTS_ON_KEYS,
        reads.RECORD,
        reads.ENDPOINTS,
        reads.RESOLVER_ADDRESSES,
        WRITE_RECORD,
    ),
    "private-link": (
        reads.ENDPOINT_STACKS,
        reads.ENDPOINTS,
        reads.ENDPOINT_OFFER,
        reads.RESOLVER_ADDRESSES,
        reads.FLOW_LOGS,
        *IN_DEPLOYMENTS_ACCOUNT,
    ),
    "private-link-probe": (reads.ENDPOINT_STACKS, reads.ENDPOINTS, *PROBE),
    "audit": AUDIT_LOGS,
    "monitoring": MONITORING_TEST,
    "fleet": FLEET,
    "pinecone": (READ_SECRETS, WRITE_SECRETS, USE_KEYS_OF_SECRETS, KEYS_OF_INDEXES),
    "recover": (_GUARD_STACKS, *_READ_DEPLOYED, reads.TAGS_OF_KEYS, *FIND_RETAINED_STORAGE),
    "destroy": (reads.STACKS_TO_DESTROY, reads.RECORD, WRITE_RECORD, _assume("deploy")),
    "revoke": REVOKE,
    "restore": RESTORE,
    "offboard": (*OFFBOARD, _assume("deploy"), READ_SECRETS, USE_KEYS_OF_SECRETS),
}
"""The grants of each verb that calls an AWS account."""


def actions_of(grants: Iterable[Grant]) -> set[str]:
    """Return the actions of grants."""
    return {action for grant in grants for action in grant.actions}
