"""What CloudFormation says was changed behind the stacks' back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from pinekeep.account.reads.drift import Drift
from pinekeep.account.reads.live import Document
from pinekeep.operations.verification.checks.check import Subject, registry, with_cmek, with_link
from pinekeep.operations.verification.checks.finding import Verdict, failed, noted, passed

IN_SYNC: Final = "IN_SYNC"
DRIFTED: Final = "DRIFTED"


CHECKS: Final = registry(wanted="nothing was changed behind the stack's back", sees_absence=True)


@CHECKS.add(
    id="private-link-stack-drift",
    title="Drift of the endpoint's stack",
    meaning="Somebody changed the endpoint or its network by hand, so clients may not reach Pinecone privately.",
    reads=("private_link_stack", "private_link_drift"),
    applies=with_link,
)
@CHECKS.add(
    id="cmek-stack-drift",
    title="Drift of the key's stack",
    meaning="Somebody changed the role or the key by hand, so Pinecone may be refused, or others let in.",
    reads=("cmek_stack", "cmek_drift"),
    applies=with_cmek,
)
def _drift(subject: Subject, stack: Document | None, found: Drift | None) -> Iterator[Verdict]:
    if stack is None:
        return
    yield _last(subject, stack) if found is None else _now(subject, found)


def _last(subject: Subject, stack: Document) -> Verdict:
    told: dict[str, Any] = stack.get("DriftInformation") or {}
    status, at = told.get("StackDriftStatus"), _when(told.get("LastCheckTimestamp"))
    look = f"have it look now: pinekeep verify --drift --deployment {subject.name}"
    if status == IN_SYNC:
        return passed(f"nothing, when CloudFormation last looked{at}")
    if status == DRIFTED:
        return noted(f"CloudFormation found changes when it last looked{at}; they may be undone since", fix=look)
    return noted("CloudFormation has not looked yet", fix=look)


def _now(subject: Subject, found: Drift) -> Verdict:
    if found.status == IN_SYNC:
        return passed(f"nothing, when CloudFormation looked{_when(found.at)}")
    if found.status == DRIFTED:
        told = "; ".join(found.changes) or "CloudFormation does not tell what"
        return failed(told, fix=subject.restore)
    reason = f": {found.reason}" if found.reason else ""
    return noted(
        f"CloudFormation could not look at everything{reason}",
        fix="drift detection reads each resource with the permissions of whoever asks; the other checks do not need it",
    )


def _when(at: Any) -> str:
    return f" on {at:%Y-%m-%d at %H:%M} UTC" if isinstance(at, datetime) else ""
