"""The parameters of released templates for the deployments of a configuration file.

A released template is only offered for a deployment if, with these parameters, it is the deployment's own template.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.model import naming
from pinekeep.model.config import Configuration, Deployment
from pinekeep.model.config.private_link import AdoptedEndpoint, NewVpc
from pinekeep.operations.release.catalogue import SHAPES, ReleasedShape
from pinekeep.operations.release.resolution import Resolution
from pinekeep.operations.release.templates import released_templates
from pinekeep.operations.synthesis.cache import assemble

_BY_KEY: Final = {shape.key: shape for shape in SHAPES}
_STACKS: Final = {"cmek": naming.cmek_stack, "private_link": naming.private_link_stack}
_SETS: Final = frozenset({"AWS", "Resource"})
"""Elements of a policy whose values have no order."""
_INSTEAD: Final = "`pinekeep deploy` deploys what a released template cannot express"


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A released template and its parameters, which together are one stack of a deployment."""

    deployment: str
    part: str
    stack: str
    shape: str
    region: str
    parameters: Mapping[str, str]


def fillings(configuration: Configuration, deployments: Mapping[str, Deployment]) -> list[Filling]:
    """Return the released templates and parameters of the deployments.

    Raises WrongInputError, for the first of them, if no released template can express a deployment.
    """
    wanted = [
        (name, deployment, part, _shape_of(name, deployment, part))
        for name, deployment in deployments.items()
        for part in _STACKS
        if getattr(deployment, part) is not None
    ]
    templates = released_templates({shape.key: shape for *_, shape in wanted}.values())
    account = configuration.content.pinecone_account
    found = []
    with TemporaryDirectory() as scratch:
        assemble(configuration, deployments, folder=Path(scratch))
        for name, deployment, part, shape in wanted:
            values = {each.name: each.value(name, deployment, account) for each in shape.parameters}
            own = json.loads(Path(scratch, f"{_STACKS[part](name)}.template.json").read_text(encoding="utf-8"))
            if difference := _difference(templates[shape.key], values, own, deployment):
                raise WrongInputError(
                    f"{name}: the released template {shape.key} cannot express its {part}: {difference}", hint=_INSTEAD
                )
            found.append(
                Filling(
                    deployment=name,
                    part=part,
                    stack=_STACKS[part](name),
                    shape=shape.key,
                    region=deployment.region,
                    parameters=values,
                )
            )
    return found


def _shape_of(name: str, deployment: Deployment, part: str) -> ReleasedShape:
    if deployment.cmek is not None and part == "cmek":
        adopted = "cmek-own-key" if deployment.cmek.key.adopt is None else "cmek-adopted-key"
        return _BY_KEY[adopted if deployment.cmek.has_own_key else "cmek-customer-keys"]
    link = deployment.private_link
    if link is None or isinstance(link.vpc, AdoptedEndpoint):
        raise WrongInputError(
            f"{name}: there is no released template for an adopted endpoint, which needs no stack", hint=_INSTEAD
        )
    vpc = "new-vpc" if isinstance(link.vpc, NewVpc) else "existing-vpc"
    return _BY_KEY[f"private-link-{vpc}-{link.dns}"]


def _difference(
    template: Mapping[str, Any], values: Mapping[str, str], own: Mapping[str, Any], deployment: Deployment
) -> str | None:
    """Return where a released template with parameters differs from a deployment's own, in words; None if nowhere."""
    invalid = next(_invalid(template["Parameters"], values), None)
    if invalid is not None:
        return f"its value of {invalid} is not one that the template takes"
    resolution = Resolution(template, values, account=deployment.account, region=deployment.region)
    if failed := resolution.failed_rules():
        return failed[0][0].lower() + failed[0][1:]
    filled = comparable(resolution.template(), extra_tags=frozenset())
    wanted = comparable(own, extra_tags=frozenset(deployment.tags))
    return next(differences(filled, wanted), None)


def _invalid(declared: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[str]:
    for name, parameter in declared.items():
        value = values[name]
        given = value.split(",") if parameter["Type"] == "CommaDelimitedList" else [value]
        for each in given:
            if "AllowedPattern" in parameter and not re.search(parameter["AllowedPattern"], each):
                yield name
            if "AllowedValues" in parameter and each not in parameter["AllowedValues"]:
                yield name
        if "Default" not in parameter and not value:
            yield name


def comparable(template: Mapping[str, Any], *, extra_tags: frozenset[str]) -> dict[str, Any]:
    """Return the resources and outputs of a template as they compare with another's.

    Scalars are texts, as CloudFormation treats them; resources have numbers, by type and order, instead of logical IDs,
    which contain values in a deployment's own template. ``extra_tags``: tags that a stack passes on to its resources.
    """
    found = {section: template[section] for section in ("Resources", "Outputs")}
    text = json.dumps(_plain(found, extra_tags))
    counted: dict[str, int] = {}
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        counted[kind] = counted.get(kind, 0) + 1
        text = text.replace(f'"{name}"', f'"{kind} {counted[kind]}"')
    made: dict[str, Any] = json.loads(text)
    return made


def _plain(node: Any, extra_tags: frozenset[str]) -> Any:
    match node:
        case bool():
            return "true" if node else "false"
        case int():
            return str(node)
        case dict():
            found = {name: _plain(each, extra_tags) for name, each in node.items() if name != "Path" or each != "/"}
            return {name: _sorted(each) if name in _SETS else each for name, each in found.items()}
        case list():
            kept = [each for each in node if not (isinstance(each, dict) and each.get("Key") in extra_tags)]
            return [_plain(each, extra_tags) for each in kept]
        case _:
            return node


def _sorted(value: Any) -> Any:
    is_texts = isinstance(value, list) and all(isinstance(each, str) for each in value)
    return sorted(value) if is_texts else value


def differences(found: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Yield the places in which two templates differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for name in {**found, **wanted}:
            where = f"{place}.{name}" if place else str(name)
            if name not in wanted:
                yield f"it has no {where}"
            elif name not in found:
                yield f"the template has no {where}"
            else:
                yield from differences(found[name], wanted[name], where)
    elif isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        for index, (one, other) in enumerate(zip(found, wanted, strict=True)):
            yield from differences(one, other, f"{place}[{index}]")
    elif found != wanted:
        yield f"{place} differs"
