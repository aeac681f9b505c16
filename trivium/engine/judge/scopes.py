"""Where an expression's columns and an attribute's values are found: in cells of CSV, in members of JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Protocol

from trivium.engine.law.statements import text
from trivium.errors import RefusedDelivery
from trivium.model.entity import Column
from trivium.model.numbers import PLAIN, Marks
from trivium.model.types import Kind

NUMBERS: Final[tuple[Kind, ...]] = ("int", "decimal", "float")


@dataclass(frozen=True, slots=True)
class Member:
    """SQL of a raw value. `text` is NULL where it is null or not there.

    `present`: whether it is there at all; None: in every record. `kind`: as of `kinds`, NULL where it is not there;
    None: it is a cell, which has none. `document`: its JSON text, numbers marked. `label`: SQL of what a person calls
    it, where that is not the attribute's own path. `cells`: SQL of what a person is told of the cells that it is
    computed from. In `text` a bare number of JSON may begin with the mark U+0001: see `json.sql`.
    """

    text: str
    present: str | None = None
    kind: str | None = None
    document: str | None = None
    label: str | None = None
    cells: str | None = None


class Scope(Protocol):
    """The raw columns that one record, or one item of its list, can be read by."""

    def text(self, name: str) -> str:
        """SQL of a column as text for expressions; raises RefusedDelivery where the delivery has no such column."""

    def named(self, name: str, kind: Kind | None = None) -> Member | None:
        """The value under this name, for an attribute of this kind."""

    def default(self, column: Column) -> Member | None:
        """The value of an attribute that the source does not map; None where the delivery cannot have it."""

    def whole(self, facet: str) -> str | None:
        """SQL of the kind of the object that holds a facet's members, where there is such a thing; NULL where it is
        not there."""


class CsvScope:
    """The cells of a record, by the names in the header, and what the file's name gave, as SQL.

    A column of the header goes before a capture of the same name. In SQL a cell is `c` and its number, for
    DuckDB does not tell names apart by case, and headers may. A number in a cell is written with `marks`.
    """

    def __init__(self, header: Sequence[str], captured: Mapping[str, str], where: str, marks: Marks = PLAIN) -> None:
        self._marks = marks
        self._number = {name: number for number, name in enumerate(header)}
        self._captured, self._where = captured, where
        self.used: dict[str, None] = {}

    def text(self, name: str) -> str:
        member = self.named(name)
        if member is None:
            raise RefusedDelivery(
                f"{self._where} reads the column {name!r}, which the file has not",
                hint=f"its header: {', '.join(self._number)}; {self._meant(name)}",
            )
        return member.text

    def _meant(self, name: str) -> str:
        """What is probably wrong where a column is not there."""
        header = list(self._number)
        for separator in ";\t|,":
            if len(header) == 1 and separator in header[0]:
                return f"that is one column: declare separator={separator!r}"
        if any(map(_is_utf_8, header)):
            return "the file looks like UTF-8, and is read as the source's encoding: declare encoding='utf-8'"
        folded = {column.casefold(): column for column in reversed(header)}
        near = get_close_matches(name.casefold(), folded, 1, 0.75)
        begun = [column for column in header if re.match(re.escape(name) + r"(?!\w)", column)]
        if begun or near:
            column = (begun or [folded[near[0]]])[0]
            written = column if re.fullmatch(r"\w+", column) else f'in double quotes, "{column}",'
            return f"if {column!r} is meant, write {written} in the declaration"
        return "send the column, or mend the declaration"

    def named(self, name: str, kind: Kind | None = None) -> Member | None:
        if name in self._number:
            cell = f"c{self._number[name]}"
            self.used[cell] = None
            return Member(cell if self._marks == PLAIN or kind not in NUMBERS else self._number_in(cell, kind))
        if name in self._captured:
            return Member(self._captured[name])
        return None

    def _number_in(self, cell: str, kind: Kind) -> str:
        """SQL of a number with its own marks as one with a point. What is not written with them becomes no number, by a
        mark that no person is shown: `12.50` where a comma is declared would else be read, as another number."""
        pattern, decimal = text(self._marks.pattern(exponent=kind == "float")), text(self._marks.decimal)
        digits = f"replace({cell}, {text(self._marks.thousands)}, '')" if self._marks.thousands else cell
        return (
            f"CASE WHEN regexp_full_match({cell}, {pattern}) THEN replace({digits}, {decimal}, '.') "
            f"ELSE chr(1) || {cell} END"
        )

    def default(self, column: Column) -> Member | None:
        kind = column.type.kind
        return self.named(column.path, kind) or self.named(column.name, kind)

    def whole(self, facet: str) -> str | None:
        return None

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the header that nobody asked for."""
        return tuple(name for name, number in self._number.items() if f"c{number}" not in self.used)


def _is_utf_8(column: str) -> bool:
    """Whether a name came about by reading UTF-8 as Windows text: `Preis â‚¬` was `Preis €`."""
    try:
        return column.encode("cp1252").decode("utf-8") != column
    except UnicodeError:
        return False
