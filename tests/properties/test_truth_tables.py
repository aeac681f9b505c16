"""The truth tables of docs/law.md, every row told to a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.reference import EntitySpec, Key, Record, fold
from tests.reference.notation import instant, world_of
from tests.stores import DuckDBStores, PostgresStores, Stores
from tests.unit.test_truth_tables import policy_of, spec_of, tables
from tests.worlds.tables import CannotSayIt, Teller, offers
from trivium.ports import NOW, Moment, Store

Records = dict[Key, dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """One row of a table, with the steps that it tells."""

    name: str
    cells: dict[str, str]
    said: str

    def moment(self, teller: Teller) -> Moment:
        commit = self.cells.get("as of commit")
        policy = policy_of(self.cells, "what if")
        assert policy != "first"
        return Moment(
            instant(self.cells["as of"]) if self.cells.get("as of") else None,
            teller.commit_of(int(commit)) if commit else None,
            policy,
        )

    def expected(self) -> dict[Key, Record]:
        commit = self.cells.get("as of commit")
        as_of = instant(self.cells["as of"]) if self.cells.get("as of") else None
        policy = policy_of(self.cells, "what if")
        return fold(world_of(self.said), spec_of(self.cells), as_of, int(commit) if commit else None, policy)


def rows() -> list[Row]:
    """Every row that tells something; of a worked example, whose rows add up, the last."""
    found = []
    for table in tables():
        if {"said", "record"} <= set(table.columns):
            found += [Row(f"{table.heading} {n}", one, one["said"]) for n, one in enumerate(table.rows, 1)]
        elif {"and then", "record"} <= set(table.columns):
            for n in range(2, len(table.rows) + 1, 2):
                steps = "; ".join(one["and then"] for one in table.rows[:n])
                found.append(Row(f"{table.heading}, example {n}", table.rows[n - 1], steps))
    return found


def declarations() -> dict[str, tuple[EntitySpec, list[Row]]]:
    """The rows of each declaration: one store serves them all."""
    found: dict[str, tuple[EntitySpec, list[Row]]] = {}
    for row in rows():
        spec = spec_of(row.cells)
        name = "-".join([spec.policy, *(group.policy or "" for group in spec.groups)])
        found.setdefault(name, (spec, []))[1].append(row)
    return found


def check_rows(stores: Stores, spec: EntitySpec, told: list[Row]) -> None:
    """Each row as things stand, from the tail and from the master; or each key by itself at the row's moment."""
    place = stores.new()
    try:
        store = place.open(offers(spec))
        try:
            store.control.prepare()
            checks = list(tell_all(store, spec, told))
            wrong = []
            for _ in range(2):
                now = by_key(store)
                for teller, row in checks:
                    wrong += [row.name for key in teller.spoken_of() if not agrees(store, teller, row, key, now)]
                store.control.consolidate()
            found = tie_counts(store)
            wrong += [
                f"ties of {row.name}"
                for teller, row in checks
                for key, record in fold(world_of(row.said), spec_of(row.cells)).items()
                if found[teller.key(key)] != record.ties
            ]
            assert not wrong
        finally:
            store.control.close()
    finally:
        place.remove()


def tell_all(store: Store, spec: EntitySpec, told: list[Row]) -> Iterator[tuple[Teller, Row]]:
    domain = offers(spec)
    for number, row in enumerate(told):
        teller = Teller(store, domain, f"{number:03}-", world_of(row.said))
        try:
            teller.tell()
        except CannotSayIt:
            continue
        yield teller, row


def by_key(store: Store, moment: Moment = NOW, key: Key | None = None) -> Records:
    batches = store.reader.records("offer", moment, key=key)
    return {(row["shop"], row["item"]): row for batch in batches for row in batch.to_pylist()}


def tie_counts(store: Store) -> Counter[Key]:
    """How many ranks of each key are tied."""
    found = store.reader.ties("offer", most=10_000)
    assert set(found["total"].to_pylist()) <= {found.num_rows}
    return Counter((row["shop"], row["item"]) for row in found.to_pylist())


def agrees(store: Store, teller: Teller, row: Row, key: Key, now: Records) -> bool:
    """Whether the store's record of a key is the reference's."""
    record, moment, stored = row.expected().get(key), row.moment(teller), teller.key(key)
    found = (now if moment == NOW else by_key(store, moment, stored)).get(stored)
    if found is None or record is None:
        return found is None and record is None
    values = {name: found[name] for name in ("status", "note", "price_amount", "price_currency")}
    told = {name: record.values.get(name) for name in values}
    return (found["_alive"], found["_lacks"], values) == (record.alive, ",".join(record.lacks), told)


@pytest.mark.parametrize("name", declarations())
def test_truth_tables_in_a_duckdb_file(name: str) -> None:
    check_rows(DuckDBStores(), *declarations()[name])


@pytest.mark.server
@pytest.mark.parametrize("name", declarations())
def test_truth_tables_in_postgresql(postgres_url_en: str, name: str) -> None:
    check_rows(PostgresStores(postgres_url_en), *declarations()[name])


def test_most_rows_can_be_told() -> None:
    told = [row for _, some in declarations().values() for row in some]
    assert len(told) > 150
