"""A source that takes no member that it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trivium import Domain, Entity, Facet, Into, Json, Key, Rest
from trivium.engine.judge import Judge
from trivium.engine.reading.again import read_json_again
from trivium.errors import DeclarationError


class Price(Facet):
    """Money."""

    amount: int
    currency: str


class Order(Entity):
    """An order."""

    order_id: Key[str]
    total: Price | None = None
    extras: Json | None = None


class Line(Entity):
    """A line of it."""

    order_id: Key[str]
    line: Key[int]


def domain(unknown: Any) -> Domain:
    into = [Into(Order), Into(Line, columns={"order_id": "record.order_id"}, each="lines")]
    return Domain("d", entities=[Order, Line], sources=[Rest("s", event_time="meta.at", unknown=unknown, into=into)])


def order(**more: Any) -> dict[str, Any]:
    return {"order_id": "O1", "meta": {"at": "2026-03-01T10:00:00Z"}, "lines": [{"line": 1}]} | more


PRICE = {"amount": 1, "currency": "EUR"}


@pytest.mark.parametrize(
    ("record", "member"),
    [
        (order(), None),
        (order(total=PRICE, extras={"any": {"thing": 1}}, lines=None), None),
        (order(colour="red"), "colour"),
        (order(Order_id="O1"), "Order_id"),
        (order(total=PRICE | {"vat": 2}), "total.vat"),
        (order(lines=[{"line": 1}, {"line": 2, "colour": "red"}]), "lines[1].colour"),
        (order(**{"": 1}), ""),
    ],
)
def test_a_member_that_nothing_reads_is_a_reason(record: dict[str, Any], member: str | None) -> None:
    for unknown in ("refuse", "ignore"):
        made = domain(unknown)
        with Judge(made, made.sources[0], arrived_at=1 << 60) as judge:
            verdict = judge.judge(read_json_again([json.dumps(record).encode(), json.dumps(order()).encode()]))
        refused = unknown == "refuse" and member is not None
        assert (verdict.account.accepted, verdict.account.rejected) == (1, 1) if refused else (2, 0)
        if refused:
            assert verdict.rejected is not None
            (row,) = verdict.rejected.to_pylist()
            (reason,) = json.loads(row["reasons"])
            assert (reason["rule"], reason["field"]) == ("unknown_member", member)


def test_what_else_to_do_with_them_is_no_choice() -> None:
    with pytest.raises(DeclarationError, match="unknown='note'"):
        domain("note")
