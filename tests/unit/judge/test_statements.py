"""What records state: mapping, facets, digests, deletes, rules, event times and sequences."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any, Literal
from uuid import UUID

import pyarrow as pa
import pytest

from tests.unit.judge.support import ARRIVED, judge, shared
from trivium import Batch, DeclarationError, Domain, Entity, Events, Facet, Field, Into, Json, Key, Rule
from trivium.engine.judge import check_sources
from trivium.errors import RefusedDelivery

AT = "2026-11-01T10:00:00Z"
AT_US = 1_793_527_200_000_000


class Price(Facet):
    amount: Decimal = Field(ge=0, max_digits=12, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$")


class Order(Entity):
    order_id: Key[str]
    customer_id: str
    status: Literal["placed", "paid", "shipped"]
    total: Price
    placed_at: datetime
    delivered_at: datetime | None = None
    secret: str | None = Field(sensitive=True, max_length=3)

    delivered_after_placed = Rule("delivered_at is null or delivered_at >= placed_at")


ORDER: dict[str, Any] = {
    "order_id": "O1", "customer_id": "C", "status": "paid", "total": {"amount": "12.5", "currency": "EUR"},
    "placed_at": AT, "delivered_at": None, "secret": "abc", "occurred_at": AT, "version": 3,
}  # fmt: skip


def orders(into: Into | None = None, **more: Any) -> Domain:
    source = Events(
        "events", topic="t", event_time="occurred_at", sequence="version", into=[into or Into(Order)], **more
    )
    return Domain("orders", entities=[Order], sources=[source])


def lines(*records: dict[str, Any]) -> str:
    return "\n".join(map(json.dumps, records))


def test_a_full_statement() -> None:
    (row,) = judge(orders(), "events", lines(ORDER)).statements["order"]
    assert row["total_amount"] == Decimal("12.50")
    assert row["placed_at"] == datetime(2026, 11, 1, 10)  # noqa: DTZ001 - UTC by definition
    assert (row["_at"], row["_seq"], row["_kind"], row["_place"]) == (AT_US, 3, 0, 1)
    assert all(row[name] for name in row if name.endswith("__stated"))


def test_its_digest_is_that_of_the_canonical_content() -> None:
    (row,) = judge(orders(), "events", lines(ORDER)).statements["order"]
    us = str(AT_US)
    content = (
        f"customer_id=1:C\x1fdelivered_at=~\x1fplaced_at={us}\x1fsecret=3:abc\x1fstatus=4:paid\x1f"
        "total=12.50\x1f3:EUR\x1f"
    )
    assert row["_digest"] == digest(content)


def digest(content: str) -> int:
    head = hashlib.md5(content.encode(), usedforsecurity=False).digest()[:8]
    return int.from_bytes(head, "little") >> 1


class Everything(Entity):
    id: Key[int]
    text: str | None
    whole: int | None
    exact: Decimal | None = Field(max_digits=20, decimal_places=3)
    double: float | None
    yes: bool | None
    day: date | None
    at: datetime | None
    clock: time | None
    guid: UUID | None
    document: Json | None
    listed: list[str] | None


def test_the_canonical_text_of_every_type() -> None:
    record = (
        '{"id": 1, "text": "é", "whole": "-07", "exact": 1.5, "double": -0.0, "yes": true, "day": "2026-11-01", '
        '"at": "1969-12-31T23:59:59.999999Z", "clock": "00:01:00.000001", '
        '"guid": "{290C4F5E-00AA-11BB-22CC-333344445555}", "document": {"a": [1.10]}, "listed": ["a", "b"]}'
    )
    source = Batch("s", format="ndjson", files="{day_of}.json", into=[Into(Everything)], cut_off="day_of 00:00 UTC")
    domain = Domain("d", entities=[Everything], sources=[source])
    (row,) = judge(domain, "s", record, captured={"day_of": "2026-11-01"}).statements["everything"]
    content = (
        'at=-1\x1fclock=60000001\x1fday=2026-11-01\x1fdocument=12:{"a":[1.10]}\x1fdouble=0.0\x1fexact=1.500\x1f'
        'guid=290c4f5e-00aa-11bb-22cc-333344445555\x1flisted=9:["a","b"]\x1ftext=2:é\x1fwhole=-7\x1fyes=true\x1f'
    )
    assert row["_digest"] == digest(content)
    nothing = "".join(f"{name}=~\x1f" for name in sorted(set(Everything.__annotations__) - {"id"}))
    nulls = json.dumps({"id": 2} | dict.fromkeys(Everything.__annotations__.keys() - {"id"}))
    (row,) = judge(domain, "s", nulls, captured={"day_of": "2026-11-01"}).statements["everything"]
    assert row["_digest"] == digest(nothing)


def test_the_same_content_has_the_same_digest_as_csv_and_as_json() -> None:
    batch = Batch("file", into=[Into(Order)], event_time="occurred_at", sequence="version")
    domain = Domain("orders", entities=[Order], sources=[*orders().sources, batch])
    flat = {k: v for k, v in ORDER.items() if k != "total"} | {"total.amount": "12.50", "total_currency": "EUR"}
    csv = ",".join(flat) + "\n" + ",".join("" if v is None else str(v) for v in flat.values())
    (one,) = judge(domain, "file", csv).statements["order"]
    (other,) = judge(domain, "events", lines(ORDER)).statements["order"]
    assert one == other | {"_place": 2}


def test_a_partial_statement_leaves_the_rest_untouched() -> None:
    (row,) = judge(orders(), "events", lines({"order_id": "O1", "status": "paid", "occurred_at": AT})).statements[
        "order"
    ]
    assert {name for name in row if name.endswith("__stated") and row[name]} == {"status__stated"}
    assert (row["_digest"], row["_seq"]) == (digest("status=4:paid\x1f"), -1)


def test_states_restricts_what_is_stated_and_looked_at() -> None:
    domain = orders(Into(Order, states=["status"]))
    record = ORDER | {"total": "nonsense", "placed_at": 7}
    (row,) = judge(domain, "events", lines(record)).statements["order"]
    assert {name for name in row if name.endswith("__stated") and row[name]} == {"status__stated"}
    assert row["customer_id"] is None


def test_every_reason_is_given() -> None:
    record = ORDER | {"status": "lost", "total": {"amount": "-1", "currency": "eur"}, "placed_at": "x", "version": -1}
    found = judge(orders(), "events", lines(record, {}))
    assert found.account.rejected == 2
    assert found.reasons(0) == [
        ("sequence", "version"), ("choice", "status"), ("ge", "total.amount"), ("pattern", "total.currency"),
        ("datetime", "placed_at"),
    ]  # fmt: skip
    assert found.reasons(1) == [("missing", "order_id"), ("event_time", "occurred_at")]


def test_a_sensitive_value_is_not_shown() -> None:
    found = judge(orders(), "events", lines(ORDER | {"secret": "abcdef"}))
    (reason,) = found.rejected[0]["reasons"]
    assert (reason["rule"], reason["value"]) == ("max_length", "***")
    assert "abcdef" not in reason["message"]


def test_a_sensitive_value_is_not_shown_for_what_it_was_made_of_or_breaks() -> None:
    class Person(Entity):
        id: Key[str]
        income: Decimal | None = Field(sensitive=True, max_digits=9, decimal_places=2)
        modest = Rule("income < 5")

    source = Batch("s", into=[Into(Person, columns={"income": "cents / 100"})], event_time="at")
    domain = Domain("d", entities=[Person], sources=[source])
    found = judge(domain, "s", f"id,cents,at\na,seven,{AT}\nb,98765,{AT}")
    reasons = [reason for row in found.rejected for reason in row["reasons"]]
    assert [(reason["rule"], reason["value"]) for reason in reasons] == [("number", "***"), ("modest", "***")]


def test_what_is_computed_is_shown_with_the_cells_it_is_computed_from() -> None:
    columns = {"price": "replace(price, ',', '.')", "currency": "coalesce(cur, code)", "on": "date_of(sold, '%Y%m%d')"}
    cells = ["1", '"1.234,50 €"', "", "", "20261301"]
    for format, data in [
        ("csv", f"id,price,cur,code,sold\n{','.join(cells)}"),
        ("ndjson", '{"id": "1", "price": "1.234,50 €", "cur": null, "code": null, "sold": 20261301}'),
    ]:
        found = judge(items(format, columns=columns), "s", data, captured=DAY)  # type: ignore[arg-type]
        price, currency, on = found.rejected[0]["reasons"]
        assert price["value"] == "1.234.50 €"
        assert "decimal places, where price is '1.234,50 €'; correct it" in price["message"]
        assert price["message"].endswith("send the record again, or mend the expression")
        assert ", where cur is empty and code is empty; correct it" in currency["message"]
        assert "in the declared format, where sold is '20261301'; correct it" in on["message"]


@pytest.mark.parametrize("name", ["income", "income.net"])
def test_the_cells_of_sensitive_attributes_are_shown_nowhere(name: str) -> None:
    class Person(Entity):
        id: Key[str]
        income: str | None = Field(None, sensitive=True)
        level: int | None = None

    into = Into(Person, columns={"level": f"left({name}, 3)"})
    source = Batch("s", format="ndjson", into=[into], event_time="at")
    record = {"id": "a", "income": {"net": "secret"} if "." in name else "secret", "at": AT}
    found = judge(Domain("d", entities=[Person], sources=[source]), "s", json.dumps(record))
    reasons = found.rejected[0]["reasons"]
    assert ("int", "level") in found.reasons()
    assert "secret" not in json.dumps([reason["message"] for reason in reasons])


def test_a_long_value_is_cut() -> None:
    (reason,) = judge(orders(), "events", lines(ORDER | {"status": "x" * 999})).rejected[0]["reasons"]
    assert reason["value"] == "x" * 200


def test_a_rule_is_broken_by_false_only() -> None:
    times = ["2026-11-01T09:00:00Z", AT, None]
    found = judge(orders(), "events", lines(*(ORDER | {"delivered_at": time} for time in times)))
    assert [row["_place"] for row in found.statements["order"]] == [2, 3]
    assert found.reasons() == [("delivered_after_placed", "delivered_at, placed_at")]
    assert found.rejected[0]["reasons"][0]["value"] == f"delivered_at={times[0]}, placed_at={AT}"


def test_a_rule_waits_for_all_that_it_reads() -> None:
    record = {"order_id": "O", "delivered_at": AT, "occurred_at": AT}
    assert judge(orders(), "events", lines(record)).account.accepted == 1


def test_a_rule_is_not_blamed_for_a_value_that_is_none() -> None:
    found = judge(orders(), "events", lines(ORDER | {"delivered_at": "yesterday"}))
    assert found.reasons() == [("datetime", "delivered_at")]


def test_a_delete_needs_key_and_event_time_only() -> None:
    domain = orders(Into(Order, delete="op = 'D'"))
    records = [{"order_id": "O1", "op": "D", "occurred_at": AT, "status": "?"}, ORDER | {"op": None}, {"op": "D"}]
    found = judge(domain, "events", lines(*records))
    gone, put = found.statements["order"]
    assert (gone["_kind"], gone["_digest"], gone["status"]) == (1, digest(""), None)
    assert not any(gone[name] for name in gone if name.endswith("__stated"))
    assert put["_kind"] == 0
    assert found.reasons() == [("missing", "order_id"), ("event_time", "occurred_at")]


def test_when_decides_which_records_state_something() -> None:
    domain = orders(Into(Order, when="kind = 'order'"))
    records = [ORDER | {"kind": "order"}, {"kind": "ping"}, {}]
    found = judge(domain, "events", lines(*records))
    assert (found.account.accepted, len(found.statements["order"])) == (3, 1)


def test_what_is_ignored_is_counted_as_such() -> None:
    domain = orders(ignore="kind = 'trailer'")
    found = judge(domain, "events", lines(ORDER, {"kind": "trailer", "status": 7}, {"kind": "other"}))
    account = found.account
    assert (account.received, account.accepted, account.rejected, account.ignored) == (3, 1, 1, 1)
    assert found.rejected[0]["place"] == 3


def test_event_times() -> None:
    times = {
        "2027-01-15T08:15:00Z": None,
        None: "event_time",
        "yesterday": "event_time",
        "1969-12-31T23:59:59Z": "event_time",
        "3112-01-01T00:00:00Z": "event_time",
        "2027-01-15T08:15:00.000001Z": "future",
        "2099-01-01T00:00:00Z": "future",
    }
    found = judge(orders(), "events", lines(*(ORDER | {"occurred_at": at} for at in times)))
    assert [row["_place"] for row in found.statements["order"]] == [1]
    for row, rule in zip(found.rejected, list(times.values())[1:], strict=True):
        assert [(reason["rule"], reason["field"]) for reason in row["reasons"]] == [(rule, "occurred_at")]
        assert (row["due"] is not None) == (rule == "future")
        assert rule != "future" or "at most 15 minutes ahead" in row["reasons"][0]["message"]


def test_what_is_early_is_due_when_it_is_no_more() -> None:
    data = lines(ORDER | {"occurred_at": "2027-01-15T09:00:00Z"})
    due = judge(orders(), "events", data).rejected[0]["due"]
    assert due == ARRIVED + 45 * 60 * 1_000_000
    assert judge(orders(), "events", data, arrived_at=due - 1).account.rejected == 1
    assert judge(orders(), "events", data, arrived_at=due).account.accepted == 1


def test_what_is_early_and_wrong_is_never_due() -> None:
    found = judge(orders(), "events", lines(ORDER | {"occurred_at": "2099-01-01T00:00:00Z", "status": "?"}))
    assert found.rejected[0]["due"] is None


def test_sequences() -> None:
    good, bad = [0, "12", 2**63 - 1], [2**63, 1.5, -1, "x", True]
    found = judge(orders(), "events", lines(*(ORDER | {"version": version} for version in good + bad)))
    assert [row["_seq"] for row in found.statements["order"]] == [0, 12, 2**63 - 1]
    assert [found.reasons(n) for n in range(len(bad))] == [[("sequence", "version")]] * len(bad)


def test_a_member_that_stands_twice_is_refused_wherever_it_stands() -> None:
    record = json.dumps(ORDER)
    for twice in ('{"order_id": "a", ' + record[1:], record.replace('{"amount"', '{"amount": 1, "amount"')):
        found = judge(orders(), "events", twice)
        assert [rule for rule, _ in found.reasons()] == ["duplicate_member"]


def test_what_is_no_json_object_is_rejected() -> None:
    no_json = ["{", '{"a": 1,}', "{'a': 1}", '{"a": nan}', '{"a": 1} x']
    no_object = ["[1]", "5", '"x"', "null"]
    found = judge(orders(), "events", "\n".join([lines(ORDER), *no_json, *no_object]))
    assert found.account.accepted == 1
    rules = [found.reasons(n) for n in range(len(found.rejected))]
    assert rules == [[("json", None)]] * len(no_json) + [[("object", None)]] * len(no_object)


def test_texts_that_look_like_json_are_left_alone() -> None:
    names = ["a, 5, b", "x:[1,2]", '{"amount": 12.50}', '\\": 5, "', "ends with \\", "NaN, Infinity ,]"]
    found = judge(orders(), "events", lines(*(ORDER | {"customer_id": name} for name in names)))
    assert [row["customer_id"] for row in found.statements["order"]] == names


def test_a_number_never_passes_through_a_float() -> None:
    record = json.dumps(ORDER).replace('"12.5"', "9007199254740993.01").replace('"C"', '"a, 5"')
    wide = orders()
    found = judge(wide, "events", record)
    assert found.reasons() == [("decimal", "total.amount")]
    record = json.dumps(ORDER).replace('"12.5"', "9007199254.01")
    assert judge(wide, "events", record).statements["order"][0]["total_amount"] == Decimal("9007199254.01")


def test_expressions_see_numbers_inside_of_others_as_they_were_sent() -> None:
    columns = {"customer_id": "lower(concat(data, '/', whole))", "secret": "left(data, 3)"}
    records = ['"data": {"A": [1, 2.50, "x"]}, "whole": 5', '"data": {"A": [1, 2, "x"]}, "whole": 5']
    head = lines(ORDER).removesuffix("}")
    found = judge(orders(Into(Order, columns=columns)), "events", "\n".join(f"{head}, {more}}}" for more in records))
    told = [(row["customer_id"], row["secret"]) for row in found.statements["order"]]
    assert told == [('{"a":[1,2.50,"x"]}/5', '{"A'), ('{"a":[1,2,"x"]}/5', '{"A')]


def test_decimals_that_are_read_as_doubles_come_out_by_the_same_digits() -> None:
    random = Random(7)
    sent = [f"{whole}.{part}" for whole in ("0", "-0", "7", "99") for places in (1, 2, 3) for part in padded(places)]
    sent += [f"{random.randrange(10**9)}.{random.randrange(10**4):04d}" for _ in range(50_000)]
    session = shared()
    session.show("sent", pa.table({"n": sent, "json": [f'{{"a": {number}}}' for number in sent]}))
    found = session.arrow("""
        SELECT n, needs_care(json) AS care, from_json(json, '{"a": "VARCHAR"}').a AS x,
            from_json(json, '{"a": "JSON"}').a::VARCHAR AS k FROM sent""").to_pylist()
    assert [row for row in found if not row["care"] and not row["n"] == row["x"] == row["k"]] == []
    assert sum(row["care"] for row in found) == sum(n.endswith("0") and n.split(".")[1] != "0" for n in sent)


def padded(places: int) -> list[str]:
    return [f"{number:0{places}d}" for number in range(10**places)]


def test_what_is_no_text_is_shown_as_it_was_sent() -> None:
    bad = ['{"a": [1, 2.50]}', '{"a": [1, 2]}', "[7.10]", "[7]", "8.0", "8"]
    found = judge(orders(), "events", "\n".join(lines(ORDER).replace('"C"', value) for value in bad))
    shown = [row["reasons"][0]["value"] for row in found.rejected]
    assert shown == [value.replace(" ", "") for value in bad]


def test_an_optional_facet_is_null_as_a_whole_or_whole() -> None:
    class Fee(Entity):
        id: Key[str]
        fee: Price | None = None

    domain = Domain("d", entities=[Fee], sources=[Events("e", topic="t", event_time="at", into=[Into(Fee)])])
    whole = {"amount": 1, "currency": "EUR"}
    fees: list[Any] = [whole, None, whole | {"currency": None}, {"amount": None, "currency": None}, {"amount": 1}, 5]
    found = judge(domain, "e", lines(*({"id": "a", "at": AT, "fee": fee} for fee in fees)))
    assert [row["_place"] for row in found.statements["fee"]] == [1, 2, 4]
    assert [found.reasons(n) for n in range(3)] == [[("null", "fee.currency")], [("facet", "fee")], [("facet", "fee")]]


class Item(Entity):
    id: Key[str]
    price: Decimal = Field(max_digits=10, decimal_places=2)
    currency: str
    on: date | None = None


def items(format: Literal["csv", "ndjson"] = "csv", ignore: str | None = None, **into: Any) -> Domain:
    source = Batch(
        "s", format=format, files="{day}.csv", cut_off="day 23:00 Europe/Paris", ignore=ignore,
        into=[Into(Item, **into)],
    )  # fmt: skip
    return Domain("d", entities=[Item], sources=[source])


DAY = {"day": "2026-11-01"}


def test_an_ugly_file_needs_no_script_of_its_own() -> None:
    domain = items(
        columns={
            "id": "concat(invoice, '-', ordinal(invoice))", "price": "cents / 100", "currency": "'EUR'",
            "on": "date_of(sold, '%d/%m/%Y')",
        },
        ignore="kind = 'T'",
    )  # fmt: skip
    check_sources(domain)
    rows = ["kind,invoice,cents,sold"]
    rows += ["R,A,1250,01/11/2026", "T,A,,", "R,A,1x,31/02/2026", "R,A,-7,", "R,B,1,29/02/2024"]
    for chunk_bytes in (16, 1 << 20):
        found = judge(domain, "s", "\n".join(rows), captured=DAY, chunk_bytes=chunk_bytes)
        assert [(r["id"], r["price"], r["on"]) for r in found.statements["item"]] == [
            ("A-1", Decimal("12.50"), date(2026, 11, 1)), ("A-3", Decimal("-0.07"), None),
            ("B-1", Decimal("0.01"), date(2024, 2, 29)),
        ]  # fmt: skip
        assert {row["_at"] for row in found.statements["item"]} == {1_793_570_400_000_000}
        assert found.reasons() == [("number", "price"), ("date", "on")]
        assert (found.account.received, found.account.ignored) == (5, 1)


def test_a_conversion_in_a_branch_need_only_succeed_where_it_is_taken() -> None:
    domain = items(columns={"price": "case when kind = 'c' then cents / 100 else number(price) end"})
    data = "id,kind,cents,price,currency\n1,c,1250,-,EUR\n2,p,x,3.5,EUR\n3,c,x,3,EUR"
    found = judge(domain, "s", data, captured=DAY)
    assert [row["price"] for row in found.statements["item"]] == [Decimal("12.50"), Decimal("3.50")]
    assert ("number", "price") in found.reasons()


def test_a_record_cannot_make_a_chunk_fail() -> None:
    domain = items(columns={"price": "a * b * b"})
    data = "id,a,b,currency\n1,999999999999,999999999999,EUR\n2,2,3,EUR"
    found = judge(domain, "s", data, captured=DAY)
    assert [row["price"] for row in found.statements["item"]] == [Decimal(18)]
    assert found.account.rejected == 1


def test_a_column_that_the_header_has_not_refuses_the_file() -> None:
    domain = items(columns={"price": "amount"})
    with pytest.raises(RefusedDelivery, match=r"'amount'") as refused:
        judge(domain, "s", "id,price,currency\n1,2,EUR", captured=DAY)
    assert "id, price, currency" in str(refused.value)


def test_a_date_in_the_name_that_is_none_refuses_the_file() -> None:
    for day in ("20261301", "2026-02-29", ""):
        with pytest.raises(RefusedDelivery, match="day"):
            judge(items(), "s", "id,price,currency\n", captured={"day": day})


def test_names_of_columns_are_told_apart_by_case_and_may_be_anything() -> None:
    domain = items(columns={"currency": '"Währung ""€"""', "price": '"ID"'})
    data = '"id","ID","Währung ""€""",";drop table x"\na,5,EUR,z'
    (row,) = judge(domain, "s", data, captured=DAY).statements["item"]
    assert (row["id"], row["price"], row["currency"]) == ("a", Decimal(5), "EUR")


