"""Formats of files: how their bytes are records, and the cells of those texts. Pure values, checked when made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import EllipsisType
from typing import Any, ClassVar, Final, TypeAlias

from trivium.errors import DeclarationError
from trivium.model.encodings import UTF8, checked_encoding
from trivium.model.keywords import checked
from trivium.model.numbers import PLAIN, Marks, checked_marks

MAX_COLUMNS: Final = 10_000
"""The most columns that a record may have."""


@checked
@dataclass(frozen=True, slots=True)
class Csv:
    """Cells between separators.

    `separator`, `quote`, `escape`: one ASCII character each. A quote inside quotes is doubled; where there is an
    `escape`, that makes the character behind it stand for itself too. `quote=None`: quotes are characters like any
    other. `header`: the first line names the columns. `columns`: their names, instead of those in the header.
    `skip`: so many lines at the beginning are passed over. `comment`: lines that begin with it are none.
    `nulls`: what an unquoted cell says that is null, beside the empty one. `decimal`, `thousands`: the marks in
    numbers. `ragged`: a record may end early, its last cells are null then, and may have empty cells too many.
    """

    separator: str = ","
    quote: str | None = '"'
    escape: str | None = None
    header: bool = True
    columns: Sequence[str] | None = None
    skip: int = 0
    comment: str | None = None
    nulls: Sequence[str] = ()
    decimal: str = "."
    thousands: str | None = None
    encoding: str = UTF8
    ragged: bool = False

    name: ClassVar[str] = "csv"
    documents: ClassVar[bool] = False
    by_lines: ClassVar[bool] = True

    def __post_init__(self) -> None:
        where = "Csv"
        if not is_mark(self.separator) or self.separator == self.quote:
            cure = "use one ASCII character, which is not the quote"
            raise DeclarationError(where, f"separator {self.separator!r}", cure=cure)
        if self.quote is not None and not is_mark(self.quote):
            cure = "use one ASCII character, or None for a source whose quotes are plain characters"
            raise DeclarationError(where, f"quote {self.quote!r}", cure=cure)
        if self.escape is not None and (
            not is_mark(self.escape, but="") or self.escape in (self.quote, self.separator)
        ):
            cure = "use one ASCII character such as '\\\\'; a quote that is doubled inside quotes needs none"
            raise DeclarationError(where, f"escape {self.escape!r}", cure=cure)
        if not self.header and self.columns is None:
            cure = "name the columns: columns=['order_id', 'amount']"
            raise DeclarationError(where, "header=False, so nothing names the columns", cure=cure)
        if self.columns is not None:
            object.__setattr__(self, "columns", checked_columns(self.columns, where))
        _check_lines(self, where)
        if self.comment is not None and self.comment[0] in (self.separator, self.quote):
            cure = "lines with an empty first cell, or a quoted one, would be comments; use another text"
            raise DeclarationError(where, f"comment {self.comment!r}", cure=cure)
        object.__setattr__(self, "nulls", _words(self.nulls, where))
        checked_marks(self.decimal, self.thousands, where)
        object.__setattr__(self, "encoding", checked_encoding(self.encoding, where))

    @property
    def marks(self) -> Marks:
        return Marks(self.decimal, self.thousands)


@checked
@dataclass(frozen=True, slots=True)
class FixedWidth:
    """Cells in fixed places of a line.

    `columns`: name to width, one behind the other, or to (start, width), the first character is 0. Characters are
    counted, not bytes. Spaces around a cell are dropped; one of nothing but spaces is null. `skip`, `comment`,
    `nulls`, `decimal`, `thousands`: as for Csv. `ragged`: a line may end early.
    """

    columns: Mapping[str, int | tuple[int, int]]
    skip: int = 0
    comment: str | None = None
    nulls: Sequence[str] = ()
    decimal: str = "."
    thousands: str | None = None
    encoding: str = UTF8
    ragged: bool = False
    places: tuple[tuple[str, int, int], ...] = field(init=False, repr=False, default=())
    """Name, first character, width of each."""

    name: ClassVar[str] = "fixed"
    documents: ClassVar[bool] = False
    by_lines: ClassVar[bool] = True

    def __post_init__(self) -> None:
        where, at, places = "FixedWidth", 0, []
        cure = "columns={'article': 10, 'quantity': (12, 6)}: a width, or the first character (from 0) and a width"
        if not isinstance(self.columns, Mapping):
            raise DeclarationError(where, f"columns={self.columns!r}", cure=cure)
        for name, given in self.columns.items():
            start, width = given if isinstance(given, tuple | list) and len(given) == 2 else (at, given)
            if not (_is_count(start) and _is_count(width) and width > 0 and start + width < 1 << 30):
                raise DeclarationError(where, f"column {name!r}: {given!r}", cure=cure)
            places.append((name, start, width))
            at = start + width
        checked_columns([name for name, *_ in places], where)
        _check_lines(self, where)
        object.__setattr__(self, "places", tuple(places))
        object.__setattr__(self, "columns", dict(self.columns))
        object.__setattr__(self, "nulls", _words(self.nulls, where))
        checked_marks(self.decimal, self.thousands, where)
        object.__setattr__(self, "encoding", checked_encoding(self.encoding, where))

    def __hash__(self) -> int:
        return hash((self.places, self.encoding))

    @property
    def marks(self) -> Marks:
        return Marks(self.decimal, self.thousands)


@checked
@dataclass(frozen=True, slots=True)
class JsonFile:
    """JSON: a record a line, or an array of records, or one record. `records`: the path of the list that holds them
    in an envelope around it, such as `data.items`."""

    records: str | None = None
    encoding: str = UTF8

    name: ClassVar[str] = "json"
    documents: ClassVar[bool] = True

    def __post_init__(self) -> None:
        path: object = self.records
        if path is not None and not (isinstance(path, str) and all(path.split("."))):
            cure = "names of members joined by dots, such as 'data.items'"
            raise DeclarationError("JsonFile", f"records={self.records!r}", cure=cure)
        object.__setattr__(self, "encoding", checked_encoding(self.encoding, "JsonFile"))

    @property
    def by_lines(self) -> bool:
        return self.records is None

    @property
    def marks(self) -> Marks:
        return PLAIN


@checked
@dataclass(frozen=True, slots=True)
class Parquet:
    """Apache Parquet: columns by the names in the file; nested values as JSON text."""

    name: ClassVar[str] = "parquet"
    documents: ClassVar[bool] = False
    by_lines: ClassVar[bool] = False

    @property
    def marks(self) -> Marks:
        return PLAIN


@checked
@dataclass(frozen=True, slots=True)
class Excel:
    """A sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods).

    `sheet`: its name, or its number from 1; None: the workbook has only one. `header`: the first line that is not
    passed over names the columns. `columns`: their names, instead of those in the header. `skip`: so many rows at the
    beginning are passed over. `nulls`: as for Csv.
    """

    sheet: str | int | None = None
    header: bool = True
    columns: Sequence[str] | None = None
    skip: int = 0
    nulls: Sequence[str] = ()

    name: ClassVar[str] = "excel"
    documents: ClassVar[bool] = False
    by_lines: ClassVar[bool] = False

    def __post_init__(self) -> None:
        where = "Excel"
        numbered = isinstance(self.sheet, int) and not isinstance(self.sheet, bool) and self.sheet > 0
        if not (self.sheet is None or numbered or (isinstance(self.sheet, str) and self.sheet)):
            cure = "the name of a sheet, or its number, the first is 1"
            raise DeclarationError(where, f"sheet={self.sheet!r}", cure=cure)
        if not self.header and self.columns is None:
            cure = "name the columns: columns=['order_id', 'amount']"
            raise DeclarationError(where, "header=False, so nothing names the columns", cure=cure)
        if self.columns is not None:
            object.__setattr__(self, "columns", checked_columns(self.columns, where))
        if not _is_count(self.skip):
            raise DeclarationError(where, f"skip={self.skip!r}", cure="a number of rows, such as 2")
        object.__setattr__(self, "nulls", _words(self.nulls, where))

    @property
    def marks(self) -> Marks:
        return PLAIN


Format: TypeAlias = Csv | FixedWidth | JsonFile | Parquet | Excel

NAMES: Final = {"csv": Csv, "ndjson": JsonFile, "json": JsonFile, "parquet": Parquet, "excel": Excel}
"""What may be said instead of a value, for the format as it is by default."""


def format_of(given: object, separator: str | None, quote: str | EllipsisType | None, where: str) -> Format:
    """The format that a source declares. `separator` and `quote` (...: not given) are a short hand for those of Csv."""
    words: dict[str, Any] = {}
    if separator is not None:
        words["separator"] = separator
    if quote is not ...:
        words["quote"] = quote
    if isinstance(given, Csv | FixedWidth | JsonFile | Parquet | Excel):
        if words:
            said = " and ".join(words)
            cure = f"say it once: format=Csv({', '.join(f'{word}={value!r}' for word, value in words.items())})"
            raise DeclarationError(where, f"has a format of its own and {said} beside it", cure=cure)
        return given
    kind = NAMES.get(given) if isinstance(given, str) else None
    if kind is None:
        cure = f"one of {', '.join(NAMES)}; or a value: Csv(…), FixedWidth(…), JsonFile(…), Parquet(), Excel(…)"
        raise DeclarationError(where, f"format={given!r} is not known", cure=cure)
    if words and kind is not Csv:
        raise DeclarationError(where, f"{' and '.join(words)}: only CSV has them", cure="leave it out")
    try:
        return Csv(**words) if words else kind()
    except DeclarationError as error:
        raise DeclarationError(where, error.message.partition(": ")[2], cure=error.hint or "") from None


def format_words(format: Format) -> str:
    """What it is called, and where it differs from the default."""
    words = [
        f"{one.name}={getattr(format, one.name)!r}"
        for one in dataclasses.fields(format)
        if one.init and one.name != "columns" and getattr(format, one.name) != one.default
    ]
    return " ".join([format.name, *words])


def is_mark(given: object, but: str = "\\") -> bool:
    """Whether it may stand between cells or around them: one ASCII character, and none of `but`."""
    return isinstance(given, str) and len(given) == 1 and given.isascii() and given not in "\r\n\0\x7f" + but


def checked_columns(names: object, where: str) -> tuple[str, ...]:
    """Names that tell columns apart."""
    cure = "name each column once, such as columns=['order_id', 'amount']"
    if isinstance(names, str) or not isinstance(names, Sequence) or not all(isinstance(n, str) and n for n in names):
        raise DeclarationError(where, f"columns={names!r}", cure=cure)
    twice = (
        [name for name in dict.fromkeys(names) if list(names).count(name) > 1] if len(set(names)) < len(names) else []
    )
    if twice or not names:
        raise DeclarationError(where, f"columns has {twice[0]!r} twice" if twice else "columns is empty", cure=cure)
    if len(names) > MAX_COLUMNS:
        raise DeclarationError(where, f"{len(names)} columns", cure=f"at most {MAX_COLUMNS} can be read")
    return tuple(names)


def _check_lines(format: Csv | FixedWidth, where: str) -> None:
    comment: object = format.comment
    if not _is_count(format.skip):
        raise DeclarationError(where, f"skip={format.skip!r}", cure="a number of lines, such as 2")
    if comment is not None and not (
        isinstance(comment, str) and 0 < len(comment) <= 8 and comment.isascii() and comment.isprintable()
    ):
        cure = "one to eight ASCII characters, such as '#'"
        raise DeclarationError(where, f"comment={comment!r}", cure=cure)


def _words(given: object, where: str) -> tuple[str, ...]:
    words = (given,) if isinstance(given, str) else tuple(given) if isinstance(given, Sequence) else None
    if words is None or not all(isinstance(word, str) and word and not set(word) & set("\r\n\0") for word in words):
        cure = "words that mean null, such as nulls=['NULL', 'n/a']; an empty cell is null anyway"
        raise DeclarationError(where, f"nulls={given!r}", cure=cure)
    return tuple(dict.fromkeys(words))


def _is_count(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0
