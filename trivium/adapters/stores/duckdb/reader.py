"""What holds, read from the DuckDB store. Every call sees one snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import duckdb
import pyarrow as pa

from trivium.adapters.stores.duckdb.catalog import Catalog
from trivium.adapters.stores.duckdb.choosing import chosen
from trivium.adapters.stores.duckdb.current import BATCH, current_sql, last_commit, prepare_tail, record_columns
from trivium.adapters.stores.duckdb.views import run_view
from trivium.engine.changed import Place, piece
from trivium.engine.choice import Clauses
from trivium.engine.law.statements import Law, quote
from trivium.engine.tables import alone, numbered
from trivium.ports import NOTHING, NOW, Alone, Choice, Moment

_MUCH = 5
"""A load with more than this part of a history is not looked up in it: reading all of it once costs less."""


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
        with self._catalog.database.transaction(f"reading {entity}", wide=key is None) as cursor:
            parameters = _key_parameters(law, key)
            sql = self._records_sql(cursor, law, moment, parameters)
            reader = cursor.execute(
                f"SELECT {record_columns(law)} FROM ({sql}){order}", parameters or None
            ).to_arrow_reader(BATCH)
            yield from reader

    def _records_sql(
        self, cursor: duckdb.DuckDBPyConnection, law: Law, moment: Moment, parameters: dict[str, Any]
    ) -> str:
        commit = last_commit(self._catalog, cursor) if moment.commit is None else moment.commit
        keyed = bool(parameters)
        if keyed or moment != NOW:  # one key is folded sooner than it is known whether the master has it right
            return law.fold(commit=commit, as_of=moment.as_of, policy=moment.policy, keyed=keyed)
        return current_sql(self._catalog, law, prepare_tail(self._catalog, cursor, law, commit), commit)

    def chosen(self, entity: str, choice: Choice, moment: Moment = NOW) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"reading {entity}", wide=True) as cursor:
            yield from chosen(self._catalog, cursor, law, choice, moment)

    def alone(
        self, entity: str, who: Alone, *, as_of: int | None = None, about: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        law, t = self._catalog.law(entity), self._catalog.database.table
        names = ", ".join(quote(column.name) for column in alone(law.shape).columns)
        with self._catalog.database.transaction(f"reading {entity} of {who.source}", wide=True) as cursor:
            only = None
            if about is not None:
                rows = cursor.execute(f"SELECT load_no FROM {t('_load')} WHERE reading_no = ?", [about]).fetchall()
                # a table, for the fold asks for it once for each part of the statement
                only, loads = "temp._about", [int(row[0]) for row in rows]
                cursor.execute(f"CREATE OR REPLACE TEMP TABLE _about AS {law.touched_by(loads)}")
            fold = law.fold(commit=last_commit(self._catalog, cursor), only=only, as_of=as_of, alone=who)
            yield from cursor.execute(f"SELECT {names} FROM ({fold})").to_arrow_reader(BATCH)

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

    def commit(self) -> int:
        """See `ports.Reader`."""
        return self._catalog.commit_no

    def touched(self, entity: str, after: int) -> tuple[pa.Table, int]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"reading changes of {entity}", wide=True) as cursor:
            commit = last_commit(self._catalog, cursor)
            return cursor.execute(law.touched(after=after, commit=commit)).to_arrow_table(), commit

    def changed(
        self, entity: str, after: int, key: Sequence[Any] | None = None, *, most: int
    ) -> tuple[pa.Table, Place]:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"reading changes of {entity}") as cursor:
            commit = last_commit(self._catalog, cursor)
            much = False

            def until(begin: int) -> tuple[int, int | None]:
                nonlocal much
                row = cursor.execute(law.changed_until(after=begin, commit=commit, most=most)).fetchone()
                assert row is not None
                much = row[1] is not None
                return row[0], row[1]

            def look(begin: int, up_to: int, behind: Sequence[Any] | None, several: bool) -> pa.Table:
                clauses = Clauses(Choice(after=None if behind is None else tuple(behind)), law.shape, "duckdb")
                condition = None if behind is None else clauses.keys()
                sql = law.changed(after=begin, until=up_to, commit=commit, behind=condition, several=several, most=most)
                with self._catalog.database.wide() if much else nullcontext():
                    return cursor.execute(sql, clauses.values or None).to_arrow_table()

            return piece(law.shape, after, key, commit, most, until=until, look=look)

    def those(self, entity: str, keys: pa.Table) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        columns = ", ".join(quote(key.name) for key in law.shape.keys)
        with self._catalog.database.transaction(f"reading {entity}") as cursor:
            cursor.register("_asked", numbered(keys))
            cursor.execute(f"CREATE OR REPLACE TEMP TABLE _those AS SELECT {columns}, _nth FROM _asked")
            cursor.unregister("_asked")
            fold = law.fold(commit=last_commit(self._catalog, cursor), only="temp._those", few=True)
            return cursor.execute(law.those(asked="temp._those", fold=fold)).to_arrow_table()

    def ties(self, entity: str, *, most: int, loads: Sequence[int] = ()) -> pa.Table:
        """See `ports.Reader`."""
        law = self._catalog.law(entity)
        with self._catalog.database.transaction(f"looking for ties of {entity}", wide=True) as cursor:
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

    def view(
        self, sql: str, parameters: dict[str, Any], hidden: Mapping[str, Collection[str]] = NOTHING
    ) -> Iterator[pa.RecordBatch]:
        """See `ports.Reader`."""
        with self._catalog.database.transaction("running a view", wide=True) as cursor:
            yield from run_view(self._catalog, cursor, sql, parameters, hidden)


def _key_parameters(law: Law, key: Sequence[Any] | None) -> dict[str, Any]:
    """The values of a key as the parameters `k1`, `k2` … of the law's statements."""
    return {} if key is None else {f"k{index}": value for index, value in enumerate(key, 1)}
