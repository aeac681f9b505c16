"""Messages of the driver as Arrow columns."""

from __future__ import annotations

from typing import Any

from confluent_kafka import Message

from trivium.adapters.events.columns import tables
from trivium.ports import MESSAGES, Part


def message(topic: str, partition: int, offset: int, **more: Any) -> Message:
    return Message(topic=topic, partition=partition, offset=offset, **more)


def test_messages_are_told_apart_by_topic_and_partition_and_keep_their_order() -> None:
    sent = [("b", 0, 7), ("a", 1, 3), ("a", 0, 1), ("b", 0, 9), ("a", 1, 4), ("a", 10, 1), ("a", 0, 2)]
    found = {str(part): table.column("offset").to_pylist() for part, table in tables([message(*one) for one in sent])}
    assert found == {"a/0": [1, 2], "a/1": [3, 4], "a/10": [1], "b/0": [7, 9]}


def test_every_column_has_the_type_of_the_port_also_where_all_is_null() -> None:
    ((part, table),) = tables([message("t", 3, 0, timestamp=(0, -1))])
    assert part == Part("t", 3)
    assert table.schema == MESSAGES
    assert table.to_pylist() == [{"offset": 0, "value": None, "key": None, "timestamp": None, "headers": None}]


def test_timestamps_are_microseconds_and_none_where_they_cannot_be() -> None:
    times = [(1, 1_700_000_000_123), (2, 0), (1, -5), (0, -1), (1, 2**62), (1, -(2**62)), (1, 9_223_372_036_854_774)]
    ((_, table),) = tables([message("t", 0, offset, timestamp=time) for offset, time in enumerate(times)])
    known = [1_700_000_000_123_000, 0, -5_000, None, None, None, 9_223_372_036_854_774_000]
    assert table.column("timestamp").to_pylist() == known


def test_headers_are_json_in_which_bytes_that_are_no_text_are_base64() -> None:
    headers: list[Any] = [
        None,
        [],
        [("a", b"1"), ("b", b'"\n\xc3\xa9'), ("a", b"2")],
        [("raw", b"\xff"), ("none", None), ("text", "as text"), ("", b"")],
    ]
    ((_, table),) = tables([message("t", 0, offset, headers=one) for offset, one in enumerate(headers)])
    assert table.column("headers").to_pylist() == [
        None,
        None,
        '{"a": "2", "b": "\\"\\né"}',
        '{"raw;base64": "/w==", "none": null, "text": "as text", "": ""}',
    ]
