"""Cuts a stream into pieces of whole records, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from trivium.engine.reading.lines import line_ends
from trivium.engine.reading.spans import Positions

# malloc gives blocks of this size again; those of 32 MB are mapped and cleared anew every time, which costs more
# than it saves. 332 MB on 2 cores in chunks of 8, 16, 24 MB: 0.9, 1.4, 1.4 s, best of four in one process; each
# in a process of its own, with other work beside it, chunks of 8, 31, 32 MB: 2.3, 2.3, 3.5 s.
CHUNK_BYTES = 8 << 20
MAX_RECORD_BYTES = 64 << 20
# What is kept of a record that is too long to be held: enough to find it in the file.
EXCERPT_BYTES = 64 << 10

CHUNK_RECORDS: Final = 1 << 16
"""The most of a chunk, where they can be told apart so: what is kept of a record, above all of one that is bad, costs
memory however short it is."""


class ByteSource(Protocol):
    """A blocking stream: `read(n)` gives 1 to n bytes, fewer if it likes, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Layout(Protocol):
    """What the cutter must know of a format. `data` always begins with a record."""

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        """The position after the last whole record (0: there is none), and marks found on the way.

        At the end of the file the position is len(data). The marks are positions before the cut, whose
        meaning is the layout's own.
        """
        ...

    def count_line_ends(self, data: bytes) -> int: ...

    def resuming(self) -> Resuming:
        """For a record that is too long. Raises LostError if reading cannot go on after it."""
        ...


class Resuming(Protocol):
    """Looks for the end of one record that is too long to be held, run of bytes by run."""

    def find(self, data: bytes) -> int:
        """The position at which reading can go on; 0: further on. `data` is what `passed` has not had."""
        ...

    def passed(self, data: bytes) -> None:
        """These bytes of the record are gone."""
        ...

    @property
    def swallows(self) -> int | None:
        """What `find` found is the end of a line, but not of the record: where in it the quote opens."""
        ...


class LostError(Exception):
    """After a record that is too long, the beginning of the next one cannot be told."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Whole records, with the offset (bytes) and the 1-based physical line at which they begin.

    `line_ends` is the number of physical line ends in them.
    """

    data: bytes
    marks: Positions
    first_byte: int
    first_line: int
    line_ends: int


@dataclass(frozen=True, eq=False)
class Overlong:
    """A record that did not end within the bound. `excerpt` is its beginning, up to the place of resuming.

    `skipped` is the number of bytes passed over; `resumed_line` is None if the rest of the file was not read.
    `quote` is the offset in the file of a quote that is still open where the record's first line ends, if anything
    follows that line.
    """

    excerpt: bytes
    skipped: int
    first_byte: int
    first_line: int
    resumed_line: int | None
    quote: int | None = None


