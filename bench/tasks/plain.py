"""DuckDB by itself: a typed CSV into a table on disk, with nothing kept, judged or explained."""

from __future__ import annotations

import time
from typing import Any, Final

import duckdb

from bench.tasks.scratch import scratch

_COLUMNS: Final = {
    "business_date": "DATE", "store_id": "VARCHAR", "receipt": "VARCHAR", "line": "BIGINT", "product_id": "VARCHAR",
    "quantity": "BIGINT", "unit_price": "DECIMAL(10, 2)", "total": "DECIMAL(12, 2)", "currency": "VARCHAR",
    "payment": "VARCHAR", "sold_at": "TIMESTAMPTZ",
}  # fmt: skip


def plain_load(file: str) -> dict[str, Any]:
    """Reads the file into a new table and closes it."""
    with scratch() as folder:
        started = time.perf_counter()
        with duckdb.connect(folder / "plain.duckdb") as connection:
            row = connection.execute(
                f"CREATE TABLE sale AS SELECT * FROM read_csv('{file}', header = true, columns = {_COLUMNS})"
            ).fetchone()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": row[0] if row else 0}
