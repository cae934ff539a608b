"""The checks of a target's stack instance: what the stack set says of it."""

from collections.abc import Iterator
from typing import Final

from pinekeep.account.reads.stack_sets import Instance
from pinekeep.operations.verification.checks.base import Description
from pinekeep.operations.verification.checks.finding import Finding, Verdict, failed, noted, passed

STATE: Final = Description(
    id="fleet-instance",
    title="Stack instance",
    wanted="the instance is current",
    meaning="The account may have another template or other values than the fleet.",
)
DRIFT: Final = Description(
    id="fleet-instance-drift",
    title="Drift of the stack instance",
    wanted="no changes outside the stack",
    meaning="Somebody changed the role, the key or the endpoint by hand, so Pinecone may be refused, or others may "
    "have gained access.",
)
INSTANCE_CHECKS: Final = (STATE, DRIFT)
"""The checks that a fleet has in addition."""
_CURRENT: Final = "CURRENT"
_OUTDATED: Final = "OUTDATED"


def check_instance(fleet: str, instance: Instance) -> Iterator[Finding]:
    """Yield the findings of a stack instance."""
    yield STATE.finding(fleet, _state(fleet, instance))
    yield DRIFT.finding(fleet, _drift(fleet, instance))


def _state(fleet: str, instance: Instance) -> Verdict:
    reason = f": {instance.reason}" if instance.reason else ""
    detail = f" ({instance.detailed_status})" if instance.detailed_status else ""
    if instance.status == _CURRENT:
        return passed(instance.status)
    if instance.status == _OUTDATED:
        fix = f"pinekeep fleet plan --fleet {fleet} shows what differs; then: pinekeep fleet deploy --fleet {fleet}"
        return failed(f"{instance.status}{detail}{reason}", fix=fix)
    fix = (
        "take it out of the stack set, which leaves the stack: pinekeep fleet remove --fleet "
        f"{fleet} --account {instance.account} --region {instance.region}; correct the cause in the account; then: "
        f"pinekeep fleet deploy --fleet {fleet}"
    )
    return failed(f"{instance.status}{detail}{reason}", fix=fix)


def _drift(fleet: str, instance: Instance) -> Verdict:
    look = f"pinekeep fleet status --fleet {fleet} --detect-drift"
    at = f" on {instance.drift_checked_at:%Y-%m-%d at %H:%M} UTC" if instance.drift_checked_at else ""
    if instance.drift == "IN_SYNC":
        return passed(f"none{at}")
    if instance.drift == "DRIFTED":
        return noted(f"the stack set found changes{at}; they may be undone since", fix=look)
    return noted("drift was not detected yet", fix=look)
