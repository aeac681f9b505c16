"""What a column of texts most likely is, and which columns most likely tell records apart."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from trivium.engine.judge import Session
from trivium.engine.law.statements import text
from trivium.model.dates import pattern_of
from trivium.model.numbers import Marks

_DATES: Final = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%Y/%m/%d",
    "%-d/%-m/%Y",
    "%-m/%-d/%Y",
    "%Y%m%d",
)
_TIMES: Final = ("%H:%M:%S", "%H:%M", "%-H:%M")
_FORMATS: Final = (*_DATES, *(f"{day} {time}" for day in _DATES[:-1] for time in _TIMES))
_ISO: Final = r"\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6}0*)?)?"
_COMMA: Final = (Marks(",", "."), Marks(","), Marks(".", ","), Marks(",", " "))
_IDS: Final = re.compile(
    r"(^|[_ ])(id|no|nr|number|key|code|sku|ean|uuid|guid)$|(?<=[a-z])(ID|Id|No|Nr|Number|Key|Code)$", re.I
)
_FEW, _MANY_ROWS, _SHOWN, _OTHERS = 8, 50, 24, 3
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Guess:
    """A column. `type`: of a declaration; `format`: by which a date or instant is read; `unsure`: what a person should
    look at. `marks`: those of its numbers, where they are not the usual ones."""

    column: str
    type: str
    nullable: bool
    format: str | None = None
    digits: int = 0
    places: int = 0
    marks: Marks | None = None
    unsure: str | None = None
    local: bool = False
    filled: int = 0


def guesses(session: Session, table: Any) -> list[Guess]:
    """A guess for each column of texts of a table."""
    columns = table.column_names
    session.show("sample", table.rename_columns([f"c{number}" for number in range(len(columns))]))
    return [_guess(session, name, f"c{number}", table.num_rows) for number, name in enumerate(columns)]


def _guess(session: Session, name: str, c: str, rows: int) -> Guess:
    patterns = {
        "bool": "(?i)(true|false)", "int": "[+-]?[0-9]{1,18}", "zeros": "[+-]?0[0-9]+",
        "decimal": "[+-]?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)", "float": "[+-]?([0-9]+(\\.[0-9]+)?)([eE][+-]?[0-9]+)?",
        "zoned": _ISO + r"(Z|[+-]\d\d(:?[0-5]\d)?)", "local": _ISO,
        "time": r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?",
        "uuid": r"(?i)(\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        "json": r"(?s)(\{.*\}|\[.*\])",
    }  # fmt: skip
    patterns |= {f"marks{n}": marks.pattern() for n, marks in enumerate(_COMMA)}
    dates = [format for format in _FORMATS if format != "%Y%m%d" or re.search("date|day|datum", name, re.I)]
    counts = [f"count(*) FILTER (WHERE regexp_full_match({c}, {text(p)}))" for p in patterns.values()]
    counts += [
        f"count(*) FILTER (WHERE date_of({c}, {text(f)}, {text(pattern_of(f, 'sketch', ''))}) IS NOT NULL)"
        for f in dates
    ]
    counts += [
        f"count({c})", f"count(DISTINCT {c})", f"max(length(regexp_extract({c}, '^[+-]?0*([0-9]*)', 1)))",
        f"max(length(rtrim(regexp_extract({c}, '[.]([0-9]*)$', 1), '0')))", f"max(length({c}))",
        f"max(length(regexp_extract({c}, ',([0-9]*)$', 1)))",
        f"max(length(regexp_replace(regexp_extract({c}, '^[+-]?([0-9., ]*),[0-9]*$', 1), '[^0-9]', '', 'g')))",
    ]  # fmt: skip
    row = session.row(f"SELECT {', '.join(counts)} FROM sample")
    found = dict(zip([*patterns, *dates], row, strict=False))
    filled, distinct, whole, places, longest, comma_places, comma_whole = (number or 0 for number in row[-7:])
    guess = Guess(name, "str", filled < rows, filled=filled)
    if not filled:
        return _with(guess, nullable=True, unsure="empty in all records looked at")
    every = {kind for kind, count in found.items() if count == filled}
    if "bool" in every:
        return _with(guess, type="bool")
    if "zoned" in every:
        return _with(guess, type="datetime")
    if "local" in every:
        return _with(guess, type="datetime", local=True)
    formats = [format for format in dates if format in every]
    if formats:
        return _dated(guess, formats)
    if "int" in every and not found["zeros"]:
        return _with(guess, type="int")
    if "decimal" in every and not found["zeros"] and "int" not in every and whole + places <= _DIGITS - 2:
        return _with(guess, type="Decimal", digits=whole + places, places=places)
    if "decimal" not in every:
        for number, marks in enumerate(_COMMA):
            if f"marks{number}" in every:
                if marks.decimal == ",":
                    digits, places = comma_whole + comma_places, comma_places
                else:
                    digits = whole + places + 6
                return _with(guess, type="Decimal", digits=min(max(digits, places + 4), 34), places=places, marks=marks)
    if "float" in every and not found["zeros"] and "decimal" not in every:
        return _with(guess, type="float")
    for kind, type_ in (("time", "time"), ("uuid", "UUID"), ("json", "Json")):
        if kind in every:
            return _with(guess, type=type_)
    if found["zeros"] and "int" in every:
        return _with(guess, unsure="digits, some with zeros in front: a text, so that they stay")
    if 1 < distinct <= _FEW and filled >= _MANY_ROWS and longest <= _SHOWN:
        values = session.arrow(f"SELECT DISTINCT {c} AS v FROM sample WHERE {c} IS NOT NULL ORDER BY v")[
            "v"
        ].to_pylist()
        shown = ", ".join(repr(value) for value in values)
        return _with(guess, unsure=f"Literal[{shown}]? It had no other value so far")
    return guess


def _dated(guess: Guess, formats: Sequence[str]) -> Guess:
    first = formats[0]
    kind = "datetime" if "H" in first else "date"
    other = [one for one in formats[1:] if _order(one) != _order(first)]
    unsure = f"the format could be {other[0]!r}, too" if other else None
    return _with(
        guess, type=kind, format=None if first == "%Y-%m-%d" else first, unsure=unsure, local=kind == "datetime"
    )


def _order(format: str) -> list[str]:
    return re.findall("[Ymd]", format)


def _with(guess: Guess, **changes: Any) -> Guess:

    return dataclasses.replace(guess, **changes)


@dataclass(frozen=True, slots=True)
class LikelyKey:
    """The columns that tell the records apart, none where no two do. `unsure`: what a person should look at."""

    columns: tuple[str, ...] = ()
    unsure: str | None = None


def likely_key(session: Session, table: Any, found: Sequence[Guess]) -> LikelyKey:
    """One column that is never empty and tells the records apart, or two of them.

    Those that are called like keys come before others, the left before the right.
    """
    rows = table.num_rows
    kinds = ("str", "int", "date", "UUID", "Decimal")
    fit = [(n, guess) for n, guess in enumerate(found) if guess.filled == rows and rows and guess.type in kinds]
    fit.sort(key=lambda one: (one[1].type == "Decimal", not _IDS.search(one[1].column), one[0]))
    for size in (1, 2):
        pool = fit if size == 1 else sorted(fit[:12], key=lambda one: (not _IDS.search(one[1].column), one[0]))
        keys: list[tuple[str, ...]] = []
        for some in itertools.combinations(pool, size):
            if keys and any(guess.type == "Decimal" for _, guess in some):
                continue  # amounts that happen to differ
            cells = ", ".join(f"c{number}" for number, _ in some)
            if session.row(f"SELECT count(DISTINCT ({cells})) FROM sample")[0] == rows:
                keys.append(tuple(guess.column for _, guess in sorted(some, key=lambda one: one[0])))
            if len(keys) > _OTHERS:
                break
        if keys:
            return LikelyKey(keys[0], _key_unsure(keys[1:], rows))
    return LikelyKey()


def _key_unsure(others: Sequence[tuple[str, ...]], rows: int) -> str | None:
    remarks = []
    if others:
        remarks.append(f"{' or '.join(' with '.join(other) for other in others)} would tell the records apart, too")
    if rows < _MANY_ROWS:
        remarks.append("of one record it cannot be told" if rows == 1 else f"seen in {rows} records only")
    return "the key is a guess: " + "; ".join(remarks) if remarks else None
