"""The alarms, and the metric filters that feed some of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pinekeep.account.reads.answers import outputs_of
from pinekeep.account.reads.live import Document
from pinekeep.model.alarms.kinds import OF_KIND, RECORDS, SEEN, AlarmKind
from pinekeep.model.config import Deployment
from pinekeep.model.config.alarms import has_metric_filters, wanted_alarms, wanted_filters
from pinekeep.model.config.derived import numbered_role_arn
from pinekeep.model.monitoring.rules import rule_name, rules
from pinekeep.model.naming import Output
from pinekeep.operations.verification.checks.check import Subject, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, judged, noted, passed
from pinekeep.operations.verification.checks.monitoring import not_known, watched_by, with_monitoring

LONG: Final = timedelta(days=1)
"""An alarm without data for longer than this will not have any by itself."""
_SHOWN: Final = 4

CHECKS: Final = registry(applies=with_monitoring)


def with_filters(deployment: Deployment) -> bool:
    """Refused calls counted by metric filters."""
    return has_metric_filters(deployment)


@CHECKS.add(
    id="monitoring-alarms",
    title="Alarms",
    wanted="every alarm there, with the topic as action and data to judge",
    meaning="A disabled key, a quiet endpoint, missing audit logs or lost notifications raise no alarm.",
)
def _alarms(subject: Subject, alarms: Mapping[str, Document], monitoring_stack: Document) -> Iterator[Verdict]:
    watched, _ = watched_by(subject)
    names = [rule_name(subject.name, each.id) for each in rules(watched)]
    topic = outputs_of(monitoring_stack).get(Output.MONITORING_TOPIC_ARN.value)
    problems: list[str] = []
    for name, kind in wanted_alarms(subject.name, subject.deployment, names).items():
        problems += _problems(name, kind, alarms.get(name), topic=topic, now=subject.now)
    if problems:
        yield failed(first(problems, _SHOWN), fix=subject.restore)
    else:
        yield passed(f"{len(alarms)} alarms")
    yield from _states(subject, alarms)


def _problems(name: str, kind: AlarmKind, alarm: Document | None, *, topic: str | None, now: datetime) -> Iterator[str]:
    if alarm is None:
        yield f"there is no alarm {name}"
        return
    if name.endswith((f"{kind}-{RECORDS}", f"{kind}-{SEEN}")):
        return
    if not alarm.get("ActionsEnabled"):
        yield f"the actions of alarm {name} are disabled"
    elif topic not in (alarm.get("AlarmActions") or []):
        yield f"alarm {name} does not notify the topic"
    if alarm.get("StateValue") == "INSUFFICIENT_DATA" and _since(alarm, now) > LONG:
        yield f"alarm {name} has had no data for {_since(alarm, now).days} days"


def _since(alarm: Document, now: datetime) -> timedelta:
    changed = alarm.get("StateTransitionedTimestamp") or alarm.get("StateUpdatedTimestamp")
    return now - changed if isinstance(changed, datetime) else timedelta()


def _states(subject: Subject, alarms: Mapping[str, Document]) -> Iterator[Verdict]:
    """Yield notes on what the alarms report at present."""
    kinds = wanted_alarms(subject.name, subject.deployment, ())
    raised = [each for each in alarms.values() if each.get("StateValue") == "ALARM" and each.get("AlarmActions")]
    for alarm in raised:
        kind = kinds.get(str(alarm["AlarmName"]), AlarmKind.RULE_FAILED)
        info = OF_KIND[kind]
        yield noted(info.title, fix=info.todo, meaning=info.means, what=f"Alarm {alarm['AlarmName']}")
    for name, kind in kinds.items():
        if name.endswith(f"{kind}-{SEEN}") and (alarms.get(name) or {}).get("StateValue") == "INSUFFICIENT_DATA":
            what = "traffic through the endpoint" if kind is AlarmKind.ENDPOINT_QUIET else "new audit log file"
            yield noted(f"no {what} has been seen since the alarm was made", fix=_FIRST[kind], what=f"Alarm {kind}")


_FIRST: Final[Mapping[Any, str]] = {
    AlarmKind.ENDPOINT_QUIET: "the alarm begins with the first traffic; `pinekeep private-link check` from a client",
    AlarmKind.AUDIT_QUIET: "the alarm begins with the first file. A bucket that existed before must send its events to "
    "EventBridge, which its owner turns on among the bucket's properties",
}


@CHECKS.add(
    id="monitoring-metric-filters",
    title="Metric filters on the trail's log group",
    wanted="the log group exists, with a filter for each alarm about refused calls",
    meaning="Use of a disabled key, of a key pending deletion, and denials of the role raise no alarm.",
    applies=with_filters,
    sees_absence=True,
)
def _filters(subject: Subject, trail_log_group: Document | None, trails: list[Document] | None) -> Verdict:
    monitoring = subject.deployment.monitoring
    name = monitoring.trail_log_group if monitoring else None
    if trail_log_group is None:
        return failed(
            f"there is no log group {name}",
            fix="let a trail write to it, or name the one that a trail writes to under trail_log_group",
        )
    watched, missing = watched_by(subject)
    if missing:
        return not_known(subject, missing)
    roles = [numbered_role_arn(subject.name, subject.deployment, number) for number in range(1, len(subject.roles) + 1)]
    have = {tuple(each) for each in trail_log_group["Filters"]}
    wanted = wanted_filters(subject.deployment, watched, roles)
    problems = [f"no filter for {each[1]} with the pattern" for each in wanted if each not in have]
    arn = str(trail_log_group.get("arn", "-")).removesuffix(":*")
    fed = [each for each in trails or [] if str(each.get("CloudWatchLogsLogGroupArn", "")).removesuffix(":*") == arn]
    if not problems and not fed:
        return failed(
            f"no trail writes to {name}",
            fix="let a trail write to it, or name the one that a trail writes to under trail_log_group",
        )
    return judged(problems, fix=subject.restore)
