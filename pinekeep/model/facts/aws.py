"""Facts about AWS: formats, bounds and quotas."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from pinekeep.model.facts.source import Source

_CHECKED: Final = date(2026, 11, 22)
_SITE: Final = "docs.aws.amazon.com"

IAM_QUOTAS_PAGE: Final = Source("IAM and AWS STS quotas", _SITE, _CHECKED)
KMS_CREATE_KEY_PAGE: Final = Source("AWS KMS API Reference: CreateKey", _SITE, _CHECKED)
KMS_ROTATION_PAGE: Final = Source("AWS KMS API Reference: EnableKeyRotation", _SITE, _CHECKED)
KMS_DELETION_PAGE: Final = Source("AWS KMS API Reference: ScheduleKeyDeletion", _SITE, _CHECKED)
KMS_ALIAS_PAGE: Final = Source("AWS KMS API Reference: CreateAlias", _SITE, _CHECKED)
KMS_KEY_POLICY_PAGE: Final = Source("AWS KMS Developer Guide: Create a key policy", _SITE, date(2026, 11, 25))
KMS_KEY_USERS_PAGE: Final = Source("Default key policy: allows key users to use the KMS key", _SITE, _CHECKED)
KMS_CROSS_ACCOUNT_PAGE: Final = Source("Allowing users in other accounts to use a KMS key", _SITE, _CHECKED)
KMS_GRANTS_PAGE: Final = Source("AWS KMS API Reference: GrantConstraints, GrantListEntry", _SITE, date(2026, 11, 29))
KMS_LAST_USAGE_PAGE: Final = Source("AWS KMS API Reference: GetKeyLastUsage", _SITE, date(2026, 11, 30))
"""Read in the service model of botocore 1.43.106. It tells the last successful cryptographic operation with a key since
``TrackingStartDate``: kind, time, CloudTrail's event ID; not who asked for it. Each replica is tracked by itself. It
takes no key of another account, and no alias."""
ORGANIZATIONS_QUOTAS_PAGE: Final = Source("Quotas and service limits for AWS Organizations", _SITE, date(2026, 11, 30))
SCP_PAGE: Final = Source("AWS Organizations User Guide: Service control policies", _SITE, date(2026, 11, 30))
GUARD_HOOKS_PAGE: Final = Source(
    "CloudFormation Hooks User Guide: Write Guard rules; Prepare to create a Guard Hook; Stack level filters",
    _SITE,
    date(2026, 11, 30),
)
"""The input of a rule has ``HookContext`` (``InvocationPoint``, ``TargetName``, ``StackId``, which is empty for Cloud
Control API), ``Resources`` and ``Previous``, each with ``ResourceType`` and ``ResourceProperties`` by logical ID; no
caller. Filters by stack are ignored by a Hook that targets Cloud Control API."""
NAMED_RESOURCES_PAGE: Final = Source("CloudFormation resource custom naming", _SITE, date(2026, 11, 30))
STACK_POLICY_PAGE: Final = Source("Prevent updates to stack resources", _SITE, date(2026, 11, 25))
SECURITY_GROUP_PAGE: Final = Source("AWS::EC2::SecurityGroup; EC2 API Reference: IpPermission", _SITE, _CHECKED)
IAM_CONDITIONS_PAGE: Final = Source("Service Authorization Reference: IAM", _SITE, date(2026, 11, 25))
ROUTE_53_CONDITIONS_PAGE: Final = Source("Service Authorization Reference: Amazon Route 53", _SITE, date(2026, 11, 30))
ACCESS_ANALYZER_PAGE: Final = Source(
    "IAM Access Analyzer API Reference: CheckNoPublicAccess", _SITE, date(2026, 11, 30)
)
PROFILES_PAGE: Final = Source(
    "Amazon Route 53 Developer Guide: What are Amazon Route 53 Profiles?", _SITE, date(2026, 11, 27)
)
ZONE_IDS_PAGE: Final = Source("Availability Zone IDs for your AWS resources", _SITE, date(2026, 11, 30))
S3_OBJECT_LOCK_PAGE: Final = Source("Object Lock considerations; Configuring S3 Object Lock", _SITE, date(2026, 11, 30))
"""Once enabled, Object Lock cannot be disabled and versioning cannot be suspended. A lifecycle rule does not delete a
version before its retention ends. Delete markers are not locked. A changed default retention holds for files written
afterwards. A bucket with Object Lock takes no server access logs."""
S3_KMS_PAGE: Final = Source("Using server-side encryption with AWS KMS keys (SSE-KMS)", _SITE, date(2026, 11, 30))
"""Writing needs kms:GenerateDataKey, an upload in parts kms:Decrypt besides, reading kms:Decrypt. The encryption
context is the object's ARN; with an S3 Bucket Key, the bucket's."""
S3_ACCESS_LOGS_PAGE: Final = Source("Enabling Amazon S3 server access logging", _SITE, date(2026, 11, 30))
"""The log bucket is of the same account and Region, lets the service principal write, and is encrypted with SSE-S3."""
S3_LIFECYCLE_PAGE: Final = Source("Lifecycle configuration elements", _SITE, date(2026, 11, 30))
GLOBAL_EVENTS_PAGE: Final = Source(
    "How do I get EventBridge rules of IAM events in other Regions? (repost.aws)", "repost.aws", date(2026, 11, 27)
)
STACK_QUOTAS_PAGE: Final = Source("Understand CloudFormation quotas", _SITE, date(2026, 11, 30))
EVENTBRIDGE_QUOTAS_PAGE: Final = Source("Amazon EventBridge quotas", _SITE, date(2026, 11, 30))
INPUT_TRANSFORMER_PAGE: Final = Source(
    "Amazon EventBridge input transformation; API Reference: InputTransformer", _SITE, date(2026, 11, 30)
)
"""Text arrives with its quotation marks. A variable whose path an event lacks gives nothing."""
EVENTS_TO_TOPICS_PAGE: Final = Source(
    "Amazon SNS Developer Guide: Securing Amazon SNS data with server-side encryption; Amazon EventBridge User Guide: "
    "Using resource-based policies",
    _SITE,
    date(2026, 11, 30),
)
"""A condition on the source account or ARN in the policy of a topic or of its key is not supported for EventBridge."""
CUSTOM_NOTIFICATIONS_PAGE: Final = Source(
    "Custom notifications using Amazon Q Developer in chat applications", _SITE, date(2026, 11, 30)
)
CLOUDTRAIL_EVENTS_PAGE: Final = Source("AWS service events delivered via AWS CloudTrail", _SITE, date(2026, 11, 30))
STACK_OUTPUT_PAGE: Final = Source("CloudFormation: Fn::GetStackOutput", _SITE, date(2026, 11, 30))
BUCKET_NAMES_PAGE: Final = Source(
    "Amazon S3 User Guide: General purpose bucket naming rules", _SITE, date(2026, 11, 30)
)
"""An excerpt was read. TLS certificates of S3 cover one label below the endpoint, so a name with dots cannot be
addressed as a host over TLS."""
OBJECT_KEYS_PAGE: Final = Source("Amazon S3 User Guide: Naming Amazon S3 objects", _SITE, date(2026, 11, 30))
S3_TRANSITIONS_PAGE: Final = Source(
    "Amazon S3 User Guide: Transitioning objects using Amazon S3 Lifecycle", _SITE, date(2026, 11, 30)
)
ATHENA_LIMIT_PAGE: Final = Source("Athena API Reference: WorkGroupConfiguration", _SITE, date(2026, 11, 30))
"""``BytesScannedCutoffPerQuery``; read in the service model of botocore 1.43.106."""
SNS_TOPIC_PAGE: Final = Source("Amazon SNS API Reference: CreateTopic, Subscribe", _SITE, date(2026, 11, 30))
LOG_GROUP_PAGE: Final = Source("CloudWatch Logs API Reference: CreateLogGroup", _SITE, date(2026, 11, 30))
SLACK_PAGE: Final = Source("AWS::Chatbot::SlackChannelConfiguration", _SITE, date(2026, 11, 30))
VPC_CIDR_PAGE: Final = Source("VPC CIDR blocks", _SITE, _CHECKED)
SHARED_VPC_PAGE: Final = Source(
    "Responsibilities and permissions for owners and participants", _SITE, date(2026, 11, 30)
)
"""Owners of a shared VPC make its interface endpoints; participants make network interfaces and security groups."""
SHARED_VPC_ERROR_PAGE: Final = Source(
    "How do I troubleshoot interface endpoint creation errors in Amazon VPC?", "repost.aws", date(2026, 11, 30)
)
DHCP_OPTIONS_PAGE: Final = Source("DHCP option sets in Amazon VPC", _SITE, date(2026, 11, 30))
PROFILES_PAGE: Final = Source("What are Amazon Route 53 Profiles?", _SITE, date(2026, 11, 30))
"""A VPC takes one Profile. What is associated with the VPC itself takes precedence over the Profile, a more specific
name over a less specific one."""
RESOLVER_PAGE: Final = Source("Forwarding inbound DNS queries to your VPCs", _SITE, date(2026, 11, 30))
VPC_ENDPOINT_PAGE: Final = Source("EC2 API Reference: VpcEndpoint", _SITE, _CHECKED)
FLOW_LOGS_PAGE: Final = Source("IAM role for publishing flow logs to CloudWatch Logs", _SITE, _CHECKED)
FLOW_LOG_RECORDS_PAGE: Final = Source("Flow log records", _SITE, date(2026, 11, 30))
TAGGING_PAGE: Final = Source("Tag naming limits and requirements", _SITE, _CHECKED)
PARAMETER_PAGE: Final = Source("Managing parameter tiers", _SITE, _CHECKED)
SECRETS_PAGE: Final = Source("AWS Secrets Manager API Reference: CreateSecret, PutSecretValue", _SITE, _CHECKED)
CLOUDTRAIL_LOOKUP_PAGE: Final = Source("CloudTrail API Reference: LookupEvents", _SITE, _CHECKED)
STACK_STATUS_PAGE: Final = Source("CloudFormation stack status codes", _SITE, _CHECKED)
DRIFT_AWARE_PAGE: Final = Source("Using drift-aware change sets", _SITE, date(2026, 11, 29))
"""A drift-aware change set brings the live state of every resource of the stack to the template's, also of resources
that the template does not change. It tells of a resource that is gone with the drift status ``DELETED``. Tag keys
that no template names, and properties that cannot be changed, are left as they are. It knows the live state of all
types that support drift detection but 27, none of which the stacks here make."""

_MONITORING_CHECKED: Final = date(2026, 11, 30)
KMS_PENDING_DELETION_ALARM_PAGE: Final = Source(
    "Create an alarm that detects use of a KMS key pending deletion", _SITE, _MONITORING_CHECKED
)
"""AWS recommends a metric filter on the error message "KEY ARN is pending deletion." in the trail's log group."""
KMS_KEY_STATE_PAGE: Final = Source("Key states of AWS KMS keys", _SITE, _MONITORING_CHECKED)
METRIC_FILTER_PAGE: Final = Source(
    "Using filter patterns to match terms in JSON log events", _SITE, _MONITORING_CHECKED
)
PRIVATELINK_METRICS_PAGE: Final = Source("CloudWatch metrics for AWS PrivateLink", _SITE, _MONITORING_CHECKED)
"""Metrics have a data point where there is traffic within the minute. There are none for an endpoint to a service in
another Region."""
EVENTBRIDGE_METRICS_PAGE: Final = Source("Monitoring Amazon EventBridge", _SITE, _MONITORING_CHECKED)
"""Metrics with the dimension ``RuleName`` alone are of rules of the default event bus. They have no zeros."""
SNS_METRICS_PAGE: Final = Source("Monitoring Amazon SNS topics using CloudWatch", _SITE, _MONITORING_CHECKED)
SQS_METRICS_PAGE: Final = Source("Available CloudWatch metrics for Amazon SQS", _SITE, _MONITORING_CHECKED)
S3_EVENTBRIDGE_PAGE: Final = Source("Using EventBridge: Amazon S3 event notifications", _SITE, _MONITORING_CHECKED)
MISSING_DATA_PAGE: Final = Source("Configuring how CloudWatch alarms treat missing data", _SITE, _MONITORING_CHECKED)
"""``ignore``: the current state of the alarm is maintained."""
DASHBOARD_PAGE: Final = Source(
    "CloudWatch API Reference: Dashboard body structure and syntax", _SITE, _MONITORING_CHECKED
)
CHATBOT_PAGE: Final = Source("Amazon Q Developer in chat applications endpoints and quotas", _SITE, _MONITORING_CHECKED)

