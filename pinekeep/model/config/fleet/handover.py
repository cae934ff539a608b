"""What Pinecone was given for the targets of fleets: a file beside the configuration, and what it refuses.

The handover file of single deployments is a digest of records in their accounts. A fleet reads its accounts through a
role that changes nothing, so there is no record in them: this file, committed with the configuration, is the record. It
holds no secret. Each target is one line, so that version control shows and merges single targets.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.handover.changes import lasting_values
from pinekeep.model.config.handover.file import Handover, HandoverEntry, digest, lasting_of, read_document
from pinekeep.model.config.problems import Path as ProblemPath
from pinekeep.model.config.problems import Problem
from pinekeep.model.policies.trust import Regions
from pinekeep.model.sidecar import write_whole
from pinekeep.model.values.names import DeploymentName
from pinekeep.model.values.trust import NO_EXTERNAL_ID
from pinekeep.model.words import listed, plain

VERSION: Final = 1
_SHOWN: Final = 5
MAX_BYTES: Final = 64 * 1024 * 1024
"""Several times the size for the largest fleet."""
HINT: Final = (
    "bring it back from version control; if nothing was handed over to Pinecone, remove it. `pinekeep fleet handoff "
    "--record` writes the values that are deployed now"
)
Place = tuple[str, str]
"""The account and the Region of a target."""
FleetHandovers = Mapping[str, Mapping[Place, Handover]]
"""What was handed over, by fleet, then by account and Region."""

_Target = Annotated[str, Field(pattern=r"^[0-9]{12}/[a-z]+(-[a-z0-9]+)+$", max_length=80)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    version: int
    fleets: dict[DeploymentName, dict[_Target, HandoverEntry]]


def fleet_handover_path(configuration: Path) -> Path:
    """Return the path of the file: ``pinekeep.fleet-handed-over.json`` for ``pinekeep.yaml``."""
    return configuration.with_suffix(".fleet-handed-over.json")


def read_fleet_handovers(path: Path) -> FleetHandovers:
    """Return what was handed over for fleets; nothing without a file. Raises WrongInputError if it is damaged."""
    parsed = read_document(path, _Document, version=VERSION, max_bytes=MAX_BYTES, hint=HINT)
    if parsed is None:
        return {}
    return {
        fleet: {(place := _place(target)): entry.in_place(*place) for target, entry in entries.items()}
        for fleet, entries in parsed.fleets.items()
    }


def _place(target: str) -> Place:
    account, _, region = target.partition("/")
    return account, region


def write_fleet_handovers(path: Path, handovers: FleetHandovers) -> None:
    """Write the file as a whole; same content, same bytes. Raises WrongInputError if the folder cannot be written."""
    fleets: list[str] = []
    for fleet, targets in sorted(handovers.items()):
        lines = [
            f"      {json.dumps('/'.join(place))}: {json.dumps(lasting_of(each))}"
            for place, each in sorted(targets.items())
        ]
        body = "{\n" + ",\n".join(lines) + "\n    }" if lines else "{}"
        fleets.append(f"    {json.dumps(fleet)}: {body}")
    text = "{\n" + ",\n".join(fleets) + "\n  }" if fleets else "{}"
    write_whole(path, f'{{\n  "version": {VERSION},\n  "fleets": {text}\n}}\n', mode=0o644)


@dataclass(frozen=True, kw_only=True)
class RecordConflict:
    """A target for which something else was recorded than would be now. ``value``: the value that differs."""

    place: Place
    value: str


def joined(
    before: Mapping[Place, Handover], now: Iterable[Handover]
) -> tuple[dict[Place, Handover], tuple[RecordConflict, ...]]:
    """Return the handovers of a fleet with further ones, and what contradicts a recorded one, which then stays.

    Trusted regions may be added, as Pinecone's access to the others stays. A handover that says nothing new keeps its
    time.
    """
    after, conflicts = dict(before), list[RecordConflict]()
    for each in now:
        place = (each.account, each.region)
        known = before.get(place)
        if known is None:
            after[place] = each
        elif differing := _contradiction(known, each):
            conflicts.append(RecordConflict(place=place, value=differing))
        elif known.regions != each.regions:
            after[place] = each
    return after, tuple(conflicts)


def _contradiction(known: Handover, now: Handover) -> str | None:
    values = (
        ("role ARN", known.role_arn, now.role_arn),
        ("key ARN", known.key_arn, now.key_arn),
        ("external ID", known.external_id, now.external_id),
        ("account of Pinecone's", known.pinecone_account, now.pinecone_account),
    )
    differing = next((what for what, was, is_now in values if was != is_now), None)
    if differing is None and not _covers(now.regions, known.regions):
        return "trusted regions"
    return differing


def _covers(now: Regions | None, known: Regions | None) -> bool:
    return now in ("all", known) or (known != "all" and set(known or ()) <= set(now or ()))


def changes_of(targets: FleetTargets, handovers: FleetHandovers, *, file: str) -> dict[Place, tuple[Problem, ...]]:
    """Return what of each target differs from what Pinecone was given, as warnings; targets without any are left out.

    A deployment of such a target has to be refused. ``file``: the name of the handover file, for the hints. The
    handovers of all fleets of the file are needed: under another name, a fleet would create other roles and keys.
    """
    own = handovers.get(targets.name, {})
    elsewhere = {
        (place[0], each.external_id): (fleet, each)
        for fleet, of_fleet in handovers.items()
        if fleet != targets.name
        for place, each in of_fleet.items()
        if each.external_id not in (None, NO_EXTERNAL_ID)
    }
    found: dict[Place, tuple[Problem, ...]] = {}
    for target in targets.targets:
        given = own.get((target.account, target.region))
        if given is None:
            problems = _renamed(targets.name, target, elsewhere)
        else:
            problems = _changed(targets, target, given, file)
        if told := tuple(problems):
            found[target.account, target.region] = told
    return found


def read_changes(configuration: Path, targets: FleetTargets) -> dict[Place, tuple[Problem, ...]]:
    """Return :func:`changes_of` by the file beside a configuration file. Raises WrongInputError if it is damaged."""
    path = fleet_handover_path(configuration)
    handovers = read_fleet_handovers(path)
    return changes_of(targets, handovers, file=path.name) if handovers else {}


def record_warnings(configuration: Path, fleets: Iterable[FleetTargets]) -> Iterator[Problem]:
    """Yield what of the targets of a file differs from what Pinecone was given, each with its account and Region.

    Targets that are no longer in the file are told where it lists all of them. Raises WrongInputError if the record is
    damaged.
    """
    path = fleet_handover_path(configuration)
    handovers = read_fleet_handovers(path)
    known = list(fleets)
    for targets in known if handovers else ():
        places = {(each.account, each.region): each.place for each in targets.targets}
        for place, problems in changes_of(targets, handovers, file=path.name).items():
            row = f" ({places[place]})" if places[place] else ""
            yield from (replace(each, message=f"{'/'.join(place)}{row}: {each.message}") for each in problems)
        left = () if targets.fleet.units else left_targets(targets, handovers)
        if left:
            yield _gone(targets.name, left, ("fleet", targets.name))
    names = {each.name for each in known}
    for name, given in handovers.items():
        if name not in names and given:
            yield _gone(name, tuple(sorted(given)), ("fleet",))


def _gone(name: str, places: Sequence[Place], path: ProblemPath) -> Problem:
    few = [*map("/".join, places[:_SHOWN]), *(["…"] if len(places) > _SHOWN else [])]
    return Problem(
        "handed-over-deployment-removed",
        f"{listed(few)} of fleet {name} {'is' if len(places) == 1 else 'are'} no longer in the file, but Pinecone was "
        "given a role there: role and key stay in the account, and are neither planned nor verified",
        "restore the rows; if Pinecone stopped using the keys for good, remove them from the record beside the file",
        path,
        severity="warning",
    )


def _changed(targets: FleetTargets, target: Target, given: Handover, file: str) -> Iterator[Problem]:
    way_out = (
        f"if Pinecone stopped using the key for good, remove {target.account}/{target.region} of {targets.name} from "
        f"{plain(file)}"
    )
    now = targets.pinecone_account
    if target.deployment.cmek is not None and now is not None and given.pinecone_account not in (None, now):
        yield Problem(
            "handed-over-pinecone-account",
            f"it was handed over for Pinecone's account {given.pinecone_account}; with {now} Pinecone could no longer "
            "assume the role",
            f'write pinecone_account: "{given.pinecone_account}"',
            ("pinecone_account",),
            severity="warning",
        )
    path = ("fleet", targets.name, "settings")
    yield from lasting_values(targets.name, target.deployment, given, path=path, way_out=way_out)


def _renamed(name: str, target: Target, elsewhere: Mapping[tuple[str, str], tuple[str, Handover]]) -> Iterator[Problem]:
    cmek = target.deployment.cmek
    known = elsewhere.get((target.account, digest(cmek.trust.external_id))) if cmek is not None else None
    if known is not None:
        fleet, given = known
        yield Problem(
            "handed-over-deployment-removed",
            f"Pinecone was given its external ID with the role {given.role_arn} of fleet {fleet}; in fleet {name}, "
            "another role and key would be created",
            f"keep the account in fleet {fleet}; for another Pinecone project, write a new external ID",
            ("fleet", name),
            severity="warning",
        )


def left_targets(targets: FleetTargets, handovers: FleetHandovers) -> tuple[Place, ...]:
    """Return the handed-over targets of a fleet that are no longer in the file. Their stacks stay in the accounts."""
    there = {(each.account, each.region) for each in targets.targets}
    return tuple(sorted(place for place in handovers.get(targets.name, {}) if place not in there))
