"""Each pattern against events that it must match and near misses, by a rule engine that is not ours."""

import json
from typing import Any

import pytest

from pinekeep.model.alarms.trial import DETAIL_TYPE, SOURCE, trial_detail
from pinekeep.model.monitoring.notices import NOTICES
from pinekeep.model.monitoring.rules import forwardings, rules
from tests.model.monitoring import events
from tests.model.monitoring.engine import matches, problem
from tests.model.monitoring.events import (
    ACCOUNT,
    ALIAS,
    ALIAS_ARN,
    AUDIT_KEY,
    AUDIT_ROLE,
    BUCKET,
    ENDPOINT,
    GROUP,
    KEY,
    KEY_ID,
    OTHER_ID,
    OTHER_KEY,
    PROFILE,
    REGION,
    ROLE,
    RULE,
    STACK,
    STACK_ARN,
    STANDBY,
    TOPIC,
    TOPIC_KEY,
    WATCHED,
    ZONE,
    Event,
    by_cloudformation,
    call,
    from_kms,
    on_key,
    refused,
    service_record,
)

PATTERNS = {rule.id: rule.pattern for rule in rules(WATCHED)}
FORWARDED = {each.id: each.pattern for each in forwardings(WATCHED)}
USED = {rule.id for rule in rules(WATCHED) if rule.all_management_events}


def alias_event(name: str, alias: str, key: str, **parameters: Any) -> Event:
    resources = [
        {"accountId": ACCOUNT, "type": "AWS::KMS::Alias", "ARN": f"arn:aws:kms:{REGION}:{ACCOUNT}:{alias}"},
        {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key},
    ]
    return call("kms", name, {"aliasName": alias, **parameters}, resources=resources)


def trial(deployment: str, *, region: str = REGION) -> Event:
    """Return the marked event of a test, as EventBridge delivers it."""
    detail = json.loads(trial_detail(deployment, "0a1b"))
    sent: Event = {"source": SOURCE, "detail-type": DETAIL_TYPE, "account": ACCOUNT, "region": region}
    return {"version": "0", "id": "e-1", "time": "2026-11-30T12:00:00Z", **sent, "resources": [], "detail": detail}


def role_event(name: str, role: str = ROLE, **parameters: Any) -> Event:
    return call("iam", name, {"roleName": role, **parameters})


