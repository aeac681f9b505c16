"""What a manifest says: its text as a promise, by the paths that its source declares."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

from trivium.engine.promise import Promise, count_of, digest_of, number_of, shown
from trivium.errors import RefusedDelivery
from trivium.model.instants import instant_of
from trivium.model.survivorship import MAX_EVENT_TIME
from trivium.model.terms import Manifest

MAX_BYTES: Final = 256 << 10
"""The largest manifest. It is kept with the reading of its file."""

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)", re.ASCII)
_NOT_THERE: Final = object()

Value = TypeVar("Value")


def manifest_promise(
    text: str, declared: Manifest, totals: Collection[str], elsewhere: Collection[str], by: str, file_name: str
) -> Promise:
    """The promise in a manifest's text for a file of this name; `by` is what a person calls it. `totals` are the names
    of those that the source declares: each has to be there, but for those that are said `elsewhere`.

    Raises RefusedDelivery where it is no manifest, where a path that was declared is not there, where a value is not
    of its type, and where it is the manifest of another file.
    """
    fields = _Fields(_parsed(text, by), by)
    named = fields.take("file", declared.file, lambda value: value if isinstance(value, str) else None, "a file's name")
    if named is not None and named != file_name:
        raise _refused(f"the {by} is that of another file: it names {shown(named)}", f"send the one of {file_name}")
    fields.found = False
    paths = dict(declared.totals or {})
    wanted = {name: paths.get(name) or (None if name in elsewhere else f"totals.{name}") for name in totals}
    sums = {name: fields.take(f"totals.{name}", path, number_of, "a plain number") for name, path in wanted.items()}
    promise = Promise(
        by,
        rows=fields.take("rows", declared.rows, count_of, "a whole number of 0 or more"),
        totals={name: value for name, value in sums.items() if value is not None},
        sha256=fields.take("sha256", declared.sha256, digest_of, "a SHA-256 of 64 hexadecimal digits"),
        size=fields.take("size", declared.size, count_of, "a number of bytes"),
        revision=fields.take("revision", declared.revision, count_of, "a whole number of 0 or more"),
        cut_off=fields.take("cut_off", declared.cut_off, _instant, "an instant with its offset from 1970 to 3111"),
    )
    if not fields.found:
        raise _refused(
            f"the {by} says nothing that its source reads",
            "a manifest has rows, sha256, size, totals, revision or cut_off; or declare the paths, "
            "Manifest(…, rows='control.rows')",
        )
    return promise


class _Fields:
    """The values of a manifest, taken by their paths."""

    def __init__(self, values: Mapping[str, Any], by: str) -> None:
        self._values, self._by = values, by
        self.found = False

    def take(self, usual: str, path: str | None, read: Callable[[object], Value | None], expected: str) -> Value | None:
        """The value at a path, which has to be there; where none is declared that at the usual one, if it is there."""
        value = self._at(path or usual)
        if value is _NOT_THERE:
            if path is None:
                return None
            raise _refused(f"the {self._by} has no {path}", "send it with all that its source declares, or mend that")
        found = read(value)
        if found is None:
            raise _refused(
                f"{path or usual} of the {self._by} is {shown(value)}, which is not {expected}", "have it corrected"
            )
        self.found = True
        return found

    def _at(self, path: str) -> object:
        if path in self._values:
            return self._values[path]
        value: Any = self._values
        for part in path.split("."):
            if not isinstance(value, Mapping) or part not in value:
                return _NOT_THERE
            value = value[part]
        return value


def _parsed(text: str, by: str) -> Mapping[str, Any]:
    if "\0" in text:  # which no store can keep in a text
        raise _refused(f"the {by} holds a NUL byte", "is it the manifest? Have it sent as text")
    if not text.lstrip().startswith(("{", "[")):
        return _lines(text, by)
    try:
        # Numbers stay the texts that were sent, so that none is rounded, however long it is.
        found = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=lambda pairs: _object(pairs, by)
        )
    except (ValueError, RecursionError) as error:
        raise _refused(f"the {by} is no JSON: {error}", "have it sent whole and corrected") from error
    if not isinstance(found, Mapping):
        raise _refused(f"the {by} is no JSON object", 'a manifest is one object, such as {"rows": 12}')
    return found


def _object(pairs: list[tuple[str, Any]], by: str) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counted = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counted.items() if count > 1)
        raise _refused(f"the {by} has {shown(twice)} twice", "have it corrected")
    return found


def _lines(text: str, by: str) -> dict[str, Any]:
    """A manifest of lines `name,value`."""
    try:
        rows = [
            (number, row)
            for number, row in enumerate(csv.reader(io.StringIO(text), skipinitialspace=True), 1)
            if any(cell.strip() for cell in row)
        ]
    except csv.Error as error:
        raise _refused(
            f"the {by} is neither JSON nor lines `name,value`: {error}", "is it the manifest? Have it corrected"
        ) from error
    if not rows:
        raise _refused(f"the {by} is empty", "have it sent whole")
    for number, row in rows:
        if len(row) != 2:
            raise _refused(
                f"line {number} of the {by} is not `name,value`", "a manifest is a JSON object or lines `name,value`"
            )
    return _object([(row[0].strip(), row[1].strip()) for _, row in rows], by)


def _instant(value: object) -> int | None:
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        found = instant_of(dt.datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None
    return found if 0 <= found <= MAX_EVENT_TIME else None


def _refused(message: str, hint: str) -> RefusedDelivery:
    return RefusedDelivery(message, hint=hint, details={"rule": "manifest"})
