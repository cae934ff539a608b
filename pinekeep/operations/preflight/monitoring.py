"""What monitoring refers to: the log group of a trail, and an existing topic.

Source: "Configuring Amazon EventBridge rules to send to encrypted topics" (facts.aws.SNS_TOPIC_PAGE).
"""

from collections.abc import Iterator
from typing import Final

from pinekeep.model.policies.compare import PolicyFormatError, parse
from pinekeep.operations.preflight.check import Subject, registry, with_monitoring
from pinekeep.operations.verification.checks.base import items
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

_SENDERS: Final = ("events.amazonaws.com", "cloudwatch.amazonaws.com")


def _with_log_group(subject: Subject) -> bool:
    """Monitoring with the log group of a trail."""
    monitoring = subject.deployment.monitoring
    return with_monitoring(subject) and monitoring is not None and monitoring.trail_log_group is not None


def _with_topic(subject: Subject) -> bool:
    """Monitoring with an existing topic."""
    monitoring = subject.deployment.monitoring
    return with_monitoring(subject) and monitoring is not None and monitoring.topic is not None


CHECKS: Final = registry(applies=_with_topic)


@CHECKS.add(
    id="trail-log-group",
    title="The log group of the trail",
    wanted="a log group of this name in the deployment's Region",
    meaning="CloudWatch Logs refuses the metric filter, and denied use of the key raises no alarm.",
    reads=("trail_log_group",),
    applies=_with_log_group,
)
def _log_group(subject: Subject) -> Verdict:
    name = subject.deployment.monitoring.trail_log_group if subject.deployment.monitoring else None
    if items(subject.seen.trail_log_group):
        return passed(name)
    return failed(
        f"there is no log group {name} in {subject.region}",
        fix="`aws cloudtrail describe-trails` prints the log group of each trail as CloudWatchLogsLogGroupArn; a trail "
        "of the organization has it in another account",
    )


@CHECKS.add(
    id="topic-exists",
    title="The existing topic",
    wanted="a topic of this ARN",
    meaning="Nobody is notified.",
    reads=("topic",),
)
def _topic(subject: Subject) -> Verdict:
    arn = subject.deployment.monitoring.topic if subject.deployment.monitoring else None
    if subject.seen.topic is None:
        return failed(f"there is no topic {arn}", fix="`aws sns list-topics` prints the topics; or remove topic")
    return passed(arn)


@CHECKS.add(
    id="topic-encryption",
    title="Encryption of the existing topic",
    wanted="a key whose policy lets EventBridge and CloudWatch use it",
    meaning="Messages of EventBridge and alarms are dropped without an error.",
    reads=("topic", "topic_key_policy"),
    blocks=False,
)
def _encryption(subject: Subject) -> Iterator[Verdict]:
    if not isinstance(subject.seen.topic, dict):
        return
    key = subject.seen.topic.get("KmsMasterKeyId")
    if not key:
        yield noted("the topic is not encrypted", fix="remove topic to create an encrypted one")
        return
    policy = subject.seen.topic_key_policy
    if not isinstance(policy, str):
        yield noted(
            f"the policy of {key} was not read; the policy of the key that AWS manages for SNS names no other service",
            fix="encrypt the topic with a key of yours, by its ARN",
        )
        return
    try:
        lets = {each for each in _SENDERS if _allows(policy, each)}
    except PolicyFormatError as error:
        yield noted(str(error), fix="look at the policy in the KMS console")
        return
    missing = [each for each in _SENDERS if each not in lets]
    if missing:
        fix = "allow them kms:Decrypt and kms:GenerateDataKey* in the key's policy"
        yield noted(f"the policy of {key} does not name {', '.join(missing)}", fix=fix)
    else:
        yield passed(key)


def _allows(policy: str, service: str) -> bool:
    """Tell whether a statement lets a service use the key; conditions are its owner's matter."""
    return any(
        each.allows
        and f"Service:{service}" in each.principals
        and any(action.lower() in ("*", "kms:*") or "generatedatakey" in action.lower() for action in each.actions)
        for each in parse(policy)
    )
