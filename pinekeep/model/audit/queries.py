"""The saved queries over Pinecone's audit events, in the dialects of DuckDB and Athena.

:data:`QUERIES` are all of them: one for each row of Pinecone's event tables, then the questions. Each is a
:class:`~pinekeep.model.audit.query.Query` with a name, a title, a question, parameters and the names of its result's
columns. ``Query.sql`` returns the whole statement::

    QUERIES["delete-index"].sql("athena", relation="audit_events")
    QUERIES["keys-outside-hours"].sql("athena", relation="audit_events", values={"time_zone": "Europe/Berlin"})

``relation`` is a table or a view with the columns of :data:`pinekeep.model.audit.events.COLUMNS`; ``flat_select`` of
:mod:`pinekeep.model.audit.query` returns the SELECT that makes one from the files' own fields. Values are written into
the statement as literals, checked and quoted; what is not given has its default, and a required parameter its example.
``since``, ``until`` and ``limit`` apply to every query. The SQL is one text for both dialects, but for the fragments in
:data:`pinekeep.model.audit.query.DIALECTS`.
"""

from collections.abc import Mapping
from typing import Final

from pinekeep.model.audit.events import EVENT_KINDS, KNOWN, REQUIRED, SUCCESS, EventKind
from pinekeep.model.audit.query import Parameter, Query

_TIME_ZONE: Final = Parameter(
    name="time_zone", kind="time zone", description="the time zone of days and hours, as IANA names it", default="UTC"
)
_WHO: Final = ("principal_name", "principal_type", "principal_id")
_FAILED: Final = f"result <> '{SUCCESS}'"
_NEWEST_FIRST: Final = "FROM events\nORDER BY time DESC, id"
_ACTED_ON: Final = "coalesce(resource_name, resource_id)"


def _list_of(*columns: str) -> str:
    return f"SELECT {', '.join(columns)}\n{_NEWEST_FIRST}"


def _of_kind(kind: EventKind) -> Query:
    columns = ("time", "principal_name", "principal_type", "resource_name", "resource_id", "result", "reason", "id")
    where = f"action = '{kind.action}' AND resource_type = '{kind.resource_type}'"
    # Deleting a member is the one pair of rows that the shape of the resource's ID distinguishes.
    if kind.action == "delete" and kind.resource_type == "user":
        where += f" AND resource_shape = '{kind.shape}'"
    note = ""
    if kind.alike:
        (alike,) = (each for each in EVENT_KINDS if each.name == kind.alike)
        note = f"no documented field distinguishes it from {alike.title!r}, so the events of both are shown"
    return Query(
        name=kind.name,
        title=kind.title,
        question=f"Which events are there of {kind.title!r}, and whose?",
        where=where,
        reads=columns,
        select=_list_of(*columns),
        columns=columns,
        note=note,
        kind=kind,
    )


_EVENT_COLUMNS: Final = (
    "time",
    "principal_name",
    "principal_type",
    "action",
    "resource_type",
    "resource_name",
    "resource_id",
    "result",
    "reason",
    "id",
)
_KNOWN_PAIRS: Final = ", ".join(f"'{action} {resource}'" for action, resource in sorted(KNOWN))

