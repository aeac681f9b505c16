"""Records that could not be told into columns, with every reason, for the person who must mend them.

Rules: `cells` (not as many as the header names), `encoding`, `nul` (a NUL byte), `unclosed_quote`,
`quote` (closed in a later line, text behind it), `too_long`, `empty_element`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa

from trivium.engine.places import line_of
from trivium.engine.reading.cutting import Overlong
from trivium.engine.reading.spans import Positions, Spans, bytes_of

REASON = pa.struct([pa.field("rule", pa.string(), False), pa.field("message", pa.string(), False)])
_FIELDS: list[Any] = [
    pa.field("place", pa.int64(), False),  # see engine.places
    pa.field("line", pa.int64(), False),  # 1-based physical line at which it begins
    pa.field("offset", pa.int64(), False),  # bytes from the beginning of the file
    pa.field("raw", pa.binary(), False),  # without the line end; of `too_long` only the beginning
    pa.field("reasons", pa.list_(REASON), False),
]
TORN = pa.schema(_FIELDS)
NONE_TORN = TORN.empty_table()

UNCLOSED: Final = "a quote opens and is not closed before the file ends; close it, or send the whole file"

Reasons: TypeAlias = "defaultdict[int, list[dict[str, str]]]"


def no_reasons() -> Reasons:
    """Reasons by the index of the record; give them with `blame`."""
    return defaultdict(list)


def blame(reasons: Reasons, record: int, rule: str, message: str) -> None:
    reasons[record].append({"rule": rule, "message": message})


def blame_bytes(reasons: Reasons, data: bytes, spans: Spans) -> None:
    """The faults of single bytes: NUL, and what is no UTF-8. Looks at suspects only."""
    array = bytes_of(data)
    for record, position in _first_in_each(spans, np.flatnonzero(array == 0)):
        message = f"byte {position + 1} of the record is NUL, which no text may hold; remove it at the source"
        blame(reasons, record, "nul", message)
    for record, _ in _first_in_each(spans, np.flatnonzero(array >= 128)):
        text = data[spans.start[record] : spans.end[record]]
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            message = (
                f"byte {error.start + 1} of the record (0x{text[error.start]:02X}) is not utf-8; "
                "have it sent as UTF-8, or declare the encoding that the file has, such as encoding='cp1252'"
            )
            blame(reasons, record, "encoding", message)


def _first_in_each(spans: Spans, positions: Positions) -> list[tuple[int, int]]:
    """Per record that holds any of the positions: its index, and the first of them from its beginning."""
    if not len(positions) or not len(spans):
        return []
    records = np.searchsorted(spans.start, positions, side="right") - 1
    held = (records >= 0) & (positions < spans.end[records])
    records, first = np.unique(records[held], return_index=True)
    within = positions[held][first] - spans.start[records]
    return list(zip(records.tolist(), within.tolist(), strict=True))


def torn_table(reasons: Reasons, data: bytes, spans: Spans, first_byte: int) -> Any:
    """The blamed records as a TORN table, in the order of the file."""
    if not reasons:
        return NONE_TORN
    chosen = sorted(reasons)
    index = np.array(chosen, dtype=np.int64)
    columns = [
        pa.array(spans.place[index]),
        pa.array(line_of(spans.place[index])),
        pa.array(spans.start[index] + first_byte),
        spans.texts(data, index),
        pa.array([reasons[record] for record in chosen], pa.list_(REASON)),
    ]
    return pa.Table.from_arrays(columns, schema=TORN)


def torn_overlong(piece: Overlong, max_record_bytes: int) -> Any:
    """The one row for a record that did not end within the bound."""
    if piece.resumed_line is None:
        rest = "nothing after it was read: send the file again with shorter records"
    else:
        rest = (
            f"{piece.skipped} bytes were set aside and reading went on at line {piece.resumed_line}: "
            "look for a lost line end"
        )
    message = f"the record does not end within {max_record_bytes} bytes; {rest}"
    return torn_record(piece.first_line, piece.first_byte, piece.excerpt.rstrip(b"\r\n"), "too_long", message)


def torn_record(place: int, offset: int, raw: bytes, rule: str, message: str) -> Any:
    """A TORN table of one record with one reason."""
    reasons = [{"rule": rule, "message": message}]
    row = {"place": place, "line": line_of(place), "offset": offset, "raw": raw, "reasons": reasons}
    return pa.Table.from_pylist([row], schema=TORN)


def without(reasons: Reasons, count: int) -> Positions:
    """The indices of the records that are sound."""
    if not reasons:
        return np.arange(count, dtype=np.int64)
    sound = np.ones(count, dtype=bool)
    sound[list(reasons)] = False
    return np.flatnonzero(sound)
