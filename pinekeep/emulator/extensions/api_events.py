"""API calls as events on the account's default event bus, as CloudTrail sends them to EventBridge.

Sources, read 2026-11-30: EventBridge User Guide, "AWS service events delivered via CloudTrail" (a trail that logs is
required; IAM, Organizations and Route 53 are recorded in us-east-1; read-only calls reach only rules in the state
ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS).
"""

import json
import logging
import time
import uuid
from typing import Any, Final

import ministack.app
from ministack.core import router
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudtrail, eventbridge, kms

from pinekeep.emulator.extensions.cloudtrail_records import ApiCall, record
from pinekeep.emulator.extensions.log_filters import log_record
from pinekeep.emulator.extensions.request_parameters import Request, action_of

GLOBAL_REGION: Final = "us-east-1"
GLOBAL: Final = frozenset({"iam", "route53", "organizations"})
RECORDED: Final = GLOBAL | frozenset(
    {"kms", "ec2", "s3", "sts", "sns", "events", "cloudformation", "cloudtrail", "logs", "monitoring"}
    | {"route53profiles"}
)
DATA: Final = frozenset({"Publish", "PublishBatch", "PutEvents", "PutMetricData", "PutLogEvents"})
"""Calls that CloudTrail records as data events, or not at all."""
API_CALL: Final = "AWS API Call via CloudTrail"
_log: Final = logging.getLogger(__name__)


def calls_become_events() -> None:
    """Gap: no API call reaches EventBridge.

    AWS sends CloudTrail's record of each management call to the default bus of its Region, if a trail logs there. Here
    those of the services in `RECORDED`, at once, refused ones too; what CloudFormation calls for a stack is missing.
    """
    run = ministack.app._dispatch_service_request

    async def dispatched(*sent: Any) -> Any:
        before = _key_of_alias(sent)
        answer = await run(*sent)
        try:
            _note(sent, answer, before)
        except Exception:
            # The call itself has succeeded or failed already.
            _log.exception("no event of %s %s", *sent[:2])
        return answer

    ministack.app._dispatch_service_request = dispatched


def _key_of_alias(sent: tuple[Any, ...]) -> str:
    """Return the ARN of the key whose alias a call is about to delete; empty for other calls."""
    _, _, headers, body, *_ = sent
    if not headers.get("x-amz-target", "").endswith(".DeleteAlias"):
        return ""
    key = kms._resolve_key(str(json.loads(body or b"{}").get("AliasName", "")))
    return key["Arn"] if key else ""


def _note(sent: tuple[Any, ...], answer: tuple[int, Any, Any], key_arn: str) -> None:
    if not cloudtrail._trails._data:
        return
    method, path, headers, body, query, request_id = sent
    asked = ministack.app._routing_params(method, path, headers, body, query)
    service = router.detect_service(method, path, headers, asked)
    region = GLOBAL_REGION if service in GLOBAL else get_region()
    if service not in RECORDED or not _is_logged(region):
        return
    request = Request(service=service, method=method, path=path, headers=headers, body=body, query=asked)
    action = action_of(request)
    if action is None or action in DATA:
        return
    content = answer[2] if isinstance(answer[2], bytes) else str(answer[2]).encode()
    call = ApiCall(
        request=request,
        action=action,
        region=region,
        request_id=request_id,
        status=answer[0],
        answer=content,
        key_arn=key_arn,
    )
    made = record(call)
    send(f"aws.{service}", API_CALL, made, region=region)
    log_record(made, region=region)


def _is_logged(region: str) -> bool:
    """Tell whether a trail of the account records management calls of a Region."""
    account = get_account_id()
    for (owner, home, name), trail in list(cloudtrail._trails._data.items()):
        covers = home == region or trail.get("IsMultiRegionTrail")
        if owner == account and covers and trail.get("IsLogging"):
            selectors = cloudtrail._event_selectors._data.get((owner, home, name)) or []
            simple = [each for each in selectors if "IncludeManagementEvents" in each]
            if not simple or any(each["IncludeManagementEvents"] for each in simple):
                return True
    return False


def send(source: str, kind: str, detail: dict[str, Any], *, region: str, resources: tuple[str, ...] = ()) -> None:
    """Put an event of an AWS service on the default bus of a Region of the current account."""
    with request_scope(get_account_id(), region):
        event = {
            "EventId": str(uuid.uuid4()),
            "Source": source,
            "DetailType": kind,
            "Detail": json.dumps(detail),
            "EventBusName": "default",
            "Time": int(time.time()),
            "Resources": list(resources),
            "Account": get_account_id(),
            "Region": region,
        }
        eventbridge._ensure_default_bus()
        eventbridge._events_log_list().append(event)
        eventbridge._dispatch_event(event)
