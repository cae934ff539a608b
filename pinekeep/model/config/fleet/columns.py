"""The settings of which a fleet's file of targets has values: the columns of a CSV file, the names of YAML rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, get_args, get_origin

from pinekeep.model.config.models import Deployment
from pinekeep.model.config.partial import models_in
from pinekeep.model.config.problems import Path
from pinekeep.model.words import did_you_mean, shown

ACCOUNT: Final = "account"
REGION: Final = "region"
ROLE_REGION: Final = "role_region"
PLACE: Final = (ACCOUNT, REGION, ROLE_REGION)
"""The columns that are no settings of a deployment: where a target is."""

EXTERNAL_ID: Final = "cmek.trust.external_id"

PARTS: Final = ("cmek", "private_link")
"""The parts of a deployment that have released templates."""
_TEMPLATE: Final = "there is no released template for it"
_DEPLOYMENT: Final = "set it in a deployment of the account"
_CREDENTIALS: Final = "each account is read with the role of verification_role_name"
REFUSED: Final[dict[Path, tuple[str, str]]] = {
    ("account",): ("each target has an account of its own", "list it under accounts, or write a row for it"),
    ("region",): ("each target has a Region of its own", "list it under regions, or write it in a row"),
    ("name_in_aws",): ("the fleet's own name is the name in each account", "remove it"),
    ("profile",): (_CREDENTIALS, "set it under administrator"),
    ("assume_role",): (_CREDENTIALS, "set it under administrator, or name the role in verification_role_name"),
    ("bootstrap",): ("a fleet deploys without the CDK", "remove it"),
    ("audit_logs",): (_TEMPLATE, _DEPLOYMENT),
    ("storage_integrations",): (_TEMPLATE, _DEPLOYMENT),
    ("monitoring",): (_TEMPLATE, _DEPLOYMENT),
    ("project_of",): ("an endpoint of a fleet is of the project of its own target", "remove it"),
    ("private_link", "further_endpoints"): ("a target has one endpoint", "define a second fleet for further ones"),
}
"""The settings of a deployment that a fleet does not have, each with the reason and how to correct it."""
TAGS: Final = ("the tags of a stack set are the same for all accounts", "set them under tags of the fleet")

Kind = Literal["text", "number", "flag", "list", "word or list", "mapping"]
_OF_NAMES_WITH_SPACES: Final = ("cmek", "removed_customers")


@dataclass(frozen=True)
class Column:
    """A setting of a deployment that a row can have. ``kind``: how its value is written."""

    path: Path
    kind: Kind

    @property
    def name(self) -> str:
        """The path as a column names it, such as ``cmek.trust.external_id``."""
        return dotted(self.path)


def dotted(path: Path) -> str:
    """Return a path as a column names it."""
    return ".".join(map(str, path))


@cache
def columns() -> dict[str, Column]:
    """Return the settings that a row can have, by name."""
    return {each.name: each for each in _columns(Deployment, ())}


def _columns(model: type[Any], prefix: Path) -> Iterator[Column]:
    for name, field in model.model_fields.items():
        path = (*prefix, name)
        if path in REFUSED or path == ("tags",):
            continue
        inner = models_in(field.annotation)
        if inner and not {list, dict} & set(_kinds(field.annotation)):
            for each in inner:
                yield from _columns(each, path)
        else:
            yield Column(path, "mapping" if path == _OF_NAMES_WITH_SPACES else _kind(field.annotation))


def _kind(annotation: Any) -> Kind:
    kinds = set(_kinds(annotation))
    if dict in kinds or models_in(annotation):
        return "mapping"
    if list in kinds:
        return "word or list" if Literal in kinds else "list"
    if bool in kinds:
        return "flag"
    return "number" if int in kinds else "text"


def _kinds(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin in (list, dict, Literal):
        yield origin
    elif isinstance(annotation, type):
        yield annotation
    else:
        for each in get_args(annotation):
            yield from _kinds(each)


@cache
def groups() -> frozenset[Path]:
    """Return the paths of the mappings that contain the settings of a row."""
    return frozenset(each.path[:end] for each in columns().values() for end in range(1, len(each.path)))


def unknown(name: str) -> tuple[str, str, str]:
    """Return code, message and hint of a name that is no setting of a row."""
    path = tuple(name.split("."))
    for end in range(1, len(path) + 1):
        if path[:end] in REFUSED:
            reason, hint = REFUSED[path[:end]]
            return "fleet-setting", f"{dotted(path[:end])} is no setting of a fleet: {reason}", hint
    if path[:1] == ("tags",):
        return "fleet-row-tags", f"a row has no tags: {TAGS[0]}", TAGS[1]
    hint = _meant(name) or f"the columns are {', '.join(PLACE)} and the settings of a deployment by their path"
    return "fleet-column", f"{shown(name)} is no setting of a deployment", hint


def _meant(name: str) -> str | None:
    known = [*PLACE, *columns()]
    simple = name.strip().lower().replace(" ", "_").replace("-", "_")
    found = [each for each in known if each.rpartition(".")[2] == simple.rpartition(".")[2]]
    if simple in known:
        found = [simple]
    return f"write {found[0]}" if len(found) == 1 else did_you_mean(simple, known)
