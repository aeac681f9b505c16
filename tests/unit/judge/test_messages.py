"""Messages: what comes with a value is read by expressions, and no value is a delete."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from trivium import Domain, Entity, Events, Field, Into, Key
from trivium.engine.judge.messages import MessageJudge, columns_of
from trivium.engine.judge.parts import Judged
from trivium.model.source import Source
from trivium.ports import MESSAGES

AT = 1_772_359_200_000_000  # 2026-03-01T10:00:00Z


class Order(Entity):
    """An order."""

    order_id: Key[str]
    status: str = Field(pattern="^[a-z]+$")
    said_at: datetime | None = None
    whence: str | None = None


class Line(Entity):
    """A line of it."""

    order_id: Key[str]
    line: Key[int]
    pieces: int


Told = tuple[Any, Any, int | None, Any]
"""Value, key, timestamp, headers."""


def domain(**given: Any) -> tuple[Domain, Source]:
    told = {"topic": "t", "event_time": "at", "into": [Into(Order)]} | given
    source = Events("s", **told)
    return Domain("d", entities=[Order, Line], sources=[source]), source


def judged(given: dict[str, Any], messages: Sequence[Told], parts: Sequence[int] | None = None) -> Judged:
    made, source = domain(**given)
    rows = [
        {
            "offset": 100 + number,
            "value": value if isinstance(value, bytes | None) else json.dumps(value).encode(),
            "key": key if isinstance(key, bytes | None) else str(key).encode(),
            "timestamp": at,
            "headers": None if headers is None else json.dumps(headers),
        }
        for number, (value, key, at, headers) in enumerate(messages)
    ]
    part = np.array(parts or [0] * len(rows), dtype=np.int64)
    topics, partitions = columns_of([("t", 3), ("u", 4)])
    with MessageJudge(made, source) as judge:
        return judge.judge(
            pa.Table.from_pylist(rows, MESSAGES), part, topics=topics, partitions=partitions, count=2, arrived_at=AT * 2
        )


def orders(found: Judged) -> list[dict[str, Any]]:
    return found.verdict.statements["order"].sort_by("_place").to_pylist()


def order(key: str = "O1", status: str = "paid", **more: Any) -> dict[str, Any]:
    return {"order_id": key, "status": status, "at": "2026-03-01T10:00:00Z", **more}


def test_what_comes_with_a_value_is_read_by_expressions() -> None:
    columns = {
        "order_id": "message.key",
        "said_at": "message.timestamp",
        "whence": "concat(message.topic, '/', message.partition, '@', message.offset, ' ', message.headers.from)",
    }
    given = {"into": [Into(Order, columns=columns)], "event_time": "message.timestamp"}
    messages = [({"status": "paid"}, "O1", AT, {"from": "Oslo"}), ({"status": "sent"}, "O2", AT + 1, None)]
    first, second = orders(judged(given, messages, [0, 1]))
    assert (first["order_id"], first["_at"], first["whence"]) == ("O1", AT, "t/3@100 Oslo")
    assert (second["order_id"], second["_at"], second["whence"]) == ("O2", AT + 1, "u/4@101 ")
    assert first["said_at"].isoformat() == "2026-03-01T10:00:00"


def test_a_member_of_the_value_goes_before_what_came_with_it() -> None:
    given = {"into": [Into(Order, columns={"whence": "message.key"})]}
    found = orders(judged(given, [(order(message={"key": "own"}), "K", AT, None), (order("O2"), "K", AT, None)]))
    assert [one["whence"] for one in found] == ["own", "K"]


def test_without_a_time_or_a_key_that_is_text_there_is_none() -> None:
    given = {"into": [Into(Order, columns={"whence": "message.key", "said_at": "message.timestamp"})]}
    (found,) = orders(judged(given, [(order(), b"\xff", None, None)]))
    assert (found["whence"], found["said_at"]) == (None, None)


@pytest.mark.parametrize(
    ("columns", "key"),
    [
        (None, "O1"),
        (None, '{"order_id": "O1"}'),
        ({"order_id": "id"}, "O1"),
        ({"order_id": "id"}, '{"id": "O1"}'),
        ({"order_id": "message.key"}, "O1"),
        ({"order_id": "split_part(message.key, ':', 2)"}, "order:O1"),
        ({"order_id": "after.id"}, '{"after": {"id": "O1"}}'),
        ({"order_id": "after.id"}, "O1"),
        ({"order_id": "coalesce(after.id, before.id)"}, '{"id": "O1"}'),  # as Debezium has it
        ({"order_id": "coalesce(after.id, before.id)"}, "O1"),
    ],
)
def test_no_value_is_a_delete_of_what_the_key_says(columns: dict[str, str] | None, key: str) -> None:
    found = judged({"into": [Into(Order, columns=columns)]}, [(None, key, AT, None)])
    (row,) = orders(found)
    assert (row["order_id"], row["_kind"], row["_at"], row["_place"]) == ("O1", 1, AT, 100)
    assert found.accounts[0].accepted == 1


def test_a_delete_that_cannot_be_read_shows_its_key() -> None:
    given = {"into": [Into(Line, columns={"order_id": "a", "line": "b"})]}
    (row,) = judged(given, [(None, "O1", AT, None)]).verdict.rejected.to_pylist()  # type: ignore[union-attr]
    assert json.loads(row["raw"]) == {"key": "O1"}


@pytest.mark.parametrize(("key", "at"), [(None, AT), (b"\xff", AT), ("{}", AT), ("O1", None), (None, None)])
def test_a_delete_of_nothing_is_rejected(key: Any, at: int | None) -> None:
    found = judged({}, [(None, key, at, None), (order(), "x", AT, None)])
    assert (found.accounts[0].received, found.accounts[0].accepted, found.accounts[0].rejected) == (2, 1, 1)


def test_deletes_and_values_in_one_batch_are_told_apart() -> None:
    messages = [(order("O1"), "O1", AT, None), (None, "O1", AT + 5, None), (b"poison", "O1", AT, None)]
    found = judged({}, [*messages, (order("O2"), "O2", AT, None)], [0, 0, 1, 1])
    assert [(one["order_id"], one["_kind"], one["_part"]) for one in orders(found)] == [
        ("O1", 0, 0),
        ("O1", 1, 0),
        ("O2", 0, 1),
    ]
    assert found.verdict.rejected is not None
    (reject,) = found.verdict.rejected.to_pylist()
    assert (reject["place"], reject["raw"], reject["line"], reject["_part"]) == (102, b"poison", None, 1)
    assert [(one.received, one.accepted, one.rejected) for one in found.accounts] == [(2, 2, 0), (2, 1, 1)]


def test_a_source_of_lists_alone_deletes_nothing() -> None:
    into = [Into(Line, columns={"order_id": "record.order_id"}, each="lines")]
    found = judged({"into": into}, [(None, "O1", AT, None)])
    assert found.accounts[0].rejected == 1


def test_cloud_events_in_both_forms() -> None:
    structured = {"specversion": "1.0", "time": "2026-03-01T10:00:00Z", "data": {"order_id": "O1", "status": "paid"}}
    columns = {"order_id": "data.order_id", "status": "data.status"}
    (one,) = orders(
        judged({"into": [Into(Order, columns=columns)], "event_time": "time"}, [(structured, "k", AT, None)])
    )
    binary = {"order_id": "O1", "status": "paid"}
    given = {"event_time": "message.headers.ce_time"}
    (other,) = orders(judged(given, [(binary, "k", AT, {"ce_time": "2026-03-01T10:00:00Z"})]))
    assert [one[name] for name in ("order_id", "status", "_at")] == [
        other[name] for name in ("order_id", "status", "_at")
    ]


def test_envelopes_of_debezium() -> None:
    given = {
        "event_time": "instant_from(ts_ms, 'milliseconds')",
        "sequence": "source.lsn",
        "into": [
            Into(
                Order,
                columns={"order_id": "coalesce(after.id, before.id)", "status": "after.status"},
                delete="op = 'd'",
            )
        ],
    }
    row = {"id": "O1", "status": "paid"}
    envelopes = [
        {"op": "c", "before": None, "after": row, "ts_ms": AT // 1000, "source": {"lsn": 7}},
        {"op": "d", "before": row, "after": None, "ts_ms": AT // 1000, "source": {"lsn": 8}},
    ]
    found = orders(judged(given, [(one, '{"id": "O1"}', AT, None) for one in envelopes]))
    assert [(one["order_id"], one["_kind"], one["_at"], one["_seq"]) for one in found] == [
        ("O1", 0, AT, 7),
        ("O1", 1, AT, 8),
    ]
