"""Dialects of CSV: what is written in one comes back, and what is damaged costs its record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.reading.streams import Drip, csv_chunks, sound, torn
from trivium.engine.reading import csv_cells, csv_file, csv_layout, read
from trivium.model.formats import Csv


def cells(data: bytes, **words: Any) -> list[list[Any]]:
    return [row for *_, row in sound(csv_chunks(data, **words))]


def rules(data: bytes, **words: Any) -> list[tuple[int, list[str]]]:
    return [(line, rules) for line, _, _, rules in torn(csv_chunks(data, **words))]


@dataclass(frozen=True)
class Dialect:
    """How a table is written; `comments` are put between its records."""

    format: Csv
    end: str
    comments: tuple[str, ...]

    def cell(self, cell: str | None) -> str:
        f = self.format
        if cell is None:
            return f.nulls[-1]  # an empty cell alone in its record would be a blank line
        if f.quote is not None:
            marks = f.escape and cell.replace(f.escape, f.escape * 2).replace(f.quote, f.escape + f.quote)
            return f"{f.quote}{marks or cell.replace(f.quote, f.quote * 2)}{f.quote}"
        assert f.escape
        return "".join(f.escape + sign if sign in (f.escape, f.separator, "\n", "\r", "#") else sign for sign in cell)

    def write(self, rows: list[list[str | None]]) -> bytes:
        lines = [f'preamble {number} "' for number in range(self.format.skip)]
        names = [self.cell(name) for name in self.names(rows)] if self.format.header else []
        if names:
            lines.append(self.format.separator.join(names))
        for number, row in enumerate(rows):
            if number < len(self.comments):
                lines.append("#" + self.comments[number])
            lines.append(self.format.separator.join(self.cell(cell) for cell in row))
        return self.end.join([*lines, ""]).encode(self.format.encoding)

    def names(self, rows: list[list[str | None]]) -> list[str]:
        return [f"column {number}" for number in range(len(rows[0]) if rows else 2)]


SIGNS = "aé€ ,;|\t\"'\\#\n\r1.N"


@st.composite
def dialects(draw: st.DrawFn) -> tuple[Dialect, list[list[str | None]]]:
    separator = draw(st.sampled_from(",;|\t"))
    quote = draw(st.sampled_from(['"', "'", None]))
    escape = draw(st.sampled_from(["\\", "^"] if quote is None else [None, "\\", "^"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15"]))
    width = draw(st.integers(1, 4))
    text = st.text(st.sampled_from(SIGNS), min_size=1 if quote is None else 0, max_size=6)
    if quote is None:
        # Without quotes an empty text is null, and a record is one line but for what is escaped.
        text = text.filter(lambda cell: "\r" not in cell and not cell.startswith("N"))
    nulls = ["NULL"] if escape is None else ["NULL", f"{escape}N"]
    cell = st.none() | text.filter(lambda cell: cell not in ("NULL", "N") or quote is not None)
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=12))
    comments = draw(st.lists(st.text(st.sampled_from("a \"',;\\^#"), max_size=8), max_size=3))
    header = draw(st.booleans())
    format = Csv(
        separator=separator, quote=quote, escape=escape, nulls=nulls, encoding=encoding, comment="#", header=header,
        skip=draw(st.integers(0, 2)), columns=None if header else [f"column {n}" for n in range(width)],
    )  # fmt: skip
    return Dialect(format, draw(st.sampled_from(["\n", "\r\n"])), tuple(comments)), rows


@given(dialects(), st.integers(1, 60), st.integers(1, 60))
def test_any_table_written_in_any_dialect_comes_back(
    told: tuple[Dialect, list[list[str | None]]], chunk_bytes: int, drip: int
) -> None:
    dialect, rows = told
    data = dialect.write(rows)
    with pytest.MonkeyPatch.context() as patch:
        # Everything that is large only for speed is made small, so that its seams are crossed.
        patch.setattr(csv_cells, "BLOCK_BYTES", chunk_bytes)
        patch.setattr(csv_file, "_HEADER_BYTES", chunk_bytes)
        patch.setattr(csv_layout, "_WINDOW_BYTES", drip)
        chunks = list(read(dialect.format, Drip(data, drip), chunk_bytes=chunk_bytes))
    assert torn(chunks) == []
    assert [row for *_, row in sound(chunks)] == rows
    assert chunks[0].table.column_names == dialect.names(rows)
