"""What Pinekeep says that Pinecone or AWS never, only or cannot do: each claim with its source, and how sure it is.

Such sentences are believed and acted upon, and they age. Every message and every page of the docs that says one is
known here by a part of its sentence; a test finds those that are not.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pinekeep.model.facts import aws, pinecone, pinecone_api
from pinekeep.model.facts.source import Source


class Sure(StrEnum):
    """How a claim is known."""

    READ = "read"
    """The page or the specification was read."""
    EXCERPT = "excerpt"
    """A part of the page was read."""
    INFERRED = "inferred"
    """It follows from what was read; nobody states it."""
    TRIED = "tried"
    """It was seen to be so."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim about what Pinecone or AWS do.

    Attributes:
        id: its name, in kebab case.
        says: what is claimed, as one or two sentences.
        source: where it comes from, and when that was read.
        sure: how it is known.
        sentences: parts of the sentences that say it, with ``{}`` where a value is filled in.
    """

    id: str
    says: str
    source: Source
    sure: Sure = Sure.READ
    sentences: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts by which its sentences are known, its own words among them."""
        return (self.says, *self.sentences)


CMEK_OF_EXISTING_PROJECTS: Final = Claim(
    id="cmek-of-existing-projects",
    says="Create the project with customer-managed encryption. Pinecone's Admin API can also turn it on for an "
    "existing project, for good; what that does to indexes that are there already is not documented.",
    source=pinecone.PROJECT_UPDATE_PAGE,
)
CMEK_STAYS_ON: Final = Claim(
    id="cmek-stays-on",
    says="CMEK of a project can never be turned off.",
    source=pinecone_api.ADMIN_API,
    sentences=("with CMEK, which can never be turned off",),
)
ONE_KEY: Final = Claim(
    id="one-key",
    says="One key per project, and it cannot be changed.",
    source=pinecone.CMEK_PAGE,
    sentences=(
        "Pinecone cannot be given another",
        "Pinecone knows the role by its ARN and cannot be given another",
        "Pinecone cannot be given a key that does not exist, and cannot be given another one later",
        "It can never change once Pinecone has the role",
        "It can never change once its ARN is given to Pinecone",
        "never replace the key, the role or the external ID: Pinecone could no longer read the data",
        "only that is of use to it",
        "what is encrypted with it cannot be read with another",
        "Pinecone cannot change it once the key is set",
        "the project takes one key, added in the console, and it can never be exchanged",
    ),
)
NO_BACKUPS: Final = Claim(
    id="no-backups",
    says="Pinecone can make no backups in a project with CMEK.",
    source=pinecone.CMEK_PAGE,
    sentences=("CMEK: no backups can be made in this project",),
)
KEY_OF_ANOTHER_KIND: Final = Claim(
    id="key-of-another-kind",
    says="Pinecone can encrypt only with a symmetric key for encryption and decryption.",
    source=pinecone.CMEK_PAGE,
    sure=Sure.INFERRED,
    sentences=("Pinecone cannot encrypt with another kind of key",),
)
NEEDS_THE_KEY: Final = Claim(
    id="needs-the-key",
    says="Without the use of the key Pinecone cannot read or write the project's data.",
    source=pinecone.CMEK_PAGE,
    sure=Sure.INFERRED,
    sentences=(
        "cannot read or write the project's data",
        "cannot read or write their data",
        "cannot read or write its data",
        "Pinecone cannot encrypt or decrypt until",
        "Pinecone cannot decrypt",
        "Pinecone cannot use the key",
        "the project's data cannot be read",
        "Pinecone assumes the role, and cannot encrypt or decrypt with it",
        "a Pinecone region that is not named cannot use the key",
    ),
)
ASSUMES_THE_ROLE: Final = Claim(
    id="assumes-the-role",
    says="Pinecone cannot assume a role whose trust policy does not let its access role of the region in.",
    source=pinecone.CMEK_PAGE,
    sure=Sure.INFERRED,
    sentences=("Pinecone cannot assume the role",),
)
CONSOLE_ALONE: Final = Claim(
    id="console-alone",
    says="Only the Pinecone console adds keys and registers endpoints; no public API can.",
    source=pinecone_api.ADMIN_API,
    sentences=("lists what only the Pinecone console can do",),
)
WAYS_TO_THE_ENDPOINT: Final = Claim(
    id="ways-to-the-endpoint",
    says="A client that cannot resolve the private host name, or does not reach the endpoint on port 443, cannot reach "
    "Pinecone through it.",
    source=pinecone.PRIVATE_ENDPOINTS_PAGE,
    sentences=(
        "clients that no other group lets in cannot reach Pinecone",
        "A client that is not allowed cannot reach Pinecone",
        "clients that cannot resolve Pinecone's private names cannot connect",
        "Clients cannot reach Pinecone privately",
    ),
)
SCIM_SETS_ROLES: Final = Claim(
    id="scim-sets-roles",
    says="Where SCIM is set up, the identity provider sets the roles of members to exactly what it sends, so roles "
    "that somebody else has bound to them cannot last.",
    source=pinecone.SCIM_PAGE,
    sure=Sure.INFERRED,
)
KEYS_OWN_ACCOUNT: Final = Claim(
    id="keys-own-account",
    says="KMS takes some operations only from the key's own account.",
    source=aws.KMS_CROSS_ACCOUNT_PAGE,
    sentences=("KMS takes {} only from the key's own account", "KMS shows a key policy in the key's own account alone"),
)
DEFAULT_SECURITY_GROUP: Final = Claim(
    id="default-security-group",
    says="CloudFormation cannot remove the rules of a VPC's default security group.",
    source=aws.SECURITY_GROUP_PAGE,
    sure=Sure.INFERRED,
    sentences=("CloudFormation cannot empty a VPC's default security group",),
)
LAST_USAGE_OF_THE_KEY: Final = Claim(
    id="last-usage-of-the-key",
    says="KMS tells the last successful cryptographic operation with a key, and never who asked for it.",
    source=aws.KMS_LAST_USAGE_PAGE,
    sentences=("KMS records the last successful use alone, and only since it began to keep track",),
)
GRANTS_FOR_SERVICES: Final = Claim(
    id="grants-for-services",
    says="kms:GrantIsForAWSResource lets only AWS services make grants for the caller.",
    source=aws.KMS_KEY_USERS_PAGE,
    sentences=("only grants 'for an AWS service' come through one",),
)
ALIASES_BY_IAM: Final = Claim(
    id="aliases-by-iam",
    says="Only an IAM policy can give the permission on an alias.",
    source=aws.KMS_ALIAS_PAGE,
    sentences=("a permission on the alias besides, which only IAM policies give",),
)
AWS_MANAGED_KEYS: Final = Claim(
    id="aws-managed-keys",
    says="The policy of a key that belongs to AWS cannot be changed.",
    source=aws.KMS_KEY_POLICY_PAGE,
    sentences=("it belongs to AWS, so its policy cannot name the role",),
)
NATURE_OF_A_KEY: Final = Claim(
    id="nature-of-a-key",
    says="Spec, usage, origin and Regions of a KMS key cannot be changed.",
    source=aws.KMS_CREATE_KEY_PAGE,
    sentences=("a key cannot become that, CloudFormation fails the update",),
)
DELETED_KEYS: Final = Claim(
    id="deleted-keys",
    says="A KMS key that is gone cannot be brought back, and what it encrypted cannot be decrypted.",
    source=aws.KMS_DELETION_PAGE,
    sentences=("a key that is gone cannot be brought back", "their data cannot be read any more once the key is gone"),
)
NAMES_ONCE: Final = Claim(
    id="names-once",
    says="CloudFormation cannot make a role or an alias of a name that is taken, and cannot replace a resource that "
    "has a name of its own.",
    source=aws.NAMED_RESOURCES_PAGE,
    sure=Sure.EXCERPT,
    sentences=(
        "CloudFormation cannot make a role of a name that is taken",
        "CloudFormation cannot make an alias that is taken",
        "CloudFormation cannot replace a named role behind one's back",
    ),
)
STACK_POLICIES: Final = Claim(
    id="stack-policies",
    says="A change set cannot lift a stack policy for one update.",
    source=aws.STACK_POLICY_PAGE,
    sure=Sure.INFERRED,
    sentences=("a change set cannot lift a stack policy for one update",),
)
OUTBOUND_RULES: Final = Claim(
    id="outbound-rules",
    says="CloudFormation cannot make a security group without an outbound rule: EC2 adds one that allows everything.",
    source=aws.SECURITY_GROUP_PAGE,
    sure=Sure.INFERRED,
    sentences=("EC2 adds one that allows everything unless one is given",),
)
GROUPS_THAT_ARE_SEEN: Final = Claim(
    id="groups-that-are-seen",
    says="EC2 refuses a rule that names a group or a prefix list that cannot be seen from the VPC.",
    source=aws.SECURITY_GROUP_PAGE,
    sure=Sure.INFERRED,
    sentences=(
        "EC2 refuses a rule that names a group it cannot see",
        "EC2 refuses a rule that names a prefix list it cannot see",
    ),
)
INLINE_POLICY_NAMES: Final = Claim(
    id="inline-policy-names",
    says="IAM cannot limit `iam:PutRolePolicy` by the policy's name.",
    source=aws.IAM_CONDITIONS_PAGE,
    sure=Sure.INFERRED,
    sentences=("since IAM cannot limit it by the policy's name",),
)
HOSTED_ZONES: Final = Claim(
    id="hosted-zones",
    says="Route 53 knows no tag conditions, so a permission cannot be limited to zones of one's own.",
    source=aws.ROUTE_53_CONDITIONS_PAGE,
    sure=Sure.EXCERPT,
    sentences=("Route 53 makes up the IDs of hosted zones and knows no tag conditions",),
)
DNS_SERVERS: Final = Claim(
    id="dns-servers",
    says="A VPC whose DHCP options name other DNS servers resolves private hosted zones only where those servers "
    "forward to the VPC's own resolver.",
    source=aws.DHCP_OPTIONS_PAGE,
    sure=Sure.INFERRED,
    sentences=("only where those servers forward them to the VPC's own resolver",),
)
PROFILES: Final = Claim(
    id="route-53-profiles",
    says="A Route 53 Profile is regional. A VPC has at most one.",
    source=aws.PROFILES_PAGE,
    sure=Sure.EXCERPT,
    sentences=("a Route 53 Profile is regional: it cannot be associated with a VPC in {}",),
)
PUBLIC_ACCESS: Final = Claim(
    id="public-access",
    says="IAM Access Analyzer calls public what it cannot rule out to be.",
    source=aws.ACCESS_ANALYZER_PAGE,
    sure=Sure.INFERRED,
    sentences=("AWS cannot rule out that anybody with an AWS account may",),
)
AUDIT_LOGS_HOLD: Final = Claim(
    id="audit-logs-hold",
    says="Pinecone's audit logs hold events of management, none of requests to an index; the documented fields have no "
    "source address.",
    source=pinecone.AUDIT_LOGS_PAGE,
    sure=Sure.EXCERPT,
)
AUDIT_LOGS_FROM_THEN_ON: Final = Claim(
    id="audit-logs-from-then-on",
    says="Only events from then on are delivered; when audit logs are disabled or the integration is removed, those "
    "that are not written yet are lost.",
    source=pinecone.AUDIT_LOGS_SETUP_PAGE,
)
FLOW_LOGS_OF_A_VPC: Final = Claim(
    id="flow-logs-of-a-vpc",
    says="Flow logs of a VPC record the traffic of its network interfaces alone.",
    source=aws.FLOW_LOG_RECORDS_PAGE,
)
AUDIT_LOGS_NEED: Final = Claim(
    id="audit-logs-need",
    says="Without the bucket, or the use of the bucket's key, Pinecone cannot write audit logs.",
    source=pinecone.AUDIT_LOGS_PAGE,
    sure=Sure.INFERRED,
    sentences=("Pinecone cannot write audit logs", "Pinecone can write no audit logs and nobody can read any"),
)
ROLES_FOR_S3: Final = Claim(
    id="roles-for-s3",
    says="Pinecone cannot use the bucket without the role that its console has.",
    source=pinecone.STORAGE_PAGE,
    sure=Sure.INFERRED,
    sentences=("Pinecone cannot use the bucket",),
)
GLOBAL_EVENTS: Final = Claim(
    id="global-events",
    says="CloudTrail's events of IAM and Route 53 reach the event bus of us-east-1 only.",
    source=aws.GLOBAL_EVENTS_PAGE,
    sure=Sure.EXCERPT,
)
EVENTS_NEED_A_TRAIL: Final = Claim(
    id="events-need-a-trail",
    says="EventBridge receives the API calls that CloudTrail records only while a trail of the account logs management "
    "events.",
    source=aws.CLOUDTRAIL_EVENTS_PAGE,
    sure=Sure.EXCERPT,
    sentences=("EventBridge receives API calls only while a CloudTrail trail records them",),
)
EVENTS_TO_TOPICS: Final = Claim(
    id="events-to-topics",
    says="EventBridge cannot publish to a topic whose policy, or whose key's policy, has a condition on the source "
    "account or ARN for it.",
    source=aws.EVENTS_TO_TOPICS_PAGE,
    sure=Sure.EXCERPT,
)
SCPS_DO_NOT_APPLY: Final = Claim(
    id="scps-do-not-apply",
    says="SCPs do not apply to the organization's management account, to service-linked roles, and to principals of "
    "accounts outside the organization.",
    source=aws.SCP_PAGE,
    sure=Sure.EXCERPT,
)
HOOKS_DO_NOT_KNOW_THE_CALLER: Final = Claim(
    id="hooks-do-not-know-the-caller",
    says="The input of a Guard Hook does not say who calls, and a Hook sees CloudFormation and Cloud Control API only.",
    source=aws.GUARD_HOOKS_PAGE,
    sure=Sure.EXCERPT,
)

CLAIMS: Final = tuple(each for each in list(globals().values()) if isinstance(each, Claim))
"""Every claim, in the order of this file: Pinecone's first."""
