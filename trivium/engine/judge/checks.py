"""What makes a text a value of a type: first the proof, then the cast, never a guess.

The proof of most values is the way back: the cast value, as text again, is the text that came. Only what fails it is
looked at with a regular expression, which says what else is the same value beyond doubt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from trivium.engine.judge.lists import ELEMENTS, kept_list
from trivium.engine.law.statements import text
from trivium.model.types import ColumnType, Kind

FIRST_INSTANT: Final = -62135596800000000
"""0001-01-01T00:00:00Z in microseconds since 1970."""

LAST_INSTANT: Final = 253402300799999999
"""9999-12-31T23:59:59.999999Z."""


@dataclass(frozen=True, slots=True)
class Check:
    """SQL for one type. `x` is the text, `v` the value that `value(x)` made of it, `p` its `plain(v)` text.

    `proof(x, v, p)` holds for most good values; of those that fail it `otherwise(x, v)` decides. Both may be NULL
    where `x` is. `final(v)` is what is kept, `canonical(x, v, p)` the text in the digest, in parts to be joined.
    `document(d)` makes the value of marked JSON instead. `expects` says in words what is wanted.
    """

    value: Callable[[str], str]
    plain: Callable[[str], str] | None
    proof: Callable[[str, str, str], str]
    otherwise: Callable[[str, str], str]
    expects: str
    final: Callable[[str], str] = lambda v: v
    canonical: Callable[[str, str, str], tuple[str, ...]] = lambda x, v, p: (p,)
    document: Callable[[str], str] = lambda document: document


def check_of(type_: ColumnType, zone: str | None) -> Check:
    """The check of a type. `zone`: that of timestamps without an offset, None where the source states none."""
    match type_.kind:
        case "decimal":
            return _decimal(type_)
        case "datetime":
            return _datetime(zone)
        case "list":
            return _list(type_.element)
        case kind:
            return _SIMPLE[kind]


def _never(x: str, v: str) -> str:
    return "false"


def _fits(x: str, form: str) -> str:
    return f"regexp_full_match({x}, {text(form)})"


def _counted(x: str, v: str, p: str) -> tuple[str, ...]:
    return (f"strlen({v})", "':'", v)


_WHOLE: Final = Check(
    value=lambda x: f"TRY_CAST({x} AS BIGINT)",
    plain=lambda v: f"{v}::VARCHAR",
    proof=lambda x, v, p: f"{p} = {x}",
    otherwise=lambda x, v: f"{_fits(x, '[+-]?[0-9]+')} AND {v} IS NOT NULL",
    expects="a whole number of at most 64 bits, such as 42",
)

_JSON: Final = Check(
    value=lambda x: x,
    plain=None,
    proof=lambda x, v, p: f"{v} IS NOT NULL",
    otherwise=_never,
    expects="a JSON value, no member of its objects twice, without NaN and Infinity",
    canonical=_counted,
    document=lambda document: f"kept_document({document})",
)

_SIMPLE: Final[dict[Kind, Check]] = {
    "str": Check(
        value=lambda x: x,
        plain=None,
        proof=lambda x, v, p: f"{x} IS NOT NULL",
        otherwise=_never,
        expects="a text",
        canonical=_counted,
    ),
    "int": _WHOLE,
    "float": Check(
        value=lambda x: f"real_number({x})",
        plain=lambda v: f"{v}::VARCHAR",
        proof=lambda x, v, p: f"{p} = {x} AND isfinite({v})",
        otherwise=lambda x, v: f"{_fits(x, '[+-]?([0-9]+([.][0-9]+)?|[.][0-9]+)([eE][+-]?[0-9]+)?')} AND isfinite({v})",
        expects="a number, such as 1.5 or 1e3",
    ),
    "bool": Check(
        value=lambda x: f"CASE lower({x}) WHEN 'true' THEN true WHEN 'false' THEN false END",
        plain=lambda v: f"{v}::VARCHAR",
        proof=lambda x, v, p: f"{v} IS NOT NULL",
        otherwise=_never,
        expects="true or false",
    ),
    "date": Check(
        value=lambda x: f"TRY_CAST({x} AS DATE)",
        plain=lambda v: f"{v}::VARCHAR",
        # The bounds keep out 'infinity' and the years that have not four digits.
        proof=lambda x, v, p: f"{p} = {x} AND {v} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
        otherwise=_never,
        expects="a date of the calendar as YYYY-MM-DD",
    ),
    "time": Check(
        value=lambda x: f"TRY_CAST({x} AS TIME)",
        plain=lambda v: f"epoch_us({v})",
        proof=lambda x, v, p: f"{v}::VARCHAR = {x} AND {v} < TIME '24:00:00'",
        otherwise=lambda x, v: (
            f"{_fits(x, '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?')} AND {v} IS NOT NULL"
        ),
        expects="a time of day as HH:MM:SS, before 24:00, to the microsecond",
    ),
    "uuid": Check(
        value=lambda x: f"TRY_CAST({x} AS UUID)",
        plain=lambda v: f"{v}::VARCHAR",
        proof=lambda x, v, p: f"{p} = {x}",
        otherwise=lambda x, v: (
            f"{_fits(x, '(?i)H{8}-H{4}-H{4}-H{4}-H{12}|[{]H{8}-H{4}-H{4}-H{4}-H{12}[}]'.replace('H', '[0-9a-f]'))}"
            f" AND {v} IS NOT NULL"
        ),
        expects="a UUID of 8-4-4-4-12 hexadecimal digits",
        final=lambda v: f"{v}::VARCHAR",
    ),
    "json": _JSON,
}


def _decimal(type_: ColumnType) -> Check:
    digits, places = type_.max_digits, type_.decimal_places
    # Zeros behind the last place take nothing away; a point at the end may be all that is left of a number.
    form = f"[+-]?([0-9]+([.][0-9]{{1,{places}}}0*)?|[.][0-9]{{1,{places}}}0*)" if places else "[+-]?[0-9]+([.]0+)?"
    return Check(
        value=lambda x: f"TRY_CAST({x} AS DECIMAL({digits}, {places}))",
        plain=lambda v: f"{v}::VARCHAR",
        proof=lambda x, v, p: f"starts_with({p}, {x}) AND NOT ends_with({x}, '.')" if places else f"{p} = {x}",
        otherwise=lambda x, v: f"{_fits(x, form)} AND {v} IS NOT NULL",
        expects=f"a plain decimal number of at most {digits} digits, {places} of them decimal places",
    )


def _datetime(zone: str | None) -> Check:
    offset = "" if zone else ", with Z or an offset (the source declares no zone for times without)"
    return Check(
        value=lambda x: f"instant_in({x}, {text(zone)})" if zone else f"instant({x})",
        plain=None,
        proof=lambda x, v, p: f"{v} BETWEEN {FIRST_INSTANT} AND {LAST_INSTANT}",
        otherwise=_never,
        expects=f"an instant as YYYY-MM-DDTHH:MM:SS, to the microsecond{offset}",
        final=lambda v: f"make_timestamp({v})",
        canonical=lambda x, v, p: (v,),
    )


def _list(element: Kind | None) -> Check:
    return Check(
        value=lambda x: x,
        plain=None,
        proof=lambda x, v, p: f"{v} IS NOT NULL",
        otherwise=_never,
        expects=f"a JSON array, each element of it {ELEMENTS[element or 'json']}",
        canonical=_counted,
        document=lambda document: kept_list(document, element),
    )
