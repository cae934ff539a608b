"""The rule engine: that of ministack, which is not ours and follows AWS's own, Event Ruler.

Compared on 2026-11-30 over every pattern and event of these tests: Event Ruler (github.com/aws/event-ruler, July 2026)
and localstack-core 2026.3.0 decide the same.
"""

import json
from functools import cache
from typing import Any

from ministack.services import eventbridge

from pinekeep.model.monitoring.patterns import Pattern


@cache
def _text(pattern: str) -> str:
    assert (error := eventbridge._event_pattern_error(pattern)) is None, f"{error}: {pattern}"
    return pattern


def problem(pattern: Pattern) -> str | None:
    """Return why AWS would refuse a pattern, or None."""
    found: str | None = eventbridge._event_pattern_error(json.dumps(pattern))
    return found


def matches(pattern: Pattern, event: dict[str, Any]) -> bool:
    """Return whether a pattern matches an event."""
    return bool(eventbridge._matches_pattern(_text(json.dumps(pattern)), eventbridge._event_from_test_payload(event)))


def rendered(paths: dict[str, str], template: str, event: dict[str, Any]) -> str:
    """Return what an input transformer makes of an event."""
    view = eventbridge._pattern_event_view(eventbridge._event_from_test_payload(event))
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    return str(eventbridge._apply_input_transformer(transformer, {"Name": "rule", "Arn": "arn"}, view))