PARTITION: Final = "aws"
"""Pinecone runs in commercial AWS regions only, so every ARN is of this partition."""

DOMAIN: Final = "amazonaws.com"
"""The domain of the service names of this partition."""

ACCOUNT_DIGITS: Final = 12

SHARED_VPC_REFUSAL: Final = "does not support shared VPCs"
"""What EC2 says, with the code ``UnauthorizedOperation``, to a participant who makes an endpoint in a shared VPC
(SHARED_VPC_ERROR_PAGE). It is no matter of permissions."""

# --- IAM (IAM_QUOTAS_PAGE) ---
ROLE_NAME_MAX: Final = 64
ROLE_NAME_PATTERN: Final = r"^[A-Za-z0-9+=,.@_-]+$"
IAM_PATH_MAX: Final = 512
IAM_PATH_PATTERN: Final = r"/(?:[A-Za-z0-9+=,.@_-]+/)*"
"""IAM takes every printable character; those that mean something in a policy's ARN pattern, or nothing to a reader,
are left out."""
MANAGED_POLICY_MAX: Final = 6144
"""Characters of a managed policy, without white space."""
MANAGED_POLICIES_PER_ROLE: Final = 10
"""20 after a quota increase."""
TRUST_POLICY_MAX: Final = 2048
"""Characters of a trust policy; 4,096 after a quota increase."""

