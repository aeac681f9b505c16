"""Records that stand by themselves, each in a value of its own: the bodies of requests, the values of events."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from trivium.engine.reading.again import read_json_again
from trivium.engine.reading.chunk import RawChunk
from trivium.engine.reading.spans import Spans
from trivium.engine.reading.torn import NONE_TORN

_LONGEST: Final = 1 << 31
"""Bytes of which Arrow's texts count the offsets in 32 bits."""


def read_records(values: Any) -> RawChunk:
    """One chunk of JSON records, one a value (a pa.BinaryArray without nulls), whose places are 1, 2, 3 …

    Nothing of a value is looked at but whether it is text. Raises ValueError where they are 2 GB or more together.
    """
    if values.nbytes >= _LONGEST:
        raise ValueError("these records are too many to be held at once")
    texts = _as_text(values)
    if texts is None:
        return read_json_again(values.to_pylist())  # which says of each what is wrong with its bytes
    offsets, data = _flat(values)
    place = np.arange(1, len(values) + 1, dtype=np.int64)
    spans = Spans(offsets[:-1], offsets[1:], offsets[1:], place)
    return RawChunk(pa.table({"json": texts}), pa.array(place), NONE_TORN, 0, data, lambda: spans)


def _as_text(values: Any) -> Any:
    """The values as texts; None if any is not UTF-8, or holds NUL."""
    try:
        texts = values.cast(pa.string())
    except pa.ArrowInvalid:
        return None
    return None if b"\0" in _flat(values)[1] else texts


def _flat(values: Any) -> tuple[Any, bytes]:
    """Where each value begins, and the last one ends, in the bytes of all of them."""
    _, offsets, data = values.buffers()
    found = np.frombuffer(offsets, dtype=np.int32)[values.offset : values.offset + len(values) + 1].astype(np.int64)
    if data is None or not len(values):
        return np.zeros(len(values) + 1, dtype=np.int64), b""
    return found - found[0], bytes(memoryview(data)[found[0] : found[-1]])
