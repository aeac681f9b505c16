"""What holds, read from the PostgreSQL store. Every call sees one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import psycopg.rows
import pyarrow as pa

from trivium.adapters.stores.postgres.catalog import Catalog
from trivium.adapters.stores.postgres.choosing import chosen
from trivium.adapters.stores.postgres.commits import horizon
from trivium.adapters.stores.postgres.current import current_sql, last_commit, prepare_rows, record_columns, temporary
from trivium.adapters.stores.postgres.views import run_view
from trivium.engine.changed import Place, piece
from trivium.engine.choice import Clauses
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import alone, arrow_schema, assertion, history, master, numbered
from trivium.ports import NOTHING, NOW, Alone, Choice, Moment

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

_CHANGED: list[pa.Field[Any]] = [
    pa.field("_commit", pa.int64()),
    pa.field("_later", pa.bool_()),
    pa.field("_rows", pa.int64()),
]


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
        with self._catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            commit = last_commit(self._catalog, pipe) if moment.commit is None else moment.commit
            if moment != NOW:
                sql = law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy)
            else:
                sql = current_sql(self._catalog, pipe, law, commit)
            yield from pipe.batches(f"SELECT {record_columns(law)} FROM ({sql}) AS r{order}", schema)

    def _one(self, law: Law, moment: Moment, key: Sequence[Any], schema: pa.Schema) -> pa.Table:
        """The record of one key: folded from its history, which its index finds."""
        commit = _EVERYTHING if moment.commit is None else moment.commit
        sql = law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy, keyed=True)
        return self._about(law, f"SELECT {record_columns(law)} FROM ({sql}) AS r", key, schema)

    def chosen(self, entity: str, choice: Choice, moment: Moment = NOW) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            yield from chosen(self._catalog, pipe, law, choice, moment)

    def alone(
        self, entity: str, who: Alone, *, as_of: int | None = None, about: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law, t = self._catalog.law(entity), self._catalog.database.table
        schema, rows = arrow_schema(alone(law.shape)), None
        names = ", ".join(quote(field.name) for field in schema)
        with self._catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            if about is not None:
                loads = pipe.row(f"SELECT array_agg(load_no) FROM {t('_load')} WHERE reading_no = {about}")[0] or []
                rows = prepare_rows(pipe, law, temporary(pipe, "_about", law.touched_by(loads)))
            fold = law.fold(commit=last_commit(self._catalog, pipe), rows=rows, as_of=as_of, alone=who)
            yield from pipe.batches(f"SELECT {names} FROM ({fold}) AS r", schema)

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

    def commit(self) -> int:
        """See `ports.Reader`."""
        return horizon(self._catalog.database)

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        commit = horizon(self._catalog.database)
        keys = _keys(law)
        with self._catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            found = list(pipe.batches(law.touched(after=after, commit=commit), keys))
        return pa.Table.from_batches(found, schema=keys), commit

    def changed(
        self, entity: str, after: int, key: Sequence[Any] | None = None, *, most: int
    ) -> tuple[pa.Table, Place]:
        """See `ports.Reader`."""
        law, database = self._catalog.law(entity), self._catalog.database
        schema = pa.schema([*_keys(law), *_CHANGED])
        commit = horizon(database)
        with database.lent_pipe() as pipe:
            pipe.snapshot()
            pipe.execute("SET LOCAL work_mem = '64MB'")

            def until(begin: int) -> tuple[int, int | None]:
                commits, enough = pipe.row(law.changed_until(after=begin, commit=commit, most=most))
                return commits, enough

            def look(begin: int, up_to: int, behind: Sequence[Any] | None, several: bool) -> pa.Table:
                clauses = Clauses(Choice(after=None if behind is None else tuple(behind)), law.shape, "postgres")
                condition = None if behind is None else database.written(clauses.keys(), clauses.values)
                sql = law.changed(after=begin, until=up_to, commit=commit, behind=condition, several=several, most=most)
                return pa.Table.from_batches(pipe.batches(sql, schema), schema=schema)

            return piece(law.shape, after, key, commit, most, until=until, look=look)

    def those(self, entity: str, keys: pa.Table) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        schema, asked = arrow_schema(master(law.shape)), numbered(keys.select(_keys(law).names).cast(_keys(law)))
        with self._catalog.database.lent_pipe() as pipe:
            pipe.snapshot()
            names = ", ".join(map(quote, _keys(law).names))
            empty = (
                f"SELECT {names}, 0::bigint AS _nth FROM {self._catalog.database.table(f'{entity}__master')} LIMIT 0"
            )
            name = temporary(pipe, "_those", empty)
            pipe.append("pg_temp", "_those", asked)
            pipe.execute(f"ANALYZE {name}")
            fold = law.fold(commit=last_commit(self._catalog, pipe), rows=prepare_rows(pipe, law, name))
            found = list(pipe.batches(law.those(asked=name, fold=fold), schema))
        return pa.Table.from_batches(found, schema=schema)

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        keys: list[pa.Field[Any]] = [arrow_schema(master(law.shape)).field(key.name) for key in law.shape.keys]
        spoken = f"(SELECT DISTINCT * FROM ({law.spoken(loads)}) AS a)" if loads else None
        sql = law.ties(commit=_EVERYTHING, most=most, loads=loads, spoken=spoken)
        return self._about(law, sql, (), pa.schema([*keys, *_TIE]))

    def view(
        self, sql: str, parameters: dict[str, Any], hidden: Mapping[str, Collection[str]] = NOTHING
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        yield from run_view(self._catalog, sql, parameters, hidden)

    def _about(self, law: Law, sql: str, key: Sequence[Any], schema: pa.Schema) -> pa.Table:
        parameters = {f"k{index}": value for index, value in enumerate(key, 1)}
        with (
            self._catalog.database.transaction(f"reading {law.shape.name}", snapshot=True) as connection,
            connection.cursor(row_factory=psycopg.rows.dict_row) as cursor,
        ):
            rows = cursor.execute(sql, parameters).fetchall()
        return pa.Table.from_pylist(rows, schema=pa.schema([field.with_nullable(True) for field in schema]))


def _keys(law: Law) -> pa.Schema:
    """The columns of the key."""
    schema = arrow_schema(master(law.shape))
    return pa.schema([schema.field(key.name) for key in law.shape.keys])


_EVERYTHING = (1 << 62) - 1
"""A commit after every other: what a snapshot shows is then all that counts."""
