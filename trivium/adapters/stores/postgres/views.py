"""Views over the PostgreSQL store: written in DuckDB's SQL by teams, so DuckDB runs them, on the records they read."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.current import current_sql, last_commit, record_columns
from trivium.engine.embedded import embedded
from trivium.engine.law.statements import quote
from trivium.engine.tables import arrow_schema, master
from trivium.errors import StoreError
from trivium.model.entity import EntityShape


def run_view(catalog: Catalog, sql: str, parameters: dict[str, Any]) -> pa.Table:
    """Runs a view on one snapshot of the entities it reads.

    Transpiled text is no proof that another engine means the same, so the records come to the one engine the
    view was written for.
    """
    read = {table.name for tree in sqlglot.parse(sql, read="duckdb") if tree for table in tree.find_all(exp.Table)}
    with closing(embedded()) as engine, closing(catalog.database.pipe()) as pipe:
        pipe.snapshot()
        commit = last_commit(catalog, pipe)
        try:
            for shape in catalog.domain.shapes:
                if shape.name in read:
                    _bring(catalog, pipe, engine, shape, commit)
            engine.execute("SET enable_external_access = false")
            return engine.execute(sql, parameters or None).to_arrow_table()
        except duckdb.Error as error:
            raise StoreError(f"running a view: {error}", hint="nothing of this was kept") from error


def _bring(catalog: Catalog, pipe: Pipe, engine: duckdb.DuckDBPyConnection, shape: EntityShape, commit: int) -> None:
    """Makes the current, complete, living records of an entity a table of the engine."""
    law = catalog.law(shape.name)
    current = current_sql(catalog, pipe, law, commit)
    whole = f"SELECT {record_columns(law)} FROM ({current}) AS r WHERE _alive AND _lacks = ''"
    schema = arrow_schema(master(shape))
    engine.register("incoming", pa.RecordBatchReader.from_batches(schema, pipe.batches(whole, schema)))
    columns = ", ".join(quote(c.name) for c in (*shape.keys, *shape.columns))
    engine.execute(f"CREATE TABLE {quote(shape.name)} AS SELECT {columns} FROM incoming")
    engine.unregister("incoming")
