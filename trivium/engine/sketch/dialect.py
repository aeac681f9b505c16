"""How a file of cells is laid out: its separator, the lines before its header, the header, a last line of its own."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trivium.engine.reading import ReadingError, read_csv
from trivium.model.formats import Csv

SEPARATORS: Final = ",;\t|"
NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.,:/ -]*")
LAST_WORD: Final = re.compile(
    r"\W*(grand |sub-?)?(totals?|sums?|summe|gesamt|somme|totale|trailer|trl|tlr|footer|count|rows?|records?|lines?|"
    r"end|eof|t|z)\b.*|\W*\d+ (rows?|records?|lines?)\b.*",
    re.I | re.S,
)

_PREAMBLE: Final = 20  # lines before a header that are looked at
_FITS: Final = 0.9
_LOOKED_AT: Final = 64 << 10  # bytes by which the layout is told
_NO_NAMES, _NAMES, _NAMES_OVER_NUMBERS = range(3)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`last`: the last line, where it is most likely a trailer. `remarks`: what is a guess in the format."""

    form: Csv
    last: bytes | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]

    @property
    def is_mostly_empty(self) -> bool:
        return 2 * sum(not cell for cell in self.cells) >= len(self.cells)


@dataclass(frozen=True, slots=True)
class _Layout:
    """The file as one separator and one quote tell it. `share`: of the records that fit."""

    form: Csv
    width: int
    names: int
    share: float
    ends: bool

    @property
    def fits(self) -> bool:
        return self.share >= _FITS

    @property
    def sound(self) -> bool:
        """Whether it fits, and passes over no line that may be the header."""
        return self.fits and not (self.form.skip and self.names == _NO_NAMES)

    @property
    def rank(self) -> tuple[bool, bool, float, int, float]:
        # Of several that fit, as the decimal comma of a column does, the one with the most cells.
        return self.fits, self.sound, self.width if self.fits else self.share, self.names, self.share


def told_dialect(text: bytes, whole: bool) -> Dialect:
    """What most lines and the header of a text in UTF-8 agree on. `whole`: its end is that of the file."""
    body, last = _parted(text) if whole else (text, None)
    if len(body) > _LOOKED_AT:
        body = _to_line_end(body[:_LOOKED_AT])
    elif not whole:
        body = _to_line_end(body)
    comment = "#" if re.search(rb"\A[^\n]*\n?#|\A#", text[:200]) else None
    found = [best for separator in SEPARATORS if (best := _best(body, last, separator, comment)) is not None]
    best = max(found, key=lambda one: one.rank) if found else None
    if best is None or not best.sound:
        form = _one_column(body + (last or b""), comment)
        if form is not None:
            return Dialect(form, remarks=("there is one column: the separator only keeps the decimal commas in it",))
    if best is None:
        return Dialect(Csv())
    form, remarks = best.form, _remarks(best, found)
    if best.names == _NO_NAMES:
        form = dataclasses.replace(form, header=False, columns=[f"column_{n}" for n in range(1, best.width + 1)])
    return Dialect(form, re.split(rb"[\r\n]", last or b"")[0] if best.ends else None, remarks)


def _remarks(best: _Layout, found: Sequence[_Layout]) -> tuple[str, ...]:
    remarks, skip = [], best.form.skip
    if skip:
        lines = "line is" if skip == 1 else f"{skip} lines are"
        remarks.append(f"the first {lines} taken for a preamble: has every file as many?")
    if best.names == _NO_NAMES:
        remarks.append("no line was found that names the columns: has the file no header?")
    for other in found:
        if other.form.separator != best.form.separator and other.sound and other.names >= best.names:
            remarks.append(f"the separator could be {other.form.separator!r}, too")
    return tuple(remarks)


def _parted(text: bytes) -> tuple[bytes, bytes | None]:
    """The text before its last line that is not blank, and that line; none where it may be inside quotes."""
    end = len(text.rstrip(b"\r\n \t"))
    start = max(text.rfind(b"\n", 0, end), text.rfind(b"\r", 0, end)) + 1
    last = text[start:]
    return (text, None) if not start or last.count(b'"') % 2 else (text[:start], last)


def _to_line_end(text: bytes) -> bytes:
    return text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text


def _best(body: bytes, last: bytes | None, separator: str, comment: str | None) -> _Layout | None:
    """The simplest quote with which it fits, else that with which most of it does."""
    tried = []
    for quote in ('"', "'", None) if b"'" in body else ('"', None):
        layout = _layout(body, last, Csv(separator=separator, quote=quote, comment=comment))
        if layout is not None and layout.fits:
            return layout
        if layout is not None:
            tried.append(layout)
    return max(tried, key=lambda one: one.rank) if tried else None


