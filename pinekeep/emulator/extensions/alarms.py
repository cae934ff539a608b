"""CloudWatch alarms: dimensions, missing data and composite alarms.

Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms", "Configuring how CloudWatch alarms treat missing data";
docs.aws.amazon.com, read 2026-11-30.
"""

import json
import time
from typing import Any, Final

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import HANDLERS, Attributes, Properties, carry_stack_tags

COMPOSITE: Final = "AWS::CloudWatch::CompositeAlarm"
_FIELDS: Final = (
    *("AlarmRule", "AlarmDescription", "ActionsEnabled", "AlarmActions", "OKActions", "InsufficientDataActions"),
    *("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"),
)


def whole_dimensions() -> None:
    """Gap: an alarm counts every metric of its name, whatever the dimensions, and ignores missing data.

    AWS evaluates the one metric whose dimensions are exactly the alarm's: an alarm with fewer has no data. Where data
    is missing in a period, `TreatMissingData` decides. Here an alarm is evaluated when data arrives and when it is
    described, over the last evaluation periods that have ended or begun.
    """
    cloudwatch._evaluate_alarm = _evaluate
    describe = cloudwatch._describe_alarms

    def described(*arguments: Any, **options: Any) -> Any:
        cloudwatch._evaluate_all_alarms()
        return describe(*arguments, **options)

    cloudwatch._describe_alarms = described
    # Called by name through a table that was filled before.
    for table in vars(cloudwatch).values():
        if isinstance(table, dict):
            for action, call in list(table.items()):
                if call is describe:
                    table[action] = described


def _evaluate(alarm: dict[str, Any]) -> None:
    namespace, metric = alarm.get("Namespace"), alarm.get("MetricName")
    if not namespace or not metric:
        return
    own = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    points = list(cloudwatch._metrics.get((namespace, metric, own)) or [])
    period, count = int(alarm.get("Period") or 60), int(alarm.get("EvaluationPeriods") or 1)
    needed = int(alarm.get("DatapointsToAlarm") or count)
    now = time.time()
    values = [_value(alarm, points, now - (back + 1) * period, now - back * period) for back in range(count)]
    missing = alarm.get("TreatMissingData") or "missing"
    if all(value is None for value in values) and missing == "missing":
        _change(alarm, "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received") if points else None
        return
    if all(value is None for value in values) and missing == "ignore":
        return
    verdicts = [_breaches(alarm, value) if value is not None else missing == "breaching" for value in values]
    breaching = sum(verdicts)
    state = "ALARM" if breaching >= needed else "OK"
    shown = [value for value in values if value is not None]
    reason = f"Threshold Crossed: {breaching} datapoints {shown} were breaching {alarm['Threshold']}"
    _change(alarm, state, reason if shown else f"Threshold Crossed: no datapoints were received, treated as {missing}")


def _value(alarm: dict[str, Any], points: list[Any], begin: float, end: float) -> float | None:
    within = [each for each in points if begin < each["Timestamp"] <= end]
    if not within:
        return None
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    found = cloudwatch._stat_value(cloudwatch._calc_stats(within), statistic, within)
    return None if found is None else float(found)


def _breaches(alarm: dict[str, Any], value: float) -> bool:
    threshold = float(alarm.get("Threshold") or 0)
    return {
        "GreaterThanOrEqualToThreshold": value >= threshold,
        "GreaterThanThreshold": value > threshold,
        "LessThanThreshold": value < threshold,
        "LessThanOrEqualToThreshold": value <= threshold,
    }.get(str(alarm.get("ComparisonOperator")), False)


def _change(alarm: dict[str, Any], state: str, reason: str) -> None:
    old = alarm["StateValue"]
    if old == state:
        return
    alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def composite_alarms() -> None:
    """Gap: `AWS::CloudWatch::CompositeAlarm` is missing. AWS creates what PutCompositeAlarm does."""

    def put(name: str, properties: Properties) -> tuple[str, Attributes]:
        asked = {key: properties[key] for key in _FIELDS if key in properties}
        answer = cloudwatch._put_composite_alarm({}, {"AlarmName": name, **asked}, False, True)
        if answer[0] != 200:  # noqa: PLR2004
            message = json.loads(answer[2]).get("message") or json.loads(answer[2])
            raise ValueError(f"{message} (Service: CloudWatch, Status Code: {answer[0]})")
        # Those of the stack are refused in a request.
        cloudwatch.cloudformation_set_metric_alarm_tags(name, list(properties.get("Tags") or []))
        return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}

    def create(logical_id: str, properties: Properties, stack: str, *_: Any) -> tuple[str, Attributes]:
        return put(properties.get("AlarmName") or provisioners._physical_name(stack, logical_id), properties)

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        name = new.get("AlarmName") or physical_id
        made = put(name, new)
        if name != physical_id:
            provisioners._delete_predecessor(delete, physical_id, old)
        return made

    def delete(physical_id: str, *_: Any) -> None:
        cloudwatch._composite_alarms.pop(physical_id, None)

    HANDLERS[COMPOSITE] = {"create": create, "update": update, "delete": delete}
    carry_stack_tags(COMPOSITE)
