"""What a fleet's stack set should be: its template, parameters and tags, and the overrides of each instance. Pure."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from pinekeep.account.reads.stack_sets import CallAs
from pinekeep.model import naming
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.values.trust import PLACEHOLDER_EXTERNAL_ID

Part = Literal["cmek", "private_link"]
Place = tuple[str, str]
"""An account and a Region."""

CAPABILITIES: Final = ("CAPABILITY_NAMED_IAM",)
PLACEHOLDERS: Final = {"ExternalId": PLACEHOLDER_EXTERNAL_ID}
"""Parameters that every instance overrides, with the value of the stack set: one that the template refuses, so that an
instance that somebody adds by hand fails instead of getting a known value."""
_PREFIX: Final = "pinekeep"
_DIGITS: Final = 12
_OPERATION_ID: Final = re.compile(rf"{_PREFIX}-([0-9a-f]{{{_DIGITS}}})-[0-9a-f]{{8}}")
_UNIMPORTANT: Final = ("Description", "Metadata")
"""The sections of a template that change with the version of this program and create nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DesiredInstance:
    """One instance as it should be.

    Attributes:
        values: the values of all parameters. They may be secret: do not print them.
        overrides: those that the instance overrides.
        digest: of the template, the values and the tags of the stack set; part of the IDs of operations.
    """

    target: Target
    values: Mapping[str, str]
    overrides: Mapping[str, str]
    digest: str

    @property
    def place(self) -> Place:
        """The account and the Region."""
        return self.target.account, self.target.region

    @property
    def has_role(self) -> bool:
        """Whether its stack creates the account's role, or needs none of another Region."""
        return self.target.role_region in (None, self.target.region)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Instances that one operation deploys: each Region in each account, with equal overrides.

    Attributes:
        regions: in the order of deployment, the Region of the role first.
        wave: 0, or 1 if the role of the accounts is created by a group of wave 0.
    """

    digest: str
    overrides: Mapping[str, str]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    wave: int = 0

    @property
    def places(self) -> tuple[Place, ...]:
        """The instances, by account."""
        return tuple((account, region) for account in self.accounts for region in self.regions)


@dataclass(frozen=True, kw_only=True)
class Desired:
    """A fleet's stack set as it should be.

    The values of the stack set itself are those with which it was created: another one would reach instances that must
    not get it. What differs from them, every instance overrides.

    Attributes:
        name: the fleet's name.
        stack_set: the stack set's name.
        shape: the key of the released shape.
        template: the template body: JSON without spaces, the same bytes each time.
        parameters: the values of the stack set itself.
        varying: the parameters that every instance overrides.
        tags: the tags of the stack set.
    """

    name: str
    stack_set: str
    part: Part
    shape: str
    template: str
    parameters: Mapping[str, str]
    varying: tuple[str, ...]
    tags: Mapping[str, str]
    instances: Mapping[Place, DesiredInstance] = field(default_factory=dict)

    @cached_property
    def template_digest(self) -> str | None:
        """The digest of the template, without description and metadata."""
        return template_digest(self.template)

    def with_current(self, current: Mapping[str, str]) -> "Desired":
        """Return the same for an existing stack set. ``current``: the values that it has."""
        parameters = {name: current.get(name, value) for name, value in self.parameters.items()}
        if parameters == self.parameters:
            return self
        made = {place: _overriding(each, parameters, self.varying) for place, each in self.instances.items()}
        return replace(self, parameters=parameters, instances=made)


def desired(
    found: FleetTargets, *, template: Mapping[str, Any], part: Part, values: Sequence[Mapping[str, str]]
) -> Desired:
    """Return a fleet's stack set as it should be.

    ``template``: the released template. ``values``: the values of its parameters, for each target in order.
    """
    digest = template_digest(template)
    declared = template["Parameters"]
    tags = set_tags(found)
    first = values[0] if values else {}
    different = [name for name in declared if len({each[name] for each in values}) > 1]
    varying = tuple(name for name in declared if name in PLACEHOLDERS or name in different)
    parameters = {
        name: PLACEHOLDERS.get(name) or str(each.get("Default", first[name]) if name in different else first[name])
        for name, each in declared.items()
        if name in first
    }
    instances = {
        (target.account, target.region): DesiredInstance(
            target=target,
            values=each,
            overrides={name: each[name] for name in varying},
            digest=instance_digest(digest, each, tags),
        )
        for target, each in zip(found.targets, values, strict=True)
    }
    return Desired(
        name=found.name,
        stack_set=stack_set_name(found.name, part),
        part=part,
        shape=template["Metadata"]["Pinekeep"]["Shape"],
        template=json.dumps(template, separators=(",", ":"), ensure_ascii=False),
        parameters=parameters,
        varying=varying,
        tags=tags,
        instances=instances,
    )


def _overriding(instance: DesiredInstance, parameters: Mapping[str, str], varying: Sequence[str]) -> DesiredInstance:
    overrides = {
        name: value for name, value in instance.values.items() if name in varying or parameters.get(name) != value
    }
    return replace(instance, overrides=overrides)


def groups(instances: Iterable[DesiredInstance]) -> list[Group]:
    """Return the operations that deploy some instances: each account and Region in one, in the order of deployment.

    The Region of an account's role comes first in its group, or its group comes before the account's others.
    """
    of_account: dict[tuple[str, str], list[DesiredInstance]] = {}
    for each in instances:
        of_account.setdefault((each.target.account, each.digest), []).append(each)
    accounts: dict[tuple[str, tuple[str, ...], int], list[str]] = {}
    overrides: dict[str, Mapping[str, str]] = {}
    for (account, digest), members in of_account.items():
        ordered = sorted(members, key=lambda each: (not each.has_role, each.target.region))
        key = digest, tuple(each.target.region for each in ordered), 0 if ordered[0].has_role else 1
        accounts.setdefault(key, []).append(account)
        overrides[digest] = ordered[0].overrides
    found = [
        Group(digest=digest, overrides=overrides[digest], accounts=tuple(sorted(names)), regions=regions, wave=wave)
        for (digest, regions, wave), names in accounts.items()
    ]
    return sorted(found, key=lambda each: (each.wave, each.accounts[0], each.regions))


def stack_set_name(fleet: str, part: Part) -> str:
    """Return the name of a fleet's stack set."""
    return naming.cmek_stack(fleet) if part == "cmek" else naming.private_link_stack(fleet)


