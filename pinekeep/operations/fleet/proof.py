"""The released template of a fleet, proved for its targets.

A released template is used only if, with the values of a target, it is the target's own template. That is compared for
a witness of each combination of settings that no parameter carries, and of which optional values are given: the others
differ from a witness in the values of parameters alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Configuration, ConfigurationError, Deployment, PinekeepFile, Problem
from pinekeep.model.config.fleet.targets import FleetTargets, Target
from pinekeep.model.config.models import role_arn_of
from pinekeep.model.config.rosters import NOBODY, Rosters
from pinekeep.model.facts import stack_sets
from pinekeep.operations.fleet.desired import Desired, Part, desired, part_of
from pinekeep.operations.release.comparison import difference_of, invalid_parameter, without_role
from pinekeep.operations.release.shapes import STACKS, parameters_of, shape_of
from pinekeep.operations.release.templates import released_templates
from pinekeep.operations.synthesis.cache import assemble

_CARRIED: Final[Mapping[str, Any]] = {
    "permissions_boundary": None,
    "iam_path": None,
    "tags": None,
    "cmek": {
        "role_name": None,
        "trust": {"external_id": None},
        "key": {
            "alias": None,
            "administrators": None,
            "rotation_days": None,
            "deletion_window_days": None,
            "adopt": None,
        },
        "customer_keys": None,
    },
    "private_link": {
        "vpc": {"id": None, "subnet_ids": None, "cidr": None, "availability_zones": None},
        "clients": {"cidrs": None},
        "client_vpc_ids": None,
        "resolver": {"client_cidrs": None},
    },
}
"""The settings whose values parameters carry: only whether they are given, and how many, makes another combination."""
_WITHOUT_TEMPLATE: Final = {"account", "profile", "assume_role", "pinecone", "project_of"}
"""Settings that no template depends on."""
_WITNESS: Final = "witness-{:03}"


def desired_of(found: FleetTargets, *, file: str = "pinekeep.yaml") -> Desired:
    """Return a fleet's stack set as it should be, with a template proved for its targets.

    Templates come from the cache of synthesized ones where they can. ``file``: the configuration file, for messages.
    Raises ConfigurationError, with all problems, if one released template cannot express the targets; PinekeepError if
    a template cannot be synthesized.
    """
    part = part_of(found)
    shape = _shape(found, part, file)
    values = [
        parameters_of(
            found.name,
            each.deployment,
            pinecone_account=found.pinecone_account,
            role_region=each.role_region,
            part=part,
        )
        for each in found.targets
    ]
    template = released_templates([shape])[shape.key]
    problems = [*_invalid(found, template, values), *_tags(found)]
    problems = problems or _unproved(found, part, template)
    if problems:
        raise ConfigurationError(file, problems)
    made = desired(found, template=template, part=part, values=values)
    size = len(made.template.encode())
    if size > stack_sets.TEMPLATE_BYTES_MAX:
        raise WrongInputError(
            f"fleet {found.name}: the template has {size:,} bytes, of at most {stack_sets.TEMPLATE_BYTES_MAX:,}"
        )
    return made


def witnesses_of(targets: Sequence[Target]) -> list[int]:
    """Return the indexes of the targets whose templates stand for all: first, last, one of each combination."""
    found: dict[str, int] = {}
    for index, each in enumerate(targets):
        found.setdefault(combination(each), index)
    return sorted({*found.values(), *([0, len(targets) - 1] if targets else [])})


def combination(target: Target) -> str:
    """Return a target's settings without the values that parameters carry, as a key."""
    settings = target.deployment.model_dump(mode="json", exclude_unset=True, exclude=_WITHOUT_TEMPLATE)
    kept = _masked(settings, _CARRIED)
    return json.dumps([kept, target.role_region in (None, target.region)], sort_keys=True)


def _masked(value: Any, carried: Mapping[str, Any] | None) -> Any:
    match value:
        case list() | dict() if carried is None:
            return len(value)
        case dict() if carried is not None:
            return {name: _masked(each, carried[name]) if name in carried else each for name, each in value.items()}
        case _:
            return bool(value) if carried is None else value


