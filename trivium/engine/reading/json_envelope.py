"""Finds the list of records in the envelope around it, and sees that the envelope is whole behind it."""

from __future__ import annotations

import json
import re
from typing import Final

from trivium.engine.reading.cutting import Cutter
from trivium.engine.reading.errors import ReadingError

# What is possessive is not kept for another try: of a text of many megabytes that would be thirty times as much.
_TOKEN: Final = re.compile(rb'[ \t\r\n]*("(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s"{}\[\],:]+)', re.DOTALL)
_SIGNS: Final = (b"{", b"}", b"[", b"]", b",", b":")
_SPACE: Final = b" \t\r\n"
_STEP = 1 << 20
_NAMES_SHOWN, _SHOWN = 10, 100


class Envelope:
    """Goes through an envelope to the list under `path`, `data.items`, and behind it to the end of the file.

    What is not on the way is passed over, however long it is.
    """

    def __init__(self, cutter: Cutter, path: str) -> None:
        self._cutter, self._path, self._names = cutter, path, path.split(".")
        self._data, self._at, self._ended = b"", 0, False

    def enter(self) -> None:
        """Passes over all that stands before the first element. Raises ReadingError where there is no such list."""
        if self._next() != b"{":
            raise self._missing("the file is no JSON object")
        for depth, name in enumerate(self._names, 1):
            inside = f"{'.'.join(self._names[: depth - 1])!r}" if depth > 1 else "the file"
            seen: list[str] = []
            while (key := self._key()) != name:
                if key is None:
                    shown = ", ".join(seen[:_NAMES_SHOWN]) + (", …" if len(seen) > _NAMES_SHOWN else "")
                    raise self._missing(f"{inside} has {shown or 'nothing in it'}")
                if len(seen) <= _NAMES_SHOWN:
                    seen.append(key if len(key) <= _SHOWN else key[:_SHOWN] + "…")
                self._skip_value()
            value, wanted = self._next(), b"{" if depth < len(self._names) else b"["
            if value != wanted:
                kind = {b"{": "an object", b"[": "a list", None: "cut off"}.get(value, "a plain value")
                raise self._missing(f"{'.'.join(self._names[:depth])!r} is {'null' if value == b'null' else kind}")
        self._cutter.skip(self._at)
        self._data, self._at, self._ended = b"", 0, False  # the elements are read by others

    def leave(self) -> None:
        """Passes over all that stands behind the list, which is closed. Raises ReadingError where the envelope is not
        whole, or has the list twice."""
        for name in reversed(self._names):
            while (key := self._key()) is not None:
                if key == name:
                    raise self._damaged(f"{name!r} is there twice")
                self._skip_value()
        if self._next() is not None:
            raise self._damaged("something stands behind the envelope")

    def _key(self) -> str | None:
        """The next member's name, up to its value; None where the object ends, which is passed over too."""
        token = self._next()
        if token == b",":
            token = self._next()
        if token == b"}":
            return None
        if token is None:
            raise self._damaged("it is not closed before the file ends")
        if not token.startswith(b'"') or self._next() != b":":
            raise self._damaged(f"{token[:40].decode('utf-8', 'replace')!r} stands where a member should")
        try:
            return str(json.loads(token))
        except ValueError:
            return token.decode("utf-8", "replace")

    def _skip_value(self) -> None:
        depth = 0
        while (token := self._next()) is not None:
            depth += (token in (b"{", b"[")) - (token in (b"}", b"]"))
            if depth <= 0:
                return
        raise self._damaged("it is not closed before the file ends")

    def _next(self) -> bytes | None:
        """The next token; None at the end of the file."""
        while True:
            found = _TOKEN.match(self._data, self._at)
            # The last one may go on in what was not read yet.
            if found and (found.end() < len(self._data) or self._ended or found[1] in _SIGNS):
                self._at = found.end()
                return found[1]
            if self._ended:
                if self._data[self._at :].strip(_SPACE):
                    raise self._damaged("a text is not closed before the file ends")
                self._cutter.skip(len(self._data))
                self._data, self._at = b"", 0
                return None
            self._more()

    def _more(self) -> None:
        self._cutter.skip(self._at)
        most, rest = self._cutter.max_record_bytes, len(self._data) - self._at
        if rest >= most:
            raise self._damaged(f"a text does not end within {most} bytes")
        size = min(2 * rest + _STEP, most)
        self._data, self._at = self._cutter.peek(size), 0
        self._ended = len(self._data) < size

    def _missing(self, what: str) -> ReadingError:
        return ReadingError(
            f"there is no list {self._path!r} in the file: {what}",
            cure="declare the path of the list that holds the records, such as JsonFile(records='data.items')",
        )

    def _damaged(self, what: str) -> ReadingError:
        self._cutter.skip(self._at)
        return ReadingError(
            f"the envelope around the records is damaged: {what} (line {self._cutter.line}, byte {self._cutter.byte})",
            cure="the file is cut off, or a quote or bracket in it is one too many or too few: have it sent whole",
        )
