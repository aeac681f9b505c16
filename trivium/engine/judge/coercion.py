"""What is accepted for each type and what is refused, and what the records of a file are: examples, run by a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NO: Final = "✗ "
"""Begins an outcome that is a rejection; the rule follows."""


@dataclass(frozen=True, slots=True)
class Example:
    """What becomes of `sent`: as a cell of CSV, as a text in JSON, bare in JSON. Else than rejected, it is the value
    kept; None: it is not tried that way."""

    sent: str
    cell: str | None
    text: str | None
    bare: str | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of attributes with its examples. `bare`: what a bare token of JSON may be."""

    name: str
    kind: str
    rule: str
    examples: tuple[Example, ...]


def _both(sent: str, outcome: str, bare: str | None = None, why: str = "") -> Example:
    """The same as a cell and as a text; without `bare` it is no token of JSON, so that the record is no JSON."""
    return Example(sent, outcome, outcome, f"{NO}json" if bare is None else bare, why)


_INT = (
    _both("42", "42", "42"),
    _both("-7", "-7", "-7"),
    _both("+5", "5", why="a sign says nothing new"),
    _both("007", "7", why="zeros in front say nothing: declare a text where they do"),
    _both("-0", "0", "0", "there is one zero"),
    _both("9223372036854775807", "9223372036854775807", "9223372036854775807", "the greatest"),
    _both("9223372036854775808", "✗ int", "✗ int", "more than 64 bits"),
    _both("2.7", "✗ int", "✗ int", "is not rounded"),
    _both("2.0", "✗ int", "✗ int", "a number with places is not declared whole"),
    _both("1e3", "✗ int", "✗ int", "digits that are not there are not made up"),
    _both(" 5", "✗ int", "5", "white space is part of a cell and a text, but not of JSON's tokens"),
    _both("5 ", "✗ int", "5"),
    _both("0x1F", "✗ int"),
    _both("1_000", "✗ int"),
    _both("1,000", "✗ int", None, "number(replace(x, ',', '')) reads it"),
    _both("NaN", "✗ int"),
    _both("٣", "✗ int", None, "the digits are 0 to 9"),
    _both("true", "✗ int", "✗ int"),
    _both("12abc", "✗ int"),
    Example("", "✗ int", "✗ int", None, "the empty text is no number; an empty cell is null"),
)

_DECIMAL = (
    _both("19.99", "19.99", "19.99"),
    _both("19.9", "19.90", "19.90", "the scale is fixed"),
    _both("19", "19.00", "19.00"),
    _both("2.500", "2.50", "2.50", "nothing is lost"),
    _both("19.999", "✗ decimal", "✗ decimal", "is not rounded"),
    _both(".5", "0.50"),
    _both("5.", "✗ decimal", None, "may have been cut off"),
    _both("+5", "5.00"),
    _both("-0", "0.00", "0.00", "there is one zero"),
    _both("007.10", "7.10"),
    _both("1e3", "✗ decimal", "✗ decimal"),
    _both("12345678.90", "12345678.90", "12345678.90"),
    _both("123456789.00", "✗ decimal", "✗ decimal", "more digits than declared"),
    _both("12,50", "✗ decimal", None, "number(replace(x, ',', '.')) reads it"),
    _both("1_000", "✗ decimal"),
    _both(" 5", "✗ decimal", "5.00"),
    _both("0x1F", "✗ decimal"),
    _both("NaN", "✗ decimal"),
    _both("Infinity", "✗ decimal"),
    _both("€5", "✗ decimal"),
)

_NINES = "9" * 38
_LONG = "12345678901234567890123456789"
_WIDE = (
    _both(_NINES, _NINES, _NINES, "38 digits"),
    _both(_NINES + "9", "✗ decimal", "✗ decimal", "39 digits"),
    _both("0.10", "✗ decimal", "✗ decimal"),
    _both("5.0", "5", "5", "nothing is lost"),
    _both(_LONG + ".0", _LONG, _LONG, "never a float on the way"),
)

_FLOAT = (
    _both("1.5", "1.5", "1.5"),
    _both("2", "2.0", "2.0"),
    _both("1e3", "1000.0", "1000.0"),
    _both("1E-3", "0.001", "0.001"),
    _both("-0.0", "0.0", "0.0", "there is one zero"),
    _both(".5", "0.5"),
    _both("5.", "✗ float"),
    _both("NaN", "✗ float"),
    _both("Infinity", "✗ float"),
    _both("1e400", "✗ float", "✗ float", "beyond what a float holds"),
    _both("0x1F", "✗ float"),
    _both("1_000", "✗ float"),
)

