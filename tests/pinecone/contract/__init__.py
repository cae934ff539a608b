"""Holds what is sent to Pinecone, and what a stand-in answers, against Pinecone's own documents.

The shapes are in pinecone.json, which says where they come from.
"""

import json
import re
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from pinekeep.emulator.stand_in import Exchange

CONTRACT: Final[dict[str, Any]] = json.loads((Path(__file__).parent / "pinecone.json").read_text(encoding="utf-8"))
OPERATIONS: Final = {(each["method"], each["path"]): each for each in CONTRACT["operations"]}
VERSION: Final = "2026-07"
"""What the pinned SDK asks for. Shapes that 2026-04 has are the same in it."""

_ROOT: Final = "urn:pinecone"
_REGISTRY: Final[Registry[Any]] = Registry().with_resource(_ROOT, DRAFT202012.create_resource(CONTRACT))


def faults_of(exchange: Exchange) -> list[str]:
    """Return what is not as the documents say about a request and its answer."""
    operation = OPERATIONS.get((exchange.method, exchange.template))
    if operation is None:
        return [f"the documents have no {exchange.method} {exchange.template}"]
    found = [] if exchange.version == VERSION else [f"the version header says {exchange.version!r}"]
    found += [f"the query has {name}" for name in exchange.query if name not in operation["query"]]
    found += [f"request: {each}" for each in _request_faults(operation["request"], exchange.body)]
    if exchange.status == operation["status"]:
        found += [f"answer: {each}" for each in _shape_faults(operation["answer"], exchange.answer)]
    elif exchange.answer is not None:
        found += [f"error: {each}" for each in _shape_faults(operation["errors"], exchange.answer)]
    return [f"{exchange.method} {exchange.template}: {each}" for each in found]


def _request_faults(schema: str | None, body: Any) -> list[str]:
    found = _shape_faults(schema, body)
    known = CONTRACT["schemas"][schema]["properties"] if schema else {}
    return [*found, *(f"{name} is not in the documents" for name in body or {} if name not in known)]


def _shape_faults(schema: str | None, value: Any) -> list[str]:
    if schema is None:
        return [] if value is None else [f"nothing is expected, got {value}"]
    validator = Draft202012Validator(
        {"$ref": f"{_ROOT}#/schemas/{schema}"}, registry=_REGISTRY, format_checker=FormatChecker()
    )
    return [re.sub(r"\s+", " ", each.message) for each in validator.iter_errors(value)]
