"""Delivery of EventBridge's events: which rules receive them, and what their targets accept.

Source: EventBridge User Guide, "Amazon EventBridge targets", "Sending and receiving events between AWS Regions",
"Using dead-letter queues", "Permissions for Amazon SNS topics"; docs.aws.amazon.com, read 2026-11-30.
"""

import json
import time
import uuid
from typing import Any, Final

from ministack.core.arn import parse_arn
from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge, sns, sqs

from pinekeep.emulator.extensions import service_access
from pinekeep.emulator.extensions.patching import Properties, before_provisioning

SERVICE: Final = "events.amazonaws.com"
ALL_CALLS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
RULE: Final = "AWS::Events::Rule"


class UndeliveredError(Exception):
    """An event that a target did not accept, with the error code that EventBridge writes into a dead letter."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def rule_states() -> None:
    """Gap: read-only calls reach every rule that is enabled, and none in the state for all management events.

    AWS sends CloudTrail's records of read-only calls to rules in that state alone, which receive all others too.
    """

    def dispatch(event: dict[str, Any], view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        bus = event.get("EventBusName", "default")
        passed = set(event.get("_DispatchPath") or [])
        for key, rule in list(eventbridge._rules.items()):
            if rule.get("EventBusName", "default") != bus or key in passed or not rule.get("EventPattern"):
                continue
            accepted = ("ENABLED", ALL_CALLS) if not _is_read_only_call(view) else (ALL_CALLS,)
            if rule.get("State") in accepted and eventbridge._matches_pattern_view(rule["EventPattern"], view, key):
                for target in list(eventbridge._targets.get(key, [])):
                    eventbridge._invoke_target(target, event, rule, view)

    eventbridge._dispatch_event = dispatch


def _is_read_only_call(view: Any) -> bool:
    if view.envelope()["detail-type"] != "AWS API Call via CloudTrail":
        return False
    detail = view.event_with_detail()["detail"]
    return isinstance(detail, dict) and detail.get("readOnly") is True


def deliveries() -> None:
    """Gap: an event for a bus of another Region is lost, and undelivered events reach no dead-letter queue.

    Topics and queues accept events without a policy.

    AWS forwards an event within the account with the target's role, and keeps its Region and account. A topic and a
    queue must allow `events.amazonaws.com`, and the keys of encrypted ones too. An event that is refused goes to the
    target's dead-letter queue with the reason, if that queue's policy allows it. Here there is one attempt, and a bus
    of another account does not receive anything.
    """
    original = eventbridge._invoke_target

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        arn = str(target.get("Arn", ""))
        try:
            spec = parse_arn(arn)
            there = (spec.account_id, spec.region) != (get_account_id(), get_region())
            if spec.service == "events" and spec.resource.startswith("event-bus/") and there:
                _forward(spec, target, event)
                return
            if spec.service in ("sns", "sqs"):
                _check(spec, arn, rule["Arn"])
            original(target, event, rule, view)
        except UndeliveredError as error:
            _bury(target, view, rule, error)

    eventbridge._invoke_target = invoke


def _forward(spec: Any, target: dict[str, Any], event: dict[str, Any]) -> None:
    """Put an event on a bus of another Region. Raises UndeliveredError where AWS does not."""
    arn, role = target["Arn"], target.get("RoleArn")
    if spec.account_id != get_account_id():
        raise UndeliveredError("NO_PERMISSIONS", "buses of another account receive nothing here")
    if role is None:
        raise UndeliveredError("NO_PERMISSIONS", f"{arn} is in another Region, and the target has no role")
    if not service_access.role_allows(role, SERVICE, "events:PutEvents", arn):
        raise UndeliveredError("NO_PERMISSIONS", f"{role} does not allow events:PutEvents on {arn} to EventBridge")
    if event.get("_Forwarded"):
        raise UndeliveredError("LOOP", "an event is forwarded to another Region once")
    with request_scope(spec.account_id, spec.region):
        eventbridge._ensure_default_bus()
        bus = spec.resource.partition("/")[2]
        if bus not in eventbridge._event_buses:
            raise UndeliveredError("RESOURCE_NOT_FOUND", f"there is no event bus {arn}")
        # The path names rules of the Region that it left.
        eventbridge._dispatch_event({**event, "EventBusName": bus, "_DispatchPath": [], "_Forwarded": True})


def _check(spec: Any, arn: str, rule_arn: str) -> None:
    """Raise UndeliveredError where a topic or queue does not accept an event of a rule."""
    if (spec.account_id, spec.region) != (get_account_id(), get_region()):
        raise UndeliveredError("NO_PERMISSIONS", f"{arn} is in another account or Region")
    if spec.service == "sns":
        record = sns._topics.get(arn)
        allowed = record and allows_topic(arn, SERVICE, rule_arn)
    else:
        record = sqs._queue_by_arn(arn)
        allowed = record and sqs.queue_policy_allows(arn, SERVICE, rule_arn, get_account_id())
    if record is None:
        raise UndeliveredError("RESOURCE_NOT_FOUND", f"there is no {arn}")
    if not allowed:
        raise UndeliveredError("NO_PERMISSIONS", f"the policy of {arn} does not allow {SERVICE}")
    key = record["attributes"].get("KmsMasterKeyId")
    if key and (refusal := service_access.service_refusal(key, SERVICE, source_arn=rule_arn)):
        raise UndeliveredError("NO_PERMISSIONS", f"{refusal}: {key} cannot be used by {SERVICE}")
    if key:
        service_access.note_use(key, "GenerateDataKey")


def allows_topic(arn: str, service: str, source_arn: str) -> bool:
    """Tell whether a topic's policy allows a service that publishes for a resource of the account.

    The default policy admits the account's own principals, and CloudWatch, whose requests carry the source's owner.
    """
    owner = {"aws:sourceowner": get_account_id()} if service.startswith("cloudwatch") else {}
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sns:Publish",
        resource_arn=arn,
        region=arn.split(":")[3],
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": get_account_id(), **owner},
    )
    policy = sns._topics[arn]["attributes"].get("Policy") or "{}"
    return bool(evaluate_resource_policy(policy, context, service=service).decision == "Allow")


def _bury(target: dict[str, Any], view: Any, rule: dict[str, Any], error: UndeliveredError) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    eventbridge.logger.warning("%s: %s: %s", rule["Arn"], error.code, error)
    if arn and sqs.queue_policy_allows(arn, SERVICE, rule["Arn"], get_account_id()):
        attributes = {
            "RULE_ARN": rule["Arn"],
            "TARGET_ARN": str(target.get("Arn")),
            "ERROR_CODE": error.code,
            "ERROR_MESSAGE": str(error),
            "RETRY_ATTEMPTS": "0",
        }
        enqueue(arn, json.dumps(view.event_with_detail()), attributes)


def enqueue(queue_arn: str, body: str, attributes: dict[str, str]) -> None:
    """Put a message with text attributes into a queue of the current account and Region; an unknown queue: nothing."""
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return
    texts = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    message = {
        "id": str(uuid.uuid4()),
        "body": body,
        "message_attributes": texts,
        "md5_attrs": sqs._md5_msg_attrs(texts),
        "receipt_handle": None,
        "sent_at": time.time(),
        "visible_at": time.time(),
        "receive_count": 0,
    }
    sqs._ensure_msg_fields(message)
    queue["messages"].append(message)


def declared_targets() -> None:
    """Gap: a template's rule may name any pattern and target. AWS checks both as PutRule and PutTargets do."""

    def check(properties: Properties) -> None:
        pattern = properties.get("EventPattern") or ""
        text = pattern if isinstance(pattern, str) else json.dumps(pattern)
        if refusal := eventbridge._event_pattern_error(text):
            raise ValueError(f"Event pattern is not valid. Reason: {refusal} (Service: EventBridge, Status Code: 400)")
        for target in properties.get("Targets") or []:
            if (error := eventbridge._validate_target_arn(target)) is not None:
                raise ValueError(f"{json.loads(error[2]).get('message')} (Service: EventBridge, Status Code: 400)")

    before_provisioning(RULE, check)
