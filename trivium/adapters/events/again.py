"""A range of a partition, read again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
from confluent_kafka import Consumer as Driver
from confluent_kafka import KafkaError, Message, TopicPartition

from trivium.adapters.events.columns import tables
from trivium.adapters.events.failures import broker_error, translated
from trivium.adapters.events.session import LOG
from trivium.errors import BrokerError, RefusedDelivery
from trivium.ports import MESSAGES, Messages, Part

_PATIENCE: Final = 30.0
"""Seconds in which something more has to come."""
_AT_ONCE: Final = 1_000
_OVER: Final = (KafkaError._PARTITION_EOF,)
_GONE: Final = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)


def read_range(url: str, settings: Mapping[str, Any], part: Part, first: int, last: int) -> Messages:
    """What still lies between two offsets of a partition, both included; see `ports.Broker.range`."""
    where = f"{url}, {part}"
    with translated(where):
        driver = Driver({**settings, "group.id": "trivium.again"}, logger=LOG)
        try:
            driver.assign([TopicPartition(part.topic, part.partition, first)])
            return Messages(part, _read(driver, where, part, first, last), last + 1)
        finally:
            driver.close()


def _read(driver: Driver, where: str, part: Part, first: int, last: int) -> pa.Table:
    found: list[Message] = []
    until = time.monotonic() + _PATIENCE
    while True:
        batch = driver.consume(_AT_ONCE, 0.5)
        for message in batch:
            error = message.error()
            offset = message.offset()
            assert offset is not None
            if error is not None and error.code() in _GONE:
                raise RefusedDelivery(
                    f"{part} no longer holds the offset {first}: retention has eaten it",
                    hint="what it said stands as it was taken; it cannot be judged anew",
                )
            if error is not None and error.code() not in _OVER:
                raise broker_error(where, error)
            if error is not None or offset > last:
                return _table(found, part)
            found.append(message)
            if offset == last:
                return _table(found, part)
        if batch:
            until = time.monotonic() + _PATIENCE
        elif time.monotonic() > until:
            raise BrokerError(f"{where}: nothing came for {_PATIENCE:g} seconds", hint="look whether the broker runs")


def _table(found: list[Message], part: Part) -> pa.Table:
    parts = [table for _, table in tables(found)] if found else []
    return pa.concat_tables(parts) if parts else MESSAGES.empty_table()
