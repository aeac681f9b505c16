"""What a header has and nothing reads, and what is read and it has not."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.judge.support import ARRIVED, judge, shared
from trivium import Batch, Csv, Domain, Entity, Facet, Field, Into, Key
from trivium.engine.judge import Judge
from trivium.engine.reading import read_csv, read_csv_again
from trivium.errors import RefusedDelivery, TriviumError

COLUMNS = {
    "order_id": "nr",
    "status": "state",
    "note": '"Free Text"',
    "price.amount": "amount",
    "price.currency": "'EUR'",
    "flag": "upper(flag)",
}


class Price(Facet):
    amount: Decimal = Field(max_digits=10, decimal_places=2)
    currency: str


class Order(Entity):
    order_id: Key[str]
    status: str
    note: str | None = None
    plain: str | None = None
    price: Price | None = None
    flag: str | None = None


def orders(columns: dict[str, str], **more: Any) -> Domain:
    given: dict[str, Any] = {"event_time": "at"} | more
    source = Batch("s", files="s_{day}.csv", into=[Into(Order, columns=columns)], **given)
    return Domain("orders", entities=[Order], sources=[source])


def told(domain: Domain, data: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The unread and the absent columns."""
    source = domain.source("s")
    with Judge(domain, source, arrived_at=ARRIVED, captured={"day": "2026-11-01"}, session=shared()) as found:
        assert (found.unread, found.absent) == ((), ())
        for chunk in read_csv(io.BytesIO(data.encode()), chunk_bytes=10):
            found.judge(chunk)
        return found.unread, found.absent


def mapped(*names: str) -> dict[str, str]:
    return {name: COLUMNS[name] for name in names}


def test_columns_that_nothing_reads_are_told() -> None:
    domain = orders(mapped("order_id", "flag"), sequence="version", ignore="kind = 'T'")
    header = "status,Status,nr,at,version,kind,flag,day,colour,order_id\n"
    assert told(domain, header + ",".join("1" * 10) + "\n") == (("Status", "day", "colour", "order_id"), ())
    assert told(domain, header) == (("Status", "day", "colour", "order_id"), ())


def test_a_column_that_an_ordinal_or_a_default_reads_is_read() -> None:
    domain = orders({"order_id": "coalesce(nr, '') || ordinal(store)", "note": "day"})
    assert told(domain, "nr,store,status,at,plain\n1,2,s,2026-11-01T00:00:00Z,x\n") == ((), ())


@pytest.mark.parametrize(
    ("columns", "header", "absent", "stated"),
    [
        (mapped("note"), "order_id,status,at", ("Free Text",), set()),
        (mapped("note"), "order_id,status,at,plain,note", ("Free Text",), {"plain"}),
        (mapped("price.amount", "price.currency"), "order_id,status,at", ("amount",), set()),
        (mapped("price.amount"), "order_id,status,at", ("amount",), set()),
        ({"price.amount": "a", "price.currency": "c"}, "order_id,status,at", ("a", "c"), set()),
        (mapped("price.amount", "price.currency"), "order_id,status,at,amount", (), {"price"}),
    ],
)
def test_an_optional_attribute_whose_column_is_not_there_is_not_stated(
    columns: dict[str, str], header: str, absent: tuple[str, ...], stated: set[str]
) -> None:
    domain = orders(columns)
    row = ",".join({"at": "2026-11-01T00:00:00Z", "amount": "1.00"}.get(name, "x") for name in header.split(","))
    found = judge(domain, "s", f"{header}\n{row}\n", captured={"day": "2026-11-01"})
    assert found.rejected == []
    (statement,) = found.statements["order"]
    assert {name for name in ("note", "plain", "price", "flag") if statement[f"{name}__stated"]} == stated
    assert told(domain, f"{header}\n{row}\n")[1] == absent


@pytest.mark.parametrize(
    ("columns", "header", "column", "more"),
    [
        (mapped("order_id"), "order_id,status,at", "nr", {}),
        (mapped("status"), "order_id,status,at", "state", {}),
        (mapped("flag"), "order_id,status,at", "flag", {}),  # it is computed
        ({}, "order_id,status", "at", {}),
        ({}, "order_id,status,at", "version", {"sequence": "version"}),
        ({"price.amount": "amount", "price.currency": "cur"}, "order_id,status,at,amount", "cur", {}),
        ({"price.amount": "amount", "price.currency": "left(cur, 3)"}, "order_id,status,at,cur", "amount", {}),
    ],
)
def test_what_a_record_cannot_be_without_refuses_the_file(
    columns: dict[str, str], header: str, column: str, more: dict[str, str]
) -> None:
    with pytest.raises(RefusedDelivery, match=f"reads the column '{column}', which the file has not\n.*its header: o"):
        judge(orders(columns, **more), "s", f"{header}\n", captured={"day": "2026-11-01"})


@pytest.mark.parametrize(
    ("columns", "header", "hint"),
    [
        ({}, "order_id;status;at", "that is one column: declare separator=';'"),
        ({}, "order_id\tstatus\tat", "that is one column: declare separator='\\t'"),
        ({}, "order_id|status|at", "that is one column: declare separator='|'"),
        ({}, "ORDER_ID,status,at", "if 'ORDER_ID' is meant, write ORDER_ID in the declaration"),
        (
            {"order_id": "Order-Nr"},
            "Order-Nr,status,at",
            "if 'Order-Nr' is meant, write in double quotes, \"Order-Nr\",",
        ),
        ({"order_id": "lower(ordr)"}, "order,status,at", "if 'order' is meant"),
        ({}, "x,status,at", "its header: x, status, at; send the column, or mend the declaration"),
    ],
)
def test_a_column_that_is_not_there_comes_with_what_is_probably_wrong(
    columns: dict[str, str], header: str, hint: str
) -> None:
    with pytest.raises(RefusedDelivery) as refused:
        judge(orders(columns), "s", f"{header}\n", captured={"day": "2026-11-01"})
    assert hint in str(refused.value.hint)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("more", [{}, {"ignore": "order_id = 'T'"}])
def test_lines_that_end_with_a_separator(end: str, more: dict[str, str]) -> None:
    rows = ["order_id,status,at,", "1,s,AT,", "2,s,AT,x", '3,s,AT,""', "4,s,AT", "5,s,AT,,", "T,,,9"]
    data = end.join(rows).replace("AT", "2026-11-01T00:00:00Z")
    found = judge(orders({}, **more), "s", data, captured={"day": "2026-11-01"})
    assert [row["order_id"] for row in found.statements["order"]] == ["1", "3"]
    wrong = [row["reasons"][0]["rule"] for row in found.rejected]
    assert wrong == ["nameless_cell", "cells", "cells", *([] if more else ["nameless_cell"])]
    assert told(orders({}, **more), data) == ((), ())


def test_a_record_with_a_separator_at_its_end_is_read_again() -> None:
    (first,) = read_csv(io.BytesIO(b"order_id,status,at,\n1,s,x,\n"))
    chunk = read_csv_again([b"1,s,2026-11-01T00:00:00Z,"], columns=first.table.column_names, format=Csv())
    domain = orders({})
    with Judge(domain, domain.source("s"), arrived_at=ARRIVED, captured={}, session=shared()) as again:
        assert again.judge(chunk).account.accepted == 1


def test_the_last_column_alone_may_be_without_a_name() -> None:
    domain = orders({"status": '""'})
    with pytest.raises(TriviumError):
        judge(domain, "s", "order_id,at,\n1,2026-11-01T00:00:00Z,\n", captured={"day": "2026-11-01"})
