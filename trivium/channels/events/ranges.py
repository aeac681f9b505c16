"""Ranges of a partition as deliveries."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any, Final

import numpy as np

from trivium.errors import RefusedDelivery
from trivium.model.source import Source
from trivium.ports import Broker, Delivery, Messages, Part

_NAME: Final = re.compile(r"([A-Za-z0-9._-]+)/(\d+)@(\d+)-(\d+)")


def delivery_of(source: Source, messages: Messages, now: dt.datetime) -> Delivery:
    """The delivery that messages of one partition are, of which there is at least one: `TOPIC/PARTITION@FIRST-LAST`."""
    offsets = messages.table["offset"]
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    name = f"{messages.part}@{first}-{last}"
    size = sum(messages.table[column].nbytes for column in ("value", "key"))
    return Delivery(source.name, name, 1, digest_of(messages), name, size, now)


def range_of(name: str) -> tuple[Part, int, int] | None:
    """The part and the offsets, both included, of a delivery that is called so; None where it is no range."""
    found = _NAME.fullmatch(name)
    return None if found is None else (Part(found[1], int(found[2])), int(found[3]), int(found[4]))


def read_again(broker: Broker, delivery: Delivery) -> Messages:
    """The messages of a delivery, as they were. Raises RefusedDelivery where they are no longer what they were."""
    found = range_of(delivery.name)
    assert found is not None, "only ranges are read again"
    messages = broker.range(*found)
    if not messages.table.num_rows or digest_of(messages) != delivery.digest:
        raise RefusedDelivery(
            f"{delivery.name} is no longer what it was: the topic has lost some of it, or was made anew",
            hint="what it said stands as it was taken; it cannot be judged anew",
        )
    return messages


def digest_of(messages: Messages) -> str:
    """SHA-256 (hex) of the messages: of their offsets, keys, values and headers, each with its length."""
    found = hashlib.sha256()
    found.update(messages.table["offset"].to_numpy().tobytes())
    for column in ("value", "key", "headers"):
        for part in _flat(messages.table[column].combine_chunks()):  # in one, however they came
            found.update(part)
    return found.hexdigest()


def _flat(values: Any) -> tuple[bytes, memoryview]:
    """The length of each value (-1: there is none), and the bytes of all."""
    _, offsets, data = values.buffers()
    at = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1]
    lengths = np.where(values.is_null().to_numpy(zero_copy_only=False), -1, np.diff(at)).astype(np.int32)
    flat = memoryview(b"") if data is None else memoryview(data)[at[0] : at[-1]] if len(at) else memoryview(b"")
    return lengths.tobytes(), flat
