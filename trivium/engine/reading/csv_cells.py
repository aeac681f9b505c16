"""The cells of CSV records as text columns, by pyarrow."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc

from trivium.engine.reading.csv_layout import CsvLayout
from trivium.engine.reading.encoding import BOM
from trivium.engine.reading.lines import CR, outside
from trivium.engine.reading.spans import bytes_of
from trivium.model.formats import Csv

# Measured on 2 cores, chunks of 8 MB: blocks of 1, 2, 4 MB take 1.0, 0.9, 1.15 s for 332 MB.
BLOCK_BYTES = 2 << 20
_STAND_IN = "\1"  # for the escape of a null word


@dataclass(frozen=True)
class CsvCells:
    """How the cells of one file are read: an empty one is null, and so is one that is a null word; `""` is an empty
    text, all else as it stands."""

    columns: tuple[str, ...]
    format: Csv

    @cached_property
    def layout(self) -> CsvLayout:
        return CsvLayout(self.format)

    def with_columns(self, columns: Sequence[str]) -> CsvCells:
        """The same for records of other columns."""
        return dataclasses.replace(self, columns=tuple(columns))

    def parse(self, data: Any, *, quoted: bool, longest: int = 0) -> Any:
        """pa.Table of the records in `data` (bytes or pa.Buffer), UTF-8.

        `quoted`: some cell may be in quotes, or hold what is escaped. `longest`: no record has more bytes than that,
        else than a block. Raises pa.ArrowInvalid if any record is ragged, too long or not UTF-8.
        """
        if not len(data):
            return self.schema.empty_table()
        if self._escaped_nulls is not None:
            data = self._without_escaped_nulls(bytes(data))
        view = memoryview(data)
        before = after = b""
        if bytes(view[:3]) == BOM:
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
        source: Any = pa.BufferReader(data)
        return pc.read_csv(
            source,
            read_options=pc.ReadOptions(
                column_names=list(self.columns), block_size=max(BLOCK_BYTES, longest + 2), encoding="utf-8"
            ),
            parse_options=pc.ParseOptions(
                delimiter=self.format.separator,
                quote_char=self.format.quote or False,
                escape_char=self.format.escape or False,
                newlines_in_values=quoted,
            ),
            convert_options=self._convert,
        )

    @cached_property
    def schema(self) -> Any:
        return pa.schema([(name, pa.string()) for name in self.columns])

    @cached_property
    def _convert(self) -> Any:
        escape = self.format.escape
        nulls = [_STAND_IN + word[1:] if escape and word.startswith(escape) else word for word in self.format.nulls]
        return pc.ConvertOptions(
            column_types=self.schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=["", *nulls],
        )

    @cached_property
    def _escaped_nulls(self) -> re.Pattern[bytes] | None:
        """Cells that are a null word which begins with the escape, as `\\N` of databases."""
        escape, separator = self.format.escape, re.escape(self.format.separator.encode())
        words = [re.escape(word.encode()) for word in self.format.nulls if escape and word.startswith(escape)]
        if not words:
            return None
        return re.compile(
            rb"(?:\A|(?<=[\r\n" + separator + rb"]))(?:" + b"|".join(words) + rb")(?=[\r\n" + separator + rb"]|\Z)"
        )

    def _without_escaped_nulls(self, data: bytes) -> bytes:
        assert self._escaped_nulls is not None
        found = np.array([one.start() for one in self._escaped_nulls.finditer(data)], dtype=np.int64)
        found = outside(found, self.layout.toggles(data))
        changed = np.frombuffer(data, dtype=np.uint8).copy()
        changed[found] = ord(_STAND_IN)
        return changed.tobytes()
