"""A held delivery, as a row of the list of deliveries. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from trivium.engine.delivery import decode

_COLUMNS: list[tuple[str, pa.DataType]] = [

        ("load_no", pa.int64()), ("source", pa.string()), ("delivery", pa.string()), ("revision", pa.int64()),
        ("digest", pa.string()), ("kind", pa.string()), ("file", pa.string()), ("size", pa.int64()),
        ("archived", pa.bool_()), ("arrived_at", pa.timestamp("us")), ("by", pa.string()),
        ("received", pa.int64()), ("accepted", pa.int64()), ("rejected", pa.int64()), ("ignored", pa.int64()),
        ("gone", pa.int64()), ("alive", pa.int64()),
]  # fmt: skip
HELD = pa.schema(_COLUMNS)


def held_row(load_no: int, kept: dict[str, Any]) -> dict[str, Any]:
    """What `Load.hold` kept, in the columns of `HELD`."""
    sent = decode(kept["delivery"])
    return {
        "load_no": load_no, "source": sent.source, "delivery": sent.name, "revision": sent.revision,
        "digest": sent.digest, "kind": sent.kind, "file": sent.file, "size": sent.size, "archived": sent.archived,
        "arrived_at": sent.arrived_at.astimezone(dt.UTC).replace(tzinfo=None), "by": sent.by,
        **kept["account"], **kept["gone"],
    }  # fmt: skip
