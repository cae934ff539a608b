"""The rules that notify, and the trail that feeds them.

EventBridge receives API calls only while a trail records them (facts.aws.CLOUDTRAIL_EVENTS_PAGE): without one, all
rules are right and none reports anything.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from pinekeep.account.reads.answers import outputs_of
from pinekeep.account.reads.live import Document
from pinekeep.model import naming
from pinekeep.model.config import Deployment
from pinekeep.model.config.watched import watched_of
from pinekeep.model.facts import aws
from pinekeep.model.monitoring.rules import forwardings, rule_name, rules
from pinekeep.model.monitoring.watched import Watched
from pinekeep.model.naming import Output
from pinekeep.operations.verification.checks.check import Subject, registry
from pinekeep.operations.verification.checks.finding import Verdict, failed, first, judged, noted, passed
from pinekeep.operations.verification.checks.stack import state_of

KMS_SOURCE: Final = "kms.amazonaws.com"
_SHOWN: Final = 4
_ALL_EVENTS: Final = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"


def with_monitoring(deployment: Deployment) -> bool:
    """Notifications, alarms and a dashboard."""
    return deployment.monitoring is not None


def with_forwarding(deployment: Deployment) -> bool:
    """Notifications of a deployment outside us-east-1."""
    return deployment.monitoring is not None and deployment.region != aws.GLOBAL_EVENTS_REGION


class LiveOutputs:
    """The outputs of the live stacks. ``missing``: those that a value was asked of and that are not known."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self.missing: list[str] = []

    @cached_property
    def _stacks(self) -> Mapping[str, Any]:
        live, name = self._subject.live, self._subject.name
        return {
            naming.cmek_stack(name): live.cmek_stack,
            naming.private_link_stack(name): live.private_link_stack,
            naming.storage_stack(name): live.storage_stack,
        }

    def value(self, stack: str, output: Output) -> str:
        """Return one output of a stack; an empty text where it is not known."""
        found = self._stacks.get(stack)
        value = outputs_of(found).get(output.value) if isinstance(found, dict) else None
        if value is None:
            self.missing.append(f"output {output.value} of {stack}")
        return value or ""

    def key_id(self, key_arn: str) -> str:
        """Return the ID in the ARN of a key."""
        return key_arn.rpartition("/")[2]


def watched_by(subject: Subject) -> tuple[Watched, list[str]]:
    """Return what the rules of a deployment watch, from its live stacks, and what is not known of it."""
    outputs = LiveOutputs(subject)
    stack = subject.live.monitoring_stack
    own = outputs_of(stack) if isinstance(stack, dict) else {}
    topics = [own[each.value] for each in (Output.MONITORING_TOPIC_ARN, Output.SLACK_TOPIC_ARN) if each.value in own]
    watched = watched_of(
        subject.name,
        subject.deployment,
        outputs=outputs,
        key_roles=len(subject.roles),
        topic_arns=topics,
        topic_key_arn=own.get(Output.MONITORING_KEY_ARN.value),
    )
    return watched, outputs.missing


CHECKS: Final = registry(applies=with_monitoring)


@CHECKS.add(
    id="monitoring-stack-state",
    title="State of the monitoring's stack",
    wanted="a complete state",
    meaning="Nobody may be notified of a change of what Pinecone depends on.",
    sees_absence=True,
)
def _state(subject: Subject, monitoring_stack: Document | None) -> Verdict:
    name = naming.monitoring_stack(subject.name)
    gone = "Nobody is notified of a change of what Pinecone depends on."
    return state_of(subject, name, monitoring_stack, make=subject.make(None), gone=gone)


@CHECKS.add(
    id="monitoring-rules",
    title="Rules of the notifications",
    wanted="every rule enabled, with its event pattern and the topics as targets",
    meaning="Changes of key, role, endpoint or audit bucket are not all reported.",
    reads=("monitoring_stack", "event_rules"),
)
def _rules(subject: Subject, stack: Document, found: Mapping[str, Document]) -> Verdict:
    watched, missing = watched_by(subject)
    if missing:
        return not_known(subject, missing)
    topics = [
        outputs_of(stack)[each.value]
        for each in (Output.MONITORING_TOPIC_ARN, Output.SLACK_TOPIC_ARN)
        if each.value in outputs_of(stack)
    ]
    problems: list[str] = []
    for rule in rules(watched):
        name = rule_name(subject.name, rule.id)
        state = _ALL_EVENTS if rule.all_management_events else "ENABLED"
        problems += _problems(name, found.get(name), pattern=rule.pattern, state=state, targets=topics)
    return _judged(subject, problems)


