"""Rotating the API keys of a fleet's projects, one target after another."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pinekeep.errors import PinekeepError, WrongInputError
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.output.pinecone import FleetRotationOutput, FleetRotationsOutput
from pinekeep.model.words import did_you_mean, listed, plain
from pinekeep.operations.fleet.handoff import place_of
from pinekeep.operations.fleet.projects import FleetProjects, projects_by_name, require_projects, with_fleet
from pinekeep.pinecone.replacement import Exchanged
from pinekeep.pinecone.rotation import Rotation, rotate, rotations


@dataclass(kw_only=True)
class TargetRotation:
    """The API keys of one target to rotate, and how far it came."""

    target: Target
    rotations: list[Rotation] = field(default_factory=list)
    done: list[Exchanged] = field(default_factory=list)
    failed: PinekeepError | None = None

    def output(self, fleet: str, *, keep_old: bool, changed: bool) -> FleetRotationOutput:
        """Return its JSON: the keys to rotate, or those that were, if anything was ``changed``."""
        exchanged: list[Exchanged | None] = [*self.done] if changed else [None] * len(self.rotations)
        return FleetRotationOutput(
            account=self.target.account,
            region=self.target.region,
            keys=[
                rotation.output(keep_old=keep_old, done=done)
                for rotation, done in zip(self.rotations, exchanged, strict=False)
            ],
            reason=with_fleet(self.failed.message, fleet, self.target) if self.failed else None,
            fix=with_fleet(self.failed.hint, fleet, self.target) if self.failed and self.failed.hint else None,
        )


def fleet_rotations(projects: FleetProjects, names: Sequence[str]) -> list[TargetRotation]:
    """Return the API keys to rotate of each target that has some. Reads only.

    ``names``: the keys' names; empty for all. Raises WrongInputError if no target has a key of such a name;
    PinekeepError if Pinecone refuses to list the projects.
    """
    require_projects(projects.targets)
    keys = {place_of(each): _key_names(each) for each in projects.targets.targets}
    known = list(dict.fromkeys(name for each in keys.values() for name in each))
    if unknown := [name for name in names if name not in known]:
        there = f"there are {listed(known)}" if known else "there is none"
        raise WrongInputError(
            f"no API key {plain(unknown[0])} in fleet {projects.targets.name}; {there}",
            hint=did_you_mean(unknown[0], known),
        )
    by_name = projects_by_name(projects.admin.projects())
    found: list[TargetRotation] = []
    for target in projects.targets.targets:
        wanted = [name for name in keys[place_of(target)] if not names or name in names]
        if not wanted or target.deployment.pinecone is None:
            continue
        there = by_name.get(target.deployment.pinecone.project, [])
        made = TargetRotation(target=target)
        try:
            made.rotations = rotations(projects.side(target), wanted, projects=there)
        except PinekeepError as error:
            made.failed = error
        found.append(made)
    return found


def rotate_target(projects: FleetProjects, each: TargetRotation, *, keep_old: bool) -> None:
    """Rotate the API keys of a target. One that fails is noted, and the target's further keys are left out."""
    side = projects.side(each.target)
    for rotation in each.rotations:
        try:
            each.done.append(rotate(side, rotation, keep_old=keep_old))
        except PinekeepError as error:
            each.failed = error
            return


def _key_names(target: Target) -> list[str]:
    return [each.name for each in target.deployment.pinecone.api_keys] if target.deployment.pinecone else []


def rotations_output(
    targets: FleetTargets, found: Sequence[TargetRotation], *, keep_old: bool, changed: bool
) -> FleetRotationsOutput:
    """Return the JSON of a rotation. ``changed``: whether anything was done."""
    return FleetRotationsOutput(
        fleet=targets.name,
        changed=changed,
        passed=not any(each.failed for each in found),
        targets=[each.output(targets.name, keep_old=keep_old, changed=changed) for each in found],
    )
