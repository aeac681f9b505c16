"""Ranges of a partition as deliveries: their names, and digests that do not depend on how messages came."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivium.channels.events.ranges import digest_of, range_of
from trivium.ports import MESSAGES, Messages, Part

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "value": st.none() | st.binary(max_size=3),
            "key": st.none() | st.binary(max_size=2),
            "timestamp": st.none() | st.integers(0, 9),
            "headers": st.none() | st.sampled_from(['{"a":"b"}', "{}"]),
        }
    ),
    min_size=1,
    max_size=6,
)


def messages(rows: list[dict[str, Any]], cuts: list[int]) -> Messages:
    table = pa.Table.from_pylist([{"offset": n} | row for n, row in enumerate(rows)], MESSAGES)
    ends = sorted({*(cut % len(rows) for cut in cuts), len(rows)})
    parts = [table.slice(begin, end - begin) for begin, end in zip([0, *ends], ends, strict=False)]
    return Messages(Part("t", 0), pa.concat_tables(parts), len(rows))


@given(ROWS, st.lists(st.integers(0, 9)), ROWS)
def test_the_digest_is_that_of_the_messages_however_they_came(
    rows: list[dict[str, Any]], cuts: list[int], others: list[dict[str, Any]]
) -> None:
    told = digest_of(messages(rows, []))
    assert digest_of(messages(rows, cuts)) == told
    same = [{name: value for name, value in row.items() if name != "timestamp"} for row in rows]
    if same != [{name: value for name, value in row.items() if name != "timestamp"} for row in others]:
        assert digest_of(messages(others, [])) != told


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("oms.orders/3@10-19", (Part("oms.orders", 3), 10, 19)),
        ("oms.orders/3@7-7", (Part("oms.orders", 3), 7, 7)),
        ("orders_2026-03-02", None),
        ("a/b@1-2", None),
        ("a/1@1", None),
    ],
)
def test_the_name_says_the_range(name: str, found: Any) -> None:
    assert range_of(name) == found
