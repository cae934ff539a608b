"""Reading an index from the JSON that the control plane answers with, in both of its shapes.

API 2026-07 says under ``deployment`` where an index runs, and under ``schema.fields`` what is in it. Earlier versions
say the former under ``spec``, by kind, and samples of the newer pages still do. ``host``, ``private_host``, ``cmek_id``
and ``status`` stand at the top in both. Source: facts.pinecone.PRIVATE_ENDPOINTS_PAGE,
facts.pinecone_api.CONTROL_PLANE_API.
"""

from collections.abc import Mapping
from typing import Any, Final

from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.inventory import Index

UNREADABLE: Final = "unreadable"
_KINDS_OF_SPEC: Final = {"serverless": api.CMEK_DEPLOYMENT_TYPE, "pod": "pod", "byoc": "byoc"}
"""What API 2026-07 calls the kinds that earlier versions name as keys of ``spec``."""


def read_index(raw: Any) -> Index:
    """Return an index; with the kind ``unreadable`` where its shape is not known.

    Args:
        raw: one index, as decoded JSON.
    """
    told = raw if isinstance(raw, Mapping) else {}
    name = str(told.get("name") or "<unknown>")
    place = _deployment(told) or _spec(told)
    if place is None:
        return Index(name, UNREADABLE)
    kind, where = place
    return Index(
        name=name,
        kind=kind,
        cloud=_text(where.get("cloud")),
        region=_text(where.get("region")) or _text(where.get("environment")),
        host=bare(_text(told.get("host"))),
        private_host=bare(_text(told.get("private_host"))),
        cmek_id=_text(told.get("cmek_id")),
        state=_text(_part(told, "status").get("state")) or "unknown",
        full_text=_has_full_text(told) or _has_full_text(where),
    )


def bare(host: str | None) -> str | None:
    """Return a host as DNS knows it: SDKs put ``https://`` in front, and people paste it into DNS tools."""
    return host and host.strip().removeprefix("https://").rstrip("/")


def _deployment(told: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    where = _part(told, "deployment")
    kind = _text(where.get("deployment_type"))
    return (kind, where) if kind is not None and kind in _KINDS_OF_SPEC.values() else None


def _spec(told: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    spec = _part(told, "spec")
    return next(((kind, spec[key]) for key, kind in _KINDS_OF_SPEC.items() if isinstance(spec.get(key), Mapping)), None)


def _has_full_text(told: Mapping[str, Any]) -> bool:
    fields = _part(_part(told, "schema"), "fields")
    return any(isinstance(each, Mapping) and each.get("full_text_search") is not None for each in fields.values())


def _part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
