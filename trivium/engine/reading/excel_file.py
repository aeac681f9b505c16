"""Reads a sheet of a workbook, by fastexcel in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.reading.errors import EmptyError, HeaderError, ReadingError, SheetError
from trivium.engine.reading.rows import check_header, row_chunk
from trivium.engine.reading.torn import blame, no_reasons
from trivium.engine.reading.unpacking import DAMAGES, check_workbook_size
from trivium.model.formats import Excel
from trivium.model.sizes import size_words

MOST: Final = 10**9
"""Bytes that a workbook may unpack to, whatever its source allows: it is held in memory as a whole."""

_CHILD: Final = Path(__file__).with_name("excel_child.py")
_MEMORY: Final = 1500 * 10**6
_SECONDS: Final = 300
"""What the process that reads a workbook may use of memory (bytes) and of a processor."""

_ERRORS: Final = {
    "Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip
_ROWS: Final = 65_536  # of a chunk
_OLD, _LOCKED = b"\xd0\xcf\x11\xe0", "EncryptedPackage".encode("utf-16-le")
_INSTANT: Final = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$"
_MIDNIGHT: Final = r" 00:00:00$"
_TIME: Final = r"^1(899-12-3[01]|900-01-0[01]) "


def read_excel(file: BinaryIO, format: Excel, *, most: int) -> Iterator[Any]:
    """The chunks of a sheet, of a file that can be read from anywhere; at least one. Places are the sheet's rows.

    Empty rows are no records. Raises ReadingError where it is no workbook, has a password, has no such sheet, or
    unpacks to more than `most` bytes.
    """
    rows, errors = _sheet(file, format, min(most, MOST))
    table, first = _with_header(rows, format)
    return _chunks(table, first, errors)


Errors: TypeAlias = Mapping[int, list[tuple[int, str]]]
"""Cells in which a formula failed: by their row in the sheet, from 1, their column, from 0, and what stands there."""


def _sheet(file: BinaryIO, format: Excel, most: int) -> tuple[Any, Errors]:
    """All rows of the sheet as texts."""
    head = file.read(4)
    file.seek(0)
    if head == b"PK\x03\x04":
        try:
            check_workbook_size(file, most)
        except DAMAGES as error:
            raise _damaged(str(error) or type(error).__name__) from error
    elif head != _OLD:
        raise ReadingError("the file is no workbook", cure="send .xlsx, .xlsb, .xls or .ods, or declare its format")
    if file.seek(0, 2) > most:
        raise ReadingError(f"the workbook has more than {size_words(most)}", cure="send it in parts, or as CSV")
    file.seek(0)
    if head == _OLD and _LOCKED in file.read():
        raise ReadingError("the workbook has a password", cure="save it without one")
    about, batch = _read_apart(file, format.sheet)
    if batch is None:
        raise _no_sheet(about["sheets"], format.sheet)
    found: dict[int, list[tuple[int, str]]] = {}
    for row, column, kind in about["errors"]:
        word = _ERRORS.get(kind, kind)
        if word not in format.nulls:
            found.setdefault(row, []).append((column, word))
    return batch, found


def _read_apart(file: BinaryIO, sheet: str | int | None) -> tuple[dict[str, Any], Any]:
    """What a process of its own says of the workbook, and all rows of the sheet, None where there is no such sheet."""
    asked = json.dumps([sheet, _MEMORY, _SECONDS])
    with tempfile.TemporaryFile() as answer:
        ended = subprocess.run(
            [sys.executable, "-I", str(_CHILD), asked],
            stdin=file,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        answer.seek(0)
        told = answer.readline()
        if ended.returncode or not told:
            raise ReadingError(
                f"the workbook is damaged, or takes more than {size_words(_MEMORY)} of memory or {_SECONDS} seconds",
                cure="look for a cell far from the others, which makes its sheet a large one; or send it as CSV",
            )
        about: dict[str, Any] = json.loads(told)
        if "error" in about:
            raise _damaged(about["error"])
        if "rows" not in about:
            return about, None
        table = pa.ipc.open_stream(answer).read_all().combine_chunks()
    columns: Any = [column.chunk(0) if column.num_chunks else pa.array([], pa.string()) for column in table.columns]
    return about, pa.RecordBatch.from_arrays(columns, names=[str(number) for number in range(len(columns))])


def _no_sheet(names: Sequence[str], wanted: str | int | None) -> ReadingError:
    has = f"it has {', '.join(map(repr, names)) or 'none'}"
    if wanted is None:
        return SheetError(f"the workbook has {len(names)} sheets", cure=f"declare Excel(sheet=…): {has}")
    return ReadingError(f"the workbook has no sheet {wanted!r}", cure=has)


def _with_header(batch: Any, format: Excel) -> tuple[Any, int]:
    """The rows behind the header under the names of their columns, and the number of the first of them in the sheet."""
    rows = batch.slice(format.skip)
    first = format.skip + 1
    columns = [] if format.columns is None else list(format.columns)
    if format.header:
        filled = np.flatnonzero(_filled(rows))
        if not len(filled):
            raise EmptyError("the sheet is empty", cure="its first row must name the columns, even if none follows")
        at = int(filled[0])
        names = [column[at].as_py() or "" for column in rows.columns]
        rows, first = rows.slice(at + 1), first + at + 1
    else:
        names = [""] * rows.num_columns
    # Columns behind the last name that are empty are what is left of something that was deleted.
    width = max(len(columns), max((number for number, name in enumerate(names, 1) if name), default=0))
    while names and len(names) > width and rows.column(len(names) - 1).null_count == rows.num_rows:
        names.pop()
    if columns and len(names) < len(columns) and not format.header:
        names = [""] * len(columns)
    if columns and len(names) != len(columns):
        fault = f"{len(columns)} columns are declared, and the sheet has {len(names)}"
        raise HeaderError(fault, cure="name in columns=[…] as many as it has, in their order")
    names = columns or names
    check_header(names)
    nothing = pa.array(["", *format.nulls])
    cells = []
    for number in range(len(names)):
        cell = _iso(rows.column(number)) if number < rows.num_columns else pa.nulls(rows.num_rows, pa.string())
        cells.append(pc.if_else(pc.is_in(cell, nothing), pa.scalar(None, pa.string()), cell))
    return pa.table(cells, names=names), first


def _filled(rows: Any) -> Any:
    """Which rows have any cell."""
    found = np.zeros(rows.num_rows, dtype=bool)
    for column in rows.columns:
        found |= np.asarray(column.is_valid())
    return found


def _iso(column: Any) -> Any:
    """Dates and times as ISO 8601: what has no time of day in the whole column is a date, and what is of the day before
    the calendar begins is a time of day."""
    instants = pc.fill_null(pc.match_substring_regex(column, _INSTANT), False)
    if not pc.any(instants).as_py():
        return column
    times = pc.and_(instants, pc.match_substring_regex(column, _TIME))
    days = pc.and_(instants, pc.invert(pc.fill_null(times, False)))
    if pc.all(pc.match_substring_regex(column.filter(days), _MIDNIGHT)).as_py():
        column = pc.if_else(days, pc.utf8_slice_codeunits(column, 0, 10), column)
    else:
        column = pc.if_else(days, pc.replace_substring(column, " ", "T"), column)
    return pc.if_else(pc.fill_null(times, False), pc.utf8_slice_codeunits(column, 11, 40), column)


def _chunks(table: Any, first: int, errors: Errors) -> Iterator[Any]:
    filled = _filled(table)
    filled[[row - first for row in errors if row >= first]] = True
    kept = np.flatnonzero(filled)
    for low in range(0, max(len(kept), 1), _ROWS):
        chosen = kept[low : low + _ROWS]
        places, reasons = chosen + first, no_reasons()
        for at in np.flatnonzero(np.isin(places, list(errors))).tolist():
            for column, word in errors[int(places[at])]:
                name = table.column_names[column] if column < table.num_columns else f"column {column + 1}"
                message = f"{name} is {word}: its formula failed; mend it in the workbook, or declare nulls=[{word!r}]"
                blame(reasons, at, "error", message)
        yield row_chunk(table.take(pa.array(chosen)), places, reasons)


def _damaged(said: str) -> ReadingError:
    return ReadingError(
        f"the workbook is damaged or cut off: {said}", cure="nothing of it was taken; save it anew and send it again"
    )
