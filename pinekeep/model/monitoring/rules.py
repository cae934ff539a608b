"""The rules of a deployment: which event gives which message."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pinekeep.model import naming
from pinekeep.model.alarms.trial import trial_pattern
from pinekeep.model.facts import aws
from pinekeep.model.monitoring import notices
from pinekeep.model.monitoring.notices import Notice
from pinekeep.model.monitoring.patterns import (
    API_CALL,
    DRY_RUNS,
    Pattern,
    alias_resource,
    any_of,
    call,
    key_resource,
    named_in_error,
    parameter,
    refused,
    service_event,
)
from pinekeep.model.monitoring.watched import Watched, WatchedBucket, WatchedKey, WatchedNetwork

_KMS: Final = "aws.kms"
_IAM: Final = "aws.iam"
_EC2: Final = "aws.ec2"
_ROUTE_53: Final = "aws.route53"
_PROFILES: Final = "aws.route53profiles"
_S3: Final = "aws.s3"
_CLOUDTRAIL: Final = "aws.cloudtrail"
_EVENTS: Final = "aws.events"
_CLOUDFORMATION: Final = "aws.cloudformation"

_KEY_STATE_CALLS: Final = ("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "EnableKey", "CancelKeyDeletion")
_ROLE_CALLS: Final = (
    "PutRolePolicy",
    "DeleteRolePolicy",
    "AttachRolePolicy",
    "DetachRolePolicy",
    "PutRolePermissionsBoundary",
    "DeleteRolePermissionsBoundary",
    "UpdateRole",
)
_ROLE_LIFE_CALLS: Final = ("DeleteRole", "CreateRole")
_SECURITY_GROUP_CALLS: Final = (
    "AuthorizeSecurityGroupIngress",
    "AuthorizeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress",
    "ModifySecurityGroupRules",
    "DeleteSecurityGroup",
)
_ZONE_CALLS: Final = ("ChangeResourceRecordSets", "DisassociateVPCFromHostedZone", "DeleteHostedZone")
_PROFILE_CALLS: Final = ("DisassociateProfile", "DisassociateResourceFromProfile", "DeleteProfile")
_BUCKET_CALLS: Final = (
    "PutBucketObjectLockConfiguration",
    "PutObjectLockConfiguration",
    "PutBucketVersioning",
    "PutBucketPolicy",
    "DeleteBucketPolicy",
    "PutBucketPublicAccessBlock",
    "DeleteBucketPublicAccessBlock",
    "PutBucketEncryption",
    "DeleteBucketEncryption",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "DeleteBucketLifecycle",
    "PutBucketOwnershipControls",
    "DeleteBucketOwnershipControls",
    "PutBucketLogging",
    "PutBucketAcl",
)
_TRAIL_CALLS: Final = ("StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors")
_STACK_CALLS: Final = ("DeleteStack", "UpdateStack", "ExecuteChangeSet")
_USE_CALLS: Final = (
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "DescribeKey",
)
_BY_OTHERS: Final[Pattern] = {"sourceIPAddress": [{"anything-but": ["cloudformation.amazonaws.com"]}]}
"""The part that leaves out the calls that CloudFormation makes."""
_ROLES_EACH: Final = 2
"""Roles of one rule with wildcards. A pattern has at most 2,048 characters, and EventBridge refuses many wildcards."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: its message, and the pattern of the events that give it.

    ``all_management_events``: whether it must also receive read-only events, which plain rules do not. ``number``:
    where the pattern would be too long for one rule.
    """

    notice: Notice
    pattern: Pattern
    all_management_events: bool = False
    number: int = 1

    @property
    def id(self) -> str:
        """The rule's name without the deployment's, in kebab case."""
        return self.notice.id if self.number == 1 else f"{self.notice.id}-{self.number}"


@dataclass(frozen=True, kw_only=True)
class Forwarding:
    """One rule in us-east-1 that forwards events of global services. ``id``: part of its name, in kebab case."""

    id: str
    what: str
    pattern: Pattern


def rule_name(deployment: str, rule_id: str) -> str:
    """Return the name of a rule by the ID of its message or forwarding."""
    return naming.event_rules(deployment) + rule_id


def rules(watched: Watched) -> list[Rule]:
    """Return the rules of the deployment's Region, in the order of the messages."""
    made = [
        *_key(watched),
        *_roles(watched),
        *([] if watched.network is None else _network(watched.network)),
        *([] if watched.bucket is None else _bucket(watched.bucket)),
        *_watch(watched),
    ]
    order = {notice.id: number for number, notice in enumerate(notices.NOTICES)}
    return sorted(made, key=lambda rule: (order[rule.notice.id], rule.number))


