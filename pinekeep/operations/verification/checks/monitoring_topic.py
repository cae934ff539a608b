"""The topic of the notifications: its policy, its encryption, and who is subscribed."""

import json
from collections.abc import Iterator
from typing import Any, Final

from pinekeep.account.reads.answers import outputs_of
from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.monitoring import Monitoring
from pinekeep.model.facts import aws
from pinekeep.model.naming import Output
from pinekeep.model.policies.notifications import topic_policy
from pinekeep.operations.verification.checks.check import Subject, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, judged, noted, passed
from pinekeep.operations.verification.checks.monitoring import with_monitoring

_SHOWN: Final = 4
_PENDING: Final = "PendingConfirmation"
_SERVICES: Final = ("events.amazonaws.com", "cloudwatch.amazonaws.com")

CHECKS: Final = registry(applies=with_monitoring)


def with_slack(deployment: Deployment) -> bool:
    """Notifications to a Slack channel."""
    return deployment.monitoring is not None and deployment.monitoring.slack is not None


def _settings(subject: Subject) -> Monitoring:
    if subject.deployment.monitoring is None:
        raise ValueError(f"deployment {subject.name} has no monitoring")
    return subject.deployment.monitoring


@CHECKS.add(
    id="monitoring-topic-policy",
    title="Policy of the topic",
    wanted="rules and alarms may publish, and of others only the account itself",
    meaning="Rules or alarms cannot notify anybody, or others can send what looks like a notification.",
)
def _policy(subject: Subject, topic: Document) -> Verdict:
    found = _parsed(topic.get("Policy"))
    if _settings(subject).topic is not None:
        missing = [each for each in _SERVICES if not _may_publish(found, each)]
        return judged(
            [f"the policy does not let {each} publish" for each in missing],
            fix="the topic is not made by the stack: add a statement that allows sns:Publish to the service; see aws "
            f"sns get-topic-attributes --region {subject.region} --topic-arn {topic['TopicArn']}",
        )
    wanted = topic_policy(topic_arn=topic["TopicArn"], account=subject.account, region=subject.region)
    have = {json.dumps(each, sort_keys=True) for each in _statements(found)}
    want = {json.dumps(each, sort_keys=True): each["Sid"] for each in wanted["Statement"]}
    problems = [f"statement {sid} is missing or changed" for text, sid in want.items() if text not in have]
    problems += [f"{len(have - set(want))} statements are not of the stack"] if have - set(want) else []
    return judged(problems, fix=subject.restore)


def _statements(document: Any) -> list[Any]:
    return _listed(document.get("Statement") if isinstance(document, dict) else None)


def _may_publish(document: Any, service: str) -> bool:
    for each in _statements(document):
        if not isinstance(each, dict) or each.get("Effect") != "Allow":
            continue
        principal = each.get("Principal")
        services = _listed(principal.get("Service") if isinstance(principal, dict) else None)
        actions = {str(action).lower() for action in _listed(each.get("Action"))}
        if service in services and actions & {"sns:publish", "sns:*", "*"}:
            return True
    return False


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _parsed(text: Any) -> Any:
    try:
        return json.loads(str(text))
    except ValueError:
        return None


@CHECKS.add(
    id="monitoring-topic-key",
    title="Encryption of the topic",
    wanted="an enabled key that Pinecone does not use",
    meaning="Notifications are lost: when the key cannot be used, SNS takes no message of a rule or an alarm.",
    sees_absence=True,
)
def _key(
    subject: Subject, topic: Document | None, topic_key: Document | None, monitoring_stack: Document | None
) -> Verdict | None:
    if topic is None or monitoring_stack is None:
        return None
    settings = _settings(subject)
    given = topic.get("KmsMasterKeyId")
    if not given:
        if settings.topic is not None:
            return noted("the existing topic is not encrypted with a key of yours", fix="see its owner")
        return failed("the topic is not encrypted", fix=subject.restore)
    if topic_key is None:
        return failed(f"there is no key {given}", fix=subject.restore)
    arn, state = str(topic_key["Arn"]), topic_key["KeyState"]
    if state != aws.KEY_ENABLED:
        how = "cancel-key-deletion" if state == "PendingDeletion" else "enable-key"
        return failed(f"the key {arn} is {state}", fix=f"aws kms {how} --region {subject.region} --key-id {arn}")
    pinecone = subject.live.key
    if isinstance(pinecone, dict) and pinecone.get("Arn") == arn:
        return failed(
            "it is the key that Pinecone uses: its alarm could not be sent while it is disabled",
            fix=f"give the topic another key, then {subject.run('deploy')}",
        )
    wanted = outputs_of(monitoring_stack).get(Output.MONITORING_KEY_ARN.value)
    if settings.topic is None and wanted is not None and wanted != arn:
        return failed(f"it is another key than that of the stack: {arn}", fix=subject.restore)
    return passed(f"key {arn} is enabled")


