"""The cells of CSV records as text columns, by pyarrow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc

from trivium.engine.reading.encoding import BOM, UTF8
from trivium.engine.reading.lines import CR
from trivium.engine.reading.spans import bytes_of

# Measured on 2 cores, chunks of 8 MB: blocks of 1, 2, 4 MB take 1.0, 0.9, 1.15 s for 332 MB.
BLOCK_BYTES = 2 << 20


@dataclass(frozen=True)
class CsvCells:
    """How the cells of one file are read: an empty one is null, `""` an empty text, all else as it stands."""

    columns: tuple[str, ...]
    separator: str
    encoding: str
    quote: str | None = '"'

    def parse(self, data: Any, *, quoted: bool, longest: int = 0) -> Any:
        """pa.Table of the records in `data` (bytes or pa.Buffer).

        `quoted`: some cell may be in quotes. `longest`: no record has more bytes than that, else than a
        block. Raises pa.ArrowInvalid or UnicodeDecodeError if any record is ragged, too long or not of the
        encoding.
        """
        if not len(data):
            return self.schema.empty_table()
        view = memoryview(data)
        before = after = b""
        if self.encoding == UTF8 and bytes(view[:3]) == BOM:
            # pyarrow passes over a BOM wherever bytes begin; here it is text. A blank line hides it.
            before = b"\n"
        if bytes(view[-1:]) not in b"\r\n":
            # pyarrow 26 takes the empty cell of `"x",` at the very end for quoted: "" where null is right.
            after = b"\n"
        if before or after:
            data = b"".join((before, view, after))
        if quoted and (bytes_of(data) == CR).any():
            # pyarrow 26 drops the LF of a CRLF inside quotes if one block ends between the two.
            longest = len(data)
        if self.encoding != UTF8:
            longest *= 3  # pyarrow cuts its blocks after decoding; a byte becomes three at most
        source: Any = pa.BufferReader(data)
        return pc.read_csv(
            source,
            read_options=pc.ReadOptions(
                column_names=list(self.columns),
                block_size=max(BLOCK_BYTES, longest + 2),
                encoding=self.encoding,
            ),
            parse_options=pc.ParseOptions(
                delimiter=self.separator, quote_char=self.quote or False, newlines_in_values=quoted
            ),
            convert_options=self._convert,
        )

    @cached_property
    def schema(self) -> Any:
        return pa.schema([(name, pa.string()) for name in self.columns])

    @cached_property
    def _convert(self) -> Any:
        return pc.ConvertOptions(
            column_types=self.schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
        )
