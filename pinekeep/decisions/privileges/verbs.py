"""What each verb calls itself, and what the CDK command line does for it: the permissions of whoever runs the verb.

A test runs the verbs, writes down every call, and fails when one is made that is not here.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from pinekeep.account.reads.permissions import PERMISSIONS
from pinekeep.decisions.privileges import preflight
from pinekeep.decisions.privileges.grant import EVERYTHING, Grant, in_the_regions
from pinekeep.decisions.privileges.removal import OFFBOARD, RESTORE, REVOKE
from pinekeep.model.facts.bootstrap import ASSUMED

NO_PERMISSION_NEEDED: Final = {"sts:GetCallerIdentity": "AWS answers it to anybody with valid credentials"}
"""Calls that no policy needs to allow."""

DRY_RUNS: Final = {
    "ec2:CreateVpcEndpoint": "as a `DryRun` alone, to hear whether the organization forbids it; CloudFormation's role "
    "makes the endpoint, so nobody else is allowed to, and to be refused is an answer"
}
"""Calls that nobody is allowed to make, and that are not made: they say what would come of them."""

NO_AWS: Final = (
    "init",
    "check",
    "synth",
    "customer-template",
    "permissions",
    "schema",
    "completion",
    "demo",
    "local",
)
"""Verbs that call no AWS account: they read files, or talk to the AWS that runs on your own machine."""

_DESCRIBE: Final = "EC2's describe calls take no resource; the policy limits them to the Regions of the deployments"
_ANY_ZONE: Final = "any hosted zone: Route 53 makes up the zone's ID, and knows no condition for reading"

# --- What is read ---

_STACKS: Final = Grant(
    sid="ReadStacks",
    actions=("cloudformation:DescribeStacks",),
    on="the deployments' stacks",
    resources=lambda scope: scope.stacks(),
)
_STACKS_TO_DESTROY: Final = Grant(
    sid="ReadStacks",
    actions=("cloudformation:DescribeStacks",),
    on="the deployments' endpoint stacks, also one that the file does not have any more",
    resources=lambda scope: scope.endpoint_stacks(),
)


def _read(action: str) -> Grant:
    """Return the grant for one of the reads of ``verify``.

    Raises:
        KeyError: a read was added and nobody has said on which resources it is allowed.
    """
    return _READS[action]


def _network(action: str) -> Grant:
    return Grant(
        sid="ReadNetwork",
        actions=(action,),
        on="everything in the Region",
        resources=lambda scope: EVERYTHING if scope.has_endpoints else [],
        condition=in_the_regions,
        wildcard=_DESCRIBE,
    )


_ENDPOINTS: Final = Grant(
    sid="ReadEndpoints",
    actions=("ec2:DescribeVpcEndpoints",),
    on="everything in the Region: also an endpoint that the file does not have any more",
    resources=lambda _: EVERYTHING,
    condition=in_the_regions,
    wildcard=_DESCRIBE,
)


def _zone(action: str) -> Grant:
    return Grant(
        sid="ReadHostedZone",
        actions=(action,),
        on=_ANY_ZONE,
        resources=lambda scope: ["arn:aws:route53:::hostedzone/*"] if scope.has_hosted_zones else [],
    )


def _role(action: str) -> Grant:
    return Grant(
        sid="ReadRole",
        actions=(action,),
        on="the roles that Pinecone assumes",
        resources=lambda scope: scope.roles,
    )


def _key(action: str) -> Grant:
    return Grant(
        sid="ReadKey",
        actions=(action,),
        on="adopted keys; for a key of its own, the keys of the account and Region and the alias",
        resources=lambda scope: [*scope.keys_to_read, *scope.aliases],
    )


_READS: Final[Mapping[str, Grant]] = {
    "cloudformation:DescribeStacks": _STACKS,
    "cloudformation:DescribeStackResources": Grant(
        sid="ReadStackResources",
        actions=("cloudformation:DescribeStackResources",),
        on="the deployments' endpoint stacks",
        resources=lambda scope: scope.stacks(cmek=False),
    ),
    "ec2:DescribeVpcEndpoints": _ENDPOINTS,
    **{
        action: make(action)
        for make, actions in (
            (_role, ("iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies")),
            (_key, ("kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus")),
            (_network, ("ec2:DescribeSecurityGroups", "ec2:DescribeNetworkAcls", "ec2:DescribeVpcAttribute")),
            (_zone, ("route53:GetHostedZone", "route53:ListResourceRecordSets")),
        )
        for action in actions
    },
}

_READ_GRANTS: Final = Grant(
    sid="ReadGrantsOnKeys",
    actions=("kms:ListGrants",),
    on="adopted keys; for a key of its own, the keys of the account and Region",
    resources=lambda scope: scope.keys_to_read,
)
_READ_REPLICAS: Final = Grant(
    sid="ReadReplicas",
    actions=("kms:GetKeyPolicy", "kms:ListGrants"),
    on="multi-Region keys of the account, in every Region: a replica's policy and grants are its own",
    resources=lambda scope: scope.replicas,
)

_READ_LIVE: Final = tuple(_read(action) for action in dict.fromkeys(PERMISSIONS.values()))
"""What the checks look at."""
_READ_BACK: Final = tuple(each for each in _READ_LIVE if "ec2:DescribeNetworkAcls" not in each.actions)
"""What ``deploy`` reads back: what it promises, which network ACLs are no part of."""

_DOCUMENTS: Final = (
    Grant(
        sid="ReadPolicies",
        actions=("iam:GetPolicy", "iam:GetPolicyVersion"),
        on="the managed policies of the account and of AWS: whatever is attached to the roles",
        resources=lambda scope: [f"arn:aws:iam::{scope.account}:policy/*", "arn:aws:iam::aws:policy/*"],
    ),
)
_POLICIES_OF_ROLES: Final = (_role("iam:GetRolePolicy"), *_DOCUMENTS)
_ACCESS_ANALYZER: Final = Grant(
    sid="AskAccessAnalyzer",
    actions=(
        "access-analyzer:ValidatePolicy",
        "access-analyzer:CheckNoPublicAccess",
        "access-analyzer:CheckAccessNotGranted",
    ),
    on="no resource: the policies are sent along",
    resources=lambda _: EVERYTHING,
    condition=in_the_regions,
    wildcard="These calls take no resource; they judge the policies that are sent to them",
)
"""For ``verify --access-analyzer``."""

# --- What the CDK command line needs ---


def _assume(*kinds: str) -> Grant:
    """Return the grant to act through the roles that `cdk bootstrap` makes."""
    return Grant(
        sid="ActThroughTheBootstrapRoles",
        actions=("sts:AssumeRole",),
        on=f"the bootstrap's roles: {', '.join(kinds)}",
        resources=lambda scope: [arn for kind in kinds for arn in scope.bootstrap_role(kind)],
    )


_BOOTSTRAP_VERSION: Final = Grant(
    sid="ReadBootstrapVersion",
    actions=("ssm:GetParameter",),
    on="the version that the bootstrap noted",
    resources=lambda scope: scope.bootstrap_parameters,
)

_FIND_BOOTSTRAPS: Final = Grant(
    sid="FindBootstraps",
    actions=("ssm:GetParametersByPath",),
    on="the versions that bootstraps of any qualifier noted",
    resources=lambda scope: scope.all_bootstrap_parameters,
)

_READ_RECORD: Final = Grant(
    sid="ReadTheRecord",
    actions=("ssm:GetParameters",),
    on="the parameters in which is noted what was handed over, and what `revoke` did",
    resources=lambda scope: scope.records,
)
_READ_STACK_POLICY: Final = Grant(
    sid="ReadStackPolicy",
    actions=("cloudformation:GetStackPolicy",),
    on="the deployments' stacks with a role",
    resources=lambda scope: scope.stacks(link=False),
)
_LOOK_UP_EVENTS: Final = Grant(
    sid="LookUpUseOfTheKey",
    actions=("cloudtrail:LookupEvents",),
    on="no resource: the key is what is looked up",
    resources=lambda scope: EVERYTHING if scope.keys_to_read else [],
    condition=in_the_regions,
    wildcard="CloudTrail's event history takes no resource; the policy limits it to the Regions of the deployments",
)
_ASK_LAST_USAGE: Final = _key("kms:GetKeyLastUsage")
_DRIFT: Final = (
    Grant(
        sid="LookForDrift",
        actions=(
            "cloudformation:DetectStackDrift",
            "cloudformation:DetectStackResourceDrift",
            "cloudformation:DescribeStackResourceDrifts",
        ),
        on="the deployments' stacks",
        resources=lambda scope: scope.stacks(),
    ),
    Grant(
        sid="WaitForDrift",
        actions=("cloudformation:DescribeStackDriftDetectionStatus",),
        on="no resource: it asks about one look for drift, which has no ARN",
        resources=lambda _: EVERYTHING,
        condition=in_the_regions,
        wildcard="A look for drift has no ARN; the policy limits it to the Regions of the deployments",
    ),
)
"""For ``verify --drift``; CloudFormation looks at each resource with the caller's own permissions to read it."""
_WRITE_RECORD: Final = Grant(
    sid="WriteTheRecord",
    actions=("ssm:PutParameter", "ssm:AddTagsToResource"),
    on="the same parameters",
    resources=lambda scope: scope.records,
)

