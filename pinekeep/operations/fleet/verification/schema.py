"""The tables and views of the file with a fleet's results.

Texts repeat over accounts and runs, so each is stored once. The views show them in place; `docs/fleet.md` lists their
columns, because questions in SQL use them.
"""

import sqlite3
from contextlib import closing
from typing import Final

from pinekeep.operations.fleet.verification.observing import OBSERVATIONS

APPLICATION_ID: Final = 0x50_4B_46_56
"""Identifies the file among those of SQLite: PKFV."""
VERSION: Final = 1
"""The version of the tables. A file of a later version is refused, one of an earlier version is converted."""

TABLES: Final = """
CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE fleet_targets (
  fleet TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, PRIMARY KEY (fleet, account, region)
) WITHOUT ROWID;
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  fleet TEXT NOT NULL,
  configuration TEXT NOT NULL,
  started TEXT NOT NULL,
  written TEXT NOT NULL,
  finished TEXT,
  targets INTEGER NOT NULL,
  places TEXT,
  version TEXT NOT NULL,
  process TEXT NOT NULL
);
CREATE INDEX runs_of_fleet ON runs (fleet, id);
CREATE TABLE results (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs (id),
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  status TEXT NOT NULL,
  verified TEXT NOT NULL,
  seconds REAL NOT NULL,
  reason INTEGER REFERENCES texts (id),
  fix INTEGER REFERENCES texts (id),
  UNIQUE (run, account, region)
);
CREATE INDEX results_of_target ON results (account, region, run);
CREATE TABLE result_findings (
  result INTEGER NOT NULL REFERENCES results (id),
  number INTEGER NOT NULL,
  name INTEGER NOT NULL REFERENCES texts (id),
  status TEXT NOT NULL,
  what INTEGER REFERENCES texts (id),
  found INTEGER REFERENCES texts (id),
  wanted INTEGER REFERENCES texts (id),
  fix INTEGER REFERENCES texts (id),
  meaning INTEGER REFERENCES texts (id),
  PRIMARY KEY (result, number)
) WITHOUT ROWID;
CREATE TABLE result_observations (
  result INTEGER NOT NULL REFERENCES results (id),
  name INTEGER NOT NULL REFERENCES texts (id),
  value INTEGER NOT NULL REFERENCES texts (id),
  PRIMARY KEY (result, name)
) WITHOUT ROWID;
"""

_FACTS: Final = ",\n  ".join(f"max(iif(name = '{each}', value, NULL)) AS {each}" for each in OBSERVATIONS)
VIEWS: Final = {
    "targets": """
SELECT runs.fleet, results.account, results.region, results.status, results.verified, reasons.text AS reason,
  fixes.text AS fix, results.run, results.seconds, results.id AS result
FROM results
JOIN runs ON runs.id = results.run
LEFT JOIN texts AS reasons ON reasons.id = results.reason
LEFT JOIN texts AS fixes ON fixes.id = results.fix
""",
    "latest": """
SELECT targets.* FROM targets JOIN fleet_targets USING (fleet, account, region)
WHERE result IN (
  SELECT max(results.id) FROM results JOIN runs ON runs.id = results.run GROUP BY fleet, account, region
)
""",
    "findings": """
SELECT runs.fleet, results.account, results.region, names.text AS name, found.status, whats.text AS what,
  founds.text AS found, wants.text AS wanted, fixes.text AS fix, meanings.text AS meaning, results.run,
  results.id AS result
FROM result_findings AS found
JOIN results ON results.id = found.result
JOIN runs ON runs.id = results.run
JOIN texts AS names ON names.id = found.name
LEFT JOIN texts AS whats ON whats.id = found.what
LEFT JOIN texts AS founds ON founds.id = found.found
LEFT JOIN texts AS wants ON wants.id = found.wanted
LEFT JOIN texts AS fixes ON fixes.id = found.fix
LEFT JOIN texts AS meanings ON meanings.id = found.meaning
""",
    "observations": """
SELECT runs.fleet, results.account, results.region, names.text AS name, vals.text AS value, results.run,
  results.id AS result
FROM result_observations AS observed
JOIN results ON results.id = observed.result
JOIN runs ON runs.id = results.run
JOIN texts AS names ON names.id = observed.name
JOIN texts AS vals ON vals.id = observed.value
""",
    "latest_findings": """
SELECT findings.* FROM findings JOIN latest USING (result)
""",
    "latest_observations": """
SELECT observations.* FROM observations JOIN latest USING (result)
""",
    "facts": f"""
SELECT latest.fleet, latest.account, latest.region, latest.status, latest.verified, latest.reason,
  {_FACTS}
FROM latest LEFT JOIN observations USING (result) GROUP BY latest.result
""",  # noqa: S608 - names of observations
}
"""The views, by name. `facts` has a column for each observation of the latest results."""
QUESTIONED: Final = ("facts", "latest", "latest_findings", "targets", "findings", "observations", "runs")
"""What questions use: the views, and the table of runs."""


def columns() -> dict[str, list[str]]:
    """Return the columns of what questions use, by name."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(TABLES)
        for name, body in VIEWS.items():
            connection.execute(f"CREATE VIEW {name} AS {body}")
        return {
            name: [each[0] for each in connection.execute(f"SELECT * FROM {name} LIMIT 0").description]  # noqa: S608
            for name in QUESTIONED
        }
