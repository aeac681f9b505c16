"""CSV read one byte at a time: the slow, plain rule that the fast reader must agree with."""

from __future__ import annotations

from dataclasses import dataclass, field

LINE_ENDS = (b"\r\n", b"\n", b"\r")


class Refused(Exception):
    """A quote is not closed, and lines follow it: (line, offset) of the quote."""


@dataclass
class PlainRecord:
    offset: int
    line: int
    cells: list[bytes | None] = field(default_factory=list)
    raw: bytes = b""
    size: int = 0  # with its line end
    unclosed: bool = False
    stray: int = 0  # quoted cells over several lines with text behind them
    quote: int = -1  # where the last quoted cell opened
    first_line: bytes = b""  # of a record of several lines, with the quote that is open at its end
    first_quote: int = -1

    def rules(self, columns: int) -> list[str]:
        found = []
        if self.size < 0:
            return ["too_long"]
        if self.unclosed:
            found.append("unclosed_quote")
        elif len(self.cells) != columns:
            found.append("cells")
        found += ["quote"] * self.stray
        if b"\0" in self.raw:
            found.append("nul")
        try:
            self.raw.decode()
        except UnicodeDecodeError:
            found.append("encoding")
        return found

    def texts(self) -> list[str | None]:
        return [None if cell is None else cell.decode() for cell in self.cells]


def line_end_at(data: bytes, at: int) -> int:
    """The size of the line end at a position, 0 if there is none."""
    return next((len(end) for end in LINE_ENDS if data.startswith(end, at)), 0)


def read_one(data: bytes, at: int, separator: bytes = b",", quote: bytes | None = b'"') -> PlainRecord:
    """The record or blank line that begins at `at`."""
    record = PlainRecord(at, lines_before(data, at))
    begin, cell, quoted, at_start, inside, broken = at, b"", False, True, False, False
    while at < len(data):
        byte = data[at : at + 1]
        if inside and line_end_at(data, at):
            broken = True
            if not record.first_line:
                record.first_line = data[begin : at + line_end_at(data, at)]
                record.first_quote = record.quote
        if inside:
            if byte != quote:
                cell += byte
            elif data[at + 1 : at + 2] == quote:
                cell += byte
                at += 1
            else:
                inside = False
        elif line_end_at(data, at):
            break
        elif byte == separator:
            record.cells.append(cell if cell or quoted else None)
            cell, quoted, at_start, broken = b"", False, True, False
            at += 1
            continue
        elif byte == quote and at_start:
            inside = quoted = True
            record.quote = at
        else:
            cell += byte
            record.stray += broken
            broken = False
        at_start = False
        at += 1
    record.cells.append(cell if cell or quoted else None)
    record.raw, record.unclosed = data[begin:at], inside
    record.size = at + line_end_at(data, at) - begin
    return record


def lines_before(data: bytes, at: int) -> int:
    """The 1-based line of a position, which is not between the two halves of a line end."""
    return len(data[:at].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))


def read_all(data: bytes, start: int = 0, longest: int = 1 << 30, quote: bytes | None = b'"') -> list[PlainRecord]:
    """The records from `start` on. One longer than `longest` has size -1 and ends with its first line."""
    records, at = [], start
    while at < len(data):
        record = read_one(data, at, quote=quote)
        if record.size > longest:
            end = at
            if record.first_line and data[at + len(record.first_line) :].strip(b"\r\n"):
                raise Refused(record.line, record.first_quote)
            while end < len(data) and not line_end_at(data, end):
                end += 1
            record = PlainRecord(at, record.line, raw=data[at:end], size=-1)
            at = end + line_end_at(data, end)
        else:
            if record.unclosed:
                end = record.quote
                while end < len(data) and not line_end_at(data, end):
                    end += 1
                if data[end:].strip(b"\r\n"):
                    raise Refused(lines_before(data, record.quote), record.quote)
            at += record.size
        if record.raw:
            records.append(record)
    return records
