"""The objects at Pinecone as plain data, without secrets.

An index is read from the control plane's JSON in both of its shapes: API 2026-07 has ``deployment`` and
``schema.fields``, earlier versions have ``spec``, by kind, and so have examples of the newer pages. ``host``,
``private_host``, ``cmek_id`` and ``status`` are at the top in both. Source: facts.pinecone.PRIVATE_ENDPOINTS_PAGE,
facts.pinecone_api.CONTROL_PLANE_API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pinekeep.model.facts import claims
from pinekeep.model.facts import pinecone_api as api
from pinekeep.pinecone.errors import PineconeStateError

PrincipalKind = Literal["user", "service_account"]
UNREADABLE: Final = "unreadable"
_KINDS_OF_SPEC: Final = {"serverless": api.CMEK_DEPLOYMENT_TYPE, "pod": "pod", "byoc": "byoc"}
"""The kinds of API 2026-07 by the keys of ``spec`` in earlier versions."""


@dataclass(frozen=True)
class Organization:
    """An organization. ``plan`` in Pinecone's word: ``Enterprise``, for example."""

    id: str
    name: str
    plan: str


@dataclass(frozen=True)
class Project:
    """A project. Its name is not unique. ``cmek``: whether the customer's key must encrypt all of it."""

    id: str
    name: str
    cmek: bool
    organization_id: str


@dataclass(frozen=True)
class Key:
    """An API key, without its value. Its name may not be unique."""

    id: str
    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Principal:
    """A user (label: e-mail address) or service account (label: name; ``client_id``: the ID for signing in)."""

    kind: PrincipalKind
    id: str
    label: str
    client_id: str | None = None


@dataclass(frozen=True)
class Binding:
    """A role of a principal.

    Attributes:
        principal_kind: ``user``, ``service_account``, ``api_key`` or ``invite``.
        scope: ``organization`` or ``project``.
        resource_id: the organization or project.
    """

    id: str
    principal_kind: str
    principal_id: str
    scope: str
    resource_id: str
    role: str


@dataclass(frozen=True)
class Index:
    """An index.

    Attributes:
        kind: ``managed`` (serverless), ``pod`` or ``byoc``; ``unreadable`` for an unknown shape.
        cloud: ``aws``, ``gcp`` or ``azure``; None where the API does not say.
        region: the cloud's Region, or the environment of an index that is not serverless.
        host: None while it is being created.
        private_host: the host for a private endpoint; None where there is none.
        cmek_id: the key that encrypts it; None for Pinecone's own.
        state: in Pinecone's word.
        full_text: whether it has fields for full-text search, which CMEK excludes.
    """

    name: str
    kind: str
    cloud: str | None = None
    region: str | None = None
    host: str | None = None
    private_host: str | None = None
    cmek_id: str | None = None
    state: str = "unknown"
    full_text: bool = False


# --- Projects ---


def find_project(projects: Iterable[Project], name: str) -> Project | None:
    """Return a project by name, or None. Raises PineconeStateError if several have it, which Pinecone allows."""
    found = [each for each in projects if each.name == name]
    if len(found) > 1:
        raise PineconeStateError(
            f"{len(found)} projects are named {name}: {', '.join(each.id for each in found)}",
            hint="give all but one another name in the Pinecone console, so that nothing is done to the wrong one",
        )
    return found[0] if found else None


def require_cmek(project: Project, deployment: str) -> None:
    """Raise PineconeStateError, if a project that must have CMEK has none."""
    if not project.cmek:
        raise PineconeStateError(
            f"project {project.name} ({project.id}) has no CMEK, and deployment {deployment} has cmek: what is in the "
            "project is not encrypted with your key",
            hint="name a project that is not there yet under pinecone.project, and bring the data over. "
            f"{claims.CMEK_OF_EXISTING_PROJECTS.says.rstrip('.')}; Pinekeep does not do it",
        )


# --- Indexes ---


def read_index(raw: Any) -> Index:
    """Return an index from its decoded JSON, ``unreadable`` for an unknown shape."""
    data = raw if isinstance(raw, Mapping) else {}
    name = str(data.get("name") or "<unknown>")
    place = _deployment(data) or _spec(data)
    if place is None:
        return Index(name, UNREADABLE)
    kind, where = place
    return Index(
        name=name,
        kind=kind,
        cloud=_text(where.get("cloud")),
        region=_text(where.get("region")) or _text(where.get("environment")),
        host=bare(_text(data.get("host"))),
        private_host=bare(_text(data.get("private_host"))),
        cmek_id=_text(data.get("cmek_id")),
        state=_text(_part(data, "status").get("state")) or "unknown",
        full_text=_has_full_text(data) or _has_full_text(where),
    )


def bare(host: str | None) -> str | None:
    """Return a host without the ``https://`` of the SDKs, as DNS tools take it."""
    return host and host.strip().removeprefix("https://").rstrip("/")


def _deployment(raw: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    where = _part(raw, "deployment")
    kind = _text(where.get("deployment_type"))
    return (kind, where) if kind is not None and kind in _KINDS_OF_SPEC.values() else None


def _spec(raw: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    spec = _part(raw, "spec")
    return next(((kind, spec[key]) for key, kind in _KINDS_OF_SPEC.items() if isinstance(spec.get(key), Mapping)), None)


def _has_full_text(raw: Mapping[str, Any]) -> bool:
    fields = _part(_part(raw, "schema"), "fields")
    return any(isinstance(each, Mapping) and each.get("full_text_search") is not None for each in fields.values())


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
