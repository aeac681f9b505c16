"""The records of a choice, in its order, from the PostgreSQL store."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.adapters.stores.postgres.current import (
    LOOPS,
    NO_LOOPS,
    consolidated,
    last_commit,
    prepare_rows,
    prepare_tail,
    record_columns,
    temporary,
)
from trivium.engine.choice import Choice, Clauses
from trivium.engine.law.statements import Law, quote
from trivium.engine.paging import page
from trivium.engine.tables import arrow_schema, master
from trivium.ports import NOW, Moment


def chosen(catalog: Catalog, pipe: Pipe, law: Law, choice: Choice, moment: Moment) -> Iterator[pa.RecordBatch]:
    """See `ports.Reader.chosen`. In the pipe's transaction."""
    commit = last_commit(catalog, pipe) if moment.commit is None else moment.commit
    fold = partial(law.fold, commit=commit, as_of=moment.as_of, policy=moment.policy)
    t, name = catalog.database.table, law.shape.name
    pipe.execute(LOOPS)
    if moment == NOW and consolidated(catalog, pipe):
        whole, tail = t(f"{name}__master"), prepare_tail(catalog, pipe, law, commit)
    else:
        whole, tail = None, t(f"{name}__history")
    if choice.most is None or not choice.by_key(law.shape):
        folded = None
        if whole is None or tail:
            folded = fold(rows=prepare_rows(pipe, law, tail) if whole and tail else None)
        yield from _all(catalog, pipe, law, choice, whole, tail if whole else None, folded)
        return

    def few(asked: Choice, keys: str) -> Iterator[pa.RecordBatch]:
        return _all(catalog, pipe, law, asked, None, None, fold(rows=prepare_rows(pipe, law, keys)))

    found = page(
        law.shape,
        choice,
        master=None if whole is None else (lambda asked: _all(catalog, pipe, law, asked, whole, tail, None)),
        window=None if not tail else (lambda asked, size: _window(catalog, pipe, law, asked, tail, size)),
        folded=few,
    )
    yield from [] if found is None else found.to_batches()


def _all(
    catalog: Catalog, pipe: Pipe, law: Law, choice: Choice, whole: str | None, tail: str | None, fold: str | None
) -> Iterator[pa.RecordBatch]:
    """The records of the master `whole` that are none of the `tail`, and those of the `fold`."""
    clauses, columns = Clauses(choice, law.shape, "postgres"), record_columns(law)
    condition = catalog.database.written(clauses.records(), clauses.values)
    order = f"ORDER BY {clauses.order()}"
    end = order if choice.most is None else f"{order} LIMIT {int(choice.most)}"
    each = "" if choice.most is None else end
    parts = []
    if whole is not None:
        same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
        known = f" AND NOT EXISTS (SELECT 1 FROM {tail} AS t WHERE {same})" if tail else ""
        parts.append(f"SELECT {columns} FROM {whole} AS m WHERE {condition}{known} {each}")
    if fold is not None:
        parts.append(f"SELECT {columns} FROM ({fold}) AS f WHERE {condition} {each}")
    both = " UNION ALL ".join(f"({part})" for part in parts)
    pipe.execute(LOOPS if fold is None else NO_LOOPS)
    sql = parts[0] if len(parts) == 1 and each else f"SELECT {columns} FROM ({both}) AS r {end}"
    yield from pipe.batches(sql, arrow_schema(master(law.shape)))


def _window(
    catalog: Catalog, pipe: Pipe, law: Law, choice: Choice, keys: str, size: int
) -> tuple[str | None, tuple[Any, ...] | None]:
    """The first keys of a relation that may be chosen, at most so many of its rows, as a temporary table; its name, and
    the last of them where there may be more."""
    clauses = Clauses(choice, law.shape, "postgres")
    condition = catalog.database.written(clauses.keys(), clauses.values)
    columns = ", ".join(quote(key.name) for key in law.shape.keys)
    rows = f"SELECT {columns} FROM {keys} WHERE {condition} ORDER BY {columns} LIMIT {int(size)}"
    pipe.execute(LOOPS)
    name = temporary(
        pipe, f"_window_{law.shape.name}", f"SELECT DISTINCT {columns}, count(*) OVER () AS _rows FROM ({rows}) AS w"
    )
    schema = arrow_schema(master(law.shape))
    down = ", ".join(f"{quote(key.name)} DESC" for key in law.shape.keys)
    found = pipe.batches(
        f"SELECT {columns}, _rows FROM {name} ORDER BY {down} LIMIT 1",
        pa.schema([*(schema.field(key.name) for key in law.shape.keys), pa.field("_rows", pa.int64())]),
    )
    for row in [row for batch in found for row in batch.to_pylist()]:
        more = row.pop("_rows") == size
        return name, tuple(row.values()) if more else None
    return None, None
