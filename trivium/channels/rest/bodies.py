"""The body of a request as records, each in its own bytes."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

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
        json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(
            f"the body is no JSON: {error.msg} at {where}",
            line=error.lineno, column=error.colno, offset=len(text[: error.pos].encode()),
        ) from error  # fmt: skip
    except RecursionError as error:
        raise Unreadable("the body is nested too deeply") from error
    except ValueError as error:  # such as a number of more digits than Python reads
        raise Unreadable(f"the body is no JSON: {error}") from error
    raise Unreadable(otherwise)


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")
