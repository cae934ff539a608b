"""The errors of pydantic and of the YAML reader as problems with a hint. Imported only for an invalid file."""

from collections.abc import Mapping
from typing import Any, Final

import yaml
from pydantic_core import ErrorDetails

from pinekeep.model.config.base import Model
from pinekeep.model.config.models import PinekeepFile
from pinekeep.model.config.partial import KEY_MARK, is_dictionary, models_in
from pinekeep.model.config.problems import Path, Position, Problem
from pinekeep.model.config.storage import AdoptedBucket, NewBucket
from pinekeep.model.config.yaml_source import YamlSource
from pinekeep.model.facts import aws, pinecone
from pinekeep.model.values.accounts import PINECONE_ACCOUNT_PLACE
from pinekeep.model.values.trust import EXTERNAL_ID_HINT
from pinekeep.model.words import did_you_mean, listed, nearest, plain, shown

_HINTS: Final = {
    "version": "write version: 1",
    "pinecone_account": PINECONE_ACCOUNT_PLACE,
    "deployments": "write deployments:, and below it a name with its account and region",
    "account": 'write the 12 digits in quotes: account: "111122223333"',
    "region": f"write one of {listed(pinecone.REGIONS)}",
    "trust": "for example trust: {regions: [us-east-1], external_id: UUID}",
    "regions": "write a list such as [us-east-1], or the word all",
    "external_id": EXTERNAL_ID_HINT,
    "vpc": "name an existing one (id, subnet_ids), a new one (cidr, availability_zones), or an endpoint (id, adopt)",
    "id": "write the VPC's ID; for a new VPC write cidr and availability_zones instead",
    "subnet_ids": "name at least two subnets, each in another Availability Zone",
    "cidr": "for example 10.20.0.0/16",
    "availability_zones": "name at least two zones: [us-east-1a, us-east-1b]",
    "project": "write the name of the Pinecone project",
    "name": "give it a name",
    "roles": "name what the key may do: roles: [DataPlaneEditor]",
    "secret": "name the secret that holds the key: secret: pinecone/search-prod/ingest",
    "role": "name the role: role: ProjectViewer",
    "bucket": "for audit_logs write bucket: {name: NAME, lock: {days: 365}} or bucket: {adopt: NAME}, for an "
    "integration bucket: NAME",
    "lock": "write lock: {days: 365}, or lock: none for files that can be changed and deleted",
    "use": "write use: import or use: export",
    "workspace_id": "write the ID of the Slack workspace, which begins with T",
    "channel_id": "write the ID of the Slack channel, which begins with C or G",
    "clients": "name the clients of the endpoint: clients: {cidrs: [10.0.0.0/16]}",
}
_FLEET_HINTS: Final = {
    "fleet": "write fleet:, and below it a name with administrator, permissions, regions and settings",
    "administrator": 'write administrator: {account: "111122223333", region: us-east-1}',
    "account": _HINTS["account"],
    "region": "write a Region such as us-east-1",
    "permissions": "write service-managed for accounts of your AWS organization, or self-managed",
    "accounts": 'write a list in quotes: accounts: ["111122223333"]',
    "units": "write a list of the IDs of organizational units: units: [ou-ab12-11111111]",
    "file": "name a CSV or YAML file beside this one: file: fleet.csv",
    "regions": "write a list such as [us-east-1]",
    "settings": "write the settings for all accounts, such as settings: {cmek: {trust: {regions: [us-east-1]}}}",
}
_QUOTE: Final = "put the text in quotes"
_INDENT: Final = "check the indentation"
# A part of the reader's message, the problem, the hint. The first match is used.
_SENTENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("tab character", "YAML does not allow tabs for indentation", "indent with spaces"),
    ("undefined alias", "an alias (*name) has no anchor (&name)", "set the anchor first, or " + _QUOTE),
    ("duplicate anchor", "the same anchor (&name) is set twice", "give each a name of its own"),
    ("mapping values are not allowed", "a colon is not allowed here", _INDENT + ", or " + _QUOTE),
    ("cannot start any token", "a value cannot begin with this character", _QUOTE + "; indent with spaces, not tabs"),
    ("unexpected end of stream", "a quote is not closed", "close it"),
    ("unknown escape character", "this escape is unknown to YAML", "use single quotes, or two backslashes"),
    ("could not find expected ':'", "a colon is missing after a name", "write name: value"),
    ("expected ',' or ']'", "a list in brackets is not closed, or a comma is missing", "write [a, b]"),
    ("expected ',' or '}'", "a mapping in braces is not closed, or a comma is missing", "write {a: 1, b: 2}"),
    ("while parsing a block mapping", "this does not match the settings above", _INDENT),
    ("while parsing a block collection", "this does not match the list above", _INDENT),
    ("while parsing a flow", "a value is missing in the brackets or braces", "write [a, b] or {a: 1, b: 2}"),
    ("alphabetic or numeric", "a name is missing after & or *", _QUOTE),
    ("directive", "a line that begins with % is a YAML directive", "remove it"),
    ("tag", "a value that begins with ! is a YAML tag", _QUOTE),
    ("document start", "the document ends before this line", "remove the line that ends it"),
    ("block scalar", "the text after | or > is invalid", "begin it on the next line, indented"),
)
_ENTRY: Final = 2
"""The length of the path of a deployment."""
_UNION_TAGS: Final = {
    ("cmek", "trust", "regions"): ("all", "list"),
    ("private_link", "vpc"): ("existing", "new", "adopted"),
    ("audit_logs", "bucket"): ("new", "adopted"),
    ("audit_logs", "bucket", "lock"): ("none", "lock"),
}
_INBOUND_RESOLVER_ALONE: Final = "privatednsonlyforinboundresolverendpoint"
"""An option of interface endpoints; source: facts.aws.VPC_ENDPOINT_PAGE."""


