"""The same sales lines in every format: how each file is made, declared, and read by those who do nothing else."""

from __future__ import annotations

import gzip
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

from bench.domains import Sale
from bench.inputs import made, sales_sql
from trivium import Batch, Csv, Domain, Excel, FixedWidth, Into, JsonFile, Parquet
from trivium.model.formats import Format

TYPES: Final = {
    "business_date": "DATE", "store_id": "VARCHAR", "receipt": "VARCHAR", "line": "BIGINT", "product_id": "VARCHAR",
    "quantity": "BIGINT", "unit_price": "DECIMAL(10, 2)", "total": "DECIMAL(12, 2)", "currency": "VARCHAR",
    "payment": "VARCHAR", "sold_at": "TIMESTAMPTZ",
}  # fmt: skip
_WIDTHS: Final = {
    "business_date": 10, "store_id": 11, "receipt": 10, "line": 4, "product_id": 7, "quantity": 6, "unit_price": 10,
    "total": 12, "currency": 3, "payment": 8, "sold_at": 20,
}  # fmt: skip
_STRUCT: Final = f"STRUCT({', '.join(f'{name} {kind}' for name, kind in TYPES.items())})"


@dataclass(frozen=True)
class Kind:
    """One way to write the lines down. `plain` is DuckDB's own reader of the file, where it has one; `alone` are the
    libraries that read it, where it has none, by their tasks."""

    label: str
    suffix: str
    format: Format
    write: Callable[[int, Path], None]
    plain: str | None = None
    alone: tuple[str, ...] = ()
    needs: str | None = None

    def file(self, rows: int) -> Path:
        """The lines as such a file, made once."""
        return made(f"lines-{rows}{self.suffix}", lambda path: self.write(rows, path))

    @property
    def missing(self) -> str | None:
        """Why it cannot be measured."""
        if self.needs is None or importlib.util.find_spec(self.needs):
            return None
        return f"skipped: {self.needs} is not installed"

    @property
    def domain(self) -> Domain:
        """A till that sends such files."""
        return Domain(
            "sales",
            entities=[Sale],
            sources=[Batch("tills", format=self.format, into=[Into(Sale)], event_time="sold_at")],
        )


def _lines(rows: int) -> str:
    """Not all of it is ASCII, so that an encoding has something to do."""
    return f"SELECT * REPLACE (replace(store_id, 'S', 'Zürich-') AS store_id) FROM ({sales_sql(rows)})"


def _copied(options: str, select: str = "SELECT * FROM ({lines})") -> Callable[[int, Path], None]:
    def write(rows: int, path: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute(f"COPY ({select.format(lines=_lines(rows))}) TO '{path}' ({options})")

    return write


def _encoded(encoding: str) -> Callable[[int, Path], None]:
    def write(rows: int, path: Path) -> None:
        with (
            KINDS["csv"].file(rows).open(encoding="utf-8", newline="") as text,
            path.open("w", encoding=encoding, newline="") as file,
        ):
            shutil.copyfileobj(text, file, 1 << 20)

    return write


def _gzipped(rows: int, path: Path) -> None:
    with KINDS["csv"].file(rows).open("rb") as plain, gzip.open(path, "wb", compresslevel=6) as file:
        shutil.copyfileobj(plain, file, 1 << 20)


def _enveloped(rows: int, path: Path) -> None:
    with KINDS["array"].file(rows).open("rb") as array, path.open("wb") as file:
        file.write(b'{"sent_by": "tills", "data": {"items": ')
        shutil.copyfileobj(array, file, 1 << 20)
        file.write(b"}}\n")


def _workbook(rows: int, path: Path) -> None:
    import openpyxl  # only where workbooks are measured

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("sales")
    sheet.append(list(TYPES))
    for row in _rows(rows):
        sheet.append(row)
    with path.open("wb") as file:  # it tells formats by names, and this one has none yet
        book.save(file)


def _rows(rows: int) -> Iterator[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT * REPLACE (unit_price::DOUBLE AS unit_price, total::DOUBLE AS total) FROM ({_lines(rows)})"
        )
        while some := found.fetchmany(10_000):
            yield from some


_CELLS: Final = " || ".join(f"rpad({name}::VARCHAR, {width}, ' ')" for name, width in _WIDTHS.items())
_TYPED: Final = f"SELECT {', '.join(f'{name}::{kind} AS {name}' for name, kind in TYPES.items())} FROM ({{lines}})"
_FIXED: Final = f"SELECT {_CELLS} FROM ({{lines}})"
_CSV: Final = f"read_csv('{{file}}', header = true, columns = {TYPES}"
_JSON: Final = f"read_json('{{file}}', columns = {TYPES}"
_ENVELOPE: Final = (
    f"(SELECT unnest(data.items, max_depth := 2) FROM read_json('{{file}}', "
    f"columns = {{data: 'STRUCT(items {_STRUCT}[])'}}, maximum_object_size = 2000000000))"
)

KINDS: Final = {
    "csv": Kind("CSV", ".csv", Csv(), _copied("FORMAT csv, HEADER"), f"{_CSV})"),
    "quoted": Kind(
        "CSV, every cell in quotes", ".quoted.csv", Csv(), _copied("FORMAT csv, HEADER, FORCE_QUOTE *"), f"{_CSV})"
    ),
    # DuckDB knows no cp1252 without an extension; what these lines hold of it is the same in Latin-1.
    "cp1252": Kind(
        "CSV in cp1252", ".cp1252.csv", Csv(encoding="cp1252"), _encoded("cp1252"), f"{_CSV}, encoding = 'latin-1')"
    ),
    "utf16": Kind(
        "CSV in UTF-16", ".utf16.csv", Csv(encoding="utf-16"), _encoded("utf-16"), f"{_CSV}, encoding = 'utf-16')"
    ),
    "gzip": Kind("CSV, gzip", ".csv.gz", Csv(), _gzipped, f"{_CSV}, compression = 'gzip')"),
    "zstd": Kind(
        "CSV, zstd", ".csv.zst", Csv(), _copied("FORMAT csv, HEADER, COMPRESSION zstd"),
        f"{_CSV}, compression = 'zstd')",
    ),
    "fixed": Kind(
        "fixed width", ".txt", FixedWidth(columns=_WIDTHS),
        _copied("FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01'", _FIXED),
    ),
    "ndjson": Kind("NDJSON", ".ndjson", JsonFile(), _copied("FORMAT json"), f"{_JSON}, format = 'newline_delimited')"),
    "array": Kind(
        "JSON, an array", ".json", JsonFile(), _copied("FORMAT json, ARRAY true"), f"{_JSON}, format = 'array')"
    ),
    "envelope": Kind(
        "JSON, an array in an envelope", ".envelope.json", JsonFile(records="data.items"), _enveloped, _ENVELOPE
    ),
    "parquet": Kind("Parquet", ".parquet", Parquet(), _copied("FORMAT parquet", _TYPED), "read_parquet('{file}')"),
    "excel": Kind("Excel", ".xlsx", Excel(), _workbook, alone=("fastexcel", "openpyxl"), needs="openpyxl"),
}  # fmt: skip
"""By the names under which tasks know them."""