def forwardings(watched: Watched) -> list[Forwarding]:
    """Return the rules of us-east-1 for a deployment in another Region.

    Each is limited to events of us-east-1, so that no event is forwarded twice. They match more than the rules of the
    deployment's Region, which decide.
    """
    if watched.region == aws.GLOBAL_EVENTS_REGION:
        return []
    made = []
    for number, roles in _groups_of_roles(watched):
        id_ = "forward-roles" if number == 1 else f"forward-roles-{number}"
        made.append(_forwarding(id_, "changes of Pinecone's roles", [_IAM], _role_resource(roles)))
    if watched.network is not None and watched.network.zone_ids:
        resource = _zone_resource(watched.network)
        made.append(_forwarding("forward-dns", "changes of the DNS of Pinecone's private names", [_ROUTE_53], resource))
    trial: Pattern = {**trial_pattern(watched.deployment), "region": [aws.GLOBAL_EVENTS_REGION]}
    made.append(Forwarding(id="forward-tests", what="tests of the notifications", pattern=trial))
    trails: list[Pattern] = [{"eventName": list(_TRAIL_CALLS)}]
    made.append(_forwarding("forward-trails", "changes of trails", [_CLOUDTRAIL], trails))
    resource = [*_rule_resource(watched.deployment), _stacks(watched)]
    made.append(_forwarding("forward-rules", "changes of these rules", [_EVENTS, _CLOUDFORMATION], resource))
    return made


def _forwarding(id_: str, what: str, sources: list[str], resource: list[Pattern]) -> Forwarding:
    pattern = {
        "source": sources,
        "region": [aws.GLOBAL_EVENTS_REGION],
        "detail-type": [API_CALL],
        "detail": {"readOnly": [False], **any_of(resource)},
    }
    return Forwarding(id=id_, what=what, pattern=pattern)


# --- The key ---


