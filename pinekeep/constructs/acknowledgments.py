"""Accepted findings of cdk-nag and of the template validation, each with its reason.

A construct acknowledges its own findings, so that they are accepted in any stack and app and for any of cdk-nag's
packs. A test fails for a finding that is not listed here, for one that is no longer found, and for an empty reason.
"""

from dataclasses import dataclass
from typing import Final

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

COMPLIANCE_PACKS: Final = ("HIPAA.Security", "NIST.800.53.R4", "NIST.800.53.R5", "PCI.DSS.321")
"""The packs of cdk-nag that have the same rules for log groups and default security groups, under their own IDs."""

PATTERNS_RECORDED: Final = 20
"""A construct with more key patterns than this does not acknowledge each: every acknowledgment is a call to Node, and
only cdk-nag needs them. See :func:`acknowledge_patterns`."""


@dataclass(frozen=True)
class Accepted:
    """A finding accepted in a construct of class ``part``, with the reason.

    ``path``: the construct below it that has the finding, with all below that one; empty for itself. ``rule``: the
    qualified ID, as the finding prints it; ``{pattern}`` stands for each key pattern of the construct.
    """

    part: str
    path: str
    rule: str
    reason: str


ACCEPTED: Final = (
    *(
        Accepted(
            part="AuditQueries",
            path="Results",
            rule=rule,
            reason="The results of queries can be made again from the audit logs, and expire. A copy or an older "
            "version of them would be one more place with the names of users.",
        )
        for rule in (
            *(f"{pack}::{pack}-S3BucketReplicationEnabled" for pack in COMPLIANCE_PACKS),
            *(f"{pack}::{pack}-S3BucketVersioningEnabled" for pack in COMPLIANCE_PACKS),
            "NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled",
        )
    ),
    *(
        Accepted(
            part="AuditQueries",
            path="Results",
            rule=rule,
            reason="Athena's query history and CloudTrail show who ran which query; the results hold nothing else.",
        )
        for rule in (
            "AwsSolutions::AwsSolutions-S1",
            *(f"{pack}::{pack}-S3BucketLoggingEnabled" for pack in COMPLIANCE_PACKS),
        )
    ),
    *(
        Accepted(
            part="AuditQueries",
            path="Results",
            rule=f"{pack}::{pack}-S3DefaultEncryptionKMS",
            reason="An adopted bucket that names no KMS key is encrypted by S3, and so are the results of queries "
            "over it.",
        )
        for pack in COMPLIANCE_PACKS
        if pack != "NIST.800.53.R4"
    ),
    Accepted(
        part="CustomerKeysAccess",
        path="",
        rule="AwsSolutions::AwsSolutions-IAM5[Resource::{pattern}]",
        reason="A customer may let the role use any key of its account. Which keys those are the customer decides, in "
        "each key's own policy; without a statement there KMS refuses.",
    ),
    *(
        Accepted(
            part="Alarms",
            path="Parts",
            rule=f"{pack}::{pack}-CloudWatchAlarmAction",
            reason="A part of a composite alarm, which notifies. By itself it says nothing: the one is also in ALARM "
            "where there never was any data, the other never is.",
        )
        for pack in COMPLIANCE_PACKS
        if pack != "PCI.DSS.321"
    ),
    *(
        Accepted(
            part="DeadLetterQueue",
            path="Resource",
            rule=rule,
            reason="It is the dead-letter queue of rules and subscriptions; an alarm or its reader empties it.",
        )
        for rule in ("AwsSolutions::AwsSolutions-SQS3", "Serverless::Serverless-SQSRedrivePolicy")
    ),
    Accepted(
        part="StorageRole",
        path="",
        rule="AwsSolutions::AwsSolutions-IAM5[Resource::{pattern}]",
        reason="Pinecone chooses the names of the objects that it writes or reads, so the policy names the prefix, or "
        "the bucket where there is none.",
    ),
    *(
        Accepted(
            part="AuditBucket",
            path=bucket,
            rule=f"{pack}::{pack}-S3BucketReplicationEnabled",
            reason="A copy in another Region is the customer's decision: it doubles what is stored, and Object Lock of "
            "the copy cannot be undone either.",
        )
        for pack in COMPLIANCE_PACKS
        for bucket in ("Resource", "AccessLogs")
    ),
    *(
        Accepted(
            part="AuditBucket",
            path="AccessLogs",
            rule=f"{pack}::{pack}-S3DefaultEncryptionKMS",
            reason="S3 delivers server access logs only to buckets whose default encryption is SSE-S3.",
        )
        for pack in COMPLIANCE_PACKS
        if pack != "NIST.800.53.R4"
    ),
    Accepted(
        part="AuditBucket",
        path="AccessLogs",
        rule="NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled",
        reason="S3 delivers no server access logs to a bucket with Object Lock.",
    ),
    Accepted(
        part="AuditBucket",
        path="Resource",
        rule="NIST.800.53.R4::NIST.800.53.R4-S3BucketDefaultLockEnabled",
        reason="Object Lock is enabled. Whether files have a default retention, which cannot be undone, is the "
        "customer's decision.",
    ),
    Accepted(
        part="IsolatedVpc",
        path="",
        rule="CloudFormation-Validate::W3010",
        reason="The zones are named in the configuration, so that nothing is looked up at synth and the endpoint "
        "can be put where Pinecone's endpoint service is.",
    ),
    *(
        Accepted(
            part="IsolatedVpc",
            path="FlowLogGroup",
            rule=f"{pack}::{pack}-CloudWatchLogGroupEncrypted",
            reason="Flow logs hold addresses and byte counts, no payload; CloudWatch Logs encrypts them with a key of "
            "its own. A second KMS key would be one more thing to keep for no data of the customer's.",
        )
        for pack in COMPLIANCE_PACKS
    ),
    *(
        Accepted(
            part="IsolatedVpc",
            path="Resource",
            rule=f"{pack}::{pack}-VPCDefaultSecurityGroupClosed",
            reason="CloudFormation cannot empty a VPC's default security group without a Lambda function. Nothing "
            "made here uses it, and the VPC has no way in or out.",
        )
        for pack in COMPLIANCE_PACKS
    ),
)

_PATTERN: Final = "{pattern}"


def acknowledge(part: IConstruct) -> None:
    """Acknowledge the accepted findings of a construct, once all of its resources are in it."""
    for accepted in _of(part):
        # A part may do without what it accepts a finding of, as with a bucket that exists already.
        place = part.node.try_find_child(accepted.path) if accepted.path else part
        if _PATTERN not in accepted.rule and place is not None:
            _record(place, accepted.rule, accepted.reason)
    if len(getattr(part, "patterns", ())) <= PATTERNS_RECORDED:
        _record_patterns(part)


def acknowledge_patterns(scope: IConstruct) -> None:
    """Acknowledge the findings about key patterns of the constructs in a stack that have too many to do so at once."""
    for construct in scope.node.children:
        if len(getattr(construct, "patterns", ())) > PATTERNS_RECORDED:
            _record_patterns(construct)


def _record_patterns(part: IConstruct) -> None:
    for accepted in _of(part):
        if _PATTERN in accepted.rule:
            for pattern in getattr(part, "patterns", ()):
                _record(part, accepted.rule.replace(_PATTERN, pattern), accepted.reason)


def _of(part: IConstruct) -> list[Accepted]:
    classes = {each.__name__ for each in type(part).__mro__}
    return [accepted for accepted in ACCEPTED if accepted.part in classes]


def _record(construct: IConstruct, rule: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))