_BOOL = (
    Example("true", "true", "✗ bool", "true", "in JSON a boolean is no text"),
    Example("false", "false", "✗ bool", "false"),
    Example("TRUE", "true", "✗ bool", f"{NO}json"),
    Example("False", "false", "✗ bool", f"{NO}json"),
    Example("1", "✗ bool", "✗ bool", "✗ bool", "flag = '1' says it"),
    Example("yes", "✗ bool", "✗ bool", f"{NO}json"),
    Example("t", "✗ bool", "✗ bool", f"{NO}json"),
)

_DATE = (
    _both("2026-11-01", "2026-11-01"),
    _both("2024-02-29", "2024-02-29"),
    _both("2026-02-29", "✗ date", None, "is not in the calendar"),
    _both("2026-11-31", "✗ date"),
    _both("31/02", "✗ date"),
    _both("01/11/2026", "✗ date", None, "date_of(x, '%d/%m/%Y') reads it"),
    _both("2026-11-1", "✗ date"),
    _both("20261101", "✗ date", "✗ date"),
    _both("2026-11-01T00:00:00Z", "✗ date", None, "has a time: date_of(left(x, 10), '%Y-%m-%d') drops it"),
    _both(" 2026-11-01", "✗ date"),
    _both("0000-01-01", "✗ date"),
    _both("0001-01-01", "0001-01-01"),
    _both("9999-12-31", "9999-12-31"),
    _both("10000-01-01", "✗ date"),
    _both("infinity", "✗ date"),
    _both("epoch", "✗ date"),
)

_FORMATTED = (
    Example("01/11/2026", "2026-11-01", None, None),
    Example("31/02/2026", "✗ date", None, None, "is not in the calendar"),
    Example("1/11/2026", "✗ date", None, None, "%d is two digits; %-d is one or two"),
    Example("01/11/26", "✗ date", None, None, "%Y is four digits; %y is two, from 1969 to 2068"),
    Example("01.11.2026", "✗ date", None, None),
    Example("2026-11-01", "✗ date", None, None),
    Example(" 01/11/2026", "✗ date", None, None, "date_of(trim(x), '%d/%m/%Y') reads it"),
    Example("01/11/2026 ", "✗ date", None, None),
    Example("01/11/2026 10:00", "✗ date", None, None, "date_of(x, '%d/%m/%Y %H:%M') reads it"),
    Example("epoch", "✗ date", None, None),
)

_DATETIME = (
    _both("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z"),
    _both("2026-11-01 10:00:00Z", "2026-11-01T10:00:00Z"),
    _both("2026-11-01T10:00:00+02:00", "2026-11-01T08:00:00Z", None, "kept in UTC"),
    _both("2026-11-01T10:00:00+0200", "2026-11-01T08:00:00Z"),
    _both("2026-11-01T10:00:00-05", "2026-11-01T15:00:00Z"),
    _both("2026-11-01T10:00Z", "2026-11-01T10:00:00Z"),
    _both("2026-11-01T10:00:00.123456Z", "2026-11-01T10:00:00.123456Z"),
    _both("2026-11-01T10:00:00.123456000Z", "2026-11-01T10:00:00.123456Z", None, "nothing is lost"),
    _both("2026-11-01T10:00:00.1234567Z", "✗ datetime", None, "is not cut to the microsecond"),
    _both("2026-11-01T10:00:00.Z", "✗ datetime"),
    _both("2026-11-01T10:00:00", "✗ datetime", None, "the source states no zone"),
    _both("2026-11-01T10:00:00 Europe/Paris", "✗ datetime"),
    _both("2026-11-01T24:00:00Z", "✗ datetime"),
    _both("2026-11-01T23:59:60Z", "✗ datetime", None, "leap seconds have no place in UTC microseconds"),
    _both("2026-11-01", "✗ datetime"),
    _both("2026-02-29T10:00:00Z", "✗ datetime"),
    _both("0000-01-01T00:00:00Z", "✗ datetime"),
    _both("10000-01-01T00:00:00Z", "✗ datetime"),
    _both("0001-01-01T00:00:00+01:00", "✗ datetime", None, "in UTC it is in the year before the first"),
    _both("infinity", "✗ datetime"),
    _both("1762000000", "✗ datetime", "✗ datetime", "seconds or milliseconds?"),
)

