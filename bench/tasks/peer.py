"""dlt: the same file, read by pyarrow and handed on in Arrow batches, the fastest way it offers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv

from bench.tasks.scratch import scratch

_TYPES: Final = {
    "business_date": pa.date32(), "store_id": pa.string(), "receipt": pa.string(), "line": pa.int64(),
    "product_id": pa.string(), "quantity": pa.int64(), "unit_price": pa.decimal128(10, 2),
    "total": pa.decimal128(12, 2), "currency": pa.string(), "payment": pa.string(),
    "sold_at": pa.timestamp("us", "UTC"),
}  # fmt: skip
_KEY: Final = ["business_date", "store_id", "receipt", "line"]
_BLOCK: Final = 32 << 20

# What was fastest of dlt's own ways here. 200,000 lines into PostgreSQL on a busy machine: Parquet (by ADBC) 6.1 s with
# upsert and 7.0 with delete-insert, CSV 11 and 13, its default 40 and 44; into DuckDB delete-insert 4.0, upsert 4.3.
_STRATEGY: Final = {"duckdb": "delete-insert", "postgres": "upsert"}


def peer_load(
    file: str, how: Literal["append", "merge"], postgres: str | None = None, *, tuned: bool = True
) -> dict[str, Any]:
    """Appends the file to, or merges it by its key into, a new table. `tuned`: by the fastest of dlt's ways, else as it
    comes."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    import dlt  # reads the environment when it is imported

    with scratch() as folder:
        merge: Any = {"disposition": "merge", "strategy": _STRATEGY["postgres" if postgres else "duckdb"]}
        if not tuned:
            merge = "merge"
        lines = dlt.resource(
            _batches(file),
            name="sale",
            write_disposition="append" if how == "append" else merge,
            primary_key=[] if how == "append" else _KEY,
        )
        destination: Any = (
            dlt.destinations.postgres(credentials=_with_password(postgres))
            if postgres
            else dlt.destinations.duckdb(credentials=str(folder / "dlt.duckdb"))
        )
        started = time.perf_counter()
        pipeline = dlt.pipeline(
            "bench", destination=destination, dataset_name="bench", pipelines_dir=str(folder / "pipelines")
        )
        how_written: Any = "parquet" if tuned else None
        pipeline.run(lines, loader_file_format=how_written)
        seconds = time.perf_counter() - started
        rows = _count_postgres(postgres) if postgres else _count_duckdb(folder / "dlt.duckdb")
    return {"seconds": seconds, "rows": rows}


def _with_password(url: str) -> str:
    """dlt refuses a URL without one, also where the server asks for none."""
    return url.replace("postgres@", "postgres:any@")


def _batches(file: str) -> Iterator[pa.Table]:
    reader = pyarrow.csv.open_csv(
        file,
        read_options=pyarrow.csv.ReadOptions(block_size=_BLOCK),
        convert_options=pyarrow.csv.ConvertOptions(column_types=_TYPES),
    )
    for batch in reader:
        yield pa.Table.from_batches([batch])


def _count_duckdb(path: Path) -> int:
    with duckdb.connect(path, read_only=True) as connection:
        row = connection.execute("SELECT count(*) FROM bench.sale").fetchone()
    assert row is not None
    return int(row[0])


def _count_postgres(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM bench.sale").fetchone()
        connection.execute("DROP SCHEMA bench CASCADE")
        connection.execute("DROP SCHEMA IF EXISTS bench_staging CASCADE")
    assert row is not None
    return int(row[0])
