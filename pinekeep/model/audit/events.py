"""The schema of Pinecone's audit events, and the kinds of events that Pinecone documents.

``COLUMNS`` are the columns of the relation that every saved query reads: one row an event, without nesting. Each has
an expression for DuckDB and one for Athena over the event as it is in the files:

- for DuckDB, over the columns that :data:`DUCKDB_COLUMNS` names for ``read_json``;
- for Athena, over :data:`ATHENA_ITEM`, the event as a JSON value; see :mod:`pinekeep.model.audit.athena_sql`.

``EVENT_KINDS`` are the rows of the tables on Pinecone's security page, in their order.

Source: *Security overview*, section *Audit logs* (docs.pinecone.io/guides/production/security-overview); two editions
were read on 2026-11-30. What the page does not document: how a file frames its events, its name, and its compression.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Shape = Literal["string", "array", "object"]
Group = Literal["organization", "project", "index", "access", "security"]

SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {"event.resource_id": ("resource_id", "resouce_id")}
"""The ways in which the page spells a field. Its tables say ``event.resouce_id`` for *Create project*, *Create index*
and *User login*; its sample and all other rows say ``event.resource_id``. Which one the files have is not known, so
both are read."""
MISSPELT: Final = SPELLINGS["event.resource_id"][1]

REQUIRED: Final = ("id", "time", "principal_id", "action", "resource_type")
"""The columns without which an event is incomplete."""

PRINCIPAL_TYPES: Final = ("user", "api_key", "service_account")
SUCCESS: Final = "success"
FAILURE: Final = "failure"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of the flat relation.

    Attributes:
        kind: ``text``; ``time``: a timestamp in UTC, without a zone; ``json``: the text of a JSON value.
        duckdb: the expression over :data:`DUCKDB_COLUMNS`.
        athena: the expression over :data:`ATHENA_ITEM`.
    """

    name: str
    kind: Literal["text", "time", "json"]
    description: str
    duckdb: str
    athena: str


ATHENA_ITEM: Final = "item"
"""The column with an event, of the type JSON, from which Athena's expressions take their values."""


def _athena_json(*paths: str) -> str:
    """Return the first of the values at paths that is there and not null, as JSON text."""
    found = [f"nullif(json_format(json_extract({ATHENA_ITEM}, '$.{each}')), 'null')" for each in paths]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


def _athena_text(*paths: str) -> str:
    """Return the first of the values at paths that is there: a string as it is, an array or object as JSON text."""
    scalars = (f"json_extract_scalar({ATHENA_ITEM}, '$.{each}')" for each in paths)
    return f"coalesce({', '.join(scalars)}, {_athena_json(*paths)})"


def _text(name: str, path: str, description: str) -> Column:
    quoted = ".".join(f'"{each}"' for each in path.split("."))
    return Column(name=name, kind="text", description=description, duckdb=quoted, athena=_athena_text(path))


_IDS: Final = tuple(f"event.{each}" for each in SPELLINGS["event.resource_id"])
_ID: Final = f"coalesce({', '.join(_IDS)})"

COLUMNS: Final = (
    _text("id", "id", "The event's ID."),
    _text("organization_id", "organization_id", "The organization's ID."),
    _text("organization_name", "organization_name", "The organization's name."),
    _text("user_agent", "client.userAgent", "The program that was used."),
    _text("principal_id", "actor.principal_id", "The ID of the user, API key or service account."),
    _text("principal_name", "actor.principal_name", "Its name; a user's e-mail address."),
    _text("principal_type", "actor.principal_type", "`user`, `api_key` or `service_account`."),
    _text("display_name", "actor.display_name", "A user's name; of users only."),
    Column(
        name="time",
        kind="time",
        description="When it happened, in UTC.",
        # A cast to TIMESTAMP would drop an offset; `timezone` gives the same and takes twice as long.
        duckdb='make_timestamp(epoch_us(try_cast(event."time" AS TIMESTAMPTZ)))',
        athena="CAST(at_timezone(try(from_iso8601_timestamp("
        f"json_extract_scalar({ATHENA_ITEM}, '$.event.time'))), 'UTC') AS timestamp(3))",
    ),
    _text("action", "event.action", "`create`, `update`, `delete` or `login`."),
    _text("resource_type", "event.resource_type", "The type of the resource."),
    Column(
        name="resource_id",
        kind="text",
        description="What was acted on: a name, or the JSON text of an array or an object.",
        duckdb=f"{_ID} ->> '$'",
        athena=_athena_text(*_IDS),
    ),
    Column(
        name="resource_shape",
        kind="text",
        description="`string`, `array` or `object`: what the file has as the resource's ID.",
        duckdb=f"CASE json_type({_ID}) WHEN 'ARRAY' THEN 'array' WHEN 'OBJECT' THEN 'object' WHEN 'NULL' THEN NULL "
        f"ELSE CASE WHEN {_ID} IS NOT NULL THEN 'string' END END",
        athena=f"CASE substr({_athena_json(*_IDS)}, 1, 1) WHEN '[' THEN 'array' WHEN '{{' THEN 'object' "
        f"ELSE if({_athena_json(*_IDS)} IS NULL, NULL, 'string') END",
    ),
    _text("resource_name", "event.resource_name", "The resource's name."),
    _text("result", "event.outcome.result", "`success` or `failure`."),
    _text("reason", "event.outcome.reason", "Why it failed; of failures only."),
    _text("error_code", "event.outcome.error_code", "The error code; of failures only."),
    Column(
        name="parameters",
        kind="json",
        description="Further values, which depend on the event.",
        duckdb="CAST(event.parameters AS VARCHAR)",
        athena=_athena_json("event.parameters"),
    ),
)
COLUMN: Final[Mapping[str, Column]] = {each.name: each for each in COLUMNS}

