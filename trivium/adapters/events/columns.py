"""Messages of the driver as Arrow columns."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pyarrow as pa
from confluent_kafka import Message

from trivium.ports import MESSAGES, Part

_MILLIS: Final = itemgetter(1)
_NO_TIME: Final = -1
_MOST_MILLIS: Final = (1 << 63) // 1000 - 1


def tables(batch: Sequence[Message]) -> Iterator[tuple[Part, pa.Table]]:
    """Part by part, each in the order in which its messages came. No message of `batch` may be an error."""
    topics = list(map(Message.topic, batch))
    part = np.fromiter(map(Message.partition, batch), np.int64, len(batch))
    names = sorted(set(topics), key=str)
    if len(names) > 1:
        place = {name: index << 32 for index, name in enumerate(names)}
        part += np.fromiter(map(place.__getitem__, topics), np.int64, len(batch))
    if (part[1:] != part[:-1]).any():
        order = np.argsort(part, kind="stable")
        part, batch = part[order], [batch[index] for index in order]
    whole = _table(batch)
    starts = [0, *(np.flatnonzero(part[1:] != part[:-1]) + 1).tolist(), len(batch)]
    for start, end in pairwise(starts):
        name, number = divmod(int(part[start]), 1 << 32)
        yield Part(str(names[name]), number), whole.slice(start, end - start)


def _table(batch: Sequence[Message]) -> pa.Table:
    offsets = pa.array(np.fromiter(map(Message.offset, batch), np.int64, len(batch)))
    values = pa.array(list(map(Message.value, batch)), pa.binary())
    keys = pa.array(list(map(Message.key, batch)), pa.binary())
    return pa.Table.from_arrays([offsets, values, keys, _timestamps(batch), _headers(batch)], schema=MESSAGES)


def _timestamps(batch: Sequence[Message]) -> pa.Int64Array:
    millis = np.fromiter(map(_MILLIS, map(Message.timestamp, batch)), np.int64, len(batch))
    none = (millis == _NO_TIME) | (millis < -_MOST_MILLIS) | (millis > _MOST_MILLIS)
    return pa.array(np.where(none, 0, millis) * 1000, pa.int64(), mask=none)


def _headers(batch: Sequence[Message]) -> pa.StringArray:
    found: list[Any] = []
    left = map(Message.headers, batch)
    while len(found) < len(batch):
        try:
            found.extend(left)
        except (SystemError, UnicodeDecodeError):  # a name is no UTF-8; to ask again would crash the driver
            found.append(None)
    if not any(found):
        return pa.nulls(len(found), pa.string())
    return pa.array([_text(dict(headers)) if headers else None for headers in found], pa.string())


def _text(headers: Mapping[str, str | bytes | None]) -> str:
    told: dict[str, str | None] = {}
    for name, value in headers.items():
        try:
            told[name] = value.decode() if isinstance(value, bytes) else value
        except UnicodeDecodeError as error:
            told[f"{name};base64"] = base64.b64encode(error.object).decode()
    return json.dumps(told, ensure_ascii=False)
