"""Values as Python holds them, and their two texts: canonical for the digest, JSON for the export."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from math import isfinite
from uuid import UUID

from tests.reference.spec import Column

Value = str | int | Decimal | bool | date | datetime | time | UUID | float | None
Key = tuple[Value, ...]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def canonical_text(value: Value, column: Column) -> str:
    """The text that enters the digest. Raises TypeError for a value that is not of the column's type."""
    match column.type, value:
        case _, None:
            return "~"
        case (("str" | "json" | "list"), str()):
            return f"{len(value.encode())}:{value}"
        case "datetime", datetime():
            return str((value - EPOCH) // timedelta(microseconds=1))
        case "time", time():
            seconds = (value.hour * 60 + value.minute) * 60 + value.second
            return str(seconds * 1_000_000 + value.microsecond)
    return plain_text(value, column)


def json_text(value: Value, column: Column) -> str:
    """The JSON text that the canonical export prints. Raises TypeError as `canonical_text` does."""
    match column.type, value:
        case _, None:
            return "null"
        case "str", str():
            return quoted(value)
        case (("json" | "list"), str()):
            return value
        case (("bool" | "int" | "float"), _):
            return plain_text(value, column)
        case "datetime", datetime():
            return quoted(value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z")
        case "time", time():
            return quoted(value.isoformat())
    return quoted(plain_text(value, column))


def plain_text(value: Value, column: Column) -> str:
    """What digest and export print alike."""
    match column.type, value:
        case "bool", bool():
            return "true" if value else "false"
        case "int", int() if not isinstance(value, bool):
            return str(value)
        case "float", float() if isfinite(value):
            # Python's shortest text that round-trips is DuckDB's, compared on 350,000 doubles.
            return repr(value + 0.0)
        case "decimal", Decimal():
            return decimal_text(value, column.scale)
        case "date", date() if not isinstance(value, datetime):
            return value.isoformat()
        case "uuid", UUID():
            return str(value)
    raise TypeError(f"{value!r} is no {column.type}")


def decimal_text(value: Decimal, scale: int) -> str:
    """Plain decimal text with exactly `scale` places; a value that would be rounded raises ValueError."""
    exact = value.quantize(Decimal(1).scaleb(-scale), context=Context(prec=100))
    if exact != value:
        raise ValueError(f"{value} has more than {scale} places")
    return f"{exact if exact else abs(exact):f}"


def quoted(text: str) -> str:
    """A JSON string with the fewest escapes: quote, backslash and the control characters below U+0020."""
    return '"' + "".join(escaped(character) for character in text) + '"'


def escaped(character: str) -> str:
    if character in SHORT_ESCAPES:
        return SHORT_ESCAPES[character]
    return f"\\u{ord(character):04x}" if character < " " else character