SESSION_SECONDS_DEFAULT: Final = 3_600
"""How long a session of a role lasts at most where nothing else is set. Source: "CreateRole" of the IAM API reference
(docs.aws.amazon.com, checked 2026-11-29)."""

# --- KMS ---
KEY_ENABLED: Final = "Enabled"
"""The state of a key that can be used."""
ROTATION_DAYS_MIN: Final = 90  # KMS_ROTATION_PAGE
ROTATION_DAYS_MAX: Final = 2560
ROTATION_DAYS_DEFAULT: Final = 365
DELETION_WINDOW_DAYS_MIN: Final = 7  # KMS_DELETION_PAGE
DELETION_WINDOW_DAYS_MAX: Final = 30
ALIAS_MAX: Final = 250  # KMS_ALIAS_PAGE: 256 with the prefix `alias/`
KEY_POLICY_MAX: Final = 32_768
"""Bytes of a key policy (KMS_KEY_POLICY_PAGE). It cannot be raised."""
ALIAS_PATTERN: Final = r"^[A-Za-z0-9/_-]+$"
KEY_ID_PATTERN: Final = r"(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
KEY_SPEC: Final = "SYMMETRIC_DEFAULT"
KEY_USAGE: Final = "ENCRYPT_DECRYPT"
KEY_ORIGIN: Final = "AWS_KMS"
GRANT_OPERATIONS_WITHOUT_CONTEXT: Final = frozenset({"DescribeKey", "RetireGrant"})
"""Operations of a grant that its constraints on the encryption context do not bind (KMS_GRANTS_PAGE)."""