def path_of(details: ErrorDetails) -> Path:
    """Return the path of an error in the file, without the tag that pydantic adds after a union's name."""
    path = tuple(details["loc"])
    for names, tags in _UNION_TAGS.items():
        end = len(names) + 2
        if path[:1] == ("deployments",) and path[2:end] == names and path[end : end + 1] and path[end] in tags:
            path = (*path[:end], *path[end + 1 :])
    return path


def problem_of(source: YamlSource, details: ErrorDetails) -> Problem:
    """Return an error as a problem with its position."""
    path = path_of(details)
    kind = details["type"]
    context: dict[str, Any] = details.get("ctx", {})
    if path[-1:] == (KEY_MARK,) and kind != "extra_forbidden" and path not in source.keys:
        path = path[:-1]
        return Problem(kind, context["message"], context["hint"], path, source.position_of_key(path))
    if "message" in context:
        return Problem(kind, context["message"], context["hint"], path, source.position_of_value(path))
    if kind == "missing":
        name = str(path[-1])
        return Problem("missing", f"{name} is missing", _hint(path), path[:-1], source.position_of_value(path))
    if kind == "extra_forbidden":
        return _unknown_name(source, path)
    code, message, hint = _sentence(details, path, source.raw.get(path))
    return Problem(code, message, hint, path, source.position_of_value(path))


def misspelled(source: YamlSource, details: ErrorDetails) -> Path | None:
    """Return the path of the setting that an unknown name probably meant, or None."""
    if details["type"] != "extra_forbidden":
        return None
    path = path_of(details)
    near = nearest(str(path[-1]), _known_names(path))
    return (*path[:-1], near) if near and (*path[:-1], near) not in source.values else None


def _unknown_name(source: YamlSource, path: Path) -> Problem:
    name, known = str(path[-1]), _known_names(path)
    where = source.position_of_key(path)
    if name.lower().replace("_", "") == _INBOUND_RESOLVER_ALONE and "private_link" in path:
        return Problem(
            "inbound-resolver-alone",
            f"{name} is for services that have gateway endpoints besides, and Pinecone has none: with it, clients in "
            "the VPC would resolve Pinecone's names to public addresses",
            "remove it; for clients outside AWS write dns: resolver-inbound",
            path,
            where,
        )
    if name in known and "audit_logs" in path:
        return Problem(
            "bucket-of-both-kinds",
            f"{name} belongs to another kind of bucket: a new one takes {listed(list(NewBucket.model_fields))}, an "
            f"existing one {listed(list(AdoptedBucket.model_fields))}",
            f"remove {name}",
            path,
            where,
        )
    if name in known:  # a VPC has several kinds, too
        return Problem(
            "vpc-of-both-kinds",
            f"{name} belongs to another kind of VPC: an existing VPC takes id and subnet_ids, a new one cidr "
            "and availability_zones, an adopted endpoint id and adopt",
            f"remove {name}",
            path,
            where,
        )
    message = f"unknown setting {plain(name)}; the settings here are {listed(known)}"
    return Problem("unknown-name", message, did_you_mean(name, known) or "remove it", path, where)


