"""Sightings as rows of the table in which a store keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

import pyarrow as pa

from trivium.engine.rows import told
from trivium.engine.sighting import Sighting
from trivium.engine.tables import SIGHTING, arrow_schema

COLUMNS: Final = tuple(column.name for column in SIGHTING.columns)
_VALUES: Final = attrgetter(*COLUMNS)
_SCHEMA: Final = arrow_schema(SIGHTING)


def rows_of(sightings: Sequence[Sighting]) -> pa.Table:
    """One row each, in their order; of the same content of the same file the last."""
    if not sightings:
        return _SCHEMA.empty_table()
    last = {(one.source, one.file, one.mark): one for one in sightings}
    columns = zip(*map(_VALUES, last.values()), strict=True)
    # Of an aware time Arrow takes the instant, in UTC.
    arrays = [pa.array(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=_SCHEMA)


def sighting_of(row: Sequence[Any]) -> Sighting:
    """The sighting that a row, its columns as in COLUMNS, was made from."""
    return Sighting(*map(_told, row))


def _told(value: Any) -> Any:
    return told(value) if isinstance(value, dt.datetime) else value
