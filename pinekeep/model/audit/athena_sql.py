"""The saved queries as Athena runs them: each parses the lines of the files into events itself.

Athena's table has the lines of the files as text (:data:`TABLE`), because none of Athena's JSON SerDes reads every
framing that a file may have; see :data:`pinekeep.model.facts.athena.JSON_SERDE_PAGE`. A line is taken without the
brackets and commas around it, and put between brackets. So an object on a line of its own, an element of an array, and
an array on one line are read alike. A file with a line that is no event by itself is also read as a whole, with its
lines joined: an array or an object written over several lines. If that is no JSON either, the lines that are events
count, and ``unread-lines`` shows the others.

Athena numbers no lines. It joins them in the order in which it reads them, which is that of the file as long as it
reads the file in one piece; a file joined in another order is no JSON, and is shown as unread.
"""

from dataclasses import dataclass
from typing import Final

from pinekeep.model.audit.events import ATHENA_ITEM, COLUMNS
from pinekeep.model.audit.queries import QUERIES
from pinekeep.model.audit.query import Query
from pinekeep.model.facts.pinecone import AUDIT_TEST_OBJECT

TABLE: Final = "lines"
"""The Glue table: one row for each line of each file."""
COLUMN: Final = "line"
VIEW: Final = "audit_events"
"""The events with the columns of the flat relation: in a saved query a part of it, in the database a view."""
_PARSED: Final = "parsed"

_AROUND: Final = r"^[\[,\s\x{FEFF}]+|[\],\s]+$"
"""What stands around the events of a line or a file: the brackets and commas of an array, and a byte order mark."""
_NEXT: Final = r"\}\s*\n\s*\{"
"""Two objects, one below the other. No JSON string contains a line end, so this is never a part of one."""

_READ: Final = f"""text_lines AS (
  SELECT "$path" AS file, trim({COLUMN}) AS line
  FROM @table
  WHERE "$path" NOT LIKE '%/{AUDIT_TEST_OBJECT}' AND trim({COLUMN}) <> ''
),
by_line AS (
  SELECT file, line, try(json_parse('[' || regexp_replace(line, '{_AROUND}', '') || ']')) AS items
  FROM text_lines
),
judged AS (
  SELECT file, line, items, items IS NOT NULL AND cardinality(
    filter(CAST(items AS ARRAY(JSON)), item -> json_extract(item, '$.event') IS NULL)) = 0 AS is_read
  FROM by_line
),
joined AS (
  SELECT file, regexp_replace(array_join(array_agg(line), chr(10)), '{_NEXT}', '}},{{') AS text
  FROM judged
  GROUP BY file
  HAVING NOT bool_and(is_read)
),
by_file AS (
  SELECT file, try(json_parse('[' || regexp_replace(text, '{_AROUND}', '') || ']')) AS items
  FROM joined
),
whole AS (
  SELECT file, items FROM by_file WHERE items IS NOT NULL
),
{_PARSED} AS (
  SELECT file, item
  FROM whole CROSS JOIN UNNEST(CAST(items AS ARRAY(JSON))) AS found (item)
  UNION ALL
  SELECT file, item
  FROM judged CROSS JOIN UNNEST(CAST(items AS ARRAY(JSON))) AS found (item)
  WHERE items IS NOT NULL AND file NOT IN (SELECT file FROM whole)
)"""  # noqa: S608 - nothing in it is given


@dataclass(frozen=True, kw_only=True)
class NamedQuery:
    """A saved query of the workgroup."""

    name: str
    description: str
    sql: str

    @property
    def id(self) -> str:
        """The name as a part of a logical ID."""
        return "".join(each.capitalize() for each in self.name.split("-"))


def named_queries(*, database: str) -> tuple[NamedQuery, ...]:
    """Return every saved query, and those of Athena alone. ``database``: the name of the Glue database."""
    table = f'"{database}"."{TABLE}"'
    saved = (
        NamedQuery(name=each.name, description=_description(each), sql=_on_lines(each, table))
        for each in QUERIES.values()
    )
    return (
        *saved,
        NamedQuery(
            name="unread-lines",
            description="Which files hold lines that are no events? Read them with `pinekeep audit query`, which shows "
            "the line and the reason.",
            sql=f"WITH {_read(table)}\n{_UNREAD}",
        ),
        NamedQuery(
            name="create-view",
            description=f"Creates the view {VIEW}, for queries of your own. Run it once.",
            sql=f'CREATE OR REPLACE VIEW "{database}"."{VIEW}" AS\nWITH {_read(table)}\n{_FLAT}',
        ),
    )


def _on_lines(query: Query, table: str) -> str:
    statement = query.sql("athena", relation=VIEW)
    _, _, rest = statement.partition("WITH ")
    return f"WITH {_read(table)},\n{VIEW} AS (\n{_FLAT}\n),\n{rest}"


def _description(query: Query) -> str:
    values = ", ".join(each.name for each in query.parameters)
    change = f" To change {values}, edit the values in the query." if values else ""
    note = f" Note: {query.note}." if query.note else ""
    return f"{query.question}{note}{change}"


def _read(table: str) -> str:
    return _READ.replace("@table", table)


_FLAT: Final = (
    "SELECT\n  file,\n"
    + ",\n".join(f"  {each.athena} AS {each.name}" for each in COLUMNS)
    + f"\nFROM {_PARSED}\nWHERE json_extract({ATHENA_ITEM}, '$.event') IS NOT NULL"
)

_UNREAD: Final = f"""SELECT file, count(*) AS lines, min(line) AS example
FROM judged
WHERE NOT is_read AND file NOT IN (SELECT file FROM whole)
  AND regexp_replace(line, '{_AROUND}', '') <> ''
GROUP BY file
UNION ALL
SELECT file, count(*) AS lines, min(json_format(item)) AS example
FROM {_PARSED}
WHERE json_extract(item, '$.event') IS NULL AND file IN (SELECT file FROM whole)
GROUP BY file
ORDER BY file"""  # noqa: S608 - nothing in it is given
