"""Recording what Pinecone was given for the targets of a fleet, in a file beside the configuration."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pinekeep.errors import WrongInputError
from pinekeep.model.config.fleet.handover import (
    fleet_handover_path,
    joined,
    read_fleet_handovers,
    write_fleet_handovers,
)
from pinekeep.model.config.fleet.targets import FleetTargets
from pinekeep.model.output.fleet_handoff import FleetRecordOutput
from pinekeep.operations.fleet.handoff import DeployedTarget, handover_of


def require_recordable(targets: FleetTargets) -> None:
    """Raise WrongInputError if Pinecone keeps nothing of a fleet for good."""
    if not any(each.deployment.cmek is not None for each in targets.targets):
        raise WrongInputError(
            f"fleet {targets.name} has no cmek, and endpoints can be replaced: there is nothing to record",
            hint="leave out --record",
        )


def record_handoff(
    configuration: Path,
    targets: FleetTargets,
    deployed: Sequence[DeployedTarget],
    *,
    dry_run: bool = False,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> FleetRecordOutput:
    """Add targets to the record of their fleet. What is recorded already stays as it is.

    ``configuration``: the configuration file. Raises WrongInputError if the record is damaged or cannot be written.
    """
    path = fleet_handover_path(configuration)
    before = read_fleet_handovers(path)
    at = clock().isoformat(timespec="seconds")
    now = [handover_of(targets, each, recorded_at=at) for each in deployed]
    known = before.get(targets.name, {})
    after, conflicts = joined(known, now)
    changed = after != known
    if changed and not dry_run:
        write_fleet_handovers(path, {**before, targets.name: after})
    return FleetRecordOutput(file=str(path), changed=changed, targets=len(now) - len(conflicts))