def _key(watched: Watched) -> Iterator[Rule]:
    key = watched.key
    if key is None:
        return
    resource = key_resource(key.names, key.arn)
    for notice, names in (
        (notices.KEY_DISABLED, ["DisableKey"]),
        (notices.KEY_DELETION_SCHEDULED, ["ScheduleKeyDeletion"]),
        (notices.KEY_ENABLED, ["EnableKey", "CancelKeyDeletion"]),
        (notices.KEY_POLICY_CHANGED, ["PutKeyPolicy"]),
        (notices.KEY_GRANTS_CHANGED, ["CreateGrant", "RetireGrant", "RevokeGrant"]),
        (notices.KEY_ROTATION_CHANGED, ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"]),
    ):
        yield Rule(notice=notice, pattern=call(_KMS, names, resource))
    alias = alias_resource(key.arn, key.alias)
    yield Rule(
        notice=notices.KEY_ALIAS_CHANGED, pattern=call(_KMS, ["CreateAlias", "UpdateAlias", "DeleteAlias"], alias)
    )
    for notice, kind, recorded in (
        (notices.KEY_DELETED, "KMS CMK Deletion", "DeleteKey"),
        (notices.KEY_ROTATED, "KMS CMK Rotation", None),
    ):
        yield Rule(notice=notice, pattern=service_event(_KMS, kind, recorded, key.arn))
    yield from _key_of_a_kind(key, resource)
    attempt = [*resource, named_in_error([key.key_id], before=["key/"]), *alias[1:]]
    yield Rule(notice=notices.KEY_ATTEMPT, pattern=refused([_KMS], attempt))
    if watched.denied_use:
        pattern = {
            "source": [_KMS],
            "detail-type": [API_CALL],
            "detail": {
                "eventName": list(_USE_CALLS),
                "errorCode": [{"anything-but": list(DRY_RUNS)}],
                **any_of([*resource, named_in_error([key.key_id], before=["key/"])]),
            },
        }
        yield Rule(notice=notices.KEY_USE_DENIED, pattern=pattern, all_management_events=True)


def _key_of_a_kind(key: WatchedKey, resource: list[Pattern]) -> Iterator[Rule]:
    if key.adopted:
        names = ["ImportKeyMaterial", "DeleteImportedKeyMaterial"]
        yield Rule(notice=notices.KEY_MATERIAL_CHANGED, pattern=call(_KMS, names, resource))
        kind, recorded = "KMS Imported Key Material Expiration", "DeleteExpiredKeyMaterial"
        pattern = service_event(_KMS, kind, recorded, key.arn)
        yield Rule(notice=notices.KEY_MATERIAL_EXPIRED, pattern=pattern)
    if key.multi_region:
        pattern = call(_KMS, ["ReplicateKey", "UpdatePrimaryRegion"], resource)
        yield Rule(notice=notices.KEY_REPLICATED, pattern=pattern)


# --- The roles ---


def _roles(watched: Watched) -> Iterator[Rule]:
    if watched.key_roles:
        resource = [parameter("roleName", watched.key_roles)]
        for notice, names in (
            (notices.ROLE_TRUST_CHANGED, ["UpdateAssumeRolePolicy"]),
            (notices.ROLE_CHANGED, _ROLE_CALLS),
            (notices.ROLE_DELETED, _ROLE_LIFE_CALLS),
        ):
            yield Rule(notice=notice, pattern=call(_IAM, names, resource))
    if watched.storage_roles:
        names = ["UpdateAssumeRolePolicy", *_ROLE_CALLS, *_ROLE_LIFE_CALLS]
        pattern = call(_IAM, names, [parameter("roleName", watched.storage_roles)])
        yield Rule(notice=notices.STORAGE_ROLE_CHANGED, pattern=pattern)
    for number, roles in _groups_of_roles(watched):
        yield Rule(notice=notices.ROLE_ATTEMPT, pattern=refused([_IAM], _role_resource(roles)), number=number)


def _groups_of_roles(watched: Watched) -> Iterator[tuple[int, list[str]]]:
    names = [*watched.key_roles, *watched.storage_roles]
    for number, first in enumerate(range(0, len(names), _ROLES_EACH), start=1):
        yield number, names[first : first + _ROLES_EACH]


def _role_resource(roles: list[str]) -> list[Pattern]:
    return [parameter("roleName", roles), named_in_error(roles, before=["role ", "/"])]


# --- The network ---


def _network(network: WatchedNetwork) -> Iterator[Rule]:
    if network.endpoint_ids:
        pattern = call(_EC2, ["DeleteVpcEndpoints"], _deleted_endpoints(network))
        yield Rule(notice=notices.ENDPOINT_DELETED, pattern=pattern)
        pattern = call(_EC2, ["ModifyVpcEndpoint"], _modified_endpoints(network))
        yield Rule(notice=notices.ENDPOINT_CHANGED, pattern=pattern)
    if network.security_group_ids:
        pattern = call(_EC2, _SECURITY_GROUP_CALLS, _groups(network))
        yield Rule(notice=notices.SECURITY_GROUP_CHANGED, pattern=pattern)
    names: list[str] = []
    dns: list[Pattern] = []
    if network.zone_ids:
        names += _ZONE_CALLS
        dns += _zone_parameters(network)
    if network.profile_id is not None:
        names += _PROFILE_CALLS
        dns.append(parameter("profileId", [network.profile_id]))
    if dns:
        pattern = {**call(_ROUTE_53, names, dns), "source": [_ROUTE_53, _PROFILES]}
        yield Rule(notice=notices.DNS_CHANGED, pattern=pattern)
    attempts = [*_deleted_endpoints(network), *_modified_endpoints(network), *dns]
    if network.security_group_ids:
        attempts += _groups(network)
    if network.zone_ids:
        attempts.append(named_in_error(network.zone_ids, before=["hostedzone/"]))
    yield Rule(notice=notices.NETWORK_ATTEMPT, pattern=refused([_EC2, _ROUTE_53, _PROFILES], attempts))


def _deleted_endpoints(network: WatchedNetwork) -> list[Pattern]:
    return [parameter("DeleteVpcEndpointsRequest.VpcEndpointId.content", network.endpoint_ids)]


def _modified_endpoints(network: WatchedNetwork) -> list[Pattern]:
    return [parameter("ModifyVpcEndpointRequest.VpcEndpointId", network.endpoint_ids)]


def _groups(network: WatchedNetwork) -> list[Pattern]:
    groups = network.security_group_ids
    return [parameter("groupId", groups), parameter("ModifySecurityGroupRulesRequest.GroupId", groups)]


def _zone_parameters(network: WatchedNetwork) -> list[Pattern]:
    zones = [written for zone in network.zone_ids for written in (zone, f"/hostedzone/{zone}")]
    return [parameter("hostedZoneId", zones), parameter("id", zones)]


def _zone_resource(network: WatchedNetwork) -> list[Pattern]:
    return [*_zone_parameters(network), named_in_error(network.zone_ids, before=["hostedzone/"])]


# --- The audit bucket ---


def _bucket(bucket: WatchedBucket) -> Iterator[Rule]:
    bucket_arn = f"arn:{aws.PARTITION}:s3:::{bucket.name}"
    resource: list[Pattern] = [parameter("bucketName", [bucket.name]), {"resources": {"ARN": [bucket_arn]}}]
    yield Rule(notice=notices.AUDIT_PROTECTION_CHANGED, pattern=call(_S3, _BUCKET_CALLS, resource))
    yield Rule(notice=notices.AUDIT_BUCKET_DELETED, pattern=call(_S3, ["DeleteBucket"], resource))
    attempts, sources = resource, [_S3]
    if bucket.key_arn is not None:
        pattern = call(_KMS, _KEY_STATE_CALLS, [{"resources": {"ARN": [bucket.key_arn]}}])
        yield Rule(notice=notices.AUDIT_KEY_CHANGED, pattern=pattern)
        attempts, sources = [*resource, {"resources": {"ARN": [bucket.key_arn]}}], [_S3, _KMS]
    yield Rule(notice=notices.AUDIT_ATTEMPT, pattern=refused(sources, attempts))


# --- The monitoring itself ---


def _watch(watched: Watched) -> Iterator[Rule]:
    """Yield the rules about rules, topics and trails, and that of a test.

    CloudFormation's own calls to them are left out: a deployment of the stack would give a message for each. The call
    that starts it is reported instead.
    """
    yield Rule(notice=notices.TEST, pattern=trial_pattern(watched.deployment))
    yield Rule(notice=notices.TRAIL_CHANGED, pattern=call(_CLOUDTRAIL, _TRAIL_CALLS))
    rule_calls = ["DisableRule", "DeleteRule", "PutRule", "PutTargets", "RemoveTargets"]
    mine, stacks = _rule_resource(watched.deployment), _stacks(watched)
    changes: list[Pattern] = [{"eventName": rule_calls, **_BY_OTHERS, **part} for part in mine]
    changes.append({"eventName": list(_STACK_CALLS), **stacks})
    sources = [_EVENTS, _CLOUDFORMATION]
    yield Rule(notice=notices.WATCH_CHANGED, pattern=_changed(sources, changes))
    yield Rule(notice=notices.WATCH_ATTEMPT, pattern=refused(sources, [*mine, stacks]))
    if watched.topic_arns:
        yield from _topic(watched)


def _topic(watched: Watched) -> Iterator[Rule]:
    topics: Any = list(watched.topic_arns)
    subscriptions: Any = [{"prefix": f"{arn}:"} for arn in watched.topic_arns]
    key: list[Pattern] = []
    if watched.topic_key_arn is not None:
        key.append({"resources": {"ARN": [watched.topic_key_arn]}})
    topic_calls = ["DeleteTopic", "SetTopicAttributes", "AddPermission", "RemovePermission", "Subscribe"]
    changes: list[Pattern] = [
        {"eventName": topic_calls, **parameter("topicArn", topics)},
        {"eventName": ["Unsubscribe", "SetSubscriptionAttributes"], **parameter("subscriptionArn", subscriptions)},
        *({"eventName": list(_KEY_STATE_CALLS), **each} for each in key),
    ]
    sources = ["aws.sns", _KMS]
    yield Rule(notice=notices.TOPIC_CHANGED, pattern=_changed(sources, changes, **_BY_OTHERS))
    attempts = [parameter("topicArn", topics), parameter("subscriptionArn", subscriptions), *key]
    yield Rule(notice=notices.TOPIC_ATTEMPT, pattern=refused(sources, attempts))


def _changed(sources: list[str], changes: list[Pattern], **detail: Any) -> Pattern:
    succeeded = {"errorCode": [{"exists": False}], **detail, "$or": changes}
    return {"source": sources, "detail-type": [API_CALL], "detail": succeeded}


def _rule_resource(deployment: str) -> list[Pattern]:
    mine: Any = [{"prefix": naming.event_rules(deployment)}]
    return [parameter("name", mine), parameter("rule", mine)]


def _stacks(watched: Watched) -> Pattern:
    """Return the part that matches the stacks of the monitoring, named by name or ARN."""
    names = {
        naming.monitoring_stack(watched.deployment): watched.region,
        naming.global_monitoring_stack(watched.deployment): aws.GLOBAL_EVENTS_REGION,
    }
    if watched.region == aws.GLOBAL_EVENTS_REGION:
        del names[naming.global_monitoring_stack(watched.deployment)]
    arns = [
        f"arn:{aws.PARTITION}:cloudformation:{region}:{watched.account}:stack/{name}/" for name, region in names.items()
    ]
    either: Any = [*names, *({"prefix": arn} for arn in arns)]
    return parameter("stackName", either)