def _layout(body: bytes, last: bytes | None, form: Csv) -> _Layout | None:
    rows, ending = _rows(body, form), _rows(last or b"", form)
    widths = Counter(len(row.cells) for row in (rows if len(rows) > 1 else [*rows, *ending]) if len(row.cells) > 1)
    if not widths:
        return None
    width = max(widths, key=lambda one: (widths[one], one))
    start, names = _header(rows if rows else ending, width)
    if start and any((set(SEPARATORS) - {",", form.separator}) & set(cell) for cell in rows[start].cells):
        names = _NO_NAMES  # a line of other cells, which are told apart by another separator
    form = dataclasses.replace(form, skip=rows[start].line - 1 if start else 0)
    records = rows[start if names == _NO_NAMES else start + 1 :]
    ends = bool(ending) and _is_trailer(ending[0].cells, last or b"", records, width)
    return _Layout(form, width, names, _share(body if ends else body + (last or b""), form, width), ends)


def _rows(text: bytes, form: Csv) -> list[_Row]:
    """The lines that are not blank, told into cells."""
    lines = io.StringIO(text.decode("utf-8", "replace"), newline="")
    if form.quote is None:
        reader = csv.reader(lines, delimiter=form.separator, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=form.separator, quotechar=form.quote)
    found, line = [], 1
    try:
        for cells in reader:
            if cells and (len(cells) > 1 or cells[0].strip()) and not cells[0].startswith(form.comment or "\0"):
                found.append(_Row(line, [cell.strip() for cell in cells]))
            line = reader.line_num + 1
    except csv.Error:  # a cell beyond its bounds
        pass
    return found


def _header(rows: Sequence[_Row], width: int) -> tuple[int, int]:
    """Where the records or their header begin, and how much it looks like names.

    Before it may stand lines of another width, and lines that were padded to this one with empty cells."""
    best: tuple[tuple[int, bool, int], int] | None = None
    for at, row in enumerate(rows[: _PREAMBLE + 1]):
        if len(row.cells) != width:
            continue
        before = rows[:at]
        led = all(len(one.cells) != width or not all(one.cells) for one in before)
        if at and not led and len(rows[at - 1].cells) == width:
            continue
        names = _names(row.cells, [one.cells for one in rows[at + 1 :] if len(one.cells) == width])
        led = led and (
            names == _NAMES_OVER_NUMBERS or any(len(one.cells) != width or one.is_mostly_empty for one in before[:1])
        )
        if at and not led and names == _NAMES:
            names = _NO_NAMES  # texts behind a torn record
        if names == _NO_NAMES and any(len(one.cells) == width for one in before):
            continue
        steady = names == _NO_NAMES or at + 1 >= len(rows) or len(rows[at + 1].cells) == width
        rank = (names, steady, -at)
        if best is None or rank > best[0]:
            best = rank, at
    return (0, _NO_NAMES) if best is None else (best[1], best[0][0])


def _names(cells: Sequence[str], records: Sequence[Sequence[str]]) -> int:
    names = list(cells)
    if len(names) > 1 and not names[-1] and not any(record[-1] for record in records):
        names.pop()  # every line ends with a separator
    if len(set(names)) < len(names) or any(not name or NUMBER.fullmatch(name) for name in names):
        return _NO_NAMES
    return _NAMES_OVER_NUMBERS if any(_numeric(records)) else _NAMES


def _numeric(records: Sequence[Sequence[str]]) -> list[bool]:
    """Of each column whether it holds numbers or dates."""
    found = []
    for column in zip(*records, strict=True):
        filled = [cell for cell in column if cell]
        found.append(bool(filled) and sum(bool(NUMBER.fullmatch(cell)) for cell in filled) >= _FITS * len(filled))
    return found


def _is_trailer(cells: list[str], line: bytes, rows: Sequence[_Row], width: int) -> bool:
    """Whether the last line speaks of the others, and is neither one of them nor cut off."""
    records = [row.cells for row in rows if len(row.cells) == width]
    if not records:
        return False
    numeric = _numeric(records)
    word = bool(LAST_WORD.fullmatch(next((cell for cell in cells if cell), "")))
    counts = str(len(rows)) in {cell.lstrip("0") for cell in cells}
    odd = [numeric[at] and bool(cell) and not NUMBER.fullmatch(cell) for at, cell in enumerate(cells[:width])]
    if len(cells) != width:
        return word or odd[0] or (counts and line.endswith((b"\n", b"\r")))
    bare = any(not cell and all(record[at] for record in records) for at, cell in enumerate(cells))
    return (word and (any(odd) or bare or counts)) or (counts and any(odd))


def _share(text: bytes, form: Csv, width: int) -> float:
    """Which share of the records has as many cells."""
    columns = [str(number) for number in range(width)]
    try:
        chunks = list(read_csv(io.BytesIO(text), dataclasses.replace(form, columns=columns)))
    except ReadingError:
        return 0.0
    sound = sum(chunk.table.num_rows for chunk in chunks)
    received = sum(chunk.received for chunk in chunks)
    return sound / received if received else 0.5


def _one_column(text: bytes, comment: str | None) -> Csv | None:
    """The format of one column of numbers with decimal commas below its name."""
    form = Csv(separator=";", comment=comment)
    rows = [row.cells for row in _rows(text, form)]
    if len(rows) < 2 or any(len(row) > 1 for row in rows) or not all(NUMBER.fullmatch(row[0]) for row in rows[1:]):
        return None
    return form if _names(rows[0], rows[1:]) == _NAMES_OVER_NUMBERS and b"," in text else None