_FIELDS: Final[Mapping[str, Any]] = {
    "id": "VARCHAR",
    "organization_id": "VARCHAR",
    "organization_name": "VARCHAR",
    "client": {"userAgent": "VARCHAR"},
    "actor": dict.fromkeys(("principal_id", "principal_name", "principal_type", "display_name"), "VARCHAR"),
    "event": {
        "time": "VARCHAR",
        "action": "VARCHAR",
        "resource_type": "VARCHAR",
        "resource_id": "JSON",
        "resouce_id": "JSON",
        "resource_name": "VARCHAR",
        "outcome": dict.fromkeys(("result", "reason", "error_code"), "VARCHAR"),
        "parameters": "JSON",
    },
}


def duckdb_columns(names: Collection[str]) -> Mapping[str, str]:
    """Return the top-level fields with DuckDB's types, with the fields that columns of :data:`COLUMNS` are made from.

    They are named because DuckDB guesses types from a sample, and turns what does not fit into NULL; a field that may
    be a string, an array or an object is JSON.
    """
    text = " ".join(COLUMN[each].duckdb for each in names).replace('"', "")
    paths = set(re.findall(r"[A-Za-z_][\w.]*", text))

    def kind(path: str, value: Any) -> str:
        if isinstance(value, str):
            return value if path in paths else ""
        inner = ((name, kind(f"{path}.{name}", each)) for name, each in value.items())
        found = ", ".join(f'"{name}" {each}' for name, each in inner if each)
        return f"STRUCT({found})" if found else ""

    return {name: found for name, value in _FIELDS.items() if (found := kind(name, value))}


DUCKDB_COLUMNS: Final[Mapping[str, str]] = duckdb_columns(COLUMN)
"""All of them."""


@dataclass(frozen=True, kw_only=True)
class EventKind:
    """A row of the page's tables.

    Attributes:
        name: the name of the saved query.
        group: the table: ``organization``, ``project``, ``index``, ``access`` (users and API keys) or ``security``.
        title: the row's first cell.
        shape: what ``resource_id`` is.
        holds: what it holds.
        spelling: how the row spells ``resource_id``.
        alike: the name of the row that no documented field distinguishes from this one.
    """

    name: str
    group: Group
    title: str
    action: str
    resource_type: str
    holds: str
    shape: Shape = "string"
    spelling: str = "resource_id"
    alike: str | None = None


_EMAILS: Final = "the e-mail addresses of the users"
_ROLE: Final = "the user's e-mail address and the new role"


def _kinds(group: Group, *rows: tuple[str, str, str, str, str, Mapping[str, Any]]) -> tuple[EventKind, ...]:
    return tuple(
        EventKind(name=name, group=group, title=title, action=action, resource_type=resource, holds=holds, **more)
        for name, title, action, resource, holds, more in rows
    )


EVENT_KINDS: Final = (
    *_kinds(
        "organization",
        ("rename-organization", "Rename org", "update", "organization", "the new name", {}),
        ("delete-organization", "Delete org", "delete", "organization", "the deleted organization's name", {}),
        (
            "create-organization-member",
            "Create org member",
            "create",
            "user",
            _EMAILS,
            {"shape": "array", "alike": "invite-project-member"},
        ),
        (
            "update-organization-member",
            "Update org member",
            "update",
            "user",
            _ROLE,
            {"shape": "object", "alike": "update-project-member"},
        ),
        ("delete-organization-member", "Delete org member", "delete", "user", "the user's e-mail address", {}),
    ),
    *_kinds(
        "project",
        ("create-project", "Create project", "create", "project", "the project's name", {"spelling": MISSPELT}),
        ("update-project", "Update project", "update", "project", "the project's name", {}),
        ("delete-project", "Delete project", "delete", "project", "the project's name", {}),
        (
            "invite-project-member",
            "Invite project member",
            "create",
            "user",
            _EMAILS,
            {"shape": "array", "alike": "create-organization-member"},
        ),
        (
            "update-project-member",
            "Update project member role",
            "update",
            "user",
            _ROLE,
            {"shape": "object", "alike": "update-organization-member"},
        ),
        (
            "delete-project-member",
            "Delete project member",
            "delete",
            "user",
            "the user's e-mail address and the project's name",
            {"shape": "object"},
        ),
    ),
    *_kinds(
        "index",
        ("create-index", "Create index", "create", "index", "the index's name", {"spelling": MISSPELT}),
        ("update-index", "Update index", "update", "index", "the index's name", {}),
        ("delete-index", "Delete index", "delete", "index", "the index's name", {}),
        ("create-backup", "Create backup", "create", "backup", "the backup's name", {}),
        ("delete-backup", "Delete backup", "delete", "backup", "the backup's name", {}),
    ),
    *_kinds(
        "access",
        ("user-login", "User login", "login", "user", "the user's name", {"spelling": MISSPELT}),
        ("create-api-key", "Create API key", "create", "api-key", "the API key's ID", {}),
        ("delete-api-key", "Delete API key", "delete", "api-key", "the API key's ID", {}),
    ),
    *_kinds(
        "security",
        (
            "create-private-endpoint",
            "Create Private Endpoint",
            "create",
            "private-endpoints",
            "the private endpoint's ID",
            {},
        ),
        (
            "delete-private-endpoint",
            "Delete Private Endpoint",
            "delete",
            "private-endpoints",
            "the private endpoint's ID",
            {},
        ),
    ),
)
KNOWN: Final = frozenset((each.action, each.resource_type) for each in EVENT_KINDS)
"""The documented pairs of action and resource type. Others are counted as unknown and shown, never dropped."""