def _shape(found: FleetTargets, part: Part, file: str) -> Any:
    if not found.targets:
        raise WrongInputError(
            f"fleet {found.name} has no targets",
            hint=f"write accounts, units or file under fleet.{found.name}; the units may be empty",
        )
    shapes: dict[str, list[Target]] = {}
    for each in found.targets:
        shape = shape_of(found.name, each.deployment, part)
        shapes.setdefault(shape.key, []).append(each)
    if len(shapes) > 1:
        most = max(shapes, key=lambda key: len(shapes[key]))
        problems = [
            Problem(
                "fleet-shape",
                f"{_named(target)} is of shape {key}, and the others are of shape {most}",
                "a fleet has one shape: put the account into a fleet of its own",
                _path(found),
            )
            for key, targets in shapes.items()
            if key != most
            for target in targets
        ]
        raise ConfigurationError(file, problems)
    return shape_of(found.name, found.targets[0].deployment, part)


def _invalid(
    found: FleetTargets, template: Mapping[str, Any], values: Sequence[Mapping[str, str]]
) -> Iterable[Problem]:
    """Yield the values that the template does not take. Each different value is looked at once."""
    declared = template["Parameters"]
    known: dict[tuple[str, str], bool] = {}
    for target, each in zip(found.targets, values, strict=True):
        for name, value in each.items():
            if (name, value) not in known:
                known[name, value] = invalid_parameter({name: declared[name]}, {name: value}) is not None
            if known[name, value]:
                yield Problem(
                    "fleet-value",
                    f"{_named(target)}: the value of {name} is not one that the released template takes",
                    str(declared[name].get("ConstraintDescription") or declared[name].get("Description") or "") or None,
                    _path(found),
                )


def _tags(found: FleetTargets) -> Iterable[Problem]:
    first = found.targets[0].deployment.tags
    for each in found.targets:
        if each.deployment.tags != first:
            yield Problem(
                "fleet-tags",
                f"{_named(each)} has other tags than {_named(found.targets[0])}",
                "a stack set has one set of tags: write them under settings",
                _path(found),
            )
    for key, value in {**first, **found.fleet.tags}.items():
        if not value:
            yield Problem("fleet-tags", f"tag {key} has no value", "a stack set takes no empty values", _path(found))


def _unproved(found: FleetTargets, part: Part, template: Mapping[str, Any]) -> list[Problem]:
    """Return the witnesses whose own template is another."""
    indexes = witnesses_of(found.targets)
    named = {_WITNESS.format(number): index for number, index in enumerate(indexes)}
    deployments: dict[str, Deployment] = {name: found.targets[index].deployment for name, index in named.items()}
    content = PinekeepFile.model_construct(version=1, pinecone_account=found.pinecone_account, deployments=deployments)
    configuration = Configuration(Path("fleet"), content, rosters=_rosters(content))
    problems = []
    with TemporaryDirectory() as scratch:
        assemble(configuration, deployments, folder=Path(scratch))
        for name, index in named.items():
            target = found.targets[index]
            own = json.loads(Path(scratch, f"{STACKS[part](name)}.template.json").read_text(encoding="utf-8"))
            if target.role_region not in (None, target.region):
                own = without_role(own, arn=role_arn_of(name, target.deployment))
            given = parameters_of(
                name,
                target.deployment,
                pinecone_account=found.pinecone_account,
                role_region=target.role_region,
                part=part,
            )
            if difference := difference_of(template, given, deployment=target.deployment, own_template=own):
                problems.append(
                    Problem(
                        "fleet-template",
                        f"{_named(target)}: no released template can express it: {difference}",
                        "put the account into `deployments`: `pinekeep deploy` deploys what a released template cannot "
                        "express",
                        _path(found),
                    )
                )
    return problems


def _rosters(content: PinekeepFile) -> Rosters:
    """Return the places of customers in the roles of the witnesses. Without customers, nothing is imported for them."""
    if not any(each.cmek and each.cmek.customer_keys for each in content.deployments.values()):
        return NOBODY
    from pinekeep.model.config.roster import make_rosters  # noqa: PLC0415

    return make_rosters(content, NOBODY.ledger)


def _named(target: Target) -> str:
    place = f"{target.place}: " if target.place else ""
    return f"{place}account {target.account} in {target.region}"


def _path(found: FleetTargets) -> tuple[str, str]:
    return "fleet", found.name
