"""Facts about Amazon Athena: how it reads text and JSON, and its limits."""

from datetime import date
from typing import Final

from pinekeep.model.facts.source import Source

_SITE: Final = "docs.aws.amazon.com"
_CHECKED: Final = date(2026, 11, 30)

JSON_SERDE_PAGE: Final = Source("Amazon Athena User Guide: JSON SerDe libraries", _SITE, _CHECKED)
"""The Hive and OpenX SerDes take one object on each line; an object over several lines fails the query
(``HIVE_CURSOR_ERROR``). The Ion SerDe takes objects over several lines; one broken value fails the query, and a value
that has not the type of its column fails it or is null."""
OPENX_READER: Final = Source(
    "OpenXJsonDeserializer.java of Trino, on which Athena's engine version 3 is built", "github.com", _CHECKED
)
"""A line that is an array gives its elements to the columns in their order; a line that begins with neither ``{`` nor
``[`` is a row of nulls, and so is a broken one with ``ignore.malformed.json``."""
COMPRESSION_PAGE: Final = Source("Amazon Athena User Guide: Use compression in Athena", _SITE, _CHECKED)
"""The extension of a file's name decides whether it is decompressed, in lower case alone: ``.gz``."""
LIMITATIONS_PAGE: Final = Source("Amazon Athena User Guide: Considerations and limitations", _SITE, _CHECKED)
NAMED_QUERY_PAGE: Final = Source("Amazon Athena API Reference: NamedQuery", _SITE, _CHECKED)
WORKGROUP_PAGE: Final = Source("Amazon Athena API Reference: CreateWorkGroup", _SITE, _CHECKED)
REGEX_SERDE_PAGE: Final = Source("Amazon Athena User Guide: Regex SerDe", _SITE, _CHECKED)

TEXT_INPUT_FORMAT: Final = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT_FORMAT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
REGEX_SERDE: Final = "org.apache.hadoop.hive.serde2.RegexSerDe"
WHOLE_LINE: Final = "(?s)(.*)"
"""The SerDe's pattern for a line as it is. Without ``(?s)`` a line with one of Java's other line ends, such as U+2028,
which JSON allows in a string, would not match and be null."""

ENGINE_VERSION: Final = "Athena engine version 3"

# --- Limits (LIMITATIONS_PAGE) ---
ROW_MAX_MB: Final = 32
"""The most that one row, or one column of it, may hold."""
LINE_MAX_MB: Final = 200
"""The longest line of a text file."""
HIDDEN_PREFIXES: Final = ("_", ".")
"""Files whose names begin so are not read."""

# --- Named queries (NAMED_QUERY_PAGE) and workgroups (WORKGROUP_PAGE) ---
QUERY_NAME_MAX: Final = 128
QUERY_DESCRIPTION_MAX: Final = 1024
QUERY_MAX: Final = 262_144
"""The longest text of a query, in characters."""
WORKGROUP_NAME_MAX: Final = 128
SCAN_LIMIT_MIB_DEFAULT: Final = 1024
RESULT_DAYS_DEFAULT: Final = 30