def test_what_the_name_gives_stands_in_for_a_column() -> None:
    for format, data in (("csv", "price,currency\n1,EUR"), ("ndjson", '{"price": 1, "currency": "EUR"}')):
        domain = items(format, columns={"id": "day"})  # type: ignore[arg-type]
        (row,) = judge(domain, "s", data, captured=DAY).statements["item"]
        assert row["id"] == "2026-11-01"


def test_mapped_members_that_are_absent_are_not_stated() -> None:
    domain = items("ndjson", columns={"price": "p.v", "currency": "upper(cur)"})
    data = lines({"id": "a", "p": {"v": 1}}, {"id": "b", "cur": "eur"}, {"id": "c", "cur": None})
    found = judge(domain, "s", data, captured=DAY)
    stated = [(row["price__stated"], row["currency__stated"]) for row in found.statements["item"]]
    assert stated == [(True, False), (False, True)]
    assert found.reasons() == [("null", "currency")]


def test_a_constant_says_nothing_without_the_rest_of_its_facet() -> None:
    into = Into(Order, columns={"total.amount": "cents / 100", "total.currency": "'EUR'"})
    record = {k: v for k, v in ORDER.items() if k != "total"}
    found = judge(orders(into), "events", lines(record, record | {"cents": 7}))
    first, second = found.statements["order"]
    assert (first["total__stated"], first["total_currency"]) == (False, None)
    assert (second["total__stated"], second["total_amount"], second["total_currency"]) == (True, Decimal("0.07"), "EUR")


