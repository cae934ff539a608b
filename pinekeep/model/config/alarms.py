"""The alarms that a deployment is to have, as the template makes them."""

from collections.abc import Mapping, Sequence

from pinekeep.model import naming
from pinekeep.model.alarms.filters import denied_patterns, disabled_pattern, pending_deletion_pattern
from pinekeep.model.alarms.kinds import RECORDS, SEEN, AlarmKind, alarm_name, part_name, rule_alarms
from pinekeep.model.alarms.metrics import FilterMetric
from pinekeep.model.config.models import Deployment
from pinekeep.model.config.watched import has_elsewhere_service
from pinekeep.model.monitoring.watched import Watched


def has_metric_filters(deployment: Deployment) -> bool:
    """Return whether refused calls are counted by metric filters."""
    monitoring = deployment.monitoring
    return monitoring is not None and monitoring.denied_use == "metric-filter" and deployment.cmek is not None


def wanted_filters(deployment: Deployment, watched: Watched, role_arns: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return the metric filters: the namespace, the metric, and the pattern of each."""
    if not has_metric_filters(deployment):
        return []
    patterns: list[tuple[FilterMetric, str]] = []
    if watched.key is not None:
        patterns += [
            (FilterMetric.PENDING_DELETION_USE, pending_deletion_pattern(watched.key.arn)),
            (FilterMetric.DISABLED_USE, disabled_pattern(watched.key.arn)),
        ]
    patterns += [(FilterMetric.ROLE_DENIED, each) for each in denied_patterns(role_arns)]
    namespace = naming.metric_namespace(watched.deployment)
    return [(namespace, metric.value, pattern) for metric, pattern in patterns]


def wanted_alarms(name: str, deployment: Deployment, rules: Sequence[str]) -> Mapping[str, AlarmKind]:
    """Return the kind of each alarm by its name, with the parts of composite ones. ``rules``: the rules by name."""
    monitoring = deployment.monitoring
    if monitoring is None:
        return {}
    prefix = naming.event_rules(name)
    found: dict[str, AlarmKind] = {}
    if has_metric_filters(deployment):
        kinds = [AlarmKind.ROLE_DENIED]
        if deployment.cmek is not None and deployment.cmek.has_own_key:
            kinds = [AlarmKind.PENDING_DELETION_USE, AlarmKind.DISABLED_USE, *kinds]
        found |= {alarm_name(prefix, kind): kind for kind in kinds}
    pauses = []
    if deployment.private_link is not None and not has_elsewhere_service(deployment):
        pauses.append((AlarmKind.ENDPOINT_QUIET, monitoring.alarms.endpoint_quiet_minutes))
    if deployment.audit_logs is not None:
        pauses.append((AlarmKind.AUDIT_QUIET, monitoring.alarms.audit_quiet_minutes))
    for kind, minutes in pauses:
        if minutes is not None:
            names = [alarm_name(prefix, kind), *(part_name(prefix, kind, each) for each in (RECORDS, SEEN))]
            found |= dict.fromkeys(names, kind)
    found[alarm_name(prefix, AlarmKind.DEAD_LETTERS)] = AlarmKind.DEAD_LETTERS
    for number in range(1, 3 if monitoring.slack else 2):
        found[alarm_name(prefix, AlarmKind.NOTIFICATIONS_FAILED, number)] = AlarmKind.NOTIFICATIONS_FAILED
    return found | dict.fromkeys(rule_alarms(prefix, rules), AlarmKind.RULE_FAILED)
