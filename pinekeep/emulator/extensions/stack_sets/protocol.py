"""Requests and answers of the query protocol, held against botocore's model of the service."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from html import escape
from operator import itemgetter
from typing import Any, Final

import botocore.session
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator
from ministack.services.cloudformation import helpers

from pinekeep.emulator.extensions.json_services import RefusedError

Document = dict[str, Any]
Form = Mapping[str, Any]
Answer = tuple[int, dict[str, str], bytes]

_ENVELOPE: Final = frozenset({"Action", "Version"})
_INTEGER: Final = re.compile(r"-?\d+")
_BOOLEANS: Final = {"true": True, "false": False}


@cache
def operation_model(name: str) -> OperationModel:
    """Return the model of an operation of CloudFormation."""
    return botocore.session.get_session().get_service_model("cloudformation").operation_model(name)


def request(operation: OperationModel, form: Form) -> Document:
    """Return a request's members. Raises RefusedError (ValidationError), with all that the model does not allow."""
    if operation.input_shape is None:
        return {}
    problems: list[str] = []
    tree = _tree({key: value for key, value in form.items() if key not in _ENVELOPE})
    asked = _read(operation.input_shape, tree, "", problems)
    report = ParamValidator().validate(asked, operation.input_shape)
    if report.has_errors():
        problems.extend(report.generate_report().splitlines())
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise RefusedError("ValidationError", f"{count}: {'; '.join(problems)}")
    return dict(asked)


def answer(operation: OperationModel, result: Document) -> Answer:
    """Return an answer. Raises ValueError, when the result is not what the model describes."""
    name = operation.name
    if operation.output_shape is None:
        return helpers._xml(200, f"{name}Response", f"<{name}Result/>")
    present = _present(result)
    report = ParamValidator().validate(present, operation.output_shape)
    problems = report.generate_report().splitlines()
    _check_answer(operation.output_shape, present, name, problems)
    if problems:
        raise ValueError(f"the answer of {name} does not fit its model: {'; '.join(problems)}")
    return helpers._xml(
        200, f"{name}Response", f"<{name}Result>{_members(operation.output_shape, present)}</{name}Result>"
    )


def refusal(operation: OperationModel, error: RefusedError) -> Answer:
    """Return the answer to a request that is refused, with the status of the model."""
    statuses = {
        each.metadata.get("error", {}).get("code", each.name): each.metadata.get("error", {}).get("httpStatusCode", 400)
        for each in operation.error_shapes
    }
    return helpers._error(error.code, error.message, statuses.get(error.code, 400))


# --- Requests ---


def _tree(form: Form) -> Document:
    """Return a form's values by the parts of their names."""
    root: Document = {}
    for name, given in form.items():
        *parents, last = name.split(".")
        node = root
        for part in parents:
            below = node.setdefault(part, {})
            # A value that has members as well: no member of the model has such a name, so it is refused.
            node = below if isinstance(below, dict) else node.setdefault(f"{part}.", {})
        node[last] = given[0] if isinstance(given, list) else given
    return root


def _read(shape: Shape, node: Any, path: str, problems: list[str]) -> Any:
    if isinstance(node, str) and node and shape.type_name in ("structure", "list"):
        problems.append(f"Value '{node}' at '{path}' is no {shape.type_name}")
    if isinstance(shape, StructureShape):
        found: Document = {}
        for name, below in (node if isinstance(node, dict) else {}).items():
            if name not in shape.members:
                problems.append(f"unknown member '{name}' at '{path or 'the request'}'")
            else:
                found[name] = _read(shape.members[name], below, f"{path}.{name}".lstrip("."), problems)
        return found
    if isinstance(shape, ListShape):
        members = node.get("member", {}) if isinstance(node, dict) else {}
        unknown = (set(node) - {"member"}) if isinstance(node, dict) else set[str]()
        unknown |= {each for each in members if not each.isdigit()}
        if unknown:
            problems.append(f"unknown members at '{path}': {', '.join(sorted(unknown))}")
        numbered = sorted(((int(each), members[each]) for each in members if each.isdigit()), key=itemgetter(0))
        read = [_read(shape.member, below, f"{path}.{number}", problems) for number, below in numbered]
        _check_length(shape, read, len(read), path, problems)
        return read
    return _scalar(shape, str(node), path, problems)


def _scalar(shape: Shape, text: str, path: str, problems: list[str]) -> Any:
    if shape.type_name in ("integer", "long"):
        if not _INTEGER.fullmatch(text):
            problems.append(f"Value '{text}' at '{path}' is no number")
            return shape.metadata.get("min", 0)
        number = int(text)
        _check_length(shape, number, number, path, problems)
        return number
    if shape.type_name == "boolean":
        if text.lower() not in _BOOLEANS:
            problems.append(f"Value '{text}' at '{path}' is neither true nor false")
        return _BOOLEANS.get(text.lower(), False)
    problem = _problem_of(shape, text)
    if problem:
        problems.append(f"Value '{text}' at '{path}' failed to satisfy constraint: {problem}")
    _check_length(shape, text, len(text), path, problems)
    return text


def _problem_of(shape: Shape, text: str) -> str:
    allowed = getattr(shape, "enum", [])
    if allowed and text not in allowed:
        return f"Member must satisfy enum value set: [{', '.join(allowed)}]"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, text):
        return f"Member must satisfy regular expression pattern: {pattern}"
    return ""


def _check_length(shape: Shape, value: Any, size: int, path: str, problems: list[str]) -> None:
    # The least is ParamValidator's.
    if size > shape.metadata.get("max", size):
        problems.append(f"Value '{value}' at '{path}' failed to satisfy constraint: at most {shape.metadata['max']}")


# --- Answers ---


def _present(value: Any) -> Any:
    """Return a document without the members that are None."""
    if isinstance(value, Mapping):
        return {key: _present(each) for key, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_present(each) for each in value]
    return value


def _check_answer(shape: Shape, value: Any, path: str, problems: list[str]) -> None:
    """Hold texts against their enumerations and patterns, which ParamValidator does not look at."""
    if isinstance(shape, StructureShape):
        for name, each in value.items():
            if name in shape.members:
                _check_answer(shape.members[name], each, f"{path}.{name}", problems)
    elif isinstance(shape, ListShape):
        for each in value:
            _check_answer(shape.member, each, path, problems)
    elif isinstance(value, str) and (problem := _problem_of(shape, value)):
        problems.append(f"'{value}' at '{path}': {problem}")


def _members(shape: StructureShape, value: Document) -> str:
    return "".join(_element(name, shape.members[name], value[name]) for name in shape.members if name in value)


def _element(name: str, shape: Shape, value: Any) -> str:
    return f"<{name}>{_content(shape, value)}</{name}>"


def _content(shape: Shape, value: Any) -> str:
    if isinstance(shape, StructureShape):
        return _members(shape, value)
    if isinstance(shape, ListShape):
        return "".join(_element("member", shape.member, each) for each in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    return escape(str(value))
