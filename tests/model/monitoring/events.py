"""Events in the shape of AWS's samples, and the deployment that they are about."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pinekeep.model.monitoring.watched import Watched, WatchedBucket, WatchedKey, WatchedNetwork

ACCOUNT = "111122223333"
REGION = "eu-west-1"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
ALIAS = "alias/pinecone/search-prod"
ALIAS_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:{ALIAS}"
OTHER_ID = "0987dcba-09fe-87dc-65ba-ab0987654321"
OTHER_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{OTHER_ID}"
ROLE = "pinekeep-search-prod-eu-west-1"
AUDIT_ROLE = "pinekeep-search-prod-eu-west-1-audit"
ENDPOINT = "vpce-0a1b2c3d4e5f60718"
STANDBY = "vpce-0a1b2c3d4e5f60719"
GROUP = "sg-0a1b2c3d4e5f60718"
ZONE = "Z0123456789ABCDEFGHIJ"
PROFILE = "rp-4987774726example"
BUCKET = "search-prod-audit"
AUDIT_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:Pinekeep-search-prod-Monitoring-Topic-0AB1CD2EF3GH"
TOPIC_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/cccccccc-1111-2222-3333-dddddddddddd"
RULE = "pinekeep.search-prod.key-disabled"
STACK = "Pinekeep-search-prod-Monitoring"
STACK_ARN = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}"

WATCHED = Watched(
    deployment="search-prod",
    account=ACCOUNT,
    region=REGION,
    key=WatchedKey(arn=KEY, key_id=KEY_ID, alias=ALIAS, alias_arn=ALIAS_ARN, multi_region=True, adopted=True),
    key_roles=[ROLE],
    storage_roles=[AUDIT_ROLE],
    network=WatchedNetwork(
        endpoint_ids=[ENDPOINT, STANDBY], security_group_ids=[GROUP], zone_ids=[ZONE], profile_id=PROFILE
    ),
    bucket=WatchedBucket(name=BUCKET, key_arn=AUDIT_KEY),
    topic_arns=[TOPIC],
    topic_key_arn=TOPIC_KEY,
    denied_use=True,
)

Event = dict[str, Any]


def call(service: str, name: str, parameters: Mapping[str, Any] | None, **detail: Any) -> Event:
    """Return the event of an API call, as CloudTrail hands it to EventBridge: without ``resources`` at the top."""
    region = "us-east-1" if service in ("iam", "route53") else REGION
    return {
        "version": "0",
        "id": "c7c54f9a-2c4d-4b3a-9d6e-0a1b2c3d4e5f",
        "detail-type": "AWS API Call via CloudTrail",
        "source": f"aws.{service}",
        "account": ACCOUNT,
        "time": "2026-11-27T16:55:02Z",
        "region": region,
        "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "AssumedRole",
                "principalId": "AROAEXAMPLE:jane",
                "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane",
                "accountId": ACCOUNT,
                "accessKeyId": "ASIAEXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/Admin", "userName": "Admin"},
                    "attributes": {"creationDate": "2026-11-27T16:00:00Z", "mfaAuthenticated": "false"},
                },
            },
            "eventTime": "2026-11-27T16:55:01Z",
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "aws-cli/2.31.0",
            "requestParameters": parameters,
            "responseElements": None,
            "requestID": "9ab3ee71-0d2c-4a73-8a7d-2f5c4b1e6d3c",
            "eventID": "aabbccdd-0d2c-4a73-8a7d-2f5c4b1e6d3c",
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
            **detail,
        },
    }


def on_key(name: str, key_id: str = KEY_ID, key: str = KEY, **detail: Any) -> Event:
    """Return the event of a call of KMS: ``key_id`` as the caller wrote it, ``key`` as KMS found it."""
    resources = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}]
    return call("kms", name, {"keyId": key_id}, resources=resources, **detail)


def refused(event: Event, code: str = "AccessDenied", message: str | None = None, **detail: Any) -> Event:
    """Return the event of the same call, refused."""
    said = {"errorMessage": message} if message else {}
    return {**event, "detail": {**event["detail"], "errorCode": code, **said, **detail}}


def by_cloudformation(event: Event) -> Event:
    """Return the event of the same call, made by CloudFormation."""
    service = "cloudformation.amazonaws.com"
    identity = {**event["detail"]["userIdentity"], "invokedBy": service}
    return {**event, "detail": {**event["detail"], "sourceIPAddress": service, "userIdentity": identity}}


def from_kms(kind: str, key: str = KEY, **detail: Any) -> Event:
    """Return an event that KMS sends itself."""
    return {
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": kind,
        "source": "aws.kms",
        "account": ACCOUNT,
        "time": "2026-11-27T16:50:30Z",
        "region": REGION,
        "resources": [key],
        "detail": {"key-id": key.rpartition("/")[2], **detail},
    }


def service_record(name: str, key: str = KEY) -> Event:
    """Return the record of what KMS did by itself: no request parameters, no caller."""
    event = call("kms", name, None)
    detail = {
        **event["detail"],
        "eventType": "AwsServiceEvent",
        "userIdentity": {"accountId": ACCOUNT, "invokedBy": "AWS Internal"},
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}],
        "serviceEventDetails": {"keyId": key.rpartition("/")[2]},
    }
    return {**event, "detail-type": "AWS Service Event via CloudTrail", "detail": detail}


def in_region(region: str) -> Watched:
    """Return the deployment as it would be in another Region."""
    return replace(WATCHED, region=region)