def bucket_resource(bucket: str) -> dict[str, str]:
    return {"accountId": ACCOUNT, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{bucket}"}


def bucket_event(name: str, bucket: str = BUCKET) -> Event:
    parameters = {"bucketName": bucket, "Host": f"{bucket}.s3.amazonaws.com"}
    return call("s3", name, parameters, resources=[bucket_resource(bucket)])


def deleted(*ids: str) -> Event:
    listed = [{"tag": number, "content": each} for number, each in enumerate(ids, start=1)]
    parameters = {"DeleteVpcEndpointsRequest": {"VpcEndpointId": listed if len(listed) > 1 else listed[0]}}
    return call("ec2", "DeleteVpcEndpoints", parameters)


def modified(endpoint: str) -> Event:
    parameters = {"ModifyVpcEndpointRequest": {"VpcEndpointId": endpoint, "PrivateDnsEnabled": False}}
    return call("ec2", "ModifyVpcEndpoint", parameters)


def denied(action: str, resource: str, *, because: str = "no identity-based policy allows the action") -> str:
    """Return the message of a denial."""
    who = f"arn:aws:sts::{ACCOUNT}:assumed-role/Dev/x"
    end = f" because {because}" if because else ""
    return f"User: {who} is not authorized to perform: {action} on resource: {resource}{end}"


def denied_on_role(resource: str, **words: str) -> Event:
    event = call("iam", "DeleteRole", None)
    return refused(event, message=denied("iam:DeleteRole", resource, **words))


def from_us_east_1(event: Event) -> Event:
    return {**event, "region": "us-east-1", "detail": {**event["detail"], "awsRegion": "us-east-1"}}


MATCHED: dict[str, list[Event]] = {
    "key-disabled": [
        on_key("DisableKey"),
        on_key("DisableKey", KEY),
        on_key("DisableKey", ALIAS),
        on_key("DisableKey", ALIAS_ARN),
        call("kms", "DisableKey", {"keyId": KEY_ID}),
        call("kms", "DisableKey", {"keyId": ALIAS_ARN}),
        by_cloudformation(on_key("DisableKey")),
    ],
    "key-deletion-scheduled": [
        on_key("ScheduleKeyDeletion"),
        call("kms", "ScheduleKeyDeletion", {"keyId": KEY, "pendingWindowInDays": 7}),
    ],
    "key-deleted": [from_kms("KMS CMK Deletion"), service_record("DeleteKey")],
    "key-enabled": [on_key("EnableKey"), on_key("CancelKeyDeletion")],
    "key-policy-changed": [on_key("PutKeyPolicy")],
    "key-grants-changed": [
        on_key("CreateGrant"),
        on_key("RevokeGrant"),
        # A grant can be retired by a token that names no key.
        call("kms", "RetireGrant", None, resources=[{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": KEY}]),
    ],
    "key-rotation-changed": [on_key("EnableKeyRotation"), on_key("DisableKeyRotation"), on_key("RotateKeyOnDemand")],
    "key-rotated": [from_kms("KMS CMK Rotation", **{"rotation-type": "ON_DEMAND"}), from_kms("KMS CMK Rotation")],
    "key-alias-changed": [
        alias_event("UpdateAlias", ALIAS, OTHER_KEY, targetKeyId=OTHER_ID),
        alias_event("UpdateAlias", "alias/other", KEY, targetKeyId=KEY_ID),
        alias_event("DeleteAlias", ALIAS, KEY),
        alias_event("CreateAlias", ALIAS, OTHER_KEY, targetKeyId=OTHER_ID),
        alias_event("CreateAlias", "alias/second", KEY, targetKeyId=KEY_ID),
    ],
    "key-material-changed": [on_key("ImportKeyMaterial"), on_key("DeleteImportedKeyMaterial")],
    "key-material-expired": [
        from_kms("KMS Imported Key Material Expiration"),
        service_record("DeleteExpiredKeyMaterial"),
    ],
    "key-replicated": [on_key("ReplicateKey"), on_key("UpdatePrimaryRegion")],
    "key-attempt": [
        refused(on_key("DisableKey")),
        refused(on_key("ScheduleKeyDeletion", ALIAS)),
        # KMS names neither key nor parameters in some denials.
        refused(call("kms", "DisableKey", None), message=denied("kms:DisableKey", KEY)),
        refused(call("kms", "PutKeyPolicy", None), message=denied("kms:PutKeyPolicy", KEY, because="")),
        refused(on_key("DisableKey"), "KMSInvalidStateException"),
        refused(alias_event("DeleteAlias", ALIAS, KEY)),
    ],
    "key-use-denied": [
        refused(on_key("Decrypt", readOnly=True)),
        refused(on_key("GenerateDataKey", readOnly=True), "DisabledException"),
        refused(call("kms", "Decrypt", None, readOnly=True), message=denied("kms:Decrypt", KEY)),
    ],
    "role-trust-changed": [role_event("UpdateAssumeRolePolicy", policyDocument="{}")],
    "role-changed": [
        role_event("PutRolePolicy", policyName="AWSRevokeOlderSessions"),
        role_event("DeleteRolePolicy", policyName="x"),
        role_event("AttachRolePolicy", policyArn="arn:aws:iam::aws:policy/AWSDenyAll"),
        role_event("DetachRolePolicy", policyArn="arn:aws:iam::aws:policy/AWSDenyAll"),
        role_event("PutRolePermissionsBoundary", permissionsBoundary="arn:aws:iam::aws:policy/AWSDenyAll"),
        role_event("DeleteRolePermissionsBoundary"),
        role_event("UpdateRole", maxSessionDuration=3600),
    ],
    "role-deleted": [role_event("DeleteRole"), role_event("CreateRole")],
    "storage-role-changed": [
        role_event(name, AUDIT_ROLE) for name in ("UpdateAssumeRolePolicy", "PutRolePolicy", "DeleteRole")
    ],
    "role-attempt": [
        refused(role_event("DeleteRole")),
        refused(role_event("PutRolePolicy", AUDIT_ROLE)),
        denied_on_role(f"role {ROLE}"),
        denied_on_role(f"role {ROLE}", because=""),
        denied_on_role(f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"),
        denied_on_role(f"arn:aws:iam::{ACCOUNT}:role/some/path/{ROLE}", because=""),
    ],
    "endpoint-deleted": [deleted(ENDPOINT), deleted("vpce-0fffffffffffffff1", STANDBY)],
    "endpoint-changed": [modified(ENDPOINT), modified(STANDBY)],
    "security-group-changed": [
        call("ec2", "AuthorizeSecurityGroupIngress", {"groupId": GROUP, "ipPermissions": {"items": []}}),
        call("ec2", "RevokeSecurityGroupIngress", {"groupId": GROUP}),
        call("ec2", "RevokeSecurityGroupEgress", {"groupId": GROUP}),
        call("ec2", "ModifySecurityGroupRules", {"ModifySecurityGroupRulesRequest": {"GroupId": GROUP}}),
        call("ec2", "DeleteSecurityGroup", {"groupId": GROUP}),
    ],
    "dns-changed": [
        call("route53", "ChangeResourceRecordSets", {"hostedZoneId": ZONE, "changeBatch": {"changes": []}}),
        call("route53", "ChangeResourceRecordSets", {"hostedZoneId": f"/hostedzone/{ZONE}"}),
        call("route53", "DisassociateVPCFromHostedZone", {"hostedZoneId": ZONE, "vPC": {"vPCId": "vpc-1"}}),
        call("route53", "DeleteHostedZone", {"id": ZONE}),
        call("route53profiles", "DisassociateProfile", {"profileId": PROFILE, "resourceId": "vpc-1"}),
    ],
    "network-attempt": [
        refused(deleted(ENDPOINT), "Client.UnauthorizedOperation"),
        refused(modified(ENDPOINT), "Client.UnauthorizedOperation"),
        refused(call("ec2", "RevokeSecurityGroupIngress", {"groupId": GROUP}), "Client.UnauthorizedOperation"),
        refused(
            call("route53", "DeleteHostedZone", None),
            message=denied("route53:DeleteHostedZone", f"arn:aws:route53:::hostedzone/{ZONE}"),
        ),
        refused(call("route53", "ChangeResourceRecordSets", {"hostedZoneId": ZONE})),
    ],
    "audit-protection-changed": [
        bucket_event(name)
        for name in (
            "PutBucketObjectLockConfiguration",
            "PutBucketVersioning",
            "PutBucketPolicy",
            "DeleteBucketPolicy",
            "PutBucketPublicAccessBlock",
            "DeleteBucketPublicAccessBlock",
            "PutBucketEncryption",
            "DeleteBucketEncryption",
            "PutBucketLifecycle",
            "DeleteBucketLifecycle",
            "PutBucketOwnershipControls",
            "PutBucketLogging",
            "PutBucketAcl",
        )
    ]
    # S3 leaves the bucket's name out of some request parameters.
    + [call("s3", "PutBucketPublicAccessBlock", {"publicAccessBlock": [""]}, resources=[bucket_resource(BUCKET)])],
    "audit-bucket-deleted": [bucket_event("DeleteBucket")],
    "audit-key-changed": [on_key("DisableKey", AUDIT_KEY, AUDIT_KEY), on_key("PutKeyPolicy", AUDIT_KEY, AUDIT_KEY)],
    "audit-attempt": [
        refused(bucket_event("DeleteBucket")),
        refused(bucket_event("PutBucketObjectLockConfiguration"), "InvalidBucketState"),
        refused(on_key("DisableKey", AUDIT_KEY, AUDIT_KEY)),
    ],
    "watch-changed": [
        call("events", "DisableRule", {"name": RULE}),
        call("events", "DeleteRule", {"name": RULE, "eventBusName": "default"}),
        call("events", "PutRule", {"name": RULE, "state": "DISABLED"}),
        call("events", "RemoveTargets", {"rule": RULE, "ids": ["Topic"]}),
        call("cloudformation", "DeleteStack", {"stackName": STACK}),
        from_us_east_1(call("cloudformation", "DeleteStack", {"stackName": f"{STACK}Global"})),
        call(
            "cloudformation",
            "ExecuteChangeSet",
            {"stackName": f"{STACK_ARN}/0a1b", "changeSetName": "x"},
        ),
    ],
    "topic-changed": [
        call("sns", "DeleteTopic", {"topicArn": TOPIC}),
        call("sns", "SetTopicAttributes", {"topicArn": TOPIC, "attributeName": "Policy"}),
        call("sns", "Subscribe", {"topicArn": TOPIC, "protocol": "email"}),
        call("sns", "Unsubscribe", {"subscriptionArn": f"{TOPIC}:0a1b2c3d-0000-0000-0000-000000000000"}),
        on_key("DisableKey", TOPIC_KEY, TOPIC_KEY),
        on_key("ScheduleKeyDeletion", TOPIC_KEY, TOPIC_KEY),
    ],
    "trail-changed": [
        call("cloudtrail", name, {"name": "management"}) for name in ("StopLogging", "DeleteTrail", "UpdateTrail")
    ]
    + [call("cloudtrail", "PutEventSelectors", {"trailName": "management"})],
    "watch-attempt": [
        refused(call("events", "DisableRule", {"name": RULE}), "AccessDeniedException"),
        refused(call("events", "RemoveTargets", {"rule": RULE})),
        refused(call("cloudformation", "DeleteStack", {"stackName": STACK})),
    ],
    "test": [trial(events.WATCHED.deployment), trial(events.WATCHED.deployment, region="us-east-1")],
    "topic-attempt": [
        refused(call("sns", "DeleteTopic", {"topicArn": TOPIC}), "AuthorizationError"),
        refused(on_key("DisableKey", TOPIC_KEY, TOPIC_KEY)),
    ],
}
"""The events that each rule reports, and no other one does."""

NEAR_MISSES: list[Event] = [
    # A test of another deployment, and an event that only has the same source.
    trial(f"{events.WATCHED.deployment}-2"),
    {**trial(events.WATCHED.deployment), "detail-type": "another"},
    # Another key, by any name.
    on_key("DisableKey", OTHER_ID, OTHER_KEY),
    on_key("ScheduleKeyDeletion", OTHER_KEY, OTHER_KEY),
    on_key("DisableKey", "alias/pinecone/search-prod-2", OTHER_KEY),
    on_key("DisableKey", f"{ALIAS_ARN}-2", OTHER_KEY),
    refused(on_key("DisableKey", OTHER_ID, OTHER_KEY)),
    refused(call("kms", "DisableKey", None), message=denied("kms:DisableKey", OTHER_KEY)),
    from_kms("KMS CMK Deletion", OTHER_KEY),
    from_kms("KMS CMK Rotation", OTHER_KEY),
    from_kms("KMS Imported Key Material Expiration", OTHER_KEY),
    service_record("DeleteExpiredKeyMaterial", OTHER_KEY),
    service_record("DeleteKey", OTHER_KEY),
    # An alias of another key.
    alias_event("UpdateAlias", "alias/pinecone/search-prod-2", OTHER_KEY, targetKeyId=OTHER_ID),
    alias_event("DeleteAlias", "alias/pinecone/search", OTHER_KEY),
    # What changes nothing.
    on_key("DescribeKey", readOnly=True),
    on_key("Decrypt", readOnly=True),
    on_key("GenerateDataKey", readOnly=True),
    on_key("ListGrants", readOnly=True),
    on_key("UpdateKeyDescription"),
    on_key("TagResource"),
    call("iam", "GetRole", {"roleName": ROLE}, readOnly=True),
    role_event("TagRole"),
    bucket_event("GetBucketPolicy"),
    bucket_event("PutBucketTagging"),
    # A call that was only tried out.
    refused(on_key("CreateGrant"), "DryRunOperationException"),
    refused(on_key("Decrypt", readOnly=True), "DryRunOperationException"),
    refused(deleted(ENDPOINT), "Client.DryRunOperation"),
    # Another role with the same beginning, or the same end.
    role_event("DeleteRole", f"{ROLE}-2"),
    role_event("PutRolePolicy", f"x{ROLE}"),
    role_event("UpdateAssumeRolePolicy", f"{AUDIT_ROLE}or"),
    denied_on_role(f"role {ROLE}-2"),
    denied_on_role(f"role x{ROLE}"),
    denied_on_role(f"arn:aws:iam::{ACCOUNT}:role/x-{ROLE}", because=""),
    # A policy, user or group of the role's name.
    call("iam", "DeleteUser", {"userName": ROLE}),
    # Another endpoint, group, zone, Profile.
    deleted("vpce-0fffffffffffffff1"),
    modified("vpce-0a1b2c3d4e5f6071"),
    call("ec2", "AuthorizeSecurityGroupIngress", {"groupId": "sg-0a1b2c3d4e5f60719"}),
    call("ec2", "CreateVpcEndpoint", {"CreateVpcEndpointRequest": {"VpcId": "vpc-1"}}),
    call("route53", "ChangeResourceRecordSets", {"hostedZoneId": "Z0123456789ABCDEFGHIK"}),
    call("route53", "AssociateVPCWithHostedZone", {"hostedZoneId": ZONE}),
    call("route53profiles", "DisassociateProfile", {"profileId": "rp-0000000000000000"}),
    # Another bucket with the same beginning.
    bucket_event("DeleteBucket", f"{BUCKET}-logs"),
    bucket_event("PutBucketPolicy", "search-prod"),
    refused(bucket_event("DeleteBucket", f"{BUCKET}-logs")),
    # The rules, topics and stacks of other deployments and of others.
    call("events", "DisableRule", {"name": "pinekeep.search-prod-2.key-disabled"}),
    call("events", "DisableRule", {"name": "pinekeep.search.key-disabled"}),
    call("events", "PutRule", {"name": "other"}),
    call("sns", "DeleteTopic", {"topicArn": f"{TOPIC}2"}),
    call("sns", "Unsubscribe", {"subscriptionArn": f"{TOPIC}2:0a1b2c3d-0000-0000-0000-000000000000"}),
    call("cloudformation", "DeleteStack", {"stackName": "Pinekeep-search-prod-MonitoringGlobal-2"}),
    call("cloudformation", "DeleteStack", {"stackName": "Pinekeep-search-prod-Cmek"}),
    call("cloudformation", "DeleteStack", {"stackName": f"{STACK_ARN}2/0a1b"}),
    # CloudFormation deploys the rules and the topic.
    by_cloudformation(call("events", "PutRule", {"name": RULE})),
    by_cloudformation(call("events", "PutTargets", {"rule": RULE})),
    by_cloudformation(call("sns", "Subscribe", {"topicArn": TOPIC})),
    # Trails are started and read.
    call("cloudtrail", "StartLogging", {"name": "management"}),
    call("cloudtrail", "GetTrailStatus", {"name": "management"}),
    refused(call("cloudtrail", "StopLogging", {"name": "management"})),
]
"""Events that no rule reports."""


def reported(event: Event) -> list[str]:
    return [id_ for id_, pattern in PATTERNS.items() if matches(pattern, event)]


def summary(event: Event) -> str:
    detail = event["detail"]
    said = (detail.get(each) for each in ("requestParameters", "errorCode", "errorMessage"))
    return " ".join(map(str, (event["region"], detail.get("eventName", event["detail-type"]), *said)))


def test_every_rule_has_events() -> None:
    assert set(MATCHED) == set(PATTERNS)
    assert {rule.notice for rule in rules(WATCHED)} == set(NOTICES), "a message that no rule sends"


@pytest.mark.parametrize("rule", MATCHED)
def test_a_rule_reports_its_events_and_no_other_rule_does(rule: str) -> None:
    wrong = [(summary(event), ids) for event in MATCHED[rule] if (ids := reported(event)) != [rule]]
    assert wrong == []


def test_near_misses_are_reported_by_no_rule() -> None:
    assert [(summary(event), ids) for event in NEAR_MISSES if (ids := reported(event))] == []


@pytest.mark.parametrize("rule", [rule for rule in MATCHED if not rule.endswith(("-attempt", "-denied"))])
def test_a_refused_call_is_an_attempt(rule: str) -> None:
    calls = [each for each in MATCHED[rule] if each["detail-type"] == "AWS API Call via CloudTrail"]
    for event in calls:
        if event["source"] == "aws.cloudtrail":
            continue
        ids = reported(refused(event))
        assert len(ids) == 1, summary(event)
        assert ids[0].endswith("-attempt"), summary(event)


@pytest.mark.parametrize("id_", [*PATTERNS, *FORWARDED])
def test_a_pattern_is_one_that_aws_takes(id_: str) -> None:
    assert problem({**PATTERNS, **FORWARDED}[id_]) is None


def test_only_the_rule_of_denied_use_needs_read_only_events() -> None:
    assert {"key-use-denied"} == USED


# --- Forwarding ---


def forwarded(event: Event) -> list[str]:
    return [id_ for id_, pattern in FORWARDED.items() if matches(pattern, event)]


GLOBAL = [event for each in MATCHED.values() for event in each if event["source"] in ("aws.iam", "aws.route53")]


def test_what_a_rule_reports_of_a_global_service_is_forwarded_once() -> None:
    assert len(GLOBAL) > 20
    assert [(summary(event), ids) for event in GLOBAL if len(ids := forwarded(event)) != 1] == []


@pytest.mark.parametrize("rule", ["trail-changed", "watch-changed"])
def test_changes_of_trails_and_rules_in_us_east_1_are_forwarded(rule: str) -> None:
    there = [from_us_east_1(event) for event in MATCHED[rule]]
    assert [(summary(event), ids) for event in there if len(ids := forwarded(event)) != 1] == []


def test_events_of_other_regions_are_not_forwarded() -> None:
    for event in MATCHED["trail-changed"] + MATCHED["watch-changed"] + MATCHED["key-disabled"]:
        assert forwarded({**event, "region": REGION}) == []


def test_a_test_in_us_east_1_is_forwarded_and_one_in_the_region_is_not() -> None:
    deployment = events.WATCHED.deployment
    assert forwarded(trial(deployment, region="us-east-1")) == ["forward-tests"]
    assert forwarded(trial(deployment)) == []
    assert forwarded(trial(f"{deployment}-2", region="us-east-1")) == []


def test_a_forwarded_event_is_not_forwarded_again() -> None:
    """It keeps source, detail type and Region; a rule that forwards is in us-east-1 alone."""
    assert all(pattern["region"] == ["us-east-1"] for pattern in FORWARDED.values())
    assert forwardings(events.in_region("us-east-1")) == []


def test_near_misses_of_global_services_are_not_forwarded() -> None:
    near = [event for event in NEAR_MISSES if event["source"] in ("aws.iam", "aws.route53")]
    other = [each for each in near if each["detail"]["eventName"] not in ("TagRole", "AssociateVPCWithHostedZone")]
    assert [(summary(event), ids) for event in other if (ids := forwarded(event))] == []
