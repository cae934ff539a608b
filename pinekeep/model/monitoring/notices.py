"""The messages: what happened, what it means for Pinecone, and what to do.

The commands are filled in by :mod:`pinekeep.model.monitoring.rules`. They hold no quotation marks and no angle
brackets, which have a meaning of their own in EventBridge's templates.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Subject(StrEnum):
    """What a message is about."""

    KEY = "key"
    ROLE = "role"
    NETWORK = "network"
    AUDIT = "audit"
    WATCH = "watch"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One message.

    Attributes:
        id: its name, in kebab case; part of the rule's name.
        subject: what it is about.
        title: what happened, as a headline.
        meaning: what it means for Pinecone.
        advice: what to do.
        command: a command for it, with ``{name}`` where a value is filled in.
        attempt: whether it is about refused calls.
        from_service: whether the event comes from the service itself, which names no caller.
        marked: whether the event has a mark, by which a test finds its message again.
    """

    id: str
    subject: Subject
    title: str
    meaning: str
    advice: str
    command: str
    attempt: bool = False
    from_service: bool = False
    marked: bool = False


KEY_DISABLED: Final = Notice(
    id="key-disabled",
    subject=Subject.KEY,
    title="The KMS key was disabled",
    meaning="Pinecone cannot read or write the project's data until the key is enabled again. Data keys in memory may "
    "work for a while.",
    advice="Unless this was intended, enable the key again:",
    command="aws kms enable-key --region {region} --key-id {key}",
)
KEY_DELETION_SCHEDULED: Final = Notice(
    id="key-deletion-scheduled",
    subject=Subject.KEY,
    title="The deletion of the KMS key was scheduled",
    meaning="Pinecone cannot read or write the project's data now, and when the waiting period ends, the data cannot "
    "be decrypted any more.",
    advice="Unless this was intended, cancel the deletion and enable the key again:",
    command="aws kms cancel-key-deletion --region {region} --key-id {key} && "
    "aws kms enable-key --region {region} --key-id {key}",
)
KEY_DELETED: Final = Notice(
    id="key-deleted",
    subject=Subject.KEY,
    title="The KMS key was deleted",
    meaning="A KMS key that is gone cannot be brought back, and what it encrypted cannot be decrypted.",
    advice="Remove the key and the project from Pinecone. See who scheduled the deletion:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventName,AttributeValue=ScheduleKeyDeletion",
    from_service=True,
)
KEY_ENABLED: Final = Notice(
    id="key-enabled",
    subject=Subject.KEY,
    title="The KMS key was enabled, or its deletion was cancelled",
    meaning="An enabled key can be used by Pinecone again. A key whose deletion was cancelled stays disabled until it "
    "is enabled.",
    advice="Verify that Pinecone can use the key:",
    command="pinekeep verify --deployment {deployment}",
)
KEY_POLICY_CHANGED: Final = Notice(
    id="key-policy-changed",
    subject=Subject.KEY,
    title="The key policy was changed",
    meaning="A policy that no longer names Pinecone's role ends its access to the project's data. One that names "
    "others gives them access.",
    advice="Verify the policy, and see what has changed:",
    command="pinekeep verify --deployment {deployment} && pinekeep access --live --deployment {deployment}",
)
KEY_GRANTS_CHANGED: Final = Notice(
    id="key-grants-changed",
    subject=Subject.KEY,
    title="A grant of the KMS key was created, retired or revoked",
    meaning="A grant lets its grantee use the key besides the key policy. Pinecone's access does not depend on grants "
    "of others.",
    advice="Look at the grants:",
    command="aws kms list-grants --region {region} --key-id {key}",
)
KEY_ROTATION_CHANGED: Final = Notice(
    id="key-rotation-changed",
    subject=Subject.KEY,
    title="The rotation of the KMS key was changed, or started on demand",
    meaning="Pinecone is not affected: the key's ARN stays, and old data can still be decrypted.",
    advice="Verify the rotation:",
    command="aws kms get-key-rotation-status --region {region} --key-id {key}",
)
KEY_ROTATED: Final = Notice(
    id="key-rotated",
    subject=Subject.KEY,
    title="The key material of the KMS key was rotated",
    meaning="Pinecone is not affected: the key's ARN stays, and old data can still be decrypted.",
    advice="There is nothing to do. The rotations so far:",
    command="aws kms list-key-rotations --region {region} --key-id {key}",
    from_service=True,
)
KEY_ALIAS_CHANGED: Final = Notice(
    id="key-alias-changed",
    subject=Subject.KEY,
    title="An alias of the KMS key was created, changed or deleted",
    meaning="Pinecone knows the key by its ARN and is not affected. Tools that use the alias may now reach another key "
    "or none.",
    advice="Verify the alias:",
    command="aws kms list-aliases --region {region} --key-id {key}",
)
KEY_MATERIAL_CHANGED: Final = Notice(
    id="key-material-changed",
    subject=Subject.KEY,
    title="Key material was imported into the KMS key or deleted from it",
    meaning="Without key material, Pinecone cannot read or write the project's data.",
    advice="Look at the state of the key; if it is PendingImport, import the same key material again:",
    command="aws kms describe-key --region {region} --key-id {key}",
)
KEY_MATERIAL_EXPIRED: Final = Notice(
    id="key-material-expired",
    subject=Subject.KEY,
    title="The imported key material of the KMS key expires, or has expired",
    meaning="Without key material, Pinecone cannot read or write the project's data.",
    advice="Import the same key material again. The state of the key:",
    command="aws kms describe-key --region {region} --key-id {key}",
    from_service=True,
)
KEY_REPLICATED: Final = Notice(
    id="key-replicated",
    subject=Subject.KEY,
    title="The multi-Region key was replicated, or its primary Region was changed",
    meaning="A replica has a key policy of its own, which decides who can decrypt in its Region. Pinecone keeps using "
    "the key of its own Region.",
    advice="Look at the replicas and the primary key:",
    command="aws kms describe-key --region {region} --key-id {key}",
)
KEY_ATTEMPT: Final = Notice(
    id="key-attempt",
    subject=Subject.KEY,
    title="An attempt to change the KMS key was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The denied calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=kms.amazonaws.com",
    attempt=True,
)
KEY_USE_DENIED: Final = Notice(
    id="key-use-denied",
    subject=Subject.KEY,
    title="The use of the KMS key was denied",
    meaning="If the caller is Pinecone's role, Pinecone cannot read or write the project's data. Otherwise somebody "
    "else tried to use the key.",
    advice="Verify that Pinecone can use the key:",
    command="pinekeep verify --deployment {deployment}",
    attempt=True,
)
ROLE_TRUST_CHANGED: Final = Notice(
    id="role-trust-changed",
    subject=Subject.ROLE,
    title="The trust policy of Pinecone's role was changed",
    meaning="Pinecone may no longer be able to assume the role, or others may. Without the role, Pinecone cannot use "
    "the key.",
    advice="Verify the trust policy:",
    command="pinekeep verify --deployment {deployment} && pinekeep access --live --deployment {deployment}",
)
ROLE_CHANGED: Final = Notice(
    id="role-changed",
    subject=Subject.ROLE,
    title="A policy or a setting of Pinecone's role was changed",
    meaning="A denial in a policy, such as AWSRevokeOlderSessions, or a permissions boundary ends Pinecone's access to "
    "the project's data.",
    advice="Verify the role:",
    command="pinekeep verify --deployment {deployment} && pinekeep access --live --deployment {deployment}",
)
ROLE_DELETED: Final = Notice(
    id="role-deleted",
    subject=Subject.ROLE,
    title="Pinecone's role was deleted, or created again",
    meaning="Without the role, Pinecone cannot use the key. A role of the same name is another principal for the key "
    "policy, which must be written again.",
    advice="Deploy again, and verify:",
    command="pinekeep deploy --revert-drift --deployment {deployment} && pinekeep verify --deployment {deployment}",
)
STORAGE_ROLE_CHANGED: Final = Notice(
    id="storage-role-changed",
    subject=Subject.AUDIT,
    title="A role of Pinecone's S3 account was changed or deleted",
    meaning="Pinecone may no longer be able to write audit logs, or to import and export; or others may use the role. "
    "What is not written meanwhile is lost.",
    advice="Verify the role:",
    command="pinekeep verify --deployment {deployment} && pinekeep access --live --deployment {deployment}",
)
ROLE_ATTEMPT: Final = Notice(
    id="role-attempt",
    subject=Subject.ROLE,
    title="An attempt to change a role of Pinecone was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region us-east-1 "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=iam.amazonaws.com",
    attempt=True,
)
ENDPOINT_DELETED: Final = Notice(
    id="endpoint-deleted",
    subject=Subject.NETWORK,
    title="The VPC endpoint was deleted",
    meaning="Clients cannot reach Pinecone privately. A new endpoint has another ID, which must be registered with "
    "Pinecone.",
    advice="Deploy a new endpoint, and register it:",
    command="pinekeep deploy --revert-drift --deployment {deployment} && pinekeep handoff --deployment {deployment}",
)
ENDPOINT_CHANGED: Final = Notice(
    id="endpoint-changed",
    subject=Subject.NETWORK,
    title="The VPC endpoint was changed",
    meaning="Its subnets, security groups or private DNS name may have changed: clients may no longer resolve "
    "Pinecone's private names, or reach Pinecone.",
    advice="Verify the endpoint:",
    command="pinekeep verify --deployment {deployment}",
)
SECURITY_GROUP_CHANGED: Final = Notice(
    id="security-group-changed",
    subject=Subject.NETWORK,
    title="The security group of the VPC endpoint was changed",
    meaning="Clients may no longer reach Pinecone, or others may reach it.",
    advice="Verify the endpoint:",
    command="pinekeep verify --deployment {deployment}",
)
DNS_CHANGED: Final = Notice(
    id="dns-changed",
    subject=Subject.NETWORK,
    title="The DNS of Pinecone's private names was changed",
    meaning="Clients may no longer resolve Pinecone's private names to the endpoint.",
    advice="Verify the records and the associated VPCs:",
    command="pinekeep verify --deployment {deployment}",
)
NETWORK_ATTEMPT: Final = Notice(
    id="network-attempt",
    subject=Subject.NETWORK,
    title="An attempt to change the VPC endpoint or its DNS was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=ec2.amazonaws.com",
    attempt=True,
)
AUDIT_PROTECTION_CHANGED: Final = Notice(
    id="audit-protection-changed",
    subject=Subject.AUDIT,
    title="The protection of the audit bucket was changed",
    meaning="Audit logs may be deleted or changed from now on, be read by others, or no longer be written.",
    advice="Verify the bucket:",
    command="pinekeep verify --deployment {deployment}",
)
AUDIT_BUCKET_DELETED: Final = Notice(
    id="audit-bucket-deleted",
    subject=Subject.AUDIT,
    title="The audit bucket was deleted",
    meaning="Pinecone cannot write audit logs. What is not written meanwhile is lost, and anybody may take the name.",
    advice="Create the bucket again at once:",
    command="pinekeep deploy --revert-drift --deployment {deployment}",
)
AUDIT_KEY_CHANGED: Final = Notice(
    id="audit-key-changed",
    subject=Subject.AUDIT,
    title="The KMS key of the audit bucket was changed",
    meaning="Without the key, Pinecone cannot write audit logs, and nobody can read those that are there.",
    advice="Look at the key; if it is disabled, enable it:",
    command="aws kms describe-key --region {region} --key-id {audit_key}",
)
AUDIT_ATTEMPT: Final = Notice(
    id="audit-attempt",
    subject=Subject.AUDIT,
    title="An attempt to change the audit bucket was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=s3.amazonaws.com",
    attempt=True,
)
WATCH_CHANGED: Final = Notice(
    id="watch-changed",
    subject=Subject.WATCH,
    title="The monitoring itself was changed",
    meaning="A rule or the stack of the rules was changed: messages like this one may no longer be sent.",
    advice="Verify the monitoring:",
    command="pinekeep verify --deployment {deployment}",
)
TOPIC_CHANGED: Final = Notice(
    id="topic-changed",
    subject=Subject.WATCH,
    title="The topic of the notifications was changed",
    meaning="The topic, a subscription or the topic's key was changed: messages like this one may no longer arrive, or "
    "also reach others.",
    advice="Verify the monitoring:",
    command="pinekeep verify --deployment {deployment}",
)
TRAIL_CHANGED: Final = Notice(
    id="trail-changed",
    subject=Subject.WATCH,
    title="A CloudTrail trail was stopped, changed or deleted",
    meaning="EventBridge receives API calls only while a CloudTrail trail records them: without one, nothing that is "
    "done to key, role, endpoint and bucket is reported.",
    advice="See that a trail of the account still records management events:",
    command="aws cloudtrail describe-trails --region {region}",
)
WATCH_ATTEMPT: Final = Notice(
    id="watch-attempt",
    subject=Subject.WATCH,
    title="An attempt to change the monitoring was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=events.amazonaws.com",
    attempt=True,
)
TOPIC_ATTEMPT: Final = Notice(
    id="topic-attempt",
    subject=Subject.WATCH,
    title="An attempt to change the topic of the notifications was refused",
    meaning="Nothing has changed. Somebody tried what they may not do, or a tool lacks a permission.",
    advice="Ask who it was. The calls of today are in CloudTrail:",
    command="aws cloudtrail lookup-events --region {region} "
    "--lookup-attributes AttributeKey=EventSource,AttributeValue=sns.amazonaws.com",
    attempt=True,
)
TEST: Final = Notice(
    id="test",
    subject=Subject.WATCH,
    title="Test of the notifications",
    meaning="Nothing happened. Somebody tests whether notifications arrive.",
    advice="There is nothing to do. Test them yourself:",
    command="pinekeep monitoring test --deployment {deployment}",
    from_service=True,
    marked=True,
)

NOTICES: Final = tuple(each for each in list(globals().values()) if isinstance(each, Notice))
"""Every message, in the order of this file."""
