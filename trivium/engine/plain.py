"""Values as the outside writes them: JSON values, and keys as one text. Pure."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import uuid
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote_to_bytes

from trivium.errors import UsageError
from trivium.model.entity import Column, EntityShape
from trivium.model.instants import EPOCH, instant_of

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)([Zz]|[+-]\d\d:\d\d)")
_HOW = {
    "str": "a text", "int": "a whole number", "date": "a date such as 2026-03-02",
    "datetime": "a time such as 2026-03-02T09:00:00Z", "time": "a time of day such as 09:00:00",
    "bool": "true or false", "uuid": "a UUID", "float": "a number",
}  # fmt: skip


def plain(column: Column, value: Any) -> Any:
    """A typed value as a JSON value: decimals and times as texts, nested JSON as it is nested."""
    if value is None:
        return None
    kind = column.type.kind
    if kind == "datetime":
        return f"{value.isoformat()}Z"
    if kind in ("date", "time"):
        return value.isoformat()
    if kind == "decimal":
        return format(value, "f")
    if kind in ("json", "list"):
        return _nested(value)
    return value


def _nested(text: str) -> Any:
    """JSON as it is nested; the text itself where it is nested deeper than Python reads."""
    try:
        return json.loads(text)
    except RecursionError:
        return text


def key_text(shape: EntityShape, values: Sequence[Any]) -> str:
    """A key as one text: its parts joined by `,`, with `,` `/` and `%` inside a part percent-encoded."""
    parts = zip(shape.keys, values, strict=True)
    return ",".join(escaped(str(_spelled(plain(column, value)))) for column, value in parts)


def escaped(part: str) -> str:
    """A text as a part of a key, or of a list of values."""
    return part.replace("%", "%25").replace(",", "%2C").replace("/", "%2F")


def parse_key(shape: EntityShape, text: str) -> tuple[Any, ...]:
    """The typed values of a key written by `key_text`; raises UsageError saying what the key is."""
    parts = text.split(",")
    hint = f"the key of {shape.name} is {','.join(key.name for key in shape.keys)}: {', '.join(map(_told, shape.keys))}"
    if len(parts) != len(shape.keys):
        told = (
            f"{text!r} has {len(parts)} part{'' if len(parts) == 1 else 's'}, the key of {shape.name} {len(shape.keys)}"
        )
        raise UsageError(told, hint=f"{hint}; write a comma inside a part as %2C")
    return tuple(_part(key, part, hint) for key, part in zip(shape.keys, parts, strict=True))


def value_text(column: Column, value: Any) -> str | None:
    """The text of a value that `parse_value` reads; None of null."""
    return None if value is None else str(_spelled(plain(column, value)))


def parse_value(column: Column, text: str) -> Any:
    """The typed value of a text as the outside writes it; raises UsageError saying what it has to be."""
    try:
        return _typed(column, text)
    except (ValueError, InvalidOperation):
        raise UsageError(f"{text!r} cannot be {column.path}: it is not {_told(column)}", hint=_told(column)) from None


def parse_list(column: Column, text: str) -> tuple[Any, ...]:
    """The typed values of a list: joined by `,`, percent-encoded as the parts of a key are; otherwise as
    `parse_value`."""
    try:
        return tuple(parse_value(column, _decoded(part)) for part in text.split(","))
    except UnicodeError:
        hint = "values joined by commas; write a comma or a % inside a value as %2C or %25"
        raise UsageError(f"{text!r} is no list for {column.path}", hint=hint) from None


def parse_instant(text: str, what: str = "the time") -> int:
    """Microseconds since 1970 of an RFC 3339 time; raises UsageError for anything else, also without an offset."""
    found = _INSTANT.fullmatch(text)
    try:
        if found:
            at = dt.datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3].upper()}")
            return instant_of(at.astimezone(dt.UTC))  # which the first and last hours of all have no place in
    except (ValueError, OverflowError):
        pass
    raise UsageError(f"{what} {text!r} is not understood", hint="write it like 2026-03-02T09:00:00Z or …+01:00")


def instant_text(at: int) -> str:
    """RFC 3339 in UTC of microseconds since 1970."""
    return (EPOCH + dt.timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def _spelled(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _part(column: Column, text: str, hint: str) -> Any:
    try:
        return _typed(column, _decoded(text))
    except UnicodeError:
        raise UsageError(f"{text!r} cannot be {column.name}: it is no percent-encoded text", hint=hint) from None
    except (ValueError, InvalidOperation):
        raise UsageError(f"{text!r} cannot be {column.name}: it is not {_told(column)}", hint=hint) from None


def _told(column: Column) -> str:
    if column.type.kind == "decimal":
        return f"a number with at most {column.type.decimal_places} places"
    return _HOW[column.type.kind]


def _decoded(text: str) -> str:
    """The part without its percent-encoding; UnicodeError where it is none."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise UnicodeError(text)
    return unquote_to_bytes(text).decode()


def _typed(column: Column, text: str) -> Any:
    type_ = column.type
    if type_.kind == "int":
        if not re.fullmatch(r"-?\d{1,19}", text) or not -(2**63) <= int(text) < 2**63:
            raise ValueError(text)
        return int(text)
    if type_.kind == "decimal":
        if not re.fullmatch(r"-?\d{1,38}(\.\d{1,38})?", text):
            raise ValueError(text)
        places = type_.decimal_places or 0
        sign, digits, exponent = Decimal(text).as_tuple()
        assert isinstance(exponent, int), "no infinity passes the expression above"
        value = Decimal((sign, (*digits, *(0,) * (places + exponent)), -places))
        if places + exponent < 0 or len(value.as_tuple().digits) > (type_.max_digits or 38):
            raise ValueError(text)
        return value
    if type_.kind == "bool":
        return {"true": True, "false": False}[text] if text in ("true", "false") else _refuse(text)
    if type_.kind == "date":
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else _refuse(text)
    if type_.kind == "time":
        return dt.time.fromisoformat(text) if re.fullmatch(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?", text) else _refuse(text)
    if type_.kind == "datetime":
        found = _INSTANT.fullmatch(text)
        if not found:
            raise ValueError(text)
        return (EPOCH + dt.timedelta(microseconds=parse_instant(text))).replace(tzinfo=None)
    if type_.kind == "uuid":
        return str(uuid.UUID(text))
    if type_.kind == "float":
        number = float(text) if re.fullmatch(r"-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?", text) else math.inf
        return number if math.isfinite(number) else _refuse(text)
    return _refuse(text) if "\0" in text else text  # no store has a NUL


def _refuse(text: str) -> Any:
    raise ValueError(text)
