"""Small transactions of the DuckDB store that are planned once."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from trivium.adapters.stores.duckdb.scripts import Scripts

ROWS = pa.table({"n": [1, 2]})
INSERT = "INSERT INTO kept SELECT n FROM {rows}"


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE kept (n BIGINT)")
        yield connection


def kept(connection: duckdb.DuckDBPyConnection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM kept ORDER BY n").fetchall()]


def test_what_is_committed_is_kept_and_the_plan_takes_other_rows(connection: duckdb.DuckDBPyConnection) -> None:
    scripts = Scripts(connection.cursor)
    for rows in (ROWS, pa.table({"n": [3]})):
        with scripts.transaction() as script:
            script.add(INSERT, rows)
            script.run("COMMIT")
    assert kept(connection) == [1, 2, 3]


def test_what_ran_without_a_commit_was_never_done(connection: duckdb.DuckDBPyConnection) -> None:
    scripts = Scripts(connection.cursor)
    with scripts.transaction() as script:
        script.add(INSERT, ROWS)
        script.run()
    with scripts.transaction() as script:
        script.add(INSERT, pa.table({"n": [9]}))
        script.run("COMMIT")
    assert kept(connection) == [9]
