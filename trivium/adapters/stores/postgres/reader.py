"""What holds, read from the PostgreSQL store. Every call sees one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg.rows
import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.commits import horizon
from trivium.adapters.stores.postgres.copying import Pipe
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import arrow_schema, assertion, history, master
from trivium.ports import NOW, Moment

_ORIGIN = [
    pa.field("source", pa.string()), pa.field("delivery", pa.string()), pa.field("revision", pa.int64()),
    pa.field("file", pa.string()), pa.field("reading_no", pa.int64()), pa.field("commit_no", pa.int64()),
    pa.field("live", pa.bool_()),
]  # fmt: skip

_TIE: list[pa.Field[Any]] = [
    *(pa.field(name, pa.int64()) for name in ("_at", "_seq", "contents")),
    *(pa.field(name, pa.string()) for name in ("source", "delivery")),
    pa.field("place", pa.int64()),
    *(pa.field(name, pa.string()) for name in ("other_source", "other_delivery")),
    *(pa.field(name, pa.int64()) for name in ("other_place", "total")),
]


def last_commit(catalog: Catalog, pipe: Pipe) -> int:
    """The last commit that the pipe's snapshot holds."""
    t = catalog.database.table
    return int(
        pipe.row(
            f"SELECT greatest((SELECT coalesce(max(commit_no), 0) FROM {t('_reading')}), "
            f"(SELECT coalesce(max(commit_no), 0) FROM {t('_load')}), "
            f"(SELECT coalesce(max(commit_no), 0) FROM {t('_resolution')}))"
        )[0]
    )


def consolidated(catalog: Catalog, pipe: Pipe) -> int:
    """The commit up to which the master is folded."""
    return int(
        pipe.row(
            f"SELECT coalesce(max(value::bigint), 0) FROM {catalog.database.table('_meta')} WHERE key = 'consolidated'"
        )[0]
    )


def prepare_tail(catalog: Catalog, pipe: Pipe, law: Law, commit: int) -> str | None:
    """The keys that the master does not know of yet, as a temporary table of the pipe; its name.

    None where nothing is consolidated, so that everything is tail; an empty text where there is no tail.
    """
    after = consolidated(catalog, pipe)
    if after == 0:
        return None
    if after >= commit:
        return ""
    name = f"_tail_{law.shape.name}"
    pipe.execute(f"DROP TABLE IF EXISTS pg_temp.{quote(name)}")
    pipe.execute(f"CREATE TEMP TABLE {quote(name)} ON COMMIT DROP AS {law.touched(after=after, commit=commit)}")
    pipe.execute(f"ANALYZE pg_temp.{quote(name)}")
    return f"pg_temp.{quote(name)}"


def record_columns(law: Law) -> str:
    """The columns of a record, as a list in SQL."""
    return ", ".join(quote(column.name) for column in master(law.shape).columns)


def current_sql(catalog: Catalog, law: Law, tail: str | None, commit: int) -> str:
    """The current records of an entity: the master, with the keys of the tail folded."""
    if tail is None:
        return law.fold(commit=commit)
    columns = record_columns(law)
    whole = f"SELECT {columns} FROM {catalog.database.table(law.shape.name + '__master')} AS m"
    if tail == "":
        return whole
    same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
    fold = law.fold(commit=commit, only=tail)
    rest = f"{whole} WHERE NOT EXISTS (SELECT 1 FROM {tail} AS t WHERE {same})"
    return f"{rest} UNION ALL SELECT {columns} FROM ({fold}) AS f"


class PostgresReader:
    """See `ports.Reader`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def records(
        self, entity: str, moment: Moment = NOW, *, key: Sequence[Any] | None = None, ordered: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        schema = arrow_schema(master(law.shape))
        if key is not None:
            yield from self._one(law, moment, key, schema).to_batches()
            return
        order = f" ORDER BY {', '.join(quote(k.name) for k in law.shape.keys)}" if ordered else ""
        with closing(self._catalog.database.pipe()) as pipe:
            pipe.snapshot()
            commit = last_commit(self._catalog, pipe) if moment.commit is None else moment.commit
            if moment != NOW:
                sql = law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy)
            else:
                sql = current_sql(self._catalog, law, prepare_tail(self._catalog, pipe, law, commit), commit)
            yield from pipe.batches(f"SELECT {record_columns(law)} FROM ({sql}) AS r{order}", schema)

    def _one(self, law: Law, moment: Moment, key: Sequence[Any], schema: pa.Schema) -> pa.Table:
        """The record of one key: folded from its history, which its index finds."""
        commit = _EVERYTHING if moment.commit is None else moment.commit
        sql = law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy, keyed=True)
        return self._about(law, f"SELECT {record_columns(law)} FROM ({sql}) AS r", key, schema)

    def statements(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        more = [
            pa.field("reading_kind", pa.string()),
            pa.field("top_kind", pa.string()),
            pa.field("top_revision", pa.int64()),
            pa.field("_mended_load", pa.int64()),
            pa.field("_mended_in", pa.int64()),
            pa.field("_mended_by", pa.string()),
        ]
        schema = pa.schema([*arrow_schema(history(law.shape)), *_ORIGIN, *more])
        return self._about(law, law.render("statements_of", commit=_EVERYTHING), key, schema)

    def assertions(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        more = [pa.field("held_back", pa.bool_()), pa.field("mentioned", pa.bool_())]
        schema = pa.schema([*arrow_schema(assertion(law.shape)), *_ORIGIN, *more])
        return self._about(law, law.render("assertions_of", commit=_EVERYTHING), key, schema)

    def rejected(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        law, schema = self._catalog.law(entity), pa.schema([("load_no", pa.int64()), ("place", pa.int64())])
        return self._about(law, law.render("rejected_of", commit=_EVERYTHING), key, schema)

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        commit = horizon(self._catalog.database)
        keys = pa.schema([arrow_schema(master(law.shape)).field(k.name) for k in law.shape.keys])
        with closing(self._catalog.database.pipe()) as pipe:
            pipe.snapshot()
            found = list(pipe.batches(law.touched(after=after, commit=commit), keys))
        return pa.Table.from_batches(found, schema=keys), commit

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        keys: list[pa.Field[Any]] = [arrow_schema(master(law.shape)).field(key.name) for key in law.shape.keys]
        spoken = f"(SELECT DISTINCT * FROM ({law.spoken(loads)}) AS a)" if loads else None
        sql = law.ties(commit=_EVERYTHING, most=most, loads=loads, spoken=spoken)
        return self._about(law, sql, (), pa.schema([*keys, *_TIE]))

    def query(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """See `ports.Reader`."""
        from trivium.adapters.stores.postgres.views import run_view

        return run_view(self._catalog, sql, parameters)

    def _about(self, law: Law, sql: str, key: Sequence[Any], schema: pa.Schema) -> pa.Table:
        parameters = {f"k{index}": value for index, value in enumerate(key, 1)}
        with (
            self._catalog.database.transaction(f"reading {law.shape.name}", snapshot=True) as connection,
            connection.cursor(row_factory=psycopg.rows.dict_row) as cursor,
        ):
            rows = cursor.execute(sql, parameters).fetchall()
        return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))


_EVERYTHING = (1 << 62) - 1
"""A commit after every other: what a snapshot shows is then all that counts."""
