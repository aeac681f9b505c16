"""What deliveries come to: lists of items, assertions, mentions, torn records, chunks of any size."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.judge.support import judge
from trivium import Batch, DeclarationError, Domain, Entity, Events, Field, Into, Json, Key
from trivium.engine.judge import check_sources
from trivium.errors import RefusedDelivery

AT = "2026-11-01T10:00:00Z"
CUT_OFF = 1_793_570_400_000_000


class Order(Entity):
    order_id: Key[str]
    status: str


class OrderLine(Entity):
    order_id: Key[str]
    line: Key[int]
    sku: str
    quantity: int = Field(gt=0)
    extra: Json | None = None


def orders(*into: Into, **more: Any) -> Domain:
    routes = into or (Into(Order), Into(OrderLine, each="lines", asserts="order_id"))
    source = Events("events", topic="t", event_time="at", sequence="version", into=routes, **more)
    return Domain("orders", entities=[Order, OrderLine], sources=[source])


def record(number: int, lines: Any = ..., **more: Any) -> dict[str, Any]:
    return {"order_id": f"O{number}", "status": "s", "at": AT, "version": number} | (
        {} if lines is ... else {"lines": lines}
    ) | more  # fmt: skip


def line(number: Any, **more: Any) -> dict[str, Any]:
    return {"line": number, "sku": "a", "quantity": 1} | more


def text(*records: Any) -> str:
    return "\n".join(item if isinstance(item, str) else json.dumps(item) for item in records)


def test_the_items_of_a_list_state_and_the_record_asserts() -> None:
    found = judge(orders(), "events", text(record(1, [line(1), line(2, sku="b")]), record(2, [line(7)])))
    rows = found.statements["order_line"]
    assert [(r["order_id"], r["line"], r["sku"], r["_seq"], r["_place"]) for r in rows] == [
        ("O1", 1, "a", 1, 1), ("O1", 2, "b", 1, 1), ("O2", 7, "a", 2, 2),
    ]  # fmt: skip
    at = rows[0]["_at"]
    assert sorted(found.assertions["order_line"], key=lambda row: row["_place"]) == [
        {"order_id": "O1", "line": None, "_parts": "order_id", "_at": at, "_seq": 1, "_place": 1},
        {"order_id": "O2", "line": None, "_parts": "order_id", "_at": at, "_seq": 2, "_place": 2},
    ]
    assert len(found.statements["order"]) == 2


def test_an_empty_list_asserts_that_nothing_is_left_and_a_missing_one_nothing() -> None:
    found = judge(orders(), "events", text(record(1), record(2, None), record(3, [])))
    assert found.account.accepted == 3
    assert sorted(row["order_id"] for row in found.assertions["order_line"]) == ["O2", "O3"]
    assert "order_line" not in found.statements


def test_a_record_is_rejected_as_a_whole_and_named_where_it_is_wrong() -> None:
    bad = record(1, [line(1), line(2, quantity=0), 5, line("x", extra={"a": {"b": 1, "c": 2}}), line(3, sku=None)])
    found = judge(orders(), "events", text(bad, record(2, [line(1)])))
    assert [row["order_id"] for row in found.statements["order"]] == ["O2"]
    assert [row["order_id"] for row in found.statements["order_line"]] == ["O2"]
    assert [row["order_id"] for row in found.assertions["order_line"]] == ["O2"]
    assert set(found.reasons()) == {
        ("gt", "lines[1].quantity"), ("object", "lines[2]"), ("int", "lines[3].line"), ("null", "lines[4].sku"),
    }  # fmt: skip


def test_what_the_record_lacks_is_said_once() -> None:
    found = judge(orders(), "events", text(record(1, [line(1), line(2)], order_id=None)))
    assert found.reasons() == [("null", "order_id")]


def test_a_list_must_be_one() -> None:
    found = judge(orders(), "events", text(record(1, {"a": 1}), record(2, "x")))
    assert [found.reasons(n) for n in range(2)] == [[("list", "lines")]] * 2


def test_items_may_have_members_twice_at_no_depth() -> None:
    item = '{"order_id":"O","status":"s","at":"%s","lines":[{"line":1,"sku":"a","quantity":1%s}]}'
    found = judge(orders(), "events", text(item % (AT, ',"sku":"b"'), item % (AT, ',"extra":{"x":[{"y":1,"y":2}]}')))
    assert found.reasons(0) == [("duplicate_member", "lines[0].sku")]
    assert found.reasons(1) == [("duplicate_member", "lines[0].extra")]


def test_items_that_would_take_too_much_of_their_record_along_are_refused() -> None:
    domain = orders(Into(OrderLine, each="lines", columns={"order_id": "record.order_id", "sku": "record.note"}))
    sound = record(1, [line(1), line(2)], note="n" * 1_000_000)
    assert len(judge(domain, "events", text(sound)).statements["order_line"]) == 2
    with pytest.raises(RefusedDelivery, match="more memory"):
        judge(domain, "events", text(record(1, [line(number) for number in range(300)], note="n" * 1_000_000)))
    # What they do not read weighs nothing.
    other = record(1, [line(number) for number in range(300)], note="n", text="n" * 1_000_000)
    assert len(judge(domain, "events", text(other)).statements["order_line"]) == 300


def test_items_read_their_record() -> None:
    into = Into(
        OrderLine, each="body.lines", columns={"order_id": "concat(record.shop, '-', no)", "sku": "upper(code)"},
        when="record.kind = 'full' and code is not null", delete="gone = 'true'", event_time="record.seen",
    )  # fmt: skip
    domain = orders(into)
    check_sources(domain)
    items = [line(1, no=5, code="x"), line(2, no=6, code="y", gone=True), line(3, no=7)]
    found = judge(
        domain, "events", text({"shop": "P", "kind": "full", "seen": AT, "body": {"lines": items}, "at": None})
    )
    rows = sorted(found.statements["order_line"], key=lambda row: row["line"])
    assert [(r["order_id"], r["sku"], r["_kind"]) for r in rows] == [("P-5", "X", 0), ("P-6", None, 1)]


def test_an_assertion_holds_when_its_route_does() -> None:
    domain = orders(Into(Order), Into(OrderLine, each="lines", asserts="order_id", when="record.kind = 'full'"))
    found = judge(domain, "events", text(record(1, [line(1)], kind="full"), record(2, [line(1)]), record(3)))
    assert [row["order_id"] for row in found.assertions["order_line"]] == ["O1"]
    assert [row["order_id"] for row in found.statements["order_line"]] == ["O1"]


def test_a_record_may_assert_by_what_it_states_itself() -> None:
    domain = orders(Into(OrderLine, asserts="order_id"))
    found = judge(domain, "events", text(line(3, order_id="O", at=AT)))
    (row,) = found.assertions["order_line"]
    assert (row["order_id"], row["line"], row["_parts"], row["_place"]) == ("O", None, "order_id", 1)


def test_lists_and_ordinals_of_items_are_refused_where_they_cannot_be() -> None:
    for source in (
        Batch("s", into=[Into(OrderLine, each="lines")], event_time="at"),
        Batch("s", format="ndjson", into=[Into(OrderLine, each="l", columns={"line": "ordinal(x)"})], event_time="at"),
        Batch("s", format="ndjson", into=[Into(OrderLine, each="l", asserts="order_id", event_time="at")]),
    ):
        with pytest.raises(DeclarationError):
            check_sources(Domain("d", entities=[OrderLine], sources=[source]))


class Sale(Entity):
    business_date: Key[date]
    store: Key[str]
    line: Key[int]
    amount: Decimal = Field(max_digits=10, decimal_places=2)


def sales(files: str = "{store}_{business_date}.csv", format: Any = "csv", **more: Any) -> Domain:
    source = Batch(
        "s", files=files, format=format, into=[Into(Sale, **more)], asserts=("business_date", "store"),
        cut_off="business_date 23:00 Europe/Paris",
    )  # fmt: skip
    return Domain("sales", entities=[Sale], sources=[source])


NAME = {"store": "S1", "business_date": "2026-11-01"}
DAY = date(2026, 11, 1)


def scopes(rows: Sequence[dict[str, Any]]) -> list[tuple[date, str]]:
    assert all(row["line"] is None and row["_place"] is None and row["_seq"] == -1 for row in rows)
    assert {(row["_parts"], row["_at"]) for row in rows} <= {("business_date,store", CUT_OFF)}
    return [(row["business_date"], row["store"]) for row in rows]


@pytest.mark.parametrize(
    ("format", "data"), [("csv", "line,amount\n"), ("csv", "business_date,store,line,amount"), ("ndjson", "")]
)
def test_an_empty_file_asserts_what_its_name_says(format: str, data: str) -> None:
    found = judge(sales(format=format), "s", data, captured=NAME)
    assert scopes(found.assertions["sale"]) == [(DAY, "S1")]
    assert found.account.received == 0


def test_a_whole_delivery_asserts_each_of_its_scopes_once() -> None:
    domain = sales("{business_date}.csv")
    rows = [f"2026-11-0{1 + n % 2},S{n % 3},{n},1" for n in range(40)]
    rows += ["2026-11-01,S7,x,1", "2026-11-01,S8,1,x", "2026-11-99,S9,1,1", "2026-11-01,,1,1"]
    data = "\n".join(["business_date,store,line,amount", *rows])
    for chunk_bytes in (64, 1 << 20):
        found = judge(domain, "s", data, captured={"business_date": "2026-11-01"}, chunk_bytes=chunk_bytes)
        assert scopes(found.assertions["sale"]) == sorted(
            [(date(2026, 11, 1 + day), f"S{store}") for day in range(2) for store in range(3)]
            + [(DAY, "S7"), (DAY, "S8")]
        )


def test_a_time_of_the_manifest_goes_before_the_cut_off() -> None:
    found = judge(sales(), "s", "line,amount\n1,2", captured=NAME, asserted_at=5)
    assert (found.assertions["sale"][0]["_at"], found.statements["sale"][0]["_at"]) == (5, 5)


@pytest.mark.parametrize("event_time", [None, "at"])
def test_a_cut_off_too_far_ahead_refuses_the_file(event_time: str | None) -> None:
    domain, due = sales(event_time=event_time), CUT_OFF - 86_400_000_000
    data = f"line,amount,at\n1,2,{AT}"
    with pytest.raises(RefusedDelivery, match=r"2026-11-01T22:00:00Z.* 1 day\n") as refused:
        judge(domain, "s", data, captured=NAME, arrived_at=due - 1)
    assert "rename the file" in str(refused.value.hint)
    assert judge(domain, "s", data, captured=NAME, arrived_at=due).account.accepted == 1


def test_event_times_begin_with_1970() -> None:
    data = "line,amount,at\n1,2,1970-01-01T00:00:00Z\n2,2,1969-12-31T23:59:59.999999Z"
    found = judge(sales(event_time="at"), "s", data, captured=NAME)
    assert (found.account.accepted, found.account.rejected) == (1, 1)


@pytest.mark.parametrize("day", ["0001-03-02", "1969-12-31"])
def test_a_cut_off_before_1970_refuses_the_file(day: str) -> None:
    """No stamp could be made of it."""
    with pytest.raises(RefusedDelivery, match=f"as {day}, before 1970"):
        judge(sales(), "s", "line,amount\n", captured=NAME | {"business_date": day})


def test_a_name_that_cannot_be_a_scope_refuses_the_file() -> None:
    domain = sales(columns={"store": "case when store <> 'X' then store end"})
    with pytest.raises(RefusedDelivery, match="'X'"):
        judge(domain, "s", "line,amount\n", captured=NAME | {"store": "X"})


def test_rejected_records_mention_the_keys_that_can_be_read() -> None:
    rows = ["1,1", "2,x", "x,1", ",1", "4,5", '3,"x']
    found = judge(sales(), "s", "\n".join(["line,amount", *rows]), captured=NAME)
    assert [(row["line"], row["_place"]) for row in found.mentions["sale"]] == [(2, 3)]
    assert [(row["place"], row["keyless"]) for row in found.rejected] == [
        (3, False), (4, True), (5, True), (7, True),
    ]  # fmt: skip
    assert found.reasons(3)[0] == ("unclosed_quote", None)


def test_keys_are_mentioned_whatever_the_source_asserts_each_of_its_entity() -> None:
    records = [
        "{",
        record(1, 5),
        record(2, [line(1, quantity=0)]),
        record(3, [line(1), line("x")]),
        record(4, [line(1)], order_id=None),
        record(5, status=7),
        record(6, [line(1), line(2)], at="x"),
        '{"order_id": "O7", "order_id": "O8"}',
    ]
    found = judge(orders(), "events", text(record(0), *records))
    assert [(row["order_id"], row["_place"]) for row in found.mentions["order"]] == [
        ("O2", 4), ("O3", 5), ("O5", 7), ("O6", 8),
    ]  # fmt: skip
    assert [(row["order_id"], row["line"], row["_place"]) for row in found.mentions["order_line"]] == [
        ("O2", 1, 4), ("O3", 1, 5), ("O6", 1, 8), ("O6", 2, 8),
    ]  # fmt: skip
    assert [row["place"] for row in found.rejected if row["keyless"]] == [2, 3, 5, 6, 9]


def test_keys_of_one_name_keep_the_types_of_their_entities() -> None:
    class Shelf(Entity):
        id: Key[int]
        full: bool

    class Day(Entity):
        id: Key[date]
        full: bool

    into = [Into(Shelf, columns={"id": "shelf"}), Into(Day, columns={"id": "day"})]
    source = Events("e", topic="t", event_time="at", into=into)
    domain = Domain("d", entities=[Shelf, Day], sources=[source])
    found = judge(domain, "e", text({"shelf": 1, "day": str(DAY), "full": "x", "at": AT}))
    assert found.mentions == {"shelf": [{"id": 1, "_place": 1}], "day": [{"id": DAY, "_place": 1}]}


def test_the_part_of_a_key_that_a_rejected_record_asserts_is_no_key() -> None:
    into = [Into(OrderLine, each="lines", asserts="order_id")]
    source = Batch("s", files="s_{day}.ndjson", cut_off="day 20:00 UTC", format="ndjson", asserts="order_id", into=into)
    domain = Domain("d", entities=[OrderLine], sources=[source])
    found = judge(domain, "s", text(record(1, [line(2, quantity=0)])), captured={"day": "2026-11-01"})
    assert found.mentions == {"order_line": [{"order_id": "O1", "line": 2, "_place": 1}]}


def test_a_record_of_which_not_even_json_can_be_read_is_keyless() -> None:
    data = text("{", '{"line": 1, "line": 2, "amount": 3}', {"line": 3, "amount": "x"})
    found = judge(sales(format="ndjson"), "s", data, captured=NAME)
    assert [row["keyless"] for row in found.rejected] == [True, True, False]
    assert [row["line"] for row in found.mentions["sale"]] == [3]


def test_rejected_records_come_with_their_bytes_and_where_they_stand() -> None:
    data = b'line,amount\n1,1\n2,"x,\ny"\n3,\xff\n4,1,1\n5,z'
    found = judge(sales(), "s", data, captured=NAME)
    assert (found.account.received, found.account.rejected) == (5, 4)
    for row in found.rejected:
        raw = row["raw"]
        assert data[row["byte_offset"] :].startswith(raw)
        assert data[: row["byte_offset"]].count(b"\n") + 1 == row["line"] == row["place"]
    assert [[rule for rule, _ in found.reasons(n)] for n in range(4)] == [
        ["decimal"], ["encoding"], ["cells"], ["decimal"],
    ]  # fmt: skip


@pytest.mark.parametrize("chunk_bytes", [40, 300, 1 << 20])
def test_the_cut_into_chunks_means_nothing(chunk_bytes: int) -> None:
    records = [
        record(n, [line(m, quantity=m) for m in range(n % 4)], order_id=None if n % 7 == 5 else f"O{n}")
        for n in range(40)
    ]
    found = judge(orders(), "events", text(*records), chunk_bytes=chunk_bytes)
    whole = judge(orders(), "events", text(*records))
    for one, other in ((found.statements, whole.statements), (found.assertions, whole.assertions)):
        assert {name: sorted(map(repr, rows)) for name, rows in one.items()} == {
            name: sorted(map(repr, rows)) for name, rows in other.items()
        }
    assert found.rejected == whole.rejected
    assert found.account == whole.account


def test_two_routes_may_state_one_entity() -> None:
    domain = orders(
        Into(Order, columns={"order_id": "old"}, delete="old is not null", when="old is not null"), Into(Order)
    )
    found = judge(domain, "events", text(record(1, old="O0"), record(2)))
    assert [(r["order_id"], r["_kind"]) for r in found.statements["order"]] == [("O0", 1), ("O1", 0), ("O2", 0)]


def test_a_record_that_fails_in_one_route_states_nothing_in_another() -> None:
    domain = orders(Into(Order), Into(OrderLine, states=["sku"]))
    found = judge(domain, "events", text(record(1, line=1, sku=5), record(2, line=2, sku="a")))
    assert [row["order_id"] for row in found.statements["order"]] == ["O2"]
    assert found.reasons() == [("str", "sku")]


def test_wide_records() -> None:
    columns = {f"c{n}": int | None for n in range(150)}
    annotations = {"id": Key[int], **columns}
    wide = type("Wide", (Entity,), {"__annotations__": annotations, "__module__": __name__})
    domain = Domain("w", entities=[wide], sources=[Batch("s", into=[Into(wide)], event_time="at")])
    data = ",".join(["id", "at", *columns]) + "\n" + ",".join(["1", AT, *map(str, range(150))])
    data += "\n" + ",".join(["2", AT, *(["x"] * 150)])
    found = judge(domain, "s", data)
    assert found.statements["wide"][0]["c149"] == 149
    assert len(found.reasons()) == 150
