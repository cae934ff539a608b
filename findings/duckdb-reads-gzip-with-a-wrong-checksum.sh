#!/usr/bin/env bash
# duckdb 2.0.1: the checksum of a gzip file is not compared, and a cast to TIMESTAMP drops the offset of a time.
#
# read_json takes a compressed file whose CRC-32 is wrong without an error; gzip and Python refuse it. A file that ends
# early is refused. And '2026-06-01T01:30:00+02:00' becomes 01:30 as a TIMESTAMP, where as a TIMESTAMPTZ it is 23:30 of
# the day before in UTC. So a damaged file may change values in silence, and times with an offset need TIMESTAMPTZ.
#
# Seen: "wrong checksum: [('1',)]", "TIMESTAMP: 2026-06-01 01:30:00", "TIMESTAMPTZ: 2026-05-31 23:30:00+00:00"
# Source: tried on 2026-11-30 with duckdb 2.0.1 and Python 3.11.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install duckdb==2.0.1 pytz
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import gzip
import zlib

import duckdb

right = gzip.compress(b'{"id": "1"}\n')
wrong = right[:-8] + b"\0\0\0\0" + right[-4:]
try:
    gzip.decompress(wrong)
    raise SystemExit("Python takes it too")
except (gzip.BadGzipFile, zlib.error):
    pass
with open("wrong.gz", "wb") as file:
    file.write(wrong)
connection = duckdb.connect()
rows = connection.execute("SELECT id FROM read_json('wrong.gz', columns = {id: 'VARCHAR'})").fetchall()
print(f"wrong checksum: {rows}")
connection.execute("SET TimeZone = 'UTC'")
text = "2026-06-01T01:30:00+02:00"
plain, zoned = connection.execute("SELECT CAST(? AS TIMESTAMP), CAST(? AS TIMESTAMPTZ)", [text, text]).fetchone()
print(f"TIMESTAMP: {plain}")
print(f"TIMESTAMPTZ: {zoned}")
assert rows == [("1",)] and plain.hour == 1 and zoned.hour == 23, "the behaviour has changed"
PYTHON
