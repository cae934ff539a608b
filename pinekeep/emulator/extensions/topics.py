"""SNS topics: what templates say of them, encryption, and deliveries that fail.

Sources, read 2026-11-30: SNS Developer Guide, "Managing Amazon SNS encryption keys", "Amazon SNS dead-letter queues";
SQS Developer Guide, "Key management"; CloudWatch User Guide, "Notifying users on alarm changes".
"""

import contextvars
import json
from typing import Any, Final

from ministack.core.responses import get_account_id
from ministack.core.router import extract_access_key_id
from ministack.services import cloudwatch, sns, sqs
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions import event_rules, service_access
from pinekeep.emulator.extensions.patching import Attributes, Properties, after_provisioning

TOPIC: Final = "AWS::SNS::Topic"
CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
SNS: Final = "sns.amazonaws.com"
OK: Final = 200
_ATTRIBUTES: Final = ("KmsMasterKeyId", "SignatureVersion", "TracingConfig", "DeliveryPolicy", "FifoTopic")
_DEFAULT_ACTIONS: Final = (
    *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"),
    *("Subscribe", "ListSubscriptionsByTopic", "Publish"),
)
_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("publisher", default="")


def declared_topics() -> None:
    """Gap: the encryption key and further attributes of a template's topic are lost, and its policy admits everyone.

    AWS sets them, and the same default policy as CreateTopic: the account's own principals. Without its
    `AWS::SNS::TopicPolicy` a topic has that policy again.
    """

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        known = sns._topics[physical_id]["attributes"]
        for name in _ATTRIBUTES:
            value = properties.get(name)
            if value is None or value == "":
                known.pop(name, None)
            else:
                known[name] = json.dumps(value) if isinstance(value, dict) else _text(value)
        known["DisplayName"] = properties.get("DisplayName", "")
        if '"AWS:SourceOwner"' not in known.get("Policy", "") and "__default_policy_ID" in known.get("Policy", ""):
            known["Policy"] = _default_policy(physical_id)
        return {**attributes, "TopicArn": physical_id}

    after_provisioning(TOPIC, complete)
    detach = provisioners._policy_attachment_delete

    def detached(properties: Properties, members: str, store: Any) -> None:
        detach(properties, members, store)
        for arn in properties.get(members, []) if members == "Topics" else []:
            if arn in sns._topics:
                sns._topics[arn]["attributes"]["Policy"] = _default_policy(arn)

    provisioners._policy_attachment_delete = detached


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _default_policy(arn: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{each}" for each in _DEFAULT_ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": get_account_id()}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


def encrypted_topics() -> None:
    """Gap: the key of an encrypted topic is never used, so that a key without permission or disabled changes nothing.

    AWS refuses a Publish whose caller cannot use the key, or whose key is disabled, pending deletion or gone.
    """
    handle, publish = sns.handle_request, sns._publish

    async def handled(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        _access_key.set(extract_access_key_id(headers, query) or "")
        return await handle(method, path, headers, body, query)

    def published(parameters: dict[str, Any]) -> Any:
        topic = sns._topics.get(sns._p(parameters, "TopicArn") or sns._p(parameters, "TargetArn")) or {}
        key = topic.get("attributes", {}).get("KmsMasterKeyId")
        if key and (
            refusal := service_access.caller_refusal(key, _access_key.get(), service_access.DATA_KEY_ACTIONS, via="sns")
        ):
            return sns._error(refusal, f"{key} cannot be used for {topic['arn']}", 400)
        answer = publish(parameters)
        if key and answer[0] == OK:
            service_access.note_use(key, "GenerateDataKey")
        return answer

    sns.handle_request, sns._publish = handled, published


def alarm_actions() -> None:
    """Gap: an alarm notifies a topic whatever its policy and its key's policy say.

    AWS publishes as `cloudwatch.amazonaws.com`, which both must allow. What fails is written into the alarm's history.
    """
    dispatch = cloudwatch._dispatch_alarm_actions
    fields = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}

    def dispatched(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        field = fields.get(new, "")
        allowed = []
        for topic in alarm.get(field) or []:
            refusal = _alarm_refusal(topic, alarm["AlarmArn"])
            if refusal:
                failed = f"Failed to execute action {topic}. Received error: {refusal}"
                _history(alarm, failed)
            else:
                allowed.append(topic)
        dispatch({**alarm, field: allowed}, old, new, reason)

    cloudwatch._dispatch_alarm_actions = dispatched


def _alarm_refusal(topic: str, alarm_arn: str) -> str:
    record = sns._topics.get(topic)
    if record is None:
        return "" if ":sns:" not in topic else "NotFound"
    if not event_rules.allows_topic(topic, CLOUDWATCH, alarm_arn):
        return f"{CLOUDWATCH} is not authorized to perform: SNS:Publish on resource: {topic}"
    key = record["attributes"].get("KmsMasterKeyId")
    if not key:
        return ""
    refusal = service_access.service_refusal(key, CLOUDWATCH, source_arn=alarm_arn)
    if not refusal:
        service_access.note_use(key, "GenerateDataKey")
    return refusal


def _history(alarm: dict[str, Any], summary: str) -> None:
    cloudwatch._record_history(alarm["AlarmName"], alarm["StateValue"], alarm["StateValue"], summary)
    entry = cloudwatch._history_entries()[-1]
    entry["HistoryItemType"] = "Action"
    entry["HistorySummary"] = summary


def failed_deliveries() -> None:
    """Gap: a message that a subscribed queue does not accept is lost.

    AWS moves it to the dead-letter queue of the subscription's redrive policy, if that queue allows
    `sns.amazonaws.com`. An encrypted queue's key must allow it too. Here there is one attempt, and endpoints of other
    protocols never fail.
    """
    deliver = sns._deliver_to_sqs

    def delivered(endpoint: str, envelope: str, raw: bool, raw_message: str, **others: Any) -> None:
        topic = others.get("topic_arn", "")
        if not _is_refused(endpoint, topic):
            deliver(endpoint, envelope, raw, raw_message, **others)
            return
        for each in (sns._topics.get(topic) or {}).get("subscriptions", []):
            if (each["protocol"], each["endpoint"]) == ("sqs", endpoint):
                policy = json.loads(each["attributes"].get("RedrivePolicy") or "{}")
                letter = policy.get("deadLetterTargetArn", "")
                if letter and sqs.queue_policy_allows(letter, SNS, topic, get_account_id()):
                    event_rules.enqueue(letter, raw_message if raw else envelope, {})

    sns._deliver_to_sqs = delivered


def _is_refused(queue_arn: str, topic: str) -> bool:
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None or not sqs.queue_policy_allows(queue_arn, SNS, topic, get_account_id()):
        return True
    key = queue["attributes"].get("KmsMasterKeyId")
    return bool(key and service_access.service_refusal(key, SNS, source_arn=topic))
