"""What holds, read from the DuckDB store. Every call sees one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.engine import tables
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import alone
from trivium.ports import NOW, Alone, Moment

_BATCH = 50_000
_MUCH = 5
"""A load with more than this part of a history is not looked up in it: reading all of it once costs less."""


def last_commit(catalog: Catalog, cursor: duckdb.DuckDBPyConnection) -> int:
    """The last commit that the cursor's snapshot holds."""
    row = cursor.execute(tables.last_commit(catalog.database.table)).fetchone()
    return int(row[0]) if row else 0


def consolidated(catalog: Catalog, cursor: duckdb.DuckDBPyConnection) -> int:
    """The commit up to which the master is folded."""
    row = cursor.execute(f"SELECT value FROM {catalog.database.table('_meta')} WHERE key = 'consolidated'").fetchone()
    return int(row[0]) if row else 0


def prepare_tail(catalog: Catalog, cursor: duckdb.DuckDBPyConnection, law: Law, commit: int) -> str | None:
    """The keys that the master does not know of yet, as a temporary table of the cursor; its name.

    None where nothing is consolidated, so that everything is tail; an empty text where there is no tail.
    """
    after = consolidated(catalog, cursor)
    if after == 0:
        return None
    if after == commit:
        return ""
    name = f"_tail_{law.shape.name}"
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE {quote(name)} AS {law.touched(after=after, commit=commit)}")
    return f"temp.{quote(name)}"


def current_sql(catalog: Catalog, law: Law, tail: str | None, commit: int) -> str:
    """The current records of an entity: the master, with the keys of the tail folded."""
    if tail is None:
        return law.fold(commit=commit)
    master = f"SELECT * FROM {catalog.database.table(law.shape.name + '__master')} AS m"
    if tail == "":
        return master
    same = " AND ".join(f"m.{quote(k.name)} = t.{quote(k.name)}" for k in law.shape.keys)
    columns = ", ".join(
        quote(c) for c in (*(c.name for c in (*law.shape.keys, *law.shape.columns)), "_alive", "_lacks", "_stamp")
    )
    fold = law.fold(commit=commit, only=tail)
    return f"SELECT {columns} FROM ({master} ANTI JOIN {tail} AS t ON {same}) UNION ALL SELECT {columns} FROM ({fold})"


class DuckDBReader:
    """See `ports.Reader`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def records(
        self, entity: str, moment: Moment = NOW, *, key: Sequence[Any] | None = None, ordered: bool = False
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        order = f" ORDER BY {', '.join(quote(k.name) for k in law.shape.keys)}" if ordered else ""
        names = ", ".join(
            quote(c) for c in (*(c.name for c in (*law.shape.keys, *law.shape.columns)), "_alive", "_lacks", "_stamp")
        )
        with self._catalog.database.transaction(f"reading {entity}") as cursor:
            parameters = _key_parameters(law, key)
            sql = self._records_sql(cursor, law, moment, parameters)
            reader = cursor.execute(f"SELECT {names} FROM ({sql}){order}", parameters or None).to_arrow_reader(_BATCH)
            yield from reader

    def _records_sql(
        self, cursor: duckdb.DuckDBPyConnection, law: Law, moment: Moment, parameters: dict[str, Any]
    ) -> str:
        commit = last_commit(self._catalog, cursor) if moment.commit is None else moment.commit
        keyed = bool(parameters)
        if keyed or moment != NOW:  # one key is folded sooner than it is known whether the master has it right
            return law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy, keyed=keyed)
        return current_sql(self._catalog, law, prepare_tail(self._catalog, cursor, law, commit), commit)

    def alone(
        self, entity: str, who: Alone, *, as_of: int | None = None, about: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law, t = self._catalog.law(entity), self._catalog.database.table
        names = ", ".join(quote(column.name) for column in alone(law.shape).columns)
        with self._catalog.database.transaction(f"reading {entity} of {who.source}") as cursor:
            only = None
            if about is not None:
                rows = cursor.execute(f"SELECT load_no FROM {t('_load')} WHERE reading_no = ?", [about]).fetchall()
                # a table, for the fold asks for it once for each part of the statement
                only, loads = "temp._about", [int(row[0]) for row in rows]
                cursor.execute(f"CREATE OR REPLACE TEMP TABLE _about AS {law.touched_by(loads)}")
            fold = law.fold(commit=last_commit(self._catalog, cursor), only=only, as_of=as_of, alone=who)
            yield from cursor.execute(f"SELECT {names} FROM ({fold})").to_arrow_reader(_BATCH)

    def statements(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        return self._about(entity, key, "statements_of")

    def assertions(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        return self._about(entity, key, "assertions_of")

    def rejected(self, entity: str, key: Sequence[Any]) -> pa.Table:
        """See `ports.Reader`."""
        return self._about(entity, key, "rejected_of")

    def _about(self, entity: str, key: Sequence[Any], statement: str) -> pa.Table:
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"explaining {entity}") as cursor:
            commit = last_commit(self._catalog, cursor)
            return cursor.execute(law.render(statement, commit=commit), _key_parameters(law, key)).to_arrow_table()

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"reading changes of {entity}") as cursor:
            commit = last_commit(self._catalog, cursor)
            return cursor.execute(law.touched(after=after, commit=commit)).to_arrow_table(), commit

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"looking for ties of {entity}") as cursor:
            commit = last_commit(self._catalog, cursor)
            spoken = self._prepare_spoken(cursor, law, loads) if loads else None
            return cursor.execute(law.ties(commit=commit, most=most, loads=loads, spoken=spoken)).to_arrow_table()

    def _prepare_spoken(self, cursor: duckdb.DuckDBPyConnection, law: Law, loads: Sequence[int]) -> str | None:
        """What these loads speak of, as a temporary table of the cursor; its name, or None where they speak of much."""
        history = self._catalog.database.table(f"{law.shape.name}__history")
        much = f"SELECT count(*) * {_MUCH} >= (SELECT count(*) FROM {history}) FROM ({law.spoken(loads)})"
        if cursor.execute(much).fetchone() == (True,):
            return None
        # a table, for of a query DuckDB takes the whole history to be the smaller side of the join
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE _spoken AS SELECT DISTINCT * FROM ({law.spoken(loads)})")
        return "temp._spoken"

    def query(self, sql: str, parameters: dict[str, Any]) -> pa.Table:
        """See `ports.Reader`."""
        with self._catalog.database.transaction("running a view") as cursor:
            commit = last_commit(self._catalog, cursor)
            for shape in self._catalog.domain.shapes:
                law = self._catalog.law(shape.name)
                columns = ", ".join(quote(c.name) for c in (*shape.keys, *shape.columns))
                current = current_sql(self._catalog, law, prepare_tail(self._catalog, cursor, law, commit), commit)
                cursor.execute(
                    f"CREATE OR REPLACE TEMP VIEW {quote(shape.name)} AS "
                    f"SELECT {columns} FROM ({current}) WHERE _alive AND _lacks = ''"
                )
            return cursor.execute(sql, parameters or None).to_arrow_table()


def _key_parameters(law: Law, key: Sequence[Any] | None) -> dict[str, Any]:
    """The values of a key as the parameters `k1`, `k2` … of the law's statements."""
    return {} if key is None else {f"k{index}": value for index, value in enumerate(key, 1)}