@CHECKS.add(
    id="monitoring-global-rules",
    title="Rules that forward events of global services",
    wanted="every rule enabled, with its event pattern and the Region's event bus as target",
    meaning="Changes of the role and of the DNS record are not reported: their events reach us-east-1 alone.",
    applies=with_forwarding,
)
def _global_rules(subject: Subject, global_rules: Mapping[str, Document]) -> Verdict:
    watched, missing = watched_by(subject)
    if missing:
        return not_known(subject, missing)
    bus = f"arn:{aws.PARTITION}:events:{subject.region}:{subject.account}:event-bus/default"
    problems: list[str] = []
    for each in forwardings(watched):
        name = rule_name(subject.name, each.id)
        problems += _problems(name, global_rules.get(name), pattern=each.pattern, state="ENABLED", targets=[bus])
    return _judged(subject, problems)


def _problems(
    name: str, found: Document | None, *, pattern: Mapping[str, Any], state: str, targets: list[str]
) -> Iterator[str]:
    if found is None:
        yield f"there is no rule {name}"
        return
    if found.get("State") != state:
        yield f"rule {name} is {found.get('State')}, not {state}"
    if _parsed(found.get("EventPattern")) != json.loads(json.dumps(pattern)):
        yield f"rule {name} has another event pattern"
    missing = [each for each in targets if each not in found["Topics"]]
    if missing:
        yield f"rule {name} does not reach {', '.join(missing)}"


def _parsed(text: Any) -> Any:
    try:
        return json.loads(str(text))
    except ValueError:
        return None


def _judged(subject: Subject, problems: list[str]) -> Verdict:
    told = [first(problems, _SHOWN)] if problems else []
    return judged(told, fix=subject.restore)


def not_known(subject: Subject, missing: list[str]) -> Verdict:
    """Return the verdict where outputs of other stacks are not known."""
    told = first(list(dict.fromkeys(missing)), _SHOWN)
    return noted(f"not checked: {told} is not known", fix=f"see the other checks; then {subject.run('verify')}")


@CHECKS.add(
    id="monitoring-trail",
    title="Trail that feeds the rules",
    wanted="a trail that records management events of KMS and IAM",
    meaning="Nothing that is done to key, role, endpoint and bucket is reported, although every rule is right.",
)
def _trail(subject: Subject, trails: list[Document]) -> Verdict:
    known = [(each, _recording(each)) for each in trails]
    recording = [each for each, how in known if how is True]
    fix = (
        "create a multi-Region trail that records read and write management events and leaves out no source, or start "
        f"the logging of one; see aws cloudtrail describe-trails --region {subject.region}"
    )
    if not recording:
        unknown = [str(each["Name"]) for each, how in known if how is None]
        if unknown:
            return noted(f"of trail {', '.join(unknown)}, these credentials do not see whether it records", fix=fix)
        reasons = [f"{each['Name']}: {how}" for each, how in known]
        return failed(
            f"no trail records management events here ({first(reasons, _SHOWN)})"
            if reasons
            else "there is no trail here, so no API call reaches a rule",
            fix=fix,
        )
    names = ", ".join(str(each["Name"]) for each in recording)
    if with_forwarding(subject.deployment) and not any(each.get("IsMultiRegionTrail") for each in recording):
        return noted(
            f"{names} records {subject.region} alone; the events of IAM and Route 53 need a trail of "
            f"{aws.GLOBAL_EVENTS_REGION}, which is not seen from here",
            fix=fix,
        )
    return passed(f"trail {names}")


def _recording(trail: Document) -> bool | str | None:
    """Return whether a trail records what the rules need, or why it does not; None where that is not known."""
    if trail["Logging"] is None:
        return None
    if not trail["Logging"]:
        return "its logging is stopped"
    selectors = trail["Selectors"]
    if selectors is None:
        return None
    simple, advanced = selectors.get("EventSelectors") or [], selectors.get("AdvancedEventSelectors") or []
    if any(_selects(each) for each in simple) or any(_selects_advanced(each) for each in advanced):
        return True
    return "it leaves out write events of KMS"


def _selects(selector: Document) -> bool:
    left_out = selector.get("ExcludeManagementEventSources") or []
    writes = selector.get("ReadWriteType", "All") in ("All", "WriteOnly")
    return bool(selector.get("IncludeManagementEvents", True)) and writes and KMS_SOURCE not in left_out


def _selects_advanced(selector: Document) -> bool:
    fields = {each["Field"]: each for each in selector.get("FieldSelectors") or []}
    if (fields.get("eventCategory") or {}).get("Equals") != ["Management"]:
        return False
    source, read_only = fields.get("eventSource") or {}, fields.get("readOnly") or {}
    only = source.get("Equals")
    named = KMS_SOURCE not in (source.get("NotEquals") or []) and (only is None or KMS_SOURCE in only)
    return named and read_only.get("Equals") != ["true"]
