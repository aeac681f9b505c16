"""The body of a request as records, each in its own bytes."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.reading import ReadingError
from trivium.engine.reading.encoding import BOM
from trivium.engine.reading.json_file import read_json
from trivium.errors import TriviumError

Form = Literal["json", "ndjson"]
"""One JSON value (an object, or an array of objects), or an object a line."""

FORMS: Final[dict[str, Form | None]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": None,
}
"""The media types that are taken. CSV is always a load of its own."""

SPACE: Final = b" \t\r\n"
"""What may stand around a JSON value."""
NEITHER: Final = "the body must be a JSON object, or an array of them"

_STRANGE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|(-?Infinity|NaN)')
_HALF: Final = re.compile(
    r"(?<!\\)(?:\\\\)*(\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f])|(?<!\\ud[89ab]..\\u)d[c-f][0-9a-f]{2}))", re.IGNORECASE
)
"""A surrogate without its other half. Python reads it; no text in UTF-8 can hold it (RFC 3629, section 3)."""


class Unreadable(TriviumError):
    """A body is not what it says it is, so that nobody can tell which records it holds. Nothing of it was taken.

    `line` and `column` (from 1) and `offset` (bytes, from 0) say where, as far as that is known.
    """

    def __init__(
        self, message: str, *, line: int | None = None, column: int | None = None, offset: int | None = None
    ) -> None:
        super().__init__(message, hint="correct the body and send it again; nothing of it was taken")
        self.line, self.column, self.offset = line, column, offset


class TooMuch(TriviumError):
    """A packed body unpacks to more than its source may send. Nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class Body:
    """The records of a body and their places in it, from 1: of lines the number of the line, else which of them it is.

    `whole`: they are parts of one JSON value, which is none if a part is none.
    """

    records: Sequence[bytes]
    places: Sequence[int]
    whole: bool


def read_body(data: bytes, form: Form) -> Body:
    """The records of a body, which is held whole. Whether a record is JSON is for the judge to say.

    Raises Unreadable where the body as a whole is not in its form.
    """
    data = data.removeprefix(BOM)
    if form == "ndjson":
        lines = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip(SPACE)]
        return Body([line for _, line in lines], [number for number, _ in lines], whole=False)
    text = data.strip(SPACE)
    if text.startswith(b"{"):
        return Body([text], [1], whole=True)
    if not text.startswith(b"["):
        explain(data, NEITHER)
    if not text[1:-1].strip(SPACE) and text.endswith(b"]"):
        return Body([], [], whole=True)
    records: list[bytes] = []
    try:
        for chunk in read_json(io.BytesIO(text)):
            if chunk.torn.num_rows:
                explain(data, "the body is no JSON")
            records += chunk.raw(range(chunk.table.num_rows))[0].to_pylist()
    except ReadingError as error:
        explain(data, error.message)
    return Body(records, range(1, len(records) + 1), whole=True)


def is_no_json(rejected: pa.Table) -> pa.Table:
    """Those of rejected records (rows of a verdict) that are no JSON at all."""
    rules = r'\{"rule":"(json|encoding|empty_element)"'
    return rejected.filter(pc.match_substring_regex(rejected["reasons"], rules))


def explain(data: bytes, otherwise: str) -> NoReturn:
    """Raises Unreadable for a body that is no JSON, at the place where it ceases to be; with the reason `otherwise`,
    where nothing is wrong with it as JSON."""
    if not data.strip(SPACE):
        raise Unreadable("the body is empty")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"the body is no UTF-8: byte {data[error.start]:#04x} at offset {error.start}", offset=error.start
        ) from error
    try:
        json.loads(text, parse_constant=lambda name: _fail_at(text, _STRANGE, f"{name} is no JSON value"))
    except json.JSONDecodeError as error:
        _fail(text, error.pos, f"{error.msg} at")
    except RecursionError as error:
        raise Unreadable("the body is nested too deeply") from error
    except ValueError as error:  # such as a number of more digits than Python reads
        raise Unreadable(f"the body is no JSON: {error}") from error
    _fail_at(text, _HALF, "half of a surrogate pair")
    raise Unreadable(otherwise)


def _fail_at(text: str, sought: re.Pattern[str], what: str) -> None:
    """Raises Unreadable at the first place where the first group of what is sought is found, if anywhere."""
    found = next((match.start(1) for match in sought.finditer(text) if match.start(1) >= 0), None)
    if found is not None:
        _fail(text, found, f"{what} at")


def _fail(text: str, at: int, what: str) -> NoReturn:
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    raise Unreadable(
        f"the body is no JSON: {what} line {line}, column {column}",
        line=line, column=column, offset=len(text[:at].encode()),
    )  # fmt: skip