_LOCAL = (
    _both("2026-11-01T10:00:00", "2026-11-01T09:00:00Z", None, "the source's zone: Europe/Paris"),
    _both("2026-07-01 10:00", "2026-07-01T08:00:00Z"),
    _both("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", None, "an offset of its own goes before"),
    _both("2026-10-25T02:30:00", "2026-10-25T00:30:00Z", None, "twice that night: the earlier"),
    _both("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    _both("2026-03-29T02:30:00", "✗ datetime", None, "clocks jumped over it"),
    _both("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
    _both("2026-11-01T24:00:00", "✗ datetime"),
)

_TIME = (
    _both("10:30:00", "10:30:00"),
    _both("10:30", "10:30:00"),
    _both("10:30:00.5", "10:30:00.500000"),
    _both("10:30:00.1234567", "✗ time"),
    _both("12:60", "✗ time"),
    _both("24:00", "✗ time"),
    _both("23:59:60", "✗ time"),
    _both("9:30", "✗ time"),
    _both("10:30Z", "✗ time", None, "a time of day has no zone"),
    _both("10:30 PM", "✗ time"),
)

_UUID_TEXT = "290c4f5e-00aa-11bb-22cc-333344445555"
_UUID = (
    _both(_UUID_TEXT, _UUID_TEXT),
    _both(_UUID_TEXT.upper(), _UUID_TEXT),
    _both("{" + _UUID_TEXT.upper() + "}", _UUID_TEXT, None, "the same beyond doubt"),
    _both("{" + _UUID_TEXT, "✗ uuid"),
    _both(_UUID_TEXT.replace("-", ""), "✗ uuid"),
    _both("urn:uuid:" + _UUID_TEXT, "✗ uuid"),
    _both(_UUID_TEXT[:-1], "✗ uuid"),
)

_STR = (
    _both("abc", "abc"),
    Example("", "", "", None, 'the empty text, in CSV written `""`'),
    _both(" a ", " a ", None, "white space stays"),
    _both("5", "5", "✗ str", "a number is no text: write it in quotes"),
    _both("true", "true", "✗ str"),
    _both("NULL", "NULL", None, "a text like any other"),
    _both("é", "é", None, "not normalised"),
    Example("\\u00e9", "\\u00e9", "é", None, "JSON's escapes are read, in CSV there are none"),
    Example("\\ud800", "\\ud800", "✗ json", None, "half a character"),
    Example("a\\u0000", "a\\u0000", "✗ nul", None, "no store can keep it"),
    Example("\\u0001a", "\\u0001a", "✗ mark", None, "the mark by which the judge tells numbers from texts"),
)

_JSON = (
    Example('{"a": [1.10, null]}', '{"a":[1.10,null]}', None, '{"a":[1.10,null]}', "numbers as they were sent"),
    Example("12345678901234567890.5", "12345678901234567890.5", None, "12345678901234567890.5"),
    Example('"a"', '"a"', None, '"a"'),
    Example('{"a": 1, "a": 2}', "✗ duplicate_member", None, "✗ duplicate_member", "which one?"),
    Example('{"a": {"b": 1, "b": 2}}', "✗ duplicate_member", None, "✗ duplicate_member"),
    Example("[NaN]", "✗ json", None, "✗ json"),
    Example("[1,]", "✗ json", None, "✗ json"),
    Example("{'a': 1}", "✗ json", None, "✗ json"),
    Example("null", "✗ json", None, None, "leave the cell empty"),
)

_LIST = (
    Example("[1, 2]", "[1,2]", None, "[1,2]"),
    Example("[]", "[]", None, "[]"),
    Example('["1"]', "✗ list", None, "✗ list", "is kept as it is sent, so it must be what it is"),
    Example("[1.5]", "✗ list", None, "✗ list"),
    Example("[null]", "✗ list", None, "✗ list"),
    Example("[9223372036854775808]", "✗ list", None, "✗ list"),
    Example("5", "✗ list", None, "✗ list"),
    Example('{"a": 1}', "✗ list", None, "✗ list"),
)

TYPES: Final = (
    Type("str", "str", "a text", _STR),
    Type("int", "int", "a whole number of 64 bits", _INT),
    Type("Decimal, 10 digits, 2 places", "price", "a plain decimal number, kept exactly", _DECIMAL),
    Type("Decimal, 38 digits, no places", "wide", "the same, as wide as they come", _WIDE),
    Type("float", "float", "a finite number of 64 bits, the nearest to what is sent", _FLOAT),
    Type("bool", "bool", "true or false; in CSV in any case", _BOOL),
    Type("date", "date", "a day of the calendar from 0001-01-01 to 9999-12-31, as YYYY-MM-DD", _DATE),
    Type(
        "date, taken by date_of(x, '%d/%m/%Y')",
        "formatted",
        "exactly what the format says, with as many digits as it says",
        _FORMATTED,
    ),
    Type("datetime", "datetime", "an instant with its offset, to the microsecond", _DATETIME),
    Type("datetime, where the source states a zone", "local", "the same, and local times of that zone", _LOCAL),
    Type("time", "time", "a time of day before 24:00, to the microsecond", _TIME),
    Type("UUID", "uuid", "8-4-4-4-12 hexadecimal digits", _UUID),
    Type("Json", "json", "any JSON value, kept as text without white space between its parts", _JSON),
    Type("list[int]", "list", "a JSON array, each element as JSON writes its type", _LIST),
)


@dataclass(frozen=True, slots=True)
class Nothing:
    """What becomes of an attribute of which nothing is sent, by what may be null."""

    sent: str
    required: str
    nullable: str
    facet: str
    optional_facet: str
    key: str


NOTHING: Final = (
    Nothing("CSV: an empty cell", "✗ null", "null", "✗ null", "null", "✗ null"),
    Nothing('CSV: `""`', "the empty text", "the empty text", "the empty text", "the empty text", "the empty text"),
    Nothing("CSV: no such column", "not stated", "not stated", "not stated", "not stated", "the file is refused"),
    Nothing(
        "CSV: the column it is mapped to is missing",
        "the file is refused",
        "the file is refused",
        "the file is refused",
        "not stated",
        "the file is refused",
    ),
    Nothing("CSV: a column of the facet is missing", "", "", "✗ facet", "✗ facet", ""),
    Nothing("CSV: one empty cell of the facet", "", "", "✗ null", "✗ null", ""),
    Nothing("JSON: `null`", "✗ null", "null", "✗ null", "null", "✗ null"),
    Nothing('JSON: `""`', "the empty text", "the empty text", "✗ facet", "✗ facet", "the empty text"),
    Nothing("JSON: no such member", "not stated", "not stated", "not stated", "not stated", "✗ missing"),
    Nothing("JSON: a member of the facet is missing", "", "", "✗ facet", "✗ facet", ""),
    Nothing("JSON: one null in the facet", "", "", "✗ null", "✗ null", ""),
    Nothing("JSON: `{}`", "✗ str", "✗ str", "✗ facet", "✗ facet", "✗ str"),
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The records of a CSV file with the header `a,b`: cells by ` · `, records by `; `, line ends as ⏎.

    `quoted`: with quotes, as usual. `plain`: with `quote=None`.
    """

    sent: str
    quoted: str
    plain: str
    why: str = ""


REFUSED: Final = "the file is refused"

LINES: Final = (
    Lines('1,"x,y"⏎2,z', "1 · x,y; 2 · z", "✗ cells; 2 · z"),
    Lines('1,"x⏎y"⏎2,z', "1 · x⏎y; 2 · z", '1 · "x; ✗ cells; 2 · z', "a record may go over lines in quotes only"),
    Lines('1,"say ""hi"""', '1 · say "hi"', '1 · "say ""hi"""'),
    Lines('1,5" pipe', '1 · 5" pipe', '1 · 5" pipe', "a quote opens at the beginning of a cell only"),
    Lines('1,"5" x 7', "1 · 5 x 7", '1 · "5" x 7', "what stands behind the closing quote is text"),
    Lines(
        '1,"x⏎2,"y"⏎3,z',
        "✗ quote; 3 · z",
        '1 · "x; 2 · "y"; 3 · z',
        "but not in a later line: two records?",
    ),
    Lines('1,"x⏎2,y⏎3,z', REFUSED, '1 · "x; 2 · y; 3 · z', "never closed: nobody can say where records end"),
    Lines('1,x⏎2,"y', "1 · x; ✗ unclosed_quote", '1 · x; 2 · "y', "never closed in the last line"),
    Lines("1⏎2,y⏎3,z,", "✗ cells; 2 · y; ✗ cells", "✗ cells; 2 · y; ✗ cells"),
    Lines("⏎1,x⏎⏎", "1 · x", "1 · x", "blank lines are no records"),
)