def part_of(found: FleetTargets) -> Part:
    """Return the part of a deployment that a fleet deploys."""
    first = found.targets[0].deployment if found.targets else None
    has_cmek = "cmek" in found.fleet.settings if first is None else first.cmek is not None
    return "cmek" if has_cmek else "private_link"


def call_as(found: FleetTargets) -> CallAs | None:
    """Return how the administrator calls CloudFormation for a fleet."""
    return "DELEGATED_ADMIN" if found.fleet.delegated else None


def set_tags(found: FleetTargets) -> dict[str, str]:
    """Return the tags of a fleet's stack set: those of the deployments, of the fleet, and its name."""
    own = found.targets[0].deployment.tags if found.targets else {}
    return {**own, **found.fleet.tags, naming.FLEET_TAG: found.name}


def template_digest(template: str | Mapping[str, Any]) -> str | None:
    """Return the digest of a template, without description and metadata; None if it is not JSON."""
    if isinstance(template, str):
        try:
            template = json.loads(template)
        except ValueError:
            return None
        if not isinstance(template, Mapping):
            return None
    kept = {name: each for name, each in template.items() if name not in _UNIMPORTANT}
    return _digest(kept)


def instance_digest(template: str | None, values: Mapping[str, str], tags: Mapping[str, str]) -> str:
    """Return the digest of an instance: what an operation deploys to it."""
    return _digest([template, sorted(values.items()), sorted(tags.items())])


def new_operation_id(digest: str) -> str:
    """Return the ID of a new operation, which says what it deploys. ``digest``: of an instance, or of the template."""
    return f"{_PREFIX}-{digest}-{uuid.uuid4().hex[:8]}"


def digest_of(operation: str | None) -> str | None:
    """Return the digest in the ID of an operation; None if it is not one of this program's."""
    match = _OPERATION_ID.fullmatch(operation or "")
    return match[1] if match else None


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
