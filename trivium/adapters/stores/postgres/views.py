"""Views over the PostgreSQL store: written in DuckDB's SQL by teams, so DuckDB runs them, on the records they read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

import duckdb
import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.current import current_sql, last_commit, record_columns
from trivium.engine.embedded import embedded
from trivium.engine.law.statements import quote
from trivium.engine.tables import arrow_schema, master
from trivium.engine.viewing import Hidden, columns_seen, entities_read, refusing
from trivium.errors import StoreError
from trivium.model.entity import EntityShape

BATCH: Final = 50_000
"""Rows that are handed over at a time."""


def run_view(catalog: Catalog, sql: str, parameters: dict[str, Any], hidden: Hidden) -> Iterator[pa.RecordBatch]:
    """The rows of a view on one snapshot of the entities it reads; at least one batch.

    Transpiled text is no proof that another engine means the same, so the records come to the one engine the
    view was written for.
    """
    read = entities_read(sql)
    with closing(embedded()) as engine:
        with catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            commit = last_commit(catalog, pipe)
            for shape in catalog.domain.shapes:
                if shape.name in read:
                    _bring(catalog, pipe, engine, shape, commit, hidden)
        try:
            engine.execute("SET enable_external_access = false")
            with refusing():
                rows = engine.execute(sql, parameters or None).to_arrow_reader(BATCH)
                yield pa.RecordBatch.from_pylist([], schema=rows.schema)  # so that the columns are known
                yield from rows
        except duckdb.Error as error:
            raise StoreError(f"running a view: {error}", hint="nothing of this was kept") from error


def _bring(
    catalog: Catalog, pipe: Pipe, engine: duckdb.DuckDBPyConnection, shape: EntityShape, commit: int, hidden: Hidden
) -> None:
    """Makes the current, complete, living records of an entity a table of the engine."""
    law = catalog.law(shape.name)
    current = current_sql(catalog, pipe, law, commit)
    whole = f"SELECT {record_columns(law)} FROM ({current}) AS r WHERE _alive AND _lacks = ''"
    schema = arrow_schema(master(shape))
    engine.register("incoming", pa.RecordBatchReader.from_batches(schema, pipe.batches(whole, schema)))
    engine.execute(f"CREATE TABLE {quote(shape.name)} AS SELECT {columns_seen(shape, hidden)} FROM incoming")
    engine.unregister("incoming")