def _sentence(details: ErrorDetails, path: Path, raw: str | None) -> tuple[str, str, str | None]:
    """Return code, message and hint for an error of pydantic's own."""
    given = details["input"]
    context: dict[str, Any] = details.get("ctx", {})
    name = _name(path)
    written = plain(raw) if raw is not None and not isinstance(given, str) else _kind(given)
    chosen = _is_chosen(path)
    hint = None if chosen else _hint(path)
    match details["type"]:
        case "int_type" if path == ("version",):
            return "version", f"the version of this format is the number 1, got {written}", "write version: 1"
        case _ if given is None:
            return "no-value", f"{name} has no value", hint or f"give it one, or remove {name}"
        case "string_type" if (
            not chosen and _is_account(path) and isinstance(given, int) and not isinstance(given, bool)
        ):
            return _account_as_number(name, raw or str(given))
        case "string_type" if raw is not None:
            reads = f"expected text, YAML reads {written} as {_kind(given)}"
            return "not-text", reads, hint or f'put it in quotes: "{plain(raw)}"'
        case "string_type":
            return "not-text", f"expected text, got {_kind(given)}", hint or "write one value"
        case "int_type":
            return "not-a-number", f"expected a whole number, got {written}", "write the digits without quotes"
        case "bool_type":
            return "not-true-or-false", f"expected true or false, got {written}", "write true or false, without quotes"
        case "list_type":
            return (
                "not-a-list",
                f"expected a list, got {_kind(given)}",
                hint or f"write it in brackets: {name}: [a, b]",
            )
        case "literal_error":
            allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
            guess = did_you_mean(given, allowed) if isinstance(given, str) else None
            return "not-allowed", f"allowed are {listed(allowed)}; got {written}", guess or "write one of these"
        case "too_short":
            return "empty", f"{name} is empty", hint or "fill it, or remove it"
        case "too_long":
            most = context["max_length"]
            return "too-many", f"at most {most} are allowed, got {len(given):,}", "remove those that matter least"
        case "dict_type" | "model_type" | "model_attributes_type" | "mapping_type":
            wanted = f"{name} must be a mapping (name: value), got {_kind(given)}"
            return ("not-a-mapping", wanted, hint or _inside(path))
        case kind:
            return kind.replace("_", "-"), f"this value is not allowed ({kind.replace('_', ' ')})", hint


def _is_chosen(path: Path) -> bool:
    """Whether the user chose a name: a tag may be called region, and so may a deployment."""
    top = path[:1] in (("deployments",), ("fleet",))
    return top and (len(path) == _ENTRY or path[_ENTRY : _ENTRY + 1] == ("tags",))


def _is_account(path: Path) -> bool:
    """Whether the value at a path is an account number."""
    return _name(path).endswith("account") or path[-2:-1] == ("accounts",)


def _hint(path: Path) -> str | None:
    return (_FLEET_HINTS if path[:1] == ("fleet",) else _HINTS).get(_name(path))


def _name(path: Path) -> str:
    if not path:
        return "the file"
    return f"item {path[-1] + 1}" if isinstance(path[-1], int) else plain(path[-1])


def _account_as_number(name: str, raw: str) -> tuple[str, str, str | None]:
    message = f"YAML reads {plain(raw)} as a number, and a number loses leading zeros"
    before = "" if name.startswith("item ") else f"{name}: "
    hint = f"write all {aws.ACCOUNT_DIGITS} digits in quotes"
    if raw.isdigit() and len(raw) == aws.ACCOUNT_DIGITS:
        hint = f'put it in quotes: {before}"{raw}"'
    elif raw.isdigit() and len(raw) < aws.ACCOUNT_DIGITS:
        hint = (
            f'if leading zeros were lost, it is {before}"{raw.zfill(aws.ACCOUNT_DIGITS)}"; compare it with its source'
        )
    return "account-not-quoted", message, hint


def _inside(path: Path) -> str:
    """Return a hint that names the settings inside."""
    known = _known_names((*path, ""))
    return f"the settings here are {listed(known)}" if known else "write name: value"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return f"the text {shown(value)}"
        case list():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return "a date"


def _known_names(path: Path) -> list[str]:
    """Return the settings that are allowed beside the one at this path."""
    candidates: list[type[Any]] = [PinekeepFile]
    parts = iter(path[:-1])
    for part in parts:
        if isinstance(part, int):
            continue  # which item of a list it is changes nothing about what may stand in it
        annotations = [each.model_fields[str(part)].annotation for each in candidates if part in each.model_fields]
        candidates = [model for annotation in annotations for model in models_in(annotation)]
        if any(is_dictionary(annotation) for annotation in annotations):
            next(parts, None)  # the name of an entry, such as a deployment's
    return list(dict.fromkeys(name for each in candidates if issubclass(each, Model) for name in each.model_fields))


def yaml_problem(error: yaml.YAMLError, text: str) -> Problem:
    """Return an error of the reader as a problem, with its position."""
    said = " ".join(str(error).split())
    position = None
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        if mark is not None and error.context_mark is not None and not text[mark.index :].strip():
            mark = error.context_mark  # what is not closed is noticed at the end of the file
        position = Position(mark.line + 1, mark.column + 1) if mark else None
        said = " ".join(filter(None, (error.context, error.problem)))
        if mark is not None and text[mark.index : mark.index + 1] == "\t":
            said = "tab character"
    for part, sentence, hint in _SENTENCES:
        if part in said:
            return Problem("not-yaml", f"invalid YAML: {sentence}", hint, position=position)
    return Problem("not-yaml", f"invalid YAML: {plain(said)}", "check this line and the one above", position=position)
