"""A table as its system writes it: cells, encoding, and what is said of the file as a whole."""

from __future__ import annotations

import copy
import csv
import gzip
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from retail.simulators.world import Record


@dataclass(frozen=True, slots=True)
class Bad:
    """A way to spoil a record: this value in this column (`total.amount`, `lines.0.quantity`). Without a column,
    the record is torn off in its middle, so that not even its key can be read."""

    column: str | None = None
    value: Any = None


TORN: Final = Bad()
ZERO: Final = Decimal()

Written = tuple[Record, Bad | None]
"""A row, and how it is spoilt."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a system writes its files. `closing` is what says that a file is whole: a manifest beside it, its last line,
    or a marker. `amount` is the column whose sum the first two give. `bad` are the ways in which its rows go wrong."""

    source: str
    columns: tuple[str, ...]
    bad: tuple[Bad, ...]
    closing: Literal["manifest", "trailer", "marker"]
    amount: str | None = None
    separator: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    packed: bool = False

    @property
    def ending(self) -> str:
        """How the names of its files end."""
        return ".csv.gz" if self.packed else ".csv"


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that is written, and what its system says of it. `confirmed`: whether the sum of the amounts that can be
    read in it is the one that is said; rows that cannot be read may lack in it. `garbled`: the numbers of those that
    cannot be read because its encoding is another one than declared."""

    content: bytes
    rows: int
    total: Decimal
    confirmed: bool
    garbled: frozenset[int] = frozenset()

    def manifest(self, **otherwise: Any) -> bytes:
        """The manifest that its system writes; `otherwise` what it has wrong."""
        said = {"rows": self.rows, "sha256": hashlib.sha256(self.content).hexdigest(), "totals": {"total": self.total}}
        return json.dumps(said | otherwise, default=str).encode()


def write_table(
    form: Form, lines: Sequence[Written], *, encoding: str = "", rows: int = 0, more: Decimal = ZERO
) -> Paper:
    """The file of these lines. What may be wrong with it as a whole: `encoding` is another one than declared, its
    trailer says so many `rows` and so much `more` than there is."""
    said = found = ZERO
    garbled, parts = set(), [_cells(form, form.columns)]
    for number, (row, how) in enumerate(lines):
        written = spoil(row, how) if how else row
        cells = list(map(written.get, form.columns))
        parts.append(_cells(form, cells[: len(cells) // 2] if how is TORN else cells))
        strange = bool(encoding) and not _reads(parts[-1].encode(encoding), form.encoding)
        if strange:
            garbled.add(number)
        # It sums what it wrote, and of a row that is damaged beyond that what it meant.
        amount = None if strange or how is TORN else _amount(form, written)
        found += amount or ZERO
        said += (_amount(form, row) or ZERO) if amount is None else amount
    if form.closing == "trailer":
        parts.append(_cells(form, ("T", len(lines) + rows, str(said + more).replace(".", form.decimal))))
    content = "".join(parts).encode(encoding or form.encoding)
    if form.packed:
        content = gzip.compress(content, 6, mtime=0)
    return Paper(content, len(lines), said, said == found, frozenset(garbled))


def spoil(record: Record, how: Bad) -> Record:
    """A copy of the record with the bad value in it; a torn one is torn when it is written."""
    if how.column is None:
        return record
    spoilt = copy.deepcopy(record)
    place: Any = spoilt
    *way, last = (int(step) if step.isdigit() else step for step in how.column.split("."))
    for step in way:
        place = place[step]
    place[last] = how.value
    return spoilt


def _cells(form: Form, cells: Sequence[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=form.separator, lineterminator="\n").writerow(cells)
    return text.getvalue()


def _reads(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _amount(form: Form, row: Record) -> Decimal | None:
    """The number in the column that is summed, if there is one; null is 0."""
    cell = None if form.amount is None else row[form.amount]
    text = "0" if cell is None else str(cell)
    if form.decimal != "." and "." in text:
        return None
    try:
        return Decimal(text.replace(form.decimal, "."))
    except InvalidOperation:
        return None