@CHECKS.add(
    id="monitoring-subscriptions",
    title="Subscriptions to the topic",
    wanted="every address of the file subscribed and confirmed",
    meaning="Somebody who should be notified is not.",
)
def _subscriptions(subject: Subject, subscriptions: list[Document]) -> Iterator[Verdict]:
    settings = _settings(subject)
    ours = naming.test_queue_prefix(subject.name)
    real = [each for each in subscriptions if not str(each["Endpoint"]).rpartition(":")[2].startswith(ours)]
    known = {(str(each["Protocol"]), str(each["Endpoint"])): str(each["SubscriptionArn"]) for each in real}
    wanted = [*(("email", each) for each in settings.emails), *(("https", each) for each in settings.https)]
    absent = [address for protocol, address in wanted if (protocol, address) not in known]
    pending = [address for (_, address), arn in known.items() if arn == _PENDING]
    if absent:
        yield failed(f"not subscribed: {first(absent, _SHOWN)}", fix=subject.restore)
    if pending:
        stack = subject.live.monitoring_stack
        topic = outputs_of(stack).get(Output.MONITORING_TOPIC_ARN.value, "") if isinstance(stack, dict) else ""
        again = " ".join(
            f"aws sns subscribe --region {subject.region} --topic-arn {topic} --protocol {protocol} "
            f"--notification-endpoint {address}"
            for (protocol, address), arn in list(known.items())
            if arn == _PENDING and address == pending[0]
        )
        yield failed(
            f"waiting for their confirmation: {first(pending, _SHOWN)}",
            fix=f"open the link in the message that SNS sent, also among the spam; to have it sent again: {again}",
        )
    if absent or pending:
        return
    if not known:
        yield noted("nobody is subscribed", fix=f"add emails, https or slack, then {subject.run('deploy')}")
    else:
        yield passed(f"{len(known)} confirmed")


@CHECKS.add(
    id="monitoring-slack",
    title="Slack channel",
    wanted="the configured channel receives from the topic of the stack",
    meaning="The Slack channel is not notified.",
    applies=with_slack,
)
def _slack(subject: Subject, slack_channels: list[Document], monitoring_stack: Document) -> Verdict:
    settings = _settings(subject).slack
    if settings is None:
        raise ValueError(f"deployment {subject.name} has no Slack channel")
    topic = outputs_of(monitoring_stack).get(Output.SLACK_TOPIC_ARN.value)
    mine = [each for each in slack_channels if topic in (each.get("SnsTopicArns") or [])]
    if not mine:
        return failed("no Slack channel receives from the topic", fix=subject.restore)
    found = {(each.get("SlackTeamId"), each.get("SlackChannelId")) for each in mine}
    if (settings.workspace_id, settings.channel_id) not in found:
        others = ", ".join(str(channel) for _, channel in found)
        return failed(f"another channel receives from it: {others}", fix=subject.restore)
    if any(each.get("State") == "DISABLED" for each in mine):
        return failed(
            "the channel is disabled", fix="authorize the workspace again in the console of Amazon Q Developer"
        )
    return passed(f"channel {settings.channel_id}; whether Slack shows messages: {subject.run('monitoring test')}")
