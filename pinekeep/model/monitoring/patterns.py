"""Event patterns of EventBridge, as pure functions of plain values.

CloudTrail's records of API calls have the source of their service and one detail type; each pattern adds the calls and
the resource. A refused call has an ``errorCode``, and changed nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final, cast

Pattern = Mapping[str, Any]
"""An event pattern, or a part of one."""

_ANYTHING: Final[Pattern] = {}

API_CALL: Final = "AWS API Call via CloudTrail"
SERVICE_EVENT: Final = "AWS Service Event via CloudTrail"
DRY_RUNS: Final = ("DryRunOperationException", "Client.DryRunOperation")
"""The error codes of calls that were only tried out."""


def call(source: str, names: Sequence[str], resource: Sequence[Pattern] = (), **detail: Any) -> Pattern:
    """Return the pattern of API calls that succeeded. ``resource``: alternatives, one of which must match."""
    return {
        "source": [source],
        "detail-type": [API_CALL],
        "detail": {"eventName": list(names), "errorCode": [{"exists": False}], **detail, **any_of(resource)},
    }


def refused(sources: Sequence[str], resource: Sequence[Pattern]) -> Pattern:
    """Return the pattern of API calls that would have changed something and were refused. Dry runs are left out."""
    return {
        "source": list(sources),
        "detail-type": [API_CALL],
        "detail": {"readOnly": [False], "errorCode": [{"anything-but": list(DRY_RUNS)}], **any_of(resource)},
    }


def service_event(source: str, detail_type: str, recorded: str | None, arn: str) -> Pattern:
    """Return the pattern of an event that a service sends itself, about one resource.

    ``recorded``: the name under which CloudTrail records the same, with the resource in another place.
    """
    sent: Pattern = {"detail-type": [detail_type], "resources": [arn]}
    if recorded is None:
        return {"source": [source], **sent}
    record = {"detail-type": [SERVICE_EVENT], "detail": {"eventName": [recorded], "resources": {"ARN": [arn]}}}
    return {"source": [source], "$or": [sent, record]}


def any_of(parts: Sequence[Pattern]) -> Pattern:
    """Return parts of a pattern as alternatives; a single one needs no ``$or``."""
    if len(parts) > 1:
        return {"$or": list(parts)}
    return parts[0] if parts else _ANYTHING


def parameter(path: str, values: Iterable[str]) -> Pattern:
    """Return the part that matches a request parameter, by its path with dots."""
    names = reversed(path.split("."))
    return {"requestParameters": reduce(lambda below, name: {name: below}, names, cast(Any, list(values)))}


def key_resource(names: Sequence[str], arn: str) -> list[Pattern]:
    """Return the alternatives that match a KMS key.

    The caller chooses what ``keyId`` is: ID, ARN or alias. ``resources`` has the key's ARN, and is missing in records
    of some refused calls.
    """
    return [{"resources": {"ARN": [arn]}}, parameter("keyId", names)]


def alias_resource(arn: str, alias: str | None) -> list[Pattern]:
    """Return the alternatives that match changes of an alias: of the key's, or to the key."""
    return [{"resources": {"ARN": [arn]}}, *([parameter("aliasName", [alias])] if alias else [])]


def named_in_error(names: Iterable[str], *, before: Sequence[str]) -> Pattern:
    """Return the part that finds a name in the message of a denial, whose request parameters may be missing.

    ``before``: what precedes the name there. A space follows it, or the message ends.
    """
    return {
        "errorMessage": [
            match
            for name in names
            for mark in before
            for match in ({"wildcard": f"*{mark}{name} *"}, {"suffix": f"{mark}{name}"})
        ]
    }