class Cutter:
    """Holds at most `max_record_bytes` + 1 of the source, and while a piece is joined twice that.

    A piece is as near to `chunk_bytes` as its records allow, and has at most CHUNK_RECORDS lines where it can be
    cut. A record longer than `max_record_bytes` (with its line end) is Overlong, however the pieces fall: so a
    chunk is never made larger than that.
    """

    def __init__(self, source: ByteSource, layout: Layout, *, chunk_bytes: int, max_record_bytes: int) -> None:
        if chunk_bytes < 1:
            raise ValueError("chunk_bytes must be at least 1")
        if not 4 <= max_record_bytes < 1 << 30:
            raise ValueError("max_record_bytes must be from 4 (a BOM is looked for) to 1 GiB (Arrow's offsets)")
        self.layout = layout  # may be exchanged before the first piece is taken
        self.max_record_bytes = max_record_bytes
        self._source = source
        self._chunk = self._wanted = min(chunk_bytes, max_record_bytes)
        self._held = b""
        self._at_end = False
        self.byte = 0  # where the next piece begins: offset in the file
        self.line = 1  # and 1-based physical line

    def peek(self, size: int) -> bytes:
        """The next bytes: at least `size` of them, or `max_record_bytes`, unless the file ends."""
        return self._fill(min(size, self.max_record_bytes))

    def _fill(self, size: int) -> bytes:
        parts, missing = [self._held], size - len(self._held)
        while missing > 0 and not self._at_end:
            part = self._source.read(missing)
            self._at_end = not part
            parts.append(part or b"")
            missing -= len(part or b"")
        if len(parts) > 1:
            self._held = b"".join(parts)
        return self._held

    def skip(self, size: int) -> bytes:
        """Passes over bytes that were peeked at, and returns them."""
        gone, self._held = self._held[:size], self._held[size:]
        self.byte += len(gone)
        self.line += self.layout.count_line_ends(gone)
        return gone

    def put_back(self, piece: Piece, position: int) -> None:
        """Gives back the end of the piece taken last, from a position in it where a record begins."""
        self.byte, self.line = piece.first_byte, piece.first_line
        self._held = piece.data + self._held
        self.skip(position)

    def take(self, size: int | None = None, most: int | None = None) -> Piece | Overlong | None:
        """The next piece, of about `size` bytes; None at the end of the file. Where no record ends within `most` bytes,
        which may be fewer than of other records, the caller reads no further."""
        wanted = min(size or self._wanted, self._wanted)
        bound = self.max_record_bytes if most is None else min(most, self.max_record_bytes)
        while held := self._fill(wanted):
            data = held[:wanted] if len(held) > wanted else held
            position, marks = self.layout.cut(data, self._at_end and len(data) == len(held))
            if position and (wanted <= bound or position <= bound):
                position, marks = self._not_too_many(data[:position], position, marks)
                byte, line = self.byte, self.line
                taken = self.skip(position)
                return Piece(taken, marks, byte, line, self.line - line)
            if wanted > bound:
                return self._overlong() if most is None else Overlong(b"", 0, self.byte, self.line, None)
            # The bound itself, and then one byte more: to see the end of the file, or the LF behind a CR.
            seen = max(wanted, len(data))
            wanted = min(2 * seen, bound) + (seen >= bound)
        return None

    def _not_too_many(self, data: bytes, position: int, marks: Positions) -> tuple[int, Positions]:
        """An earlier place to cut at, behind the last line end of which no more than CHUNK_RECORDS stand before it."""
        lines = self.layout.count_line_ends(data) if len(data) > CHUNK_RECORDS else 0
        if lines <= CHUNK_RECORDS:
            self._wanted = min(2 * self._wanted, self._chunk) if 2 * lines < CHUNK_RECORDS else self._wanted
            return position, marks
        ends = line_ends(data)
        self._wanted = min(int(ends[CHUNK_RECORDS - 1]) + 2, self._wanted)  # what comes is much like it
        earlier, fewer = self.layout.cut(data[: int(ends[CHUNK_RECORDS - 1]) + 1], False)
        return (earlier, fewer) if earlier else (position, marks)

    def pieces(self) -> Iterator[Piece | Overlong]:
        while (piece := self.take()) is not None:
            yield piece

    def _overlong(self) -> Overlong:
        byte, line, excerpt = self.byte, self.line, b""
        try:
            resuming = self.layout.resuming()
        except LostError:
            excerpt, self._held, self._at_end = self._held[:EXCERPT_BYTES], b"", True
            return Overlong(excerpt, self.byte - byte, byte, line, None)
        while not (position := resuming.find(self._held)) and not self._at_end:
            # The last byte stays: it may be half of a line end.
            gone = self.skip(len(self._held) - 1)
            resuming.passed(gone)
            excerpt += gone[: EXCERPT_BYTES - len(excerpt)]
            self._fill(self._chunk + 1)
        gone = self.skip(position or len(self._held))
        excerpt += gone[: EXCERPT_BYTES - len(excerpt)]
        skipped, resumed = self.byte - byte, self.line
        quote = None if resuming.swallows is None or self._is_blank_to_end() else byte + resuming.swallows
        return Overlong(excerpt, skipped, byte, line, resumed, quote)

    def _is_blank_to_end(self) -> bool:
        """Passes over line ends; whether nothing else is left."""
        while data := self._fill(self._chunk):
            text = data.lstrip(b"\r\n")
            self.skip(len(data) - len(text))
            if text:
                return False
        return True
