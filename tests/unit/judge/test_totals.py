"""Control totals: what the judge sums, against Python's own exact numbers."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.judge.support import judge
from trivium import Batch, DeclarationError, Domain, Entity, Field, Into, Key
from trivium.engine.judge import check_sources
from trivium.engine.verdict import EXACTLY, Total
from trivium.errors import RefusedDelivery


class Sale(Entity):
    sale: Key[int]
    amount: Decimal | None = Field(None, max_digits=38, decimal_places=12)


def domain(totals: dict[str, str], **words: Any) -> Domain:
    given: dict[str, Any] = {"cut_off": "day 20:00 UTC", "files": "s_{day}.csv", "manifest": "*.m", **words}
    return Domain("d", [Sale], [Batch("s", into=[Into(Sale)], totals=totals, **given)])


def totals(data: str, *, chunk_bytes: int = 1 << 20, **words: Any) -> dict[str, Total]:
    expressions = words.pop("totals", {"amount": "amount"})
    found = judge(domain(expressions, **words), "s", data, captured={"day": "2026-03-02"}, chunk_bytes=chunk_bytes)
    return found.totals


NUMBER = re.compile(r"[+-]?([0-9]{1,16}(\.([0-9]{1,12}0*)?)?|\.[0-9]{1,12}0*)")
PARTS = st.sampled_from(["", "-", "+", "0", "1", "9", ".", "12", "00", "e", " ", "x", "٣", "999999999999999999"])
CELLS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(lambda number: f"{number:f}"),
    st.decimals(-(10**16) + 1, 10**16 - 1, places=12).map(lambda number: f"{number:f}"),
    st.lists(PARTS, max_size=5).map("".join),
)


def expected(cells: list[str]) -> Total:
    read = [Decimal(cell) for cell in cells if NUMBER.fullmatch(cell)]
    return Total(
        reduce(EXACTLY.add, read, Decimal(0)), sum(bool(cell) and not NUMBER.fullmatch(cell) for cell in cells)
    )


@given(st.lists(CELLS), st.sampled_from([16, 64, 1 << 20]))
def test_of_csv_it_is_the_exact_sum_however_it_is_cut(cells: list[str], chunk_bytes: int) -> None:
    rows = [f"{number},{cell}" for number, cell in enumerate(cells)]
    data = "\n".join(["sale,amount", *rows])
    assert totals(data, chunk_bytes=chunk_bytes) == {"amount": expected(cells)}


@given(st.lists(CELLS))
def test_of_json_it_is_the_same_of_texts(cells: list[str]) -> None:
    data = "\n".join(json.dumps({"sale": n, "amount": cell or None}) for n, cell in enumerate(cells))
    assert totals(data, format="ndjson").get("amount", Total()) == expected(cells)


@given(st.lists(st.decimals(-(10**16) + 1, 10**16 - 1, places=12).map(lambda number: f"{number:f}")))
def test_and_of_bare_numbers_without_a_float(cells: list[str]) -> None:
    data = "\n".join(f'{{"sale": {n}, "amount": {cell}}}' for n, cell in enumerate(cells))
    assert totals(data, format="ndjson").get("amount", Total()) == expected(cells)


def test_ignored_records_are_left_out_and_rejected_ones_are_in() -> None:
    data = "sale,amount\n1,1.5\nx,2.25\nTOTAL,99\n2,one\n"
    assert totals(data, ignore="sale = 'TOTAL'") == {"amount": Total(Decimal("3.75"), 1)}


def test_torn_records_cannot_be_read() -> None:
    assert totals("sale,amount\n1,1.5,7\n2,1.5\n3\n") == {"amount": Total(Decimal("1.5"), 2)}


def test_json_that_cannot_be_read() -> None:
    data = '{"sale": 1, "amount": 1.5}\n{"sale": 2, "amount": 1.5\n{"sale": 3, "sale": 4, "amount": 1.5}\n7\n'
    assert totals(data, format="ndjson") == {"amount": Total(Decimal("1.5"), 3)}


def test_expressions() -> None:
    data = "sale,amount,tax,kind\n1,10.00,5,A\n2,2.10,,B\n3,x,1,A\n,,,\n"
    found = totals(
        data,
        totals={
            "cents": "amount * 100",
            "with_tax": "amount + number(tax)",
            "of_a": "case when kind = 'A' then number(amount) end",
            "count_of_a": "if(kind = 'A', 1, 0)",
        },
    )
    assert found == {
        "cents": Total(Decimal(1210), 1),
        "with_tax": Total(Decimal(15), 1),
        "of_a": Total(Decimal(10), 1),
        "count_of_a": Total(Decimal(2), 0),
    }


def test_a_captured_value_can_be_summed_and_a_missing_column_cannot() -> None:
    assert totals("sale\n1\n2\n", totals={"n": "if(day = '2026-03-02', 1, 0)"}) == {"n": Total(Decimal(2))}
    with pytest.raises(RefusedDelivery, match="reads the column 'amount', which the file has not"):
        totals("sale\n1\n")


def test_what_can_be_no_number_is_no_total() -> None:
    with pytest.raises(DeclarationError, match="never decimal"):
        check_sources(domain({"yes": "amount > 3"}))
    check_sources(domain({"sum": "amount * 100"}))


def test_sums_of_many_large_numbers_do_not_overflow() -> None:
    largest = "9" * 16 + "." + "9" * 12
    rows = "".join(f"{number},{largest}\n" for number in range(20_000))
    assert totals("sale,amount\n" + rows) == {"amount": Total(EXACTLY.multiply(20_000, Decimal(largest)))}
