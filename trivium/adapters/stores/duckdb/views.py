"""Views over the DuckDB store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.current import BATCH, current_sql, last_commit, prepare_tail
from trivium.engine.law.statements import quote
from trivium.engine.viewing import Hidden, columns_seen, entities_read, refusing


def run_view(
    catalog: Catalog, cursor: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any], hidden: Hidden
) -> Iterator[pa.RecordBatch]:
    """The rows of a view, in the cursor's transaction; at least one batch."""
    commit, read = last_commit(catalog, cursor), entities_read(sql)
    for shape in catalog.domain.shapes:
        if shape.name in read:
            law = catalog.law(shape.name)
            current = current_sql(catalog, law, prepare_tail(catalog, cursor, law, commit), commit)
            cursor.execute(
                f"CREATE OR REPLACE TEMP VIEW {quote(shape.name)} AS "
                f"SELECT {columns_seen(shape, hidden)} FROM ({current}) WHERE _alive AND _lacks = ''"
            )
    with refusing():
        rows = cursor.execute(sql, parameters or None).to_arrow_reader(BATCH)
        yield pa.RecordBatch.from_pylist([], schema=rows.schema)  # so that the columns are known
        yield from rows