# --- Systems Manager (PARAMETER_PAGE) ---
PARAMETER_BYTES_MAX: Final = 4096
"""Of a parameter of the standard tier."""

# --- CloudTrail (CLOUDTRAIL_LOOKUP_PAGE) ---
LOOKUP_EVENTS_PAGE: Final = 50
"""Events in one answer, newest first."""
LOOKUP_EVENTS_DAYS: Final = 90
"""How far back the event history goes."""
LOOKUP_EVENTS_PER_SECOND: Final = 2
"""Look-ups that an account may make in one Region; more are throttled."""
LOOKUP_EVENTS_DELAY_MINUTES: Final = 15
"""An event can be looked up within about this time after the call."""

# --- VPC (VPC_CIDR_PAGE, VPC_ENDPOINT_PAGE) ---
DNS_PORT: Final = 53
RESOLVER_ZONES_LEAST: Final = 2
"""The fewest zones and addresses of a Resolver endpoint (RESOLVER_PAGE)."""
ZONE_ID_PREFIXES: Final = {
    "us-east-1": "use1",
    "us-west-2": "usw2",
    "eu-west-1": "euw1",
    "eu-central-1": "euc1",
    "ap-southeast-1": "apse1",
}
"""What the IDs of a Region's Availability Zones begin with, of the Regions with Pinecone (ZONE_IDS_PAGE)."""
VPC_PREFIX_SHORTEST: Final = 16
VPC_PREFIX_LONGEST: Final = 28
ENDPOINT_STATES: Final = (
    "pendingAcceptance",
    "pending",
    "available",
    "deleting",
    "deleted",
    "rejected",
    "failed",
    "expired",
    "partial",
)