@pytest.mark.parametrize(
    "columns",
    [{"price": "id > 'a'"}, {"on": "length(id) * 2"}, {"price": "left(id, 'x')"}, {"price": "regexp_extract(id, '(')"}],
)
def test_declarations_that_cannot_work_are_refused(columns: dict[str, str]) -> None:
    with pytest.raises(DeclarationError):
        check_sources(items(columns=columns))


def test_a_rule_that_cannot_work_is_refused() -> None:
    class Odd(Entity):
        id: Key[int]
        day: date
        odd = Rule("day > 'never'")

    with pytest.raises(DeclarationError, match="odd"):
        check_sources(Domain("d", entities=[Odd], sources=[]))


@pytest.mark.parametrize(
    ("format", "reads", "refuses"),
    [
        ("%d/%m/%Y", "20/11/2026", ["20/11/26", "20/11/0026 ", " 20/11/2026", "2/11/2026", "20-11-2026"]),
        ("%d.%m.%Y", "02.01.2026", ["2.1.2026", "02x01x2026", "02.01.2026\n"]),
        ("%-d.%-m.%Y", "2.1.2026", ["2.1.26", "002.1.2026"]),
        ("%y%m%d", "261120", ["20261120", "26112"]),
        ("%d %b %Y", "20 Nov 2026", ["20 11 2026", "20 Nov. 2026"]),
        ("%A, %-d %B %Y", "Friday, 20 November 2026", ["20 November 2026"]),
        ("%Y%j", "2026324", ["202632"]),
        ("%Y-%m-%d %I:%M:%S.%f %p", "2026-11-20 01:02:03.5 PM", ["2026-11-20 01:02:03.5", "2026-11-20 1:02:03.5 PM"]),
        ("%d/%m/%Y %H:%M%z", "20/11/2026 10:00+02:00", ["20/11/2026 10:00", "20/11/2026 10:00+2"]),
        ("it''s %Y-%m-%d 100%%", "it's 2026-11-20 100%", ["it's 2026-11-20 100"]),
        ("%Y %U %w", "2026 9 0", ["2026 9", "2026 9 7"]),
        ("%G-W%V-%u", "2026-W10-1", ["2026-W10-8", "26-W10-1"]),
    ],
)
def test_a_format_means_what_it_says(format: str, reads: str, refuses: list[str]) -> None:
    domain = items(columns={"on": f"date_of(sold, '{format}')", "currency": "'EUR'"})
    rows = [f'{number},1,"{cell}"' for number, cell in enumerate([reads, *refuses])]
    found = judge(domain, "s", "\n".join(["id,price,sold", *rows]), captured=DAY)
    assert [row["id"] for row in found.statements["item"]] == ["0"]
    assert [row["reasons"][0]["rule"] for row in found.rejected] == ["date"] * len(refuses)