_GUARD_STACKS: Final = Grant(
    sid="GuardStacks",
    actions=("cloudformation:GetStackPolicy", "cloudformation:SetStackPolicy"),
    on="the deployments' stacks of role and key",
    resources=lambda scope: scope.stacks(link=False),
)

_LOOK_FIRST: Final = (
    _STACKS,
    _BOOTSTRAP_VERSION,
    _FIND_BOOTSTRAPS,
    _role("iam:GetRole"),
    _key("kms:DescribeKey"),
    *preflight.GRANTS,
    _assume(*ASSUMED),
)
"""``preflight`` asks whether these credentials can act as the bootstrap's roles, so it needs their permissions, too."""

# --- Pinecone's own side ---

READ_SECRETS: Final = Grant(
    sid="ReadSecrets",
    actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
    on="the secrets that hold API keys of Pinecone",
    resources=lambda scope: scope.secrets,
)
_WRITE_SECRETS: Final = Grant(
    sid="WriteSecrets",
    actions=(
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        "secretsmanager:PutSecretValue",
        "secretsmanager:UpdateSecretVersionStage",
    ),
    on="the same secrets",
    resources=lambda scope: scope.secrets,
)

USE_KEYS_OF_SECRETS: Final = Grant(
    sid="UseKeysOfSecrets",
    actions=("kms:Decrypt", "kms:GenerateDataKey"),
    on="the keys that the file names for secrets, through Secrets Manager alone; their key policies must allow it, too",
    resources=lambda scope: scope.keys_of_secrets,
    condition=lambda scope: {"StringEquals": {"kms:ViaService": scope.secrets_services}},
)
"""Secrets Manager encrypts and decrypts with the permissions of whoever calls it."""

