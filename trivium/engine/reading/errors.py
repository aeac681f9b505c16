"""What a reader refuses whole. A record it cannot read is no error: it is torn, and the rest is read."""

from __future__ import annotations

from trivium.errors import TriviumError


class ReadingError(TriviumError):
    """The file as a whole cannot be read by its declaration. What was given out of it before counts for nothing.

    `line` (from 1) and `offset` (bytes, from 0) say where, as far as that is known.
    """

    exit_code = 2

    def __init__(self, message: str, *, cure: str, line: int | None = None, offset: int | None = None) -> None:
        super().__init__(message, hint=cure)
        self.line, self.offset = line, offset


class UnpacksTooFar(ReadingError):
    """What is packed comes to more than it may."""


class HeaderError(ReadingError):
    """The header line names no columns, or not in a way that tells them apart. `count`: how many cells it has, where
    that is what is wrong with it."""

    def __init__(self, message: str, *, cure: str, count: int | None = None) -> None:
        super().__init__(message, cure=cure)
        self.count = count


class SheetError(ReadingError):
    """The workbook has several sheets, and none is named."""


class EmptyError(HeaderError):
    """Not even a header is there: the file holds nothing."""
