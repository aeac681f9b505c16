"""Many small files as one run of bytes, so that they are read and judged at the speed of a large one.

A file goes in only if its records are the same there as by themselves; every other is left to be read alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.places import LINES, line_of
from trivium.engine.reading.lines import count_line_ends
from trivium.engine.reading.quotes import find_toggles
from trivium.engine.reading.spans import Positions
from trivium.engine.reading.unpacking import GZIP, ZIPS, ZSTD

_CR, _LF = b"\r", b"\n"


@dataclass(frozen=True, eq=False)
class Bundled:
    """The bytes of several files: their header once, then what follows it in each.

    `members` are the files' numbers in what was given. `first_line` and `first_byte` say where what is of each begins
    in `data`; in its own file it begins in the line after `header_lines` and at `header_bytes`.
    """

    data: bytes
    members: list[int]
    first_line: Positions
    first_byte: Positions
    header_lines: int
    header_bytes: int

    def part_of(self, place: Any) -> Positions:
        """Which of the members each place is in, by its number among them."""
        return np.searchsorted(self.first_line, np.asarray(place) % LINES, side="right") - 1

    def own_place(self, place: Any, part: Positions) -> Positions:
        """The places in the files themselves."""
        return np.asarray(place) - self.first_line[part] + self.header_lines + 1

    def own_line(self, place: Any, part: Positions) -> Any:
        """The lines in the files themselves."""
        return pa.array(line_of(self.own_place(place, part)))

    def own_offset(self, offset: Any, part: Positions) -> Any:
        """The offsets (bytes) in the files themselves."""
        return pa.array(np.asarray(offset) - self.first_byte[part] + self.header_bytes)


def bundle_csv(files: Sequence[bytes], *, separator: str, quote: str | None) -> Bundled | None:
    """Those of the files that have the header of the first one that can be bundled; None where not two have."""
    header, members, bodies = b"", [], []
    for number, data in enumerate(files):
        end = data.find(_LF) + 1
        if not end or (header and data[:end] != header) or not _is_plain_header(data[:end], quote):
            continue
        body = data[end:]
        if body.strip(b"\r\n") and _ends_by_itself(body, separator, quote):
            header = data[:end]
            members.append(number)
            bodies.append(body)
    return _joined(header, members, bodies)


def bundle_json(files: Sequence[bytes]) -> Bundled | None:
    """Those of the files that have a record a line; None where there are not two."""
    members = [
        number
        for number, data in enumerate(files)
        if data.startswith(b"{") and data.partition(_LF)[0].rstrip().endswith(b"}")
    ]
    return _joined(b"", members, [files[number] for number in members])


def _joined(header: bytes, members: list[int], bodies: list[bytes]) -> Bundled | None:
    if len(members) < 2:
        return None
    bodies = [body if body.endswith(_LF) else body + _LF for body in bodies]
    counted = [body.count(_LF) if not header else count_line_ends(body) for body in bodies]
    header_lines = 1 if header else 0
    lines = np.cumsum([1 + header_lines, *counted[:-1]], dtype=np.int64)
    sizes = np.cumsum([len(header), *map(len, bodies[:-1])], dtype=np.int64)
    return Bundled(b"".join([header, *bodies]), members, lines, sizes, header_lines, len(header))


def _is_plain_header(line: bytes, quote: str | None) -> bool:
    """Whether the first line is the header, whole: plain text, not blank, no quote in it, no other line end."""
    text = line.removesuffix(_LF).removesuffix(_CR)
    if b"\0" in text or text.startswith((GZIP, ZSTD, *ZIPS)):
        return False
    return bool(text) and _CR not in text and (quote is None or quote.encode() not in text)


def _ends_by_itself(body: bytes, separator: str, quote: str | None) -> bool:
    """Whether what follows begins with a record, whatever this is: no quote is open at its end, no line end half."""
    if body.endswith(_CR):
        return False
    mark = None if quote is None else ord(quote)
    if mark is None or bytes([mark]) not in body:
        return True
    return len(find_toggles(body, ord(separator), mark)) % 2 == 0
