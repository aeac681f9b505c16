"""DuckDB by itself: a file into a typed table on disk, with nothing kept, judged or explained."""

from __future__ import annotations

import time
from typing import Any

import duckdb

from bench.kinds import KINDS
from bench.tasks.scratch import scratch


def plain_load(file: str, kind: str = "csv") -> dict[str, Any]:
    """Reads the file into a new table and closes it."""
    reader = KINDS[kind].plain
    assert reader is not None, f"DuckDB has no reader for {kind}"
    with scratch() as folder:
        started = time.perf_counter()
        with duckdb.connect(folder / "plain.duckdb") as connection:
            row = connection.execute(f"CREATE TABLE sale AS SELECT * FROM {reader.replace('{file}', file)}").fetchone()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "rows": row[0] if row else 0}


def alone(file: str, library: str) -> dict[str, Any]:
    """Reads the only sheet of a workbook by a library, into what that makes of it."""
    if library == "fastexcel":
        import fastexcel

        started = time.perf_counter()
        rows = fastexcel.read_excel(file).load_sheet(0).to_arrow().num_rows
    else:
        import openpyxl

        started = time.perf_counter()
        sheet = openpyxl.load_workbook(file, read_only=True).worksheets[0]
        rows = sum(1 for _ in sheet.iter_rows(values_only=True)) - 1  # the header
    return {"seconds": time.perf_counter() - started, "rows": rows}
