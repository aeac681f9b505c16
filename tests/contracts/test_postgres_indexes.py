"""The indexes that PostgreSQL is given once there are rows: a matter of speed, never of what is right."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest

from tests.stores import PostgresPlace, PostgresStores, Stores
from tests.worlds.lab import Lab, put
from tests.worlds.rows import Row
from trivium.adapters.stores.postgres.current import current_sql, last_commit

pytestmark = pytest.mark.server

_EXPLAINED = """
CREATE OR REPLACE FUNCTION pg_temp.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $body$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP plan := plan || line || chr(10); END LOOP;
    RETURN plan;
END $body$
"""

_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('shop.order__{}__key')"


@pytest.fixture(scope="session")
def stores(postgres_url_c: str) -> Stores:
    return PostgresStores(postgres_url_c)


def orders(first: int, count: int = 30_000) -> list[Row]:
    """Enough rows to make a table that is not read whole for a single key."""
    return [put((f"k{number:06}",), 1, status="on") for number in range(first, first + count)]


def valid(place: PostgresPlace, table: str) -> bool | None:
    """Whether an index can be used; None where there is none."""
    with psycopg.connect(place.url) as connection:
        row = connection.execute(_VALID.format(table)).fetchone()
    return None if row is None else bool(row[0])


def test_the_first_consolidation_makes_them(place: PostgresPlace, lab: Lab) -> None:
    lab.send(orders(0), "first")
    assert (valid(place, "history"), valid(place, "master")) == (None, None)
    lab.store.control.consolidate()
    assert (valid(place, "history"), valid(place, "master")) == (True, True)
    lab.send(orders(29_000), "second")
    lab.store.control.consolidate()
    assert len(lab.alive()) == 59_000


def test_a_small_store_needs_none(place: PostgresPlace, lab: Lab) -> None:
    lab.send(orders(0, 10), "first")
    lab.store.control.consolidate()
    assert valid(place, "history") is None
    assert len(lab.alive()) == 10


def test_a_load_under_way_is_not_waited_for_and_the_next_consolidation_makes_them(
    place: PostgresPlace, lab: Lab
) -> None:
    lab.send(orders(0), "first")
    load = lab.load(orders(70_000, 10))  # its transaction is open
    consolidated = lab.store.control.consolidate()
    assert consolidated.keys == 30_000
    assert not valid(place, "history")
    load.abandon()
    lab.send(orders(80_000, 10), "second")
    lab.store.control.consolidate()
    assert valid(place, "history") is True
    assert len(lab.alive()) == 30_010


def test_a_key_may_be_longer_than_an_index_row(place: PostgresPlace, lab: Lab) -> None:
    long = "k" * 20_000
    lab.send(orders(0), "first")
    lab.send([put((long,), 1, status="on")], "second")
    lab.store.control.consolidate()
    assert valid(place, "history") is True
    lab.send([put((long,), 2, status="off")], "third")
    lab.store.control.consolidate()
    (found,) = (row for batch in lab.store.reader.records("order", key=(long,)) for row in batch.to_pylist())
    assert found["status"] == "off"
    assert len(lab.alive()) == 30_001


def test_the_tail_is_folded_without_walking_through_all_loads_for_each_row(lab: Lab) -> None:
    """Nothing is known of the steps in between, so the planner would take each for one row."""

    def lines(first: int, count: int, at: int) -> list[Row]:
        return [put((f"k{n % 97:02}", n), at, sku="x") for n in range(first, first + count)]

    for number in range(20):
        lab.send(lines(100 * number, 100, 1), f"of-{number}", entity="order_line")
    lab.store.control.consolidate()
    lab.send(lines(0, 2_000, 2), "again", entity="order_line")
    catalog = lab.store.reader._catalog  # type: ignore[attr-defined]  # how it reads is what is looked at
    with closing(catalog.database.pipe()) as pipe:
        pipe.snapshot()
        sql = current_sql(catalog, pipe, catalog.law("order_line"), last_commit(catalog, pipe))
        pipe.execute(_EXPLAINED)
        plan = str(pipe.row(f"SELECT pg_temp.plan_of($plan${sql}$plan$)")[0])
    assert "Hash Join" in plan
    assert "Nested Loop" not in plan
