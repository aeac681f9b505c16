"""The records of a choice, in its order, from the DuckDB store."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.current import consolidated, is_few, last_commit, prepare_tail, record_columns
from trivium.engine.choice import Choice, Clauses
from trivium.engine.law.statements import Law, quote
from trivium.engine.paging import page
from trivium.ports import NOW, Moment

_BATCH: Final = 5_000
"""Rows that are handed over at a time: a reader may take its time with them."""


def chosen(
    catalog: Catalog, cursor: duckdb.DuckDBPyConnection, law: Law, choice: Choice, moment: Moment
) -> Iterator[pa.RecordBatch]:
    """See `ports.Reader.chosen`. In the cursor's transaction."""
    commit = last_commit(catalog, cursor) if moment.commit is None else moment.commit
    fold = partial(law.fold, commit=commit, as_of=moment.as_of, policy=moment.policy)
    t, name = catalog.database.table, law.shape.name
    if moment == NOW and consolidated(catalog, cursor):
        whole, tail = t(f"{name}__master"), prepare_tail(catalog, cursor, law, commit)
    else:
        whole, tail = None, t(f"{name}__history")
    if choice.most is None or not choice.by_key(law.shape):
        only = tail if whole else None  # without a master everything is folded
        yield from _all(cursor, law, choice, whole, only, fold(only=only, few=is_few(cursor, only)) if tail else None)
        return
    found = page(
        law.shape,
        choice,
        master=None if whole is None else (lambda asked: _all(cursor, law, asked, whole, tail, None)),
        window=None if not tail else (lambda asked, size: _window(cursor, law, asked, tail, size)),
        folded=lambda asked, keys: _all(cursor, law, asked, None, None, fold(only=keys, few=True)),
    )
    yield from [] if found is None else found.to_batches()


def _all(
    cursor: duckdb.DuckDBPyConnection, law: Law, choice: Choice, whole: str | None, tail: str | None, fold: str | None
) -> Iterator[pa.RecordBatch]:
    """The records of the master `whole` that are none of the `tail`, and those of the `fold`."""
    clauses, columns = Clauses(choice, law.shape, "duckdb"), record_columns(law)
    condition = clauses.records()
    order = f"ORDER BY {clauses.order()}"
    end = order if choice.most is None else f"{order} LIMIT {int(choice.most)}"
    each = "" if choice.most is None else end
    parts = []
    if whole is not None:
        same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
        # written as NOT EXISTS beside other conditions it is planned for a query of each row: 8 s instead of 0.1
        known = f" ANTI JOIN {tail} AS t ON {same}" if tail else ""
        parts.append(f"SELECT {columns} FROM {whole} AS m{known} WHERE {condition} {each}")
    if fold is not None:
        parts.append(f"SELECT {columns} FROM ({fold}) WHERE {condition} {each}")
    both = " UNION ALL ".join(f"({part})" for part in parts)
    sql = parts[0] if len(parts) == 1 and each else f"SELECT {columns} FROM ({both}) {end}"
    yield from cursor.execute(sql, clauses.values or None).to_arrow_reader(_BATCH)


def _window(
    cursor: duckdb.DuckDBPyConnection, law: Law, choice: Choice, keys: str, size: int
) -> tuple[str | None, tuple[Any, ...] | None]:
    """The first keys of a relation that may be chosen, at most so many of its rows, as a temporary table; its name, and
    the last of them where there may be more."""
    clauses = Clauses(choice, law.shape, "duckdb")
    condition, name = clauses.keys(), quote(f"_window_{law.shape.name}")
    columns = ", ".join(quote(key.name) for key in law.shape.keys)
    rows = f"SELECT {columns} FROM {keys} WHERE {condition} ORDER BY {columns} LIMIT {int(size)}"
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {rows}", clauses.values or None)
    down = ", ".join(f"{quote(key.name)} DESC" for key in law.shape.keys)
    count = cursor.execute(f"SELECT count(*) FROM temp.{name}").fetchone()
    last = cursor.execute(f"SELECT {columns} FROM temp.{name} ORDER BY {down} LIMIT 1").fetchone()
    return None if last is None else f"temp.{name}", last if count == (size,) else None
