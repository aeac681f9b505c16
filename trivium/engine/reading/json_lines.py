"""JSON with a record a line, and the file that is one record."""

from __future__ import annotations

import numpy as np

from trivium.engine.reading.cutting import LostError, Resuming
from trivium.engine.reading.lines import LF, spans_between
from trivium.engine.reading.spans import NOWHERE, Positions, Spans, bytes_of

SPACE = b" \t\r\n"


class LinesLayout:
    """Cuts behind any line."""

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        return (len(data) if at_end else data.rfind(b"\n") + 1), NOWHERE

    def count_line_ends(self, data: bytes) -> int:
        return data.count(b"\n")

    def resuming(self) -> Resuming:
        return _NextLine()

    def spans(self, data: bytes, first_line: int) -> Spans:
        """The lines that are not blank; a line of nothing but spaces is blank too."""
        ends = np.flatnonzero(bytes_of(data) == LF)
        spans = spans_between(data, ends, ends, first_line)
        suspects = np.flatnonzero(np.isin(bytes_of(data)[spans.start], list(SPACE)))
        blank = [at for at in suspects.tolist() if not data[spans.start[at] : spans.end[at]].strip(SPACE)]
        return spans.only(np.delete(np.arange(len(spans)), blank)) if blank else spans


class _NextLine:
    """A line that is too long ends where any line does."""

    swallows = None

    def find(self, data: bytes) -> int:
        return data.find(b"\n") + 1

    def passed(self, data: bytes) -> None:
        return


class WholeLayout(LinesLayout):
    """Cuts nowhere: the file is one record."""

    def cut(self, data: bytes, at_end: bool) -> tuple[int, Positions]:
        return (len(data) if at_end else 0), NOWHERE

    def resuming(self) -> Resuming:
        raise LostError

    def spans(self, data: bytes, first_line: int) -> Spans:
        start = len(data) - len(data.lstrip(SPACE))
        place = (start, len(data.rstrip(SPACE)), len(data), first_line + data.count(b"\n", 0, start))
        spans = Spans(*(np.array([number], dtype=np.int64) for number in place))
        return spans.only(spans.end > spans.start)
