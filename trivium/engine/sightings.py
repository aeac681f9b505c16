"""Sightings as rows of the table in which a store keeps them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Final

import pyarrow as pa

from trivium.engine.rows import stored, told
from trivium.engine.sighting import Sighting
from trivium.engine.tables import SIGHTING, arrow_schema

COLUMNS: Final = tuple(column.name for column in SIGHTING.columns)
_VALUES = attrgetter(*COLUMNS)


def rows_of(sightings: Sequence[Sighting]) -> pa.Table:
    """One row each, in their order; of the same content of the same file the last."""
    last = {(one.source, one.file, one.mark): one for one in sightings}
    rows = [dict(zip(COLUMNS, map(_stored, _VALUES(one)), strict=True)) for one in last.values()]
    return pa.Table.from_pylist(rows, schema=arrow_schema(SIGHTING))


def sighting_of(row: Sequence[Any]) -> Sighting:
    """The sighting that a row, its columns as in COLUMNS, was made from."""
    return Sighting(*map(_told, row))


def _stored(value: Any) -> Any:
    return stored(value) if isinstance(value, dt.datetime) else value


def _told(value: Any) -> Any:
    return told(value) if isinstance(value, dt.datetime) else value