_QUESTIONS: Final = (
    Query(
        name="newest",
        title="Newest events",
        question="What happened last?",
        reads=_EVENT_COLUMNS,
        select=_list_of(*_EVENT_COLUMNS),
        columns=_EVENT_COLUMNS,
        rows=50,
    ),
    Query(
        name="who-deleted-index",
        title="Deleted indexes",
        question="Who deleted an index, and when?",
        where=f"action = 'delete' AND resource_type = 'index' AND result = '{SUCCESS}' "
        "AND (:index = '' OR resource_name = :index OR resource_id = :index)",
        reads=("time", *_WHO, "resource_name", "resource_id", "user_agent", "id"),
        select=_list_of("time", f"{_ACTED_ON} AS index_name", *_WHO, "user_agent", "id"),
        columns=("time", "index_name", *_WHO, "user_agent", "id"),
        parameters=(
            Parameter(name="index", kind="text", description="the name of the index; empty: every index", default=""),
        ),
    ),
    Query(
        name="deletions",
        title="Deletions",
        question="What was deleted, and by whom?",
        where=f"action = 'delete' AND result = '{SUCCESS}'",
        reads=("time", "resource_type", "resource_name", "resource_id", *_WHO, "id"),
        select=_list_of("time", "resource_type", "resource_name", "resource_id", *_WHO, "id"),
        columns=("time", "resource_type", "resource_name", "resource_id", *_WHO, "id"),
    ),
    Query(
        name="failures",
        title="Failures",
        question="What failed, and why?",
        where=_FAILED,
        reads=(*_EVENT_COLUMNS, "error_code"),
        select=_list_of(*_EVENT_COLUMNS[:-1], "error_code", "id"),
        columns=(*_EVENT_COLUMNS[:-1], "error_code", "id"),
    ),
    Query(
        name="failures-by-principal",
        title="Failures by principal",
        question="Whose actions fail most?",
        where=_FAILED,
        reads=(*_WHO, "time", "error_code"),
        select="SELECT principal_id, max(principal_name) AS principal_name, principal_type, count(*) AS failures, "
        "count(DISTINCT error_code) AS error_codes, min(time) AS first_failure, max(time) AS last_failure\n"
        "FROM events\nGROUP BY principal_id, principal_type\nORDER BY failures DESC, principal_id",
        columns=(
            "principal_id",
            "principal_name",
            "principal_type",
            "failures",
            "error_codes",
            "first_failure",
            "last_failure",
        ),
    ),
    Query(
        name="logins-by-user",
        title="Logins by user",
        question="Who logs in, how often, and since when?",
        where="action = 'login' AND resource_type = 'user'",
        reads=("principal_id", "principal_name", "result", "time"),
        select="SELECT principal_id, max(principal_name) AS principal_name, count(*) AS logins, "
        f"count_if({_FAILED}) AS failed, min(time) AS first_login, max(time) AS last_login\n"
        "FROM events\nGROUP BY principal_id\nORDER BY logins DESC, principal_id",
        columns=("principal_id", "principal_name", "logins", "failed", "first_login", "last_login"),
    ),
    Query(
        name="keys-outside-hours",
        title="API keys created outside working hours",
        question="Which API keys were created at night or on a day off?",
        where="action = 'create' AND resource_type = 'api-key' AND "
        "(hour(@local) < :from_hour OR hour(@local) >= :to_hour OR @weekday(@local) > :work_days)",
        reads=("time", *_WHO, "resource_id", "resource_name", "result", "id"),
        select="SELECT time, CAST(@local AS timestamp) AS local_time, principal_name, principal_type, principal_id, "
        f"resource_id AS api_key_id, resource_name, result, id\n{_NEWEST_FIRST}",
        columns=(
            "time",
            "local_time",
            *_WHO,
            "api_key_id",
            "resource_name",
            "result",
            "id",
        ),
        parameters=(
            _TIME_ZONE,
            Parameter(
                name="from_hour",
                kind="number",
                description="the hour at which work begins",
                default=8,
                most=24,
            ),
            Parameter(name="to_hour", kind="number", description="the hour at which work ends", default=18, most=24),
            Parameter(
                name="work_days",
                kind="number",
                description="the number of working days in a week, which begins on Monday",
                default=5,
                most=7,
            ),
        ),
    ),
    Query(
        name="first-use",
        title="First use of a principal",
        question="When was each user, API key and service account first active?",
        where="(:type = '' OR principal_type = :type)",
        reads=(*_WHO, "time", "action", "resource_type"),
        select="SELECT principal_id, max(principal_name) AS principal_name, principal_type, min(time) AS first_use, "
        "min_by(action, time) AS first_action, min_by(resource_type, time) AS first_resource_type, "
        "max(time) AS last_use, count(*) AS events\n"
        "FROM events\nGROUP BY principal_id, principal_type\nORDER BY first_use DESC, principal_id",
        columns=(
            "principal_id",
            "principal_name",
            "principal_type",
            "first_use",
            "first_action",
            "first_resource_type",
            "last_use",
            "events",
        ),
        parameters=(
            Parameter(
                name="type",
                kind="text",
                description="`user`, `api_key` or `service_account`; empty: all",
                default="",
            ),
        ),
        note="audit logs hold no requests to an index, so a key that is used for requests alone is not among them",
    ),
    Query(
        name="principal-activity",
        title="Activity of one principal",
        question="What did one user, API key or service account do?",
        where="principal_id = :principal OR principal_name = :principal OR display_name = :principal",
        reads=(*_EVENT_COLUMNS, "user_agent"),
        select=_list_of(*_EVENT_COLUMNS[:-1], "user_agent", "id"),
        columns=(*_EVENT_COLUMNS[:-1], "user_agent", "id"),
        parameters=(
            Parameter(
                name="principal",
                kind="text",
                description="the principal's ID, name, or display name",
                example="someone@example.com",
            ),
        ),
    ),
    Query(
        name="resource-history",
        title="History of one resource",
        question="What happened to one resource, and who did it?",
        where="resource_name = :resource OR strpos(resource_id, :resource) > 0",
        reads=_EVENT_COLUMNS,
        select=_list_of(*_EVENT_COLUMNS),
        columns=_EVENT_COLUMNS,
        parameters=(
            Parameter(
                name="resource",
                kind="text",
                description="its name, or a part of its ID, such as the e-mail address of a member",
                example="my-index",
            ),
        ),
    ),
    Query(
        name="actions-by-day",
        title="Actions by day",
        question="How many actions of each kind are there a day?",
        reads=("time", "action", "resource_type", "result"),
        select="SELECT CAST(@local AS date) AS day, action, resource_type, count(*) AS events, "
        f"count_if({_FAILED}) AS failures\n"
        "FROM events\nGROUP BY 1, 2, 3\nORDER BY day DESC, events DESC, action, resource_type",
        columns=("day", "action", "resource_type", "events", "failures"),
        parameters=(_TIME_ZONE,),
    ),
    Query(
        name="actions-by-principal",
        title="Actions by principal",
        question="Who does what, and how often?",
        reads=(*_WHO, "action", "resource_type", "result", "time"),
        select="SELECT principal_id, max(principal_name) AS principal_name, principal_type, action, resource_type, "
        f"count(*) AS events, count_if({_FAILED}) AS failures, max(time) AS last_time\n"
        "FROM events\nGROUP BY principal_id, principal_type, action, resource_type\n"
        "ORDER BY events DESC, principal_id, action, resource_type",
        columns=(
            "principal_id",
            "principal_name",
            "principal_type",
            "action",
            "resource_type",
            "events",
            "failures",
            "last_time",
        ),
    ),
    Query(
        name="programs",
        title="Programs by principal",
        question="With which programs does each principal work?",
        reads=(*_WHO, "user_agent", "time"),
        select="SELECT principal_id, max(principal_name) AS principal_name, principal_type, user_agent, "
        "count(*) AS events, min(time) AS first_time, max(time) AS last_time\n"
        "FROM events\nGROUP BY principal_id, principal_type, user_agent\n"
        "ORDER BY first_time DESC, principal_id, user_agent",
        columns=("principal_id", "principal_name", "principal_type", "user_agent", "events", "first_time", "last_time"),
    ),
    Query(
        name="unknown",
        title="Unknown and incomplete events",
        question="Which events lack a field, or are of a kind that Pinecone does not document?",
        where=" OR ".join(f"{each} IS NULL" for each in REQUIRED)
        + f" OR concat(action, ' ', resource_type) NOT IN ({_KNOWN_PAIRS})",
        reads=_EVENT_COLUMNS,
        select=_list_of(*_EVENT_COLUMNS),
        columns=_EVENT_COLUMNS,
    ),
)

QUERIES: Final[Mapping[str, Query]] = {each.name: each for each in (*map(_of_kind, EVENT_KINDS), *_QUESTIONS)}
"""Every saved query by name: those of the documented kinds of events, in the page's order, then the questions."""
