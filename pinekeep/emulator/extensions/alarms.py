"""CloudWatch alarms: dimensions, missing data and composite alarms.

Source: CloudWatch User Guide, "Using Amazon CloudWatch alarms", "Configuring how CloudWatch alarms treat missing data";
docs.aws.amazon.com, read 2026-11-30.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from pinekeep.emulator.extensions.patching import HANDLERS, Attributes, Properties, carry_stack_tags, replace_call

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

    replace_call(cloudwatch, "_describe_alarms", described)


def metric_math() -> None:
    """Gap: alarms on metric math are refused in a template, and are about nothing after PutMetricAlarm.

    AWS evaluates the expression. Here `SUM(METRICS())` alone is: an alarm with another one is refused.
    """
    put, record = cloudwatch._put_metric_alarm, provisioners._cw_metric_alarm_record

    def declared(name: str, properties: Properties) -> dict[str, Any]:
        queries = list(properties.get("Metrics") or [])
        if not queries:
            return dict(record(name, properties))
        if refusal := _math_refusal(queries):
            raise ValueError(f"{refusal} (Service: CloudWatch, Status Code: 400)")
        alarm = dict(record(name, {**properties, "Metrics": None, "MetricName": "-", "Namespace": "-"}))
        return _of_queries(alarm, queries)

    def called(parameters: Any, document: Any, is_cbor: bool, is_json: bool = False) -> Any:
        queries = list((document or {}).get("Metrics") or [])
        if refusal := _math_refusal(queries):
            return cloudwatch._error("ValidationError", refusal, 400, use_json=is_json, use_cbor=is_cbor)
        answer = put(parameters, document, is_cbor, is_json)
        if queries and document["AlarmName"] in cloudwatch._alarms:
            _of_queries(cloudwatch._alarms[document["AlarmName"]], queries)
        return answer

    provisioners._cw_metric_alarm_record = declared
    replace_call(cloudwatch, "_put_metric_alarm", called)


def _math_refusal(queries: list[dict[str, Any]]) -> str:
    """Return why metric queries cannot be evaluated here; empty where they can, or there are none."""
    returned = [each for each in queries if str(each.get("ReturnData", True)).lower() == "true"]
    if not queries or (len(returned) == 1 and returned[0].get("Expression") in (None, _SUM)):
        return ""
    return f"the embedded AWS evaluates one metric or {_SUM} alone, not {[each.get('Expression') for each in returned]}"


_SUM: Final = "SUM(METRICS())"
_OF_ONE_METRIC: Final = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")


def _of_queries(alarm: dict[str, Any], queries: list[dict[str, Any]]) -> dict[str, Any]:
    for name in _OF_ONE_METRIC:
        alarm.pop(name, None)
    alarm["Metrics"] = queries
    return alarm


@dataclass(frozen=True)
class _Series:
    """A metric of an alarm, by the key of the emulator's store, with its statistic."""

    key: tuple[str, str, str]
    statistic: str
    period: int

    def value(self, begin: float, end: float) -> float | None:
        """Return the statistic of a period; None without data."""
        within = [each for each in cloudwatch._metrics.get(self.key) or [] if begin < each["Timestamp"] <= end]
        found = cloudwatch._stat_value(cloudwatch._calc_stats(within), self.statistic, within) if within else None
        return None if found is None else float(found)


def _series_of(alarm: dict[str, Any]) -> list[_Series]:
    """Return the metrics of an alarm: one, or those of its sum."""
    if "Metrics" not in alarm:
        statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
        return [_Series(_store_key(alarm), statistic, int(alarm.get("Period") or 60))]
    stats = [each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each]
    return [_Series(_store_key(each["Metric"]), each["Stat"], int(each["Period"])) for each in stats]


def _store_key(metric: dict[str, Any]) -> tuple[str, str, str]:
    dimensions = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    return str(metric.get("Namespace")), str(metric.get("MetricName")), str(cloudwatch._dims_key(dimensions))


def _evaluate(alarm: dict[str, Any]) -> None:
    series = _series_of(alarm)
    period, count = series[0].period, int(alarm.get("EvaluationPeriods") or 1)
    now = time.time()
    values = [_sum(series, now - (back + 1) * period, now - back * period) for back in range(count)]
    shown = [value for value in values if value is not None]
    missing = alarm.get("TreatMissingData") or "missing"
    if not shown and missing in ("missing", "ignore"):
        had_any = any(cloudwatch._metrics.get(each.key) for each in series)
        if missing == "missing" and had_any:
            _change(alarm, "INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received")
        return
    breaching = sum(_breaches(alarm, value) if value is not None else missing == "breaching" for value in values)
    state = "ALARM" if breaching >= int(alarm.get("DatapointsToAlarm") or count) else "OK"
    about = f"of {shown}" if shown else f"of no datapoints, treated as {missing},"
    _change(alarm, state, f"Threshold Crossed: {breaching} {about} were breaching {alarm['Threshold']}")


def _sum(series: list[_Series], begin: float, end: float) -> float | None:
    found = [value for each in series if (value := each.value(begin, end)) is not None]
    return sum(found) if found else None


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
