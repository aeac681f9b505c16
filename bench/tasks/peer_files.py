"""dlt's filesystem source: CSV files of a folder merged by their key, those that are new since the run before."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any, Final

import duckdb

from bench.inputs import file_name
from bench.kinds import TYPES
from bench.tasks.scratch import scratch

_KEY: Final = ("business_date", "store_id", "receipt", "line")
_ROWS: Final = 100_000
"""Rows that are handed on at once; a file has fewer or is handed on in pieces of these."""


def peer_arrivals(files: str, *, again: bool = False) -> dict[str, Any]:
    """Merges a folder's files, or one, into a new DuckDB file. `again`: two runs more, with `nothing` new and with
    `one` new file. Read by DuckDB into Arrow batches of the declared types, found by their time of modification: the
    fastest of what it offers."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    import dlt  # reads the environment when it is imported
    from dlt.sources.filesystem import filesystem, read_csv_duckdb

    with scratch() as folder:
        inbox, store = folder / "inbox", folder / "dlt.duckdb"
        inbox.mkdir()
        names = sorted(Path(files).iterdir()) if Path(files).is_dir() else [Path(files)]
        for number, file in enumerate(names):
            os.link(file, inbox / file_name(number))

        def run() -> float:
            started = time.perf_counter()
            there = filesystem(
                bucket_url=inbox.as_uri(),
                file_glob="*.csv",
                incremental=dlt.sources.incremental("modification_date"),
            )
            lines = (there | read_csv_duckdb(chunk_size=_ROWS, use_pyarrow=True, header=True, columns=TYPES)).with_name(
                "sale"
            )
            lines.apply_hints(
                write_disposition={"disposition": "merge", "strategy": "delete-insert"}, primary_key=list(_KEY)
            )
            pipeline = dlt.pipeline(
                "bench",
                destination=dlt.destinations.duckdb(credentials=str(store)),
                dataset_name="bench",
                pipelines_dir=str(folder / "pipelines"),
            )
            pipeline.run(lines, loader_file_format="parquet")
            return time.perf_counter() - started

        found: dict[str, Any] = {"seconds": run(), "files": len(names), "rows": _count(store)}
        if again:
            found["nothing"] = run()
            assert _count(store) == found["rows"], "a run with nothing new changed something"
            new = inbox / file_name(9_000_000)
            new.write_text(
                f"{','.join(TYPES)}\n2024-01-01,N1,R1,1,P000001,1,1.99,1.99,EUR,card,2024-01-01T09:00:00Z\n", "utf-8"
            )
            found["one"] = run()
            assert _count(store) == found["rows"] + 1, "the new file was not taken"
    return found


def _count(path: Path) -> int:
    with duckdb.connect(path, read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM bench.sale").fetchone()
    assert row is not None
    return int(row[0])