SECURITY_GROUP_RULES_MAX: Final = 60
"""Inbound rules of one security group; a quota that can be raised (Amazon VPC quotas)."""


@dataclass(frozen=True)
class SecurityGroupRule:
    """One rule of a security group."""

    ip_protocol: str
    from_port: int
    to_port: int
    cidr_ip: str


NO_EGRESS: Final = SecurityGroupRule("icmp", 252, 86, "255.255.255.255/32")
"""CloudFormation cannot make a security group without any outbound rule: EC2 adds one that allows everything
unless at least one is given. An impossible one is the usual way (aws-cdk-lib does the same)."""

# --- S3 (BUCKET_NAMES_PAGE, OBJECT_KEYS_PAGE, S3_OBJECT_LOCK_PAGE, S3_LIFECYCLE_PAGE, S3_TRANSITIONS_PAGE) ---
BUCKET_NAME_MAX: Final = 63
BUCKET_NAME_MIN: Final = 3
BUCKET_RESERVED_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
BUCKET_RESERVED_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
BUCKET_REGIONAL_SUFFIX: Final = "-an"
"""A new bucket has it in the account's regional namespace alone."""
OBJECT_KEY_MAX: Final = 1024
"""Bytes of an object's key."""
LOCK_DAYS_MAX: Final = 36_500
LOCK_YEARS_MAX: Final = 100
STANDARD_IA_DAYS_MIN: Final = 30
"""The age at which an object may move to S3 Standard-IA, and the time it must stay there before it moves on."""
TRANSITION_BYTES_MIN: Final = 131_072
"""Smaller objects stay in their storage class, unless a lifecycle rule says otherwise."""
TLS_VERSION_MIN: Final = "1.2"
DAYS_PER_YEAR: Final = 365
"""How S3 counts the years of a retention."""

# --- Tags (TAGGING_PAGE) ---
TAG_KEY_MAX: Final = 128
TAG_VALUE_MAX: Final = 256
TAGS_MAX: Final = 50
TAG_PATTERN: Final = r"^[\w\s.:/=+@-]*$"

