"""The calls that CloudFormation's handlers make for the stacks, with the resources and the keys AWS authorizes by.

Written by hand from the service authorization reference, so that the policies are not held against themselves.
"""

from typing import Any

from tests.decisions.privileges.support import ACCOUNT, REGION, Call

TAG = "pinekeep:deployment"
OWN: dict[str, Any] = {f"aws:ResourceTag/{TAG}": "search"}
NEW: dict[str, Any] = {f"aws:RequestTag/{TAG}": "search"}

ROLE = f"arn:aws:iam::{ACCOUNT}:role/pinekeep-search-{REGION}"
FLOW_ROLE = f"arn:aws:iam::{ACCOUNT}:role/Pinekeep-search-PrivateL-VpcFlowLogRole06192D49-Q1W2E3R4T5Y6"
FLOW_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/Pinekeep-search-PrivateLink-VpcFlowLogPolicy2B7A1012-A1B2C3D4"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-4333-8444-555555555555"
ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/pinecone/search"
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:Pinekeep-search-PrivateLink-VpcFlowLogGroupB9DE2998-Xy9Z"
ZONE = "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
SERVICE = "com.amazonaws.vpce.us-east-1.vpce-svc-05ef6f1f0b9130b54"
WILDCARD_NAME = "\\052.private.aped-4627-b74a.pinecone.io"


def ec2(kind: str, identifier: str = "0a1b2c3d4e5f60718") -> str:
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{kind}-{identifier}"


VPC, SUBNET, TABLE = ec2("vpc"), ec2("subnet"), ec2("route-table")
GROUP, ENDPOINT, FLOW_LOG = ec2("security-group"), ec2("vpc-endpoint"), ec2("vpc-flow-log")
INTERFACE = ec2("network-interface")
RESOLVER_ENDPOINT = f"arn:aws:route53resolver:{REGION}:{ACCOUNT}:resolver-endpoint/rslvr-in-0123456789abcdef0"
PROFILE, PROFILE_VPC, PROFILE_ZONE = (
    f"arn:aws:route53profiles:{REGION}:{ACCOUNT}:{each}"
    for each in (
        "profile/rp-0123456789abcdef",
        "profile-association/rpassoc-0123456789abcdef",
        "profile-resource-association/rpr-0123456789abcdef",
    )
)
BUCKET = "arn:aws:s3:::search-audit-logs"
RESULTS = "arn:aws:s3:::pinekeep-search-storage-auditqueriesresults0a1b2c3d-x1y2z3"
AUDIT_ROLE, AUDIT_POLICY = (
    f"arn:aws:iam::{ACCOUNT}:{kind}/pinekeep-search-{REGION}-audit" for kind in ("role", "policy")
)
AUDIT_ALIAS = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/pinekeep/search/audit"
GENERATED = "Pinekeep-search-Monitoring-Thing0A1B2C3D-x1y2z3"
TOPIC, QUEUE = (f"arn:aws:{each}:{REGION}:{ACCOUNT}:{GENERATED}" for each in ("sns", "sqs"))
RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/pinekeep.search.key-disabled"
ALARM = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:pinekeep.search.endpoint-quiet"
DASHBOARD = f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/pinekeep-search"
SLACK_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{GENERATED}"
SERVICE_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/management.chatbot.amazonaws.com/AWSServiceRoleForAWSChatbot"
)
CHANNEL = f"arn:aws:chatbot::{ACCOUNT}:chat-configuration/slack-channel/pinekeep-search-{REGION}"
CATALOG, DATABASE, TABLE_OF_LOGS = (
    f"arn:aws:glue:{REGION}:{ACCOUNT}:{each}"
    for each in ("catalog", "database/pinekeep_search_audit", "table/pinekeep_search_audit/lines")
)
WORKGROUP = f"arn:aws:athena:{REGION}:{ACCOUNT}:workgroup/pinekeep-search-audit"
TRAIL = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail"
EVERY_KIND = (VPC, SUBNET, TABLE, GROUP, ENDPOINT, FLOW_LOG)


def on(action: str, *parts: tuple[str, dict[str, Any]]) -> Call:
    return Call(action, parts)


