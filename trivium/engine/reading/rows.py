"""Chunks of rows that were no text: the row of a table or sheet, and the JSON that stands for it in a quarantine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.reading.again import Unfit, fit, torn_again, with_torn
from trivium.engine.reading.chunk import NO_SPANS, RawChunk
from trivium.engine.reading.errors import HeaderError
from trivium.engine.reading.spans import Positions
from trivium.engine.reading.texts import json_texts
from trivium.engine.reading.torn import NONE_TORN, TORN, Reasons, blame, no_reasons, without
from trivium.model.formats import MAX_COLUMNS


@dataclass(frozen=True, eq=False)
class RowChunk(RawChunk):
    """A chunk whose records have no bytes of their own: the raw of a row is the JSON object of its cells, as texts or
    null. Their places are numbers of rows, and their offset is 0."""

    def raw(self, indices: Sequence[int] | Any) -> tuple[Any, Any]:
        wanted = pa.array(np.asarray(indices, dtype=np.int64))
        texts = json_texts(self.table.take(wanted)).cast(pa.binary())
        return texts, pa.array(np.zeros(len(wanted), dtype=np.int64))


def row_chunk(table: Any, places: Positions, reasons: Reasons | None = None) -> RowChunk:
    """The chunk of text columns, whose rows stand at these places; those blamed, and those with NULs, are torn."""
    reasons = no_reasons() if reasons is None else reasons
    for name in table.column_names:
        found = pc.match_substring(table[name], "\0")
        if pc.any(found).as_py():
            for row in np.flatnonzero(pc.fill_null(found, False).to_numpy(zero_copy_only=False)).tolist():
                blame(reasons, row, "nul", f"{name} holds a NUL, which no text may hold; remove it at the source")
    sound = without(reasons, table.num_rows)
    torn: Any = NONE_TORN
    if reasons:
        chosen = sorted(reasons)
        raws = json_texts(table.take(pa.array(chosen, pa.int64()))).to_pylist()
        rows = [
            {"place": places[at], "line": places[at], "offset": 0, "raw": raw.encode(), "reasons": reasons[at]}
            for at, raw in zip(chosen, raws, strict=True)
        ]
        torn = pa.Table.from_pylist(rows, schema=TORN)
        table = table.take(pa.array(sound))
    return RowChunk(table, pa.array(places[sound]), torn, 0, b"", lambda: NO_SPANS)


def read_rows_again(raws: Sequence[bytes], *, columns: Sequence[str], unfit: Unfit) -> RawChunk:
    """One chunk of rows that were told as JSON. What is no object with such columns is torn; a column that it has not
    is null."""
    rows: list[dict[str, str | None]] = []
    reasons, numbers = no_reasons(), fit(len(raws), unfit)
    torn = torn_again(raws, unfit)
    kept = []
    for number in numbers.tolist():
        cells, fault = _cells_of(raws[number], columns)
        if fault is not None:
            torn += torn_again(raws, {number: ("json", fault)})
        else:
            kept.append(number)
            rows.append(cells)
    schema: Any = pa.schema([(name, pa.string()) for name in columns])
    table = pa.Table.from_pylist(rows, schema=schema)
    return with_torn(row_chunk(table, np.array(kept, dtype=np.int64) + 1, reasons), torn)


def _cells_of(raw: bytes, columns: Sequence[str]) -> tuple[dict[str, str | None], str | None]:
    example = "give one JSON object of its columns, such as " + json.dumps(
        dict.fromkeys(columns[:2], "…"), ensure_ascii=False
    )
    try:
        found = json.loads(raw.decode("utf-8"), parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return {}, f"the row is no JSON; {example}"
    if not isinstance(found, dict):
        return {}, f"the row is no JSON object; {example}"
    unknown = [name for name in found if name not in columns]
    if unknown:
        return {}, f"the file has no column {unknown[0]!r}; {example}"
    return {name: _cell(value) for name, value in found.items()}, None


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def check_header(names: Sequence[str]) -> None:
    """Raises HeaderError where columns are not told apart by their names."""
    if not names:
        raise HeaderError("no column is named", cure="name at least one column")
    if len(names) > MAX_COLUMNS:
        cure = "have fewer columns sent"
        raise HeaderError(f"the file has {len(names)} columns, and at most {MAX_COLUMNS} can be read", cure=cure)
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        if not name:
            raise HeaderError(f"column {number} has no name", cure="name every column, or leave it out")
        if name in seen:
            cure = "rename one of them where the file is made"
            raise HeaderError(f"columns {seen[name]} and {number} are both named {name!r}", cure=cure)
        seen[name] = number