# --- Secrets Manager (SECRETS_PAGE) ---
SECRET_NAME_MAX: Final = 512
SECRET_NAME_PATTERN: Final = r"[A-Za-z0-9/_+=.@-]+"  # noqa: S105 - a pattern
VERSION_ID_MIN: Final = 32
VERSION_ID_MAX: Final = 64
"""A caller may choose a version's ID, which makes storing it idempotent."""

# --- Events of global services (GLOBAL_EVENTS_PAGE) ---
GLOBAL_EVENTS_REGION: Final = "us-east-1"
"""The only Region whose event bus receives the CloudTrail events of IAM, Organizations and Route 53."""

# --- CloudWatch ---
FILTER_PATTERN_MAX: Final = 1024
"""Characters of a metric filter's pattern ("CloudWatch Logs API Reference: PutMetricFilter")."""
ALARM_DESCRIPTION_MAX: Final = 1024
"""Characters of an alarm's description ("CloudWatch API Reference: PutMetricAlarm")."""
ALARM_METRICS_MAX: Final = 10
"""Metrics that the expression of one alarm can take ("Create a CloudWatch alarm based on a metric math expression")."""
ENDPOINT_TYPE: Final = "Interface"
"""The value of the dimension ``Endpoint Type`` (PRIVATELINK_METRICS_PAGE)."""

SNS_SUBJECT_MAX: Final = 100
"""Characters of the subject of a message ("Amazon SNS API Reference: Publish")."""

# --- Amazon Q Developer in chat applications, formerly AWS Chatbot (CHATBOT_PAGE) ---
CHATBOT_REGION: Final = "us-east-2"
"""One of the four Regions with its API. A configuration is stored in each of them."""
CHATBOT_ENDPOINT: Final = "https://global.sns-api.chatbot.amazonaws.com"
"""The endpoint of the subscription that the service makes to a topic."""

# --- EventBridge (EVENTBRIDGE_QUOTAS_PAGE) ---
EVENT_PATTERN_MAX: Final = 2048
"""Characters of an event pattern. It can be raised."""
RULE_NAME_MAX: Final = 64
RULES_MAX: Final = 300
"""Rules of an event bus. It can be raised."""
WILDCARD_RULES_MAX: Final = 30
"""Rules with wildcards of an event bus."""
INPUT_TEMPLATE_MAX: Final = 8192
"""Characters of the template of an input transformer (INPUT_TRANSFORMER_PAGE)."""

# --- Organizations (ORGANIZATIONS_QUOTAS_PAGE) ---
SCP_MAX: Final = 5120
"""Characters of a service control policy; what the API or the AWS CLI saves is counted with its white space."""
SCPS_PER_TARGET: Final = 5
"""Service control policies attached to an account, an organizational unit or the root; FullAWSAccess is one of them."""

# --- CloudFormation Hooks (GUARD_HOOKS_PAGE) ---
CLOUDFORMATION: Final = "cloudformation.amazonaws.com"
HOOKS_SERVICE: Final = "hooks.cloudformation.amazonaws.com"
"""The service that assumes the execution role of a Guard Hook."""

# --- Athena (ATHENA_LIMIT_PAGE) ---
SCAN_LIMIT_BYTES_MIN: Final = 10_000_000

# --- Notifications (SNS_TOPIC_PAGE, LOG_GROUP_PAGE, SLACK_PAGE) ---
TOPIC_NAME_PATTERN: Final = r"[A-Za-z0-9_-]{1,256}"
LOG_GROUP_NAME_PATTERN: Final = r"[A-Za-z0-9._/#-]{1,512}"

# --- CloudFormation (STACK_QUOTAS_PAGE) ---
STORAGE_INTEGRATIONS_MAX: Final = 90
"""A stack has at most 200 outputs: two for each, beside those of the audit logs."""
NOTIFIED_MAX: Final = 100
"""Addresses of one kind. A stack has at most 500 resources: one for each, beside about a hundred others."""