NEW_KEY = {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT", "kms:KeyOrigin": "AWS_KMS"}

_DESCRIBED = [
    "FlowLogs",
    "Instances",
    "NetworkAcls",
    "NetworkInterfaces",
    "RouteTables",
    "SecurityGroups",
    "Subnets",
    "Tags",
    "VpcAttribute",
    "VpcEncryptionControls",
    "VpcEndpoints",
    "Vpcs",
]
_OF_ROLES = [
    "CreateRole",
    "DeleteRole",
    "GetRole",
    "GetRolePolicy",
    "ListAttachedRolePolicies",
    "ListRolePolicies",
    "ListRoleTags",
    "TagRole",
    "UntagRole",
    "UpdateAssumeRolePolicy",
    "UpdateRole",
    "UpdateRoleDescription",
]
_OF_POLICIES = [
    "CreatePolicy",
    "CreatePolicyVersion",
    "DeletePolicy",
    "DeletePolicyVersion",
    "GetPolicy",
    "GetPolicyVersion",
    "ListEntitiesForPolicy",
    "ListPolicyVersions",
]
_OF_LOG_GROUPS = [
    "CreateLogGroup",
    "DeleteDataProtectionPolicy",
    "DeleteLogGroup",
    "DescribeIndexPolicies",
    "GetDataProtectionPolicy",
    "ListTagsForResource",
    "PutRetentionPolicy",
    "TagResource",
    "UntagResource",
]
_OF_ZONES = [
    "ChangeTagsForResource",
    "DeleteHostedZone",
    "GetHostedZone",
    "ListQueryLoggingConfigs",
    "ListResourceRecordSets",
    "ListTagsForResource",
    "UpdateHostedZoneComment",
]
_OF_RESOLVER_ENDPOINTS = [
    "AssociateResolverEndpointIpAddress",
    "CreateResolverEndpoint",
    "DeleteResolverEndpoint",
    "DisassociateResolverEndpointIpAddress",
    "GetResolverEndpoint",
    "ListResolverEndpointIpAddresses",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "UpdateResolverEndpoint",
]
_OF_PROFILES = {
    PROFILE: ["CreateProfile", "DeleteProfile", "GetProfile", "ListTagsForResource", "TagResource", "UntagResource"],
    PROFILE_VPC: ["AssociateProfile", "DisassociateProfile", "GetProfileAssociation", "TagResource"],
    PROFILE_ZONE: [
        "AssociateResourceToProfile",
        "DisassociateResourceFromProfile",
        "GetProfileResourceAssociation",
        "UpdateProfileResourceAssociation",
    ],
}
_OF_OWN_GROUPS = [
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "DeleteSecurityGroup",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "UpdateSecurityGroupRuleDescriptionsEgress",
    "UpdateSecurityGroupRuleDescriptionsIngress",
]

_OF_BUCKETS = [
    *("CreateBucket", "DeleteBucket", "DeleteBucketPolicy", "GetAccelerateConfiguration", "GetAnalyticsConfiguration"),
    *("GetBucketAbac", "GetBucketAcl", "GetBucketCORS", "GetBucketLogging", "GetBucketMetadataTableConfiguration"),
    *("GetBucketNotification", "GetBucketObjectLockConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy"),
    *("GetBucketPublicAccessBlock", "GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite"),
    *("GetEncryptionConfiguration", "GetIntelligentTieringConfiguration", "GetInventoryConfiguration"),
    *("GetLifecycleConfiguration", "GetMetricsConfiguration", "GetReplicationConfiguration", "ListBucket"),
    *("ListTagsForResource", "PutBucketLogging", "PutBucketObjectLockConfiguration", "PutBucketOwnershipControls"),
    *("PutBucketPolicy", "PutBucketPublicAccessBlock", "PutBucketTagging", "PutBucketVersioning"),
    *("PutEncryptionConfiguration", "PutLifecycleConfiguration", "TagResource", "UntagResource"),
]
_OF_RULES = [
    *("DeleteRule", "DescribeRule", "ListTagsForResource", "ListTargetsByRule", "PutRule", "PutTargets"),
    *("RemoveTargets", "TagResource", "UntagResource"),
]
_OF_TOPICS = [
    *("CreateTopic", "DeleteTopic", "GetDataProtectionPolicy", "GetTopicAttributes", "ListSubscriptionsByTopic"),
    *("ListTagsForResource", "SetTopicAttributes", "TagResource", "UntagResource", "GetSubscriptionAttributes"),
    *("SetSubscriptionAttributes", "Subscribe", "Unsubscribe"),
]
_OF_QUEUES = [
    *("CreateQueue", "DeleteQueue", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "SetQueueAttributes"),
    *("TagQueue", "UntagQueue"),
]
_OF_CHANNELS = [
    *("AssociateToConfiguration", "DeleteSlackChannelConfiguration", "DisassociateFromConfiguration"),
    *("ListAssociations", "ListTagsForResource", "TagResource", "UntagResource", "UpdateSlackChannelConfiguration"),
]
_OF_ALARMS = [
    *("DeleteAlarms", "DescribeAlarms", "PutCompositeAlarm", "PutMetricAlarm"),
    *("ListTagsForResource", "TagResource", "UntagResource"),
]
_OF_DASHBOARDS = [
    *("DeleteDashboards", "GetDashboard", "PutDashboard", "ListTagsForResource", "TagResource", "UntagResource"),
]
_OF_WORKGROUPS = [
    *("CreateNamedQuery", "CreateWorkGroup", "DeleteNamedQuery", "DeleteWorkGroup", "GetNamedQuery", "GetWorkGroup"),
    *("ListTagsForResource", "TagResource", "UntagResource", "UpdateWorkGroup"),
]

CALLS: tuple[Call, ...] = (
    on("ssm:GetParameters", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/cdk-bootstrap/hnb659fds/version", {})),
    # KMS
    on("kms:CreateKey", ("*", {**NEW_KEY, **NEW, "kms:MultiRegion": "false"})),
    on("kms:TagResource", (KEY, NEW)),
    on("kms:TagResource", (KEY, {**OWN, "kms:ResourceAliases": ["alias/pinecone/search"]})),
    *(on(f"kms:{name}", (KEY, {})) for name in ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus")),
    on("kms:ListResourceTags", (KEY, {})),
    *(
        on(f"kms:{name}", (KEY, OWN))
        for name in ("EnableKeyRotation", "PutKeyPolicy", "UntagResource", "UpdateKeyDescription")
    ),
    *(on(f"kms:{name}Alias", (ALIAS, {}), (KEY, OWN)) for name in ("Create", "Update", "Delete")),
    on("kms:ListAliases", ("*", {})),
    *(on(f"kms:{name}Alias", (AUDIT_ALIAS, {}), (KEY, OWN)) for name in ("Create", "Update", "Delete")),
    on("kms:TagResource", (KEY, {**OWN, "kms:ResourceAliases": ["alias/pinekeep/search/audit"]})),
    on("kms:ScheduleKeyDeletion", (KEY, OWN)),
    # Storage and monitoring
    *(on(f"s3:{name}", (bucket, {})) for name in _OF_BUCKETS for bucket in (BUCKET, f"{BUCKET}-access-logs", RESULTS)),
    *(on(f"iam:{name}", (role, {})) for name in _OF_ROLES for role in (AUDIT_ROLE, SLACK_ROLE)),
    *(on(f"iam:{name}", (f"{AUDIT_POLICY}-s3", {})) for name in _OF_POLICIES),
    *(
        on(f"iam:{name}RolePolicy", (AUDIT_ROLE, {"iam:PolicyARN": f"{AUDIT_POLICY}-s3"}))
        for name in ("Attach", "Detach")
    ),
    on("iam:PassRole", (SLACK_ROLE, {"iam:PassedToService": "chatbot.amazonaws.com"})),
    on("iam:CreateServiceLinkedRole", (SERVICE_ROLE, {"iam:AWSServiceName": "management.chatbot.amazonaws.com"})),
    *(on(f"events:{name}", (RULE, {})) for name in _OF_RULES),
    on(
        "cloudformation:DescribeStacks",
        (f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/Pinekeep-search-Cmek/0a1b2c3d", {}),
    ),
    *(on(f"sns:{name}", (TOPIC, {})) for name in _OF_TOPICS),
    *(on(f"sqs:{name}", (QUEUE, {})) for name in _OF_QUEUES),
    *(on(f"chatbot:{name}", (CHANNEL, {})) for name in _OF_CHANNELS),
    *(
        on(f"chatbot:{name}SlackChannelConfiguration{more}", ("*", {}))
        for name, more in (("Create", ""), ("Describe", "s"))
    ),
    *(on(f"cloudwatch:{name}", (ALARM, {})) for name in _OF_ALARMS),
    *(on(f"cloudwatch:{name}", (DASHBOARD, {})) for name in _OF_DASHBOARDS),
    *(on(f"logs:{name}MetricFilter", (TRAIL, {})) for name in ("Delete", "Put")),
    on("logs:DescribeMetricFilters", (TRAIL, {})),
    *(
        on(
            f"glue:{name}{kind}",
            *((arn, {}) for arn in (CATALOG, DATABASE, TABLE_OF_LOGS)[: 3 if kind == "Table" else 2]),
        )
        for kind in ("Database", "Table")
        for name in ("Create", "Delete", "Get", "Update")
    ),
    *(on(f"athena:{name}", (WORKGROUP, {})) for name in _OF_WORKGROUPS),
    # IAM
    *(on(f"iam:{name}", (role, {})) for name in _OF_ROLES for role in (ROLE, FLOW_ROLE)),
    *(on(f"iam:{name}", (FLOW_POLICY, {})) for name in _OF_POLICIES),
    *(on(f"iam:{name}RolePolicy", (FLOW_ROLE, {"iam:PolicyARN": FLOW_POLICY})) for name in ("Attach", "Detach")),
    on("iam:PassRole", (FLOW_ROLE, {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"})),
    # Logs
    *(on(f"logs:{name}", (LOG_GROUP, {})) for name in _OF_LOG_GROUPS),
    on("logs:DescribeLogGroups", (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group::log-stream:", {})),
    on("logs:DescribeResourcePolicies", ("*", {})),
    # EC2: nothing that is being made has a tag yet
    *(on(f"ec2:Describe{name}", ("*", {})) for name in _DESCRIBED),
    on("ec2:CreateVpc", (VPC, {})),
    on("ec2:ModifyVpcAttribute", (VPC, {})),
    on("ec2:CreateSubnet", (SUBNET, {}), (VPC, OWN)),
    on("ec2:ModifySubnetAttribute", (SUBNET, {})),
    on("ec2:CreateRouteTable", (TABLE, {}), (VPC, OWN)),
    *(on(f"ec2:{name}", (TABLE, OWN), (SUBNET, OWN)) for name in ("AssociateRouteTable", "DisassociateRouteTable")),
    on("ec2:ReplaceRouteTableAssociation", (TABLE, OWN), (SUBNET, OWN)),
    on("ec2:CreateFlowLogs", (FLOW_LOG, {}), (VPC, OWN)),
    on("ec2:CreateSecurityGroup", (GROUP, {}), (VPC, OWN)),
    *(on(f"ec2:{name}", (GROUP, OWN)) for name in _OF_OWN_GROUPS),
    *(
        on(f"ec2:{name}", (GROUP, {}))
        for name in ("AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupEgress")
    ),
    on(
        "ec2:CreateVpcEndpoint",
        (ENDPOINT, {"ec2:VpceServiceName": SERVICE}),
        (VPC, OWN),
        (SUBNET, OWN),
        (GROUP, OWN),
    ),
    on("ec2:ModifyVpcEndpoint", (ENDPOINT, OWN), (SUBNET, OWN), (GROUP, OWN)),
    on("route53:AssociateVPCWithHostedZone", (ZONE, {}), (VPC, {})),
    *(on("ec2:CreateTags", (arn, NEW)) for arn in EVERY_KIND),
    *(on(f"ec2:{name}Tags", (arn, OWN)) for name in ("Create", "Delete") for arn in EVERY_KIND),
    on("ec2:DeleteVpc", (VPC, OWN)),
    on("ec2:DeleteSubnet", (SUBNET, OWN)),
    on("ec2:DeleteRouteTable", (TABLE, OWN)),
    on("ec2:DeleteFlowLogs", (FLOW_LOG, OWN)),
    on("ec2:DeleteVpcEndpoints", (ENDPOINT, OWN)),
    # Route 53
    on("route53:CreateHostedZone", ("*", {})),
    on("route53:ListHostedZones", ("*", {})),
    on("route53:GetChange", ("arn:aws:route53:::change/C0123456789", {})),
    *(on(f"route53:{name}", (ZONE, {})) for name in _OF_ZONES),
    on("route53:DisassociateVPCFromHostedZone", (ZONE, {}), (VPC, {})),
    # Resolver
    *(on(f"route53resolver:{name}", (RESOLVER_ENDPOINT, {})) for name in _OF_RESOLVER_ENDPOINTS),
    on("ec2:CreateNetworkInterface", (INTERFACE, {}), (SUBNET, OWN), (GROUP, OWN)),
    on("ec2:ModifyNetworkInterfaceAttribute", (INTERFACE, {"ec2:Vpc": VPC}), (GROUP, OWN)),
    on("ec2:DeleteNetworkInterface", (INTERFACE, {"ec2:Vpc": VPC})),
    # Profiles
    *(on(f"route53profiles:{name}", (arn, {})) for arn, names in _OF_PROFILES.items() for name in names),
    on("route53profiles:ListProfileAssociations", ("*", {})),
    on("route53profiles:ListProfileResourceAssociations", ("*", {})),
    on(
        "route53:ChangeResourceRecordSets",
        (
            ZONE,
            {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": [WILDCARD_NAME],
                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
            },
        ),
    ),
)
"""What CloudFormation does to make, read, change and take away the stacks of ``support.FULL``."""

_ANY_ROLE = f"arn:aws:iam::{ACCOUNT}:role/somebody-elses"
_ANY_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/somebody-elses"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_FOREIGN: dict[str, Any] = {f"aws:ResourceTag/{TAG}": "somebody-elses"}
_USE = (
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "CreateGrant",
    "Sign",
    "DisableKey",
    "EnableKey",
    "DisableKeyRotation",
    "ReplicateKey",
    "DeleteImportedKeyMaterial",
)

REFUSED: tuple[Call, ...] = (
    *(on(f"kms:{name}", (KEY, OWN)) for name in _USE),
    # The key that Pinecone uses and that of the audit logs have an alias; that of the topic has none.
    *(
        on("kms:ScheduleKeyDeletion", (KEY, {**OWN, "kms:ResourceAliases": [each]}))
        for each in ("alias/pinecone/search", "alias/pinekeep/search/audit")
    ),
    on("kms:ScheduleKeyDeletion", (KEY, {})),
    on("kms:ScheduleKeyDeletion", (KEY, _FOREIGN)),
    *(on(f"s3:{name}", (f"{BUCKET}/logs.json", {})) for name in ("GetObject", "PutObject", "DeleteObjectVersion")),
    on("s3:BypassGovernanceRetention", (f"{BUCKET}/logs.json", {})),
    on("s3:PutBucketPolicy", ("arn:aws:s3:::payroll", {})),
    on("s3:DeleteBucket", ("arn:aws:s3:::payroll", {})),
    on("sns:Publish", (TOPIC, {})),
    on("sns:DeleteTopic", (f"arn:aws:sns:{REGION}:{ACCOUNT}:payroll", {})),
    on("sqs:ReceiveMessage", (QUEUE, {})),
    on("cloudformation:DescribeStacks", (f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/payroll/0a1b2c3d", {})),
    on("events:PutRule", (f"arn:aws:events:{REGION}:{ACCOUNT}:rule/payroll", {})),
    on("events:PutRule", (RULE.replace("pinekeep.search.", "pinekeep.search-2."), {})),
    on("cloudwatch:DeleteAlarms", (f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:payroll", {})),
    on("iam:PassRole", (SLACK_ROLE, {"iam:PassedToService": "lambda.amazonaws.com"})),
    on("iam:CreateServiceLinkedRole", (SERVICE_ROLE, {"iam:AWSServiceName": "ecs.amazonaws.com"})),
    on("iam:AttachRolePolicy", (AUDIT_ROLE, {"iam:PolicyARN": _ADMINISTRATOR})),
    on("glue:DeleteTable", (f"arn:aws:glue:{REGION}:{ACCOUNT}:table/payroll/salaries", {})),
    on("kms:PutKeyPolicy", (KEY, {})),
    on("kms:PutKeyPolicy", (KEY, _FOREIGN)),
    on("kms:TagResource", (KEY, {**NEW, "kms:ResourceAliases": ["alias/payroll"]})),
    on("kms:TagResource", (KEY, {**NEW, "kms:ResourceAliases": ["alias/pinecone/search", "alias/payroll"]})),
    on("kms:CreateKey", ("*", {**NEW_KEY, "kms:MultiRegion": "false"})),
    on("kms:CreateKey", ("*", {**NEW_KEY, **NEW, "kms:MultiRegion": "true"})),
    on("kms:CreateKey", ("*", {**NEW_KEY, **NEW, "kms:MultiRegion": "false", "kms:KeyOrigin": "EXTERNAL"})),
    on("kms:UpdateAlias", (f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/payroll", {}), (KEY, OWN)),
    on("kms:UpdateAlias", (ALIAS, {}), (KEY, {})),
    on("kms:DescribeKey", (KEY.replace(REGION, "us-west-2"), OWN)),
    *(on(f"iam:{name}", (_ANY_ROLE, {})) for name in _OF_ROLES),
    *(on(f"iam:{name}", (_ANY_POLICY, {})) for name in _OF_POLICIES),
    on("iam:AttachRolePolicy", (FLOW_ROLE, {"iam:PolicyARN": _ADMINISTRATOR})),
    on("iam:AttachRolePolicy", (ROLE, {"iam:PolicyARN": FLOW_POLICY})),
    on("iam:PutRolePolicy", (ROLE, {})),
    on("iam:PutRolePolicy", (FLOW_ROLE, {})),
    on("iam:DeleteRolePermissionsBoundary", (ROLE, {})),
    on("iam:CreateUser", (f"arn:aws:iam::{ACCOUNT}:user/pinekeep-user", {})),
    on("iam:CreateAccessKey", (f"arn:aws:iam::{ACCOUNT}:user/somebody", {})),
    on("iam:PassRole", (FLOW_ROLE, {"iam:PassedToService": "ec2.amazonaws.com"})),
    on("iam:PassRole", (ROLE, {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"})),
    on("sts:AssumeRole", (ROLE, {})),
    on("logs:DeleteLogGroup", (f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/payroll", {})),
    on("ec2:CreateVpcEndpoint", (ENDPOINT, {"ec2:VpceServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0other"})),
    on("ec2:CreateSubnet", (SUBNET, {}), (VPC, {})),
    on("ec2:CreateFlowLogs", (FLOW_LOG, {}), (VPC, _FOREIGN)),
    on("ec2:AssociateRouteTable", (TABLE, OWN), (SUBNET, {})),
    *(
        on(f"ec2:Delete{name}", (arn, {}))
        for name, arn in (("Vpc", VPC), ("Subnet", SUBNET), ("VpcEndpoints", ENDPOINT))
    ),
    on("ec2:DeleteSecurityGroup", (GROUP, _FOREIGN)),
    on("ec2:CreateTags", (VPC, {f"aws:RequestTag/{TAG}": "somebody-elses"})),
    on("ec2:CreateTags", (ec2("instance"), NEW)),
    on("ec2:CreateNetworkInterface", (INTERFACE, {}), (ec2("subnet", "0other"), {})),
    on("ec2:AttachNetworkInterface", (INTERFACE, {"ec2:Vpc": VPC})),
    on("route53resolver:CreateResolverRule", (f"arn:aws:route53resolver:{REGION}:{ACCOUNT}:resolver-rule/x", {})),
    on("route53profiles:PutProfilePolicy", (PROFILE, {})),
    on("vpce:AllowMultiRegion", (ENDPOINT, {})),
    on("ec2:CreateInternetGateway", (ec2("internet-gateway"), {})),
    on("ec2:RunInstances", (ec2("instance"), NEW)),
    on(
        "route53:ChangeResourceRecordSets",
        (
            ZONE,
            {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["www.example.com"],
                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
            },
        ),
    ),
    on(
        "route53:ChangeResourceRecordSets",
        (
            ZONE,
            {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": [WILDCARD_NAME, "www.example.com"],
                "route53:ChangeResourceRecordSetsRecordTypes": ["A"],
            },
        ),
    ),
    on(
        "route53:ChangeResourceRecordSets",
        (
            ZONE,
            {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": [WILDCARD_NAME],
                "route53:ChangeResourceRecordSetsRecordTypes": ["NS"],
            },
        ),
    ),
    on("s3:GetObject", ("arn:aws:s3:::payroll/salaries.csv", {})),
    on("ssm:GetParameters", (f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/database/password", {})),
)
"""What CloudFormation must never be able to do with this policy."""
