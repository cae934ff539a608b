"""Whether a released template with parameters is a deployment's own template."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pinekeep.errors import WrongInputError
from pinekeep.model.config import Deployment
from pinekeep.model.config.models import role_arn_of
from pinekeep.operations.release.parameters import ROLE_REGION
from pinekeep.operations.release.resolution import Resolution
from pinekeep.operations.release.shapes import INSTEAD, SHAPES_BY_KEY

_SETS: Final = frozenset({"AWS", "Resource"})
"""Elements of a policy whose values have no order."""
_ROLE: Final = "PineconeRole"


def require_expressible(
    template: Mapping[str, Any],
    values: Mapping[str, str],
    *,
    name: str,
    deployment: Deployment,
    own_template: Mapping[str, Any],
) -> None:
    """Refuse a deployment whose own template a released template with parameters is not, with WrongInputError.

    Args:
        template: the released template.
        values: the values of all its parameters. With the role in another Region, the deployment's own template is
            compared without the role, whose ARN stands where it is referred to.
        name: the deployment's name.
        deployment: its settings.
        own_template: its own synthesized template of that part.
    """
    if values.get(ROLE_REGION.name, "") not in ("", deployment.region):
        own_template = without_role(own_template, arn=role_arn_of(name, deployment))
    if difference := difference_of(template, values, deployment=deployment, own_template=own_template):
        shape = SHAPES_BY_KEY[template["Metadata"]["Pinekeep"]["Shape"]]
        raise WrongInputError(
            f"{name}: the released template {shape.key} cannot express its {shape.part}: {difference}", hint=INSTEAD
        )


def without_role(template: Mapping[str, Any], *, arn: str) -> dict[str, Any]:
    """Return a template without the role that Pinecone assumes, with the role's ARN in the place of references."""
    resources = {name: each for name, each in template["Resources"].items() if name != _ROLE}
    made: dict[str, Any] = _with_arn({**template, "Resources": resources}, arn)
    return made


def _with_arn(node: Any, arn: str) -> Any:
    match node:
        case {"Fn::GetAtt": [str(name), "Arn"]} if name == _ROLE:
            return arn
        case dict():
            return {key: _with_arn(each, arn) for key, each in node.items()}
        case list():
            return [_with_arn(each, arn) for each in node]
        case _:
            return node


def difference_of(
    template: Mapping[str, Any], values: Mapping[str, str], *, deployment: Deployment, own_template: Mapping[str, Any]
) -> str | None:
    """Return where a released template with parameters differs from a deployment's own, in words; None if nowhere."""
    invalid = invalid_parameter(template["Parameters"], values)
    if invalid is not None:
        return f"its value of {invalid} is not one that the template takes"
    resolution = Resolution(template, values, account=deployment.account, region=deployment.region)
    if failed := resolution.failed_rules():
        return failed[0][0].lower() + failed[0][1:]
    filled = comparable(resolution.template(), extra_tags=frozenset())
    wanted = comparable(own_template, extra_tags=frozenset(deployment.tags))
    return next(differences(filled, wanted), None)


def invalid_parameter(declared: Mapping[str, Any], values: Mapping[str, str]) -> str | None:
    """Return the name of the first parameter whose value the template does not take; None if it takes all."""
    return next(_invalid(declared, values), None)


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
