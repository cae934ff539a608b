"""Filter patterns of CloudWatch Logs over JSON, the metrics of metric filters, and the log group of a trail.

Source: CloudWatch Logs User Guide, "Filter pattern syntax for metric filters" and "Configuring metric values";
CloudTrail User Guide, "Sending events to CloudWatch Logs"; docs.aws.amazon.com, read 2026-11-30.
"""

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any, Final

from ministack.core.responses import get_account_id, request_scope
from ministack.services import cloudtrail, cloudwatch, cloudwatch_logs

from pinekeep.emulator.extensions import service_access

OK: Final = 200
Test = Callable[[Any], bool]
_TOKEN: Final = re.compile(
    r'\s*(?P<token>\$(?:\.[\w-]+|\[\d+\])+|"[^"]*"|&&|\|\||!=|>=|<=|[=<>(){}]|NOT EXISTS|IS NULL|[\w*.+-]+)'
)
_STEP: Final = re.compile(r"\.([\w-]+)|\[(\d+)\]")
_MISSING: Final = object()


class InvalidPatternError(ValueError):
    """A pattern that CloudWatch Logs refuses, or that is not supported here."""


def compiled(pattern: str) -> Test:
    """Return the test of a JSON pattern on a decoded event. Raises InvalidPatternError."""
    return _Reader(pattern).whole()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._tokens: list[str] = []
        at, text = 0, pattern.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise InvalidPatternError(f"Invalid metric filter pattern at: {text[at:]}")
            self._tokens.append(found["token"])
            at = found.end()
        self._tokens.append("")

    def _take(self, *wanted: str) -> str:
        token = self._tokens.pop(0) if self._tokens else ""
        if wanted and token not in wanted:
            raise InvalidPatternError(f"Invalid metric filter pattern: {token!r} instead of {wanted[0]!r}")
        return token

    def whole(self) -> Test:
        self._take("{")
        test = self._any_of()
        self._take("}")
        self._take("")
        return test

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self._tokens[0] == "||":
            self._take()
            tests.append(self._all_of())
        return lambda event: any(test(event) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._tokens[0] == "&&":
            self._take()
            tests.append(self._one())
        return lambda event: all(test(event) for test in tests)

    def _one(self) -> Test:
        if self._tokens[0] == "(":
            self._take()
            test = self._any_of()
            self._take(")")
            return test
        path = self._take()
        if not path.startswith("$"):
            raise InvalidPatternError(f"Invalid metric filter pattern: {path!r} is no selector")
        sign = self._take("=", "!=", ">", "<", ">=", "<=", "NOT EXISTS", "IS NULL")
        if sign == "NOT EXISTS":
            return lambda event: _at(event, path) is _MISSING
        if sign == "IS NULL":
            return lambda event: _at(event, path) is None
        wanted = self._take()
        return lambda event: _compare(_at(event, path), sign, wanted)


def _at(event: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        try:
            event = event[int(index)] if index else event[name]
        except (LookupError, TypeError):
            return _MISSING
    return event


def _compare(found: Any, sign: str, wanted: str) -> bool:
    if found is _MISSING:
        return False
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        try:
            number = float(wanted.strip('"'))
        except ValueError:
            return False
        compared = {"=": found == number, "!=": found != number, ">": found > number, "<": found < number}
        return {**compared, ">=": found >= number, "<=": found <= number}[sign]
    text = json.dumps(found) if isinstance(found, bool) else found
    if not isinstance(text, str) or sign not in ("=", "!="):
        return False
    escaped = wanted.strip('"').replace("[", "[[]").replace("?", "[?]")
    return fnmatchcase(text, escaped) == (sign == "=")


def json_patterns() -> None:
    """Gap: a JSON pattern matches every event, and PutMetricFilter accepts any pattern.

    AWS compares the fields that it names. Here comparisons, `NOT EXISTS`, `IS NULL`, `&&`, `||` and parentheses are
    supported; a metric filter with another pattern is refused.
    """
    compile_terms, put = cloudwatch_logs._compile_filter_pattern, cloudwatch_logs._put_metric_filter

    def compile_pattern(raw: str) -> Callable[[str], bool]:
        if not (raw or "").strip().startswith("{"):
            return compile_terms(raw)
        test = compiled(raw)

        def matches(message: str) -> bool:
            try:
                return test(json.loads(message))
            except ValueError:
                return False

        return matches

    def put_filter(asked: dict[str, Any]) -> Any:
        try:
            compile_pattern(asked.get("filterPattern", ""))
        except InvalidPatternError as error:
            return cloudwatch_logs.error_response_json("InvalidParameterException", str(error), 400)
        return put(asked)

    cloudwatch_logs._compile_filter_pattern = compile_pattern
    cloudwatch_logs._put_metric_filter = put_filter


def metric_filters() -> None:
    """Gap: metric filters make no metrics. AWS counts each event that matches, else the default value.

    Here a metric value that is a field of the event counts as missing.
    """
    put = cloudwatch_logs._put_log_events

    def put_events(asked: dict[str, Any]) -> Any:
        answer = put(asked)
        if answer[0] == OK:
            for (group, _), each in list(cloudwatch_logs._metric_filters.items()):
                if group == asked["logGroupName"]:
                    _count(each, [str(event.get("message", "")) for event in asked.get("logEvents") or []])
            cloudwatch._evaluate_all_alarms()
        return answer

    cloudwatch_logs._put_log_events = put_events


def _count(metric_filter: dict[str, Any], messages: list[str]) -> None:
    test = cloudwatch_logs._compile_filter_pattern(metric_filter["filterPattern"])
    matching = sum(bool(test(message)) for message in messages)
    for each in metric_filter["metricTransformations"]:
        name, unit = (each["metricNamespace"], each["metricName"]), each.get("unit", "None")
        if matching and not str(each["metricValue"]).startswith("$"):
            cloudwatch.record_metric(*name, value=float(each["metricValue"]) * matching, unit=unit)
        elif not matching and "defaultValue" in each:
            cloudwatch.record_metric(*name, value=float(each["defaultValue"]), unit=unit)


def log_record(record: dict[str, Any], *, region: str) -> None:
    """Write CloudTrail's record of a call into the log groups of the trails that record its Region.

    A trail's role must allow logs:PutLogEvents to CloudTrail. Here there is one stream a trail.
    """
    account = get_account_id()
    for (owner, home, name), trail in list(cloudtrail._trails._data.items()):
        group = str(trail.get("CloudWatchLogsLogGroupArn") or "")
        covers = home == region or trail.get("IsMultiRegionTrail")
        if owner != account or not covers or not trail.get("IsLogging") or not group:
            continue
        role = str(trail.get("CloudWatchLogsRoleArn") or "")
        stream = f"{account}_CloudTrail_{home}"
        arn = f"{group.removesuffix(':*')}:log-stream:{stream}"
        if not role or not service_access.role_allows(role, "cloudtrail.amazonaws.com", "logs:PutLogEvents", arn):
            cloudwatch_logs.logger.warning("trail %s: its role does not allow logs:PutLogEvents on %s", name, arn)
            continue
        asked = {"logGroupName": group.split(":")[6], "logStreamName": stream}
        with request_scope(account, home):
            cloudwatch_logs._create_log_stream(asked)
            cloudwatch_logs._put_log_events({**asked, "logEvents": [{"message": json.dumps(record)}]})
