"""Records that have not as many cells as the header names: what is said of them, and how they are read all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from trivium.engine.reading.chunk import out_of_step
from trivium.engine.reading.csv_cells import CsvCells
from trivium.engine.reading.cutting import Piece
from trivium.engine.reading.spans import Positions, Spans
from trivium.engine.reading.torn import Reasons, blame, without

pc: Any = pyarrow.compute

_SHOWN_HEADER = 200  # characters of it in a message


def parsed(piece: Piece, cells: CsvCells, sound: Spans) -> Any:
    """The cells of these records of a piece."""
    longest = int((sound.after - sound.start).max(initial=0))
    table = cells.parse(sound.joined(piece.data), quoted=len(piece.marks) > 0, longest=longest)
    if len(sound) != table.num_rows:
        raise out_of_step(len(sound), table.num_rows, piece.first_byte)
    return table


def even(piece: Piece, cells: CsvCells, spans: Spans, counts: Positions, reasons: Reasons) -> tuple[Spans, Any]:
    """The records that are sound though they may have too few cells, or empty ones too many; and their cells.

    Those with too few have nulls in the columns they do not reach. One with text in a cell too many is blamed.
    """
    known, named = without(reasons, len(spans)), len(cells.columns)
    found, tables = [], []
    for count in np.unique(counts[known]).tolist():
        chosen = known[counts[known] == count]
        extra = [f"\0{number}" for number in range(count - named)]
        table = parsed(piece, cells.with_columns([*cells.columns[:count], *extra]), spans.only(chosen))
        if extra:
            full = np.zeros(len(chosen), dtype=bool)
            for name in extra:
                full |= pc.fill_null(pc.not_equal(table[name], ""), False).to_numpy()
            for record in chosen[full].tolist():
                blame(reasons, record, "cells", cells_message(count, 1, cells))
            chosen, table = chosen[~full], table.filter(pa.array(~full)).select(cells.columns)
        for name in cells.columns[count:]:
            table = table.append_column(name, pa.nulls(len(chosen), pa.string()))
        found.append(chosen)
        tables.append(table)
    if not found:
        return spans.only(known), cells.schema.empty_table()
    index = np.concatenate(found)
    order: Any = np.argsort(index)
    return spans.only(index[order]), pa.concat_tables(tables).take(pa.array(order))


def cells_message(count: int, lines: int, cells: CsvCells) -> str:
    """Why a record of so many cells, which goes over so many lines, is none."""
    header = ", ".join(cells.columns)
    if len(header) > _SHOWN_HEADER:
        header = header[:_SHOWN_HEADER] + " …"
    if lines > 1:
        cure = f"it goes over {lines} lines, so look for a quote that opens where none should"
    elif cells.format.quote is None:
        cure = "without quotes no cell can hold a separator or a line end"
    else:
        cure = "put a cell that holds a separator or a line end in quotes"
    return f"{count} cell{'s' * (count > 1)}, but the header names {len(cells.columns)} columns ({header}); {cure}"
