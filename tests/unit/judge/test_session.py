"""The judge's session: what is shown, which plans are kept, and threads that each take a share."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.unit.judge.support import ARRIVED
from trivium import Batch, Domain, Entity, Events, Field, Into, Key
from trivium.engine.judge import Judge, Session
from trivium.engine.reading.again import read_csv_again, read_json_again
from trivium.errors import RefusedDelivery
from trivium.model.formats import Csv
from trivium.model.source import Source

MANY = 20_000


class Item(Entity):
    item: Key[str]
    amount: Decimal = Field(max_digits=10, decimal_places=2)


class Bit(Entity):
    item: Key[str]
    bit: Key[int]


SHOP = Domain(
    "shop",
    entities=[Item, Bit],
    sources=[
        Events("events", topic="t", event_time="at", ignore="item = 'i7'", into=[Into(Item)]),
        Events(
            "lists",
            topic="t",
            event_time="at",
            into=[Into(Item), Into(Bit, each="bits", columns={"item": "record.item"}, asserts="item")],
        ),
        Batch(
            "files",
            event_time="at",
            totals={"amount": "amount"},
            manifest="*.json",
            ignore="item = 'i7'",
            into=[Into(Item)],
        ),
        Batch("numbered", event_time="at", into=[Into(Bit, columns={"bit": "ordinal(item)"})]),
    ],
)


@pytest.fixture
def session() -> Iterator[Session]:
    session = Session(threads=3)
    yield session
    session.close()


def numbers(count: int) -> Any:
    return pa.table({"n": pa.array(range(count), pa.int64())})


def test_each_thread_has_a_share_and_the_results_are_in_order(session: Session) -> None:
    session.share("many", numbers(MANY))
    assert session.each("SELECT count(*) AS n FROM many")["n"].to_pylist() == [6666, 6667, 6667]
    assert session.each("SELECT n FROM many")["n"].to_pylist() == list(range(MANY))


def test_a_few_are_for_one(session: Session) -> None:
    session.share("many", numbers(MANY))
    for count in (0, 1, 100):
        session.share("many", numbers(count))
        assert session.each("SELECT count(*) AS n FROM many")["n"].to_pylist() == [count]


def test_what_is_shown_takes_the_place_of_what_was(session: Session) -> None:
    sql = "SELECT * FROM shown"
    session.show("shown", pa.table({"a": ["1"], "b": ["2"]}))
    assert session.arrow(sql).to_pylist() == [{"a": "1", "b": "2"}]
    session.show("shown", pa.table({"a": ["3"], "b": pa.array([None], pa.string())}))
    assert session.arrow(sql).to_pylist() == [{"a": "3", "b": None}]
    session.show("shown", pa.table({"b": ["4"], "c": ["5"], "a": ["6"]}))
    assert session.arrow(sql).to_pylist() == [{"b": "4", "c": "5", "a": "6"}]
    assert session.arrow("SELECT a FROM shown").to_pylist() == [{"a": "6"}]


def test_a_table_that_is_made_anew_is_read_anew(session: Session) -> None:
    for value in ("1", "'a'"):
        session.run(f"CREATE OR REPLACE TEMP TABLE made AS SELECT {value} AS a")
        assert session.arrow("SELECT a FROM made").to_pylist() == [{"a": 1 if value == "1" else "a"}]


def test_plans_do_not_pile_up(session: Session) -> None:
    for _ in range(2):
        for number in range(100):
            assert session.arrow(f"SELECT {number} AS n").to_pylist() == [{"n": number}]
    assert session.row("SELECT count(*) FROM pg_prepared_statements")[0] <= 64


def test_every_thread_is_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    session = Session(threads=2)
    try:
        session.share("many", numbers(MANY))
        zones = session.each("SELECT DISTINCT make_timestamptz(0)::VARCHAR AS midnight FROM many")
        assert set(zones["midnight"].to_pylist()) == {"1970-01-01 00:00:00+00"}
    finally:
        session.close()
        monkeypatch.undo()
        time.tzset()


def test_what_fails_in_one_thread_fails(session: Session) -> None:
    session.share("many", numbers(MANY))
    with pytest.raises(duckdb.Error, match="wrong"):
        session.each("SELECT CASE WHEN n = 19999 THEN error('wrong') END FROM many")
    assert session.each("SELECT count(*) AS n FROM many")["n"].to_pylist() == [6666, 6667, 6667]


def test_memory_that_is_lacking_in_one_thread_refuses_the_delivery() -> None:
    session = Session(threads=2, memory="20MB")
    try:
        session.share("many", numbers(MANY))
        with pytest.raises(RefusedDelivery, match="20MB"):
            session.each("SELECT list(repeat(n::VARCHAR, 2000)) AS much FROM many WHERE n > 10000")
    finally:
        session.close()


def record(number: int) -> str:
    amount: Any = "x" if number % 1000 == 3 else number / 4
    bits = "none" if number % 1000 == 5 else [{"bit": 1}, {"bit": number % 3}]
    at = "2026-11-01T10:00:00Z"
    return json.dumps({"item": f"i{number}", "amount": amount, "at": at, "bits": bits, "more": number})


def verdicts(source: Source, threads: int) -> list[Any]:
    if source.name in ("events", "lists"):
        chunk = read_json_again([record(number).encode() for number in range(MANY)])
    else:
        rows = [f"i{number % 9_999},{number / 4},2026-11-01T10:00:00Z" for number in range(MANY)]
        rows[7:9] = ["i7,x,", "i8,1.234,2026-11-01T10:00:00Z"]
        chunk = read_csv_again([row.encode() for row in rows], columns=("item", "amount", "at"), format=Csv())
    session = Session(threads=threads)
    found: list[Any] = []
    with Judge(SHOP, source, arrived_at=ARRIVED, session=session) as judge:
        for _ in range(2):
            verdict = judge.judge(chunk)
            found += [verdict.account, verdict.totals, verdict.rejected and verdict.rejected.to_pylist()]
            found += [(name, table.to_pylist()) for name, table in verdict.statements.items()]
            found += [(name, table.to_pylist()) for name, table in verdict.assertions.items()]
    session.close()
    return found


@pytest.mark.parametrize("source", SHOP.sources, ids=[source.name for source in SHOP.sources])
def test_the_number_of_threads_means_nothing(source: Source) -> None:
    assert verdicts(source, 1) == verdicts(source, 3)
