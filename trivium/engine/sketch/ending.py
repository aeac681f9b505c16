"""What a last line that is no record says of the others, as a declaration says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from trivium.engine.judge import Session
from trivium.engine.law.statements import text
from trivium.engine.promise import number_of
from trivium.engine.sketch.guessing import Guess
from trivium.engine.sketch.quoting import quoted
from trivium.model.formats import Csv
from trivium.model.numbers import Marks
from trivium.model.terms import ANYTHING, DIGEST, ROWS

_FIGURE: Final = re.compile(r"\d{4}-\d\d-\d\d|[+-]?\d(?:[\d.,'\u00a0 ]*\d)?")
_SUMMED: Final = "DECIMAL(38, 12)"


@dataclass(frozen=True)
class Ending:
    """How a source declares it: by `trailer` and the `totals` in it, or by a condition to `ignore`; neither where
    nothing that it says is known. `meaning`: what it was understood to say."""

    trailer: str | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    ignore: str | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What can be said of the records. `sums`: by column, in the order of the columns. `captured`: by the file's
    name."""

    rows: int
    columns: Sequence[str]
    sums: Mapping[str, Decimal]
    names: Mapping[str, str]
    captured: Mapping[str, str]
    marks: Marks


def known_of(
    session: Session, table: Any, torn: int, found: Sequence[Guess], names: Mapping[str, str],
    captured: Mapping[str, str], marks: Marks,
) -> Known:  # fmt: skip
    """What can be said of the records of a sample, which the session shows as `sample`; `names`: of attributes."""
    numbers = [(n, guess.column) for n, guess in enumerate(found) if guess.type in ("int", "Decimal")]
    sums = {}
    if numbers:
        marks_off = f"{text(marks.thousands or ' ')}, ''), {text(marks.decimal)}, '.'"
        cells = [f"replace(replace(c{number}, {marks_off})" for number, _ in numbers]
        row = session.row(f"SELECT {', '.join(f'sum(TRY_CAST({cell} AS {_SUMMED}))' for cell in cells)} FROM sample")
        sums = {column: total for (_, column), total in zip(numbers, row, strict=True) if total is not None}
    return Known(table.num_rows + torn, table.column_names, sums, names, captured, marks)


def ending_of(line: str, format: Csv, known: Known) -> Ending:
    """What a last line says, as far as it is true of the records."""
    cells = line.split(format.separator)
    seen: dict[str, str] = {}
    totals: dict[str, str] = {}
    said: list[str] = []

    def figure(found: re.Match[str], at: int) -> str:
        shown = found[0]
        name, meaning = _meaning(shown, at if len(cells) == len(known.columns) else None, known, set(seen))
        if name is None:
            return f"{{{ANYTHING}}}"
        seen[name] = shown
        said.append(f"{shown} {meaning}")
        if name != ROWS and name not in known.captured:
            totals[name] = quoted(meaning.removeprefix("is the sum of "))
        return f"{{{name}}}"

    parts = [
        re.sub(r"[{}]", f"{{{ANYTHING}}}", cell)
        if set("{}") & set(cell)
        else _FIGURE.sub(lambda found, at=at: figure(found, at), cell)  # type: ignore[misc]
        for at, cell in enumerate(cells)
    ]
    if set(seen) - set(known.captured):
        return Ending(format.separator.join(parts), totals, meaning=", ".join(said))
    if len(cells) == len(known.columns):
        at = next((n for n, cell in enumerate(cells) if cell.strip()), 0)
        value = cells[at].strip(format.quote or " ").replace("'", "''")
        return Ending(ignore=f"{quoted(known.columns[at])} = '{value}'")
    return Ending()


def _meaning(shown: str, at: int | None, known: Known, seen: set[str]) -> tuple[str | None, str]:
    """The capture that a figure of the last line is, and in words what it says."""
    for name, value in known.captured.items():
        if value == shown and name not in seen:
            return name, f"is the {name} of the file's name"
    plain = known.marks.plain(shown)
    number = None if plain is None else number_of(plain)
    if number is None:
        return None, ""
    own = None if at is None else known.columns[at]
    if own in known.sums and own is not None and known.sums[own] == number and number != known.rows:
        columns = [own]
    elif number == known.rows and ROWS not in seen:
        return ROWS, "is the number of records"
    else:
        columns = [column for column, total in known.sums.items() if total == number]
    for column in columns:
        name = known.names[column]
        if name in (ROWS, DIGEST, "revision") or name in known.captured:
            name = f"{name}_total"
        if name not in seen:
            return name, f"is the sum of {column}"
    return None, ""