_KEYS_OF_INDEXES: Final = Grant(
    sid="ReadKey",
    actions=("kms:DescribeKey",),
    on="keys of the account and Region, and the alias: what an index's cmek_id is compared with",
    resources=lambda scope: [*scope.keys_to_read, *scope.aliases] if scope.secrets else [],
)

_TAGS_OF_KEYS: Final = Grant(
    sid="ReadTagsOfKeys",
    actions=("kms:ListResourceTags",),
    on="the keys of the account and Region",
    resources=lambda scope: scope.keys,
)

_DEPLOYED_TEMPLATE: Final = Grant(
    sid="ReadWhatIsDeployed",
    actions=("cloudformation:GetTemplate",),
    on="the deployments' stacks of role and key: whom the role trusts",
    resources=lambda scope: scope.stacks(link=False),
)

_FIND_FORMER: Final = (
    Grant(
        sid="ListStacks",
        actions=("cloudformation:ListStacks",),
        on="no resource: deployments of the account and Region that the file does not name",
        resources=lambda scope: EVERYTHING if scope.roles else [],
        condition=in_the_regions,
        wildcard="ListStacks takes no resource; the policy limits it to the Regions of the deployments",
    ),
    Grant(
        sid="ReadFormerDeployments",
        actions=("cloudformation:DescribeStacks",),
        on="stacks of role and key of every deployment, in every Region: one that was renamed or moved is found there",
        resources=lambda scope: scope.stacks_of_any_deployment,
    ),
)

