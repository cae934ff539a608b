"""Athena."""

from typing import Any

from ministack.services import athena


def no_invented_rows() -> None:
    """Gap: without DuckDB every query succeeds with rows that nobody has stored.

    AWS runs the query. Here DuckDB does, in its own dialect: what it cannot run fails with its message, and without it
    every query fails.
    """

    def refuse(_: str) -> Any:
        raise RuntimeError("the embedded AWS runs queries on DuckDB, which is not installed: pip install duckdb")

    athena._mock_query_results = refuse
    create_view = athena._run_duckdb

    async def run(query: str, database: str, catalog: Any = None) -> Any:
        if query.strip().upper().startswith(("CREATE VIEW", "CREATE OR REPLACE VIEW")):
            raise RuntimeError("the embedded AWS has no views of Athena")
        return await create_view(query, database, catalog)

    athena._run_duckdb = run