_READ_DEPLOYED: Final = (
    Grant(
        sid="ReadWhatIsDeployed",
        actions=(
            "cloudformation:DescribeStacks",
            "cloudformation:DescribeStackResources",
            "cloudformation:GetTemplate",
        ),
        on="both stacks of each deployment, also one that the file does not have any more",
        resources=lambda scope: scope.both_stacks(),
    ),
    _role("iam:GetRole"),
    _key("kms:DescribeKey"),
    _key("kms:GetKeyPolicy"),
    _READ_GRANTS,
    _READ_RECORD,
    *_DOCUMENTS,
    *_FIND_FORMER,
    _ENDPOINTS,
    _assume("deploy", "file-publishing", "lookup"),
)
"""For a plan. Its change sets are made, read and deleted by the bootstrap's roles."""

AS_THE_DEPLOY_ROLE: Final[Mapping[str, tuple[str, ...]]] = {
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
    "destroy": (
        "cloudformation:DescribeStacks",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DeleteStack",
    ),
}
"""What a verb does as the role that the bootstrap makes for deployments, which is allowed it there. ``deploy`` does
what ``plan`` does, too, and ``recover`` what both do."""

VERBS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "preflight": _LOOK_FIRST,
    "plan": _READ_DEPLOYED,
    "deploy": (*_LOOK_FIRST, _GUARD_STACKS, *_READ_DEPLOYED, *_READ_BACK),
    "verify": (
        *_READ_LIVE,
        _READ_RECORD,
        _READ_STACK_POLICY,
        _LOOK_UP_EVENTS,
        _ASK_LAST_USAGE,
        _READ_GRANTS,
        _READ_REPLICAS,
        *_POLICIES_OF_ROLES,
        *_DRIFT,
        preflight.LOOK_AT_HOSTED_ZONES,
        *preflight.LOOK_AT_DNS,
        _ACCESS_ANALYZER,
    ),
    "access": (
        _STACKS,
        *(_read(f"iam:{each}") for each in ("GetRole", "ListRolePolicies", "ListAttachedRolePolicies")),
        *(_read(f"kms:{each}") for each in ("DescribeKey", "GetKeyPolicy")),
        _READ_GRANTS,
        _READ_REPLICAS,
        *_POLICIES_OF_ROLES,
    ),
    "handoff": (_STACKS, _DEPLOYED_TEMPLATE, _READ_GRANTS, _READ_RECORD, _ENDPOINTS, _WRITE_RECORD),
    "pinecone": (READ_SECRETS, _WRITE_SECRETS, USE_KEYS_OF_SECRETS, _KEYS_OF_INDEXES),
    "recover": (_GUARD_STACKS, *_READ_DEPLOYED, _TAGS_OF_KEYS),
    "destroy": (_STACKS_TO_DESTROY, _READ_RECORD, _WRITE_RECORD, _assume("deploy")),
    "revoke": REVOKE,
    "restore": RESTORE,
    "offboard": (*OFFBOARD, _assume("deploy"), READ_SECRETS, USE_KEYS_OF_SECRETS),
}
"""What each verb that calls an AWS account needs."""


def actions_of(grants: Iterable[Grant]) -> set[str]:
    """Return the actions of some grants."""
    return {action for grant in grants for action in grant.actions}
