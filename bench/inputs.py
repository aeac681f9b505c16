"""The files that are loaded: made once by DuckDB, kept in a folder outside the project."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import duckdb

from bench.service import DAY

LINES_A_FILE: Final = 100
"""Of a small file."""
_ROWS_A_DAY: Final = 200_000
_MADE: Final = 1
"""Counted up whenever what is made changes, so that no older file is taken for it."""

# 400 stores, 80,000 products of which some sell far more than others, receipts of four lines, the days one after the
# other from 2024 on. What is drawn, is drawn from the row's number: the same file on every machine.
_SALES: Final = """
    SELECT strftime(day, '%Y-%m-%d') AS business_date,
           'S' || lpad((hash(i // 4) % 400)::VARCHAR, 4, '0') AS store_id,
           'R' || lpad((i // 4)::VARCHAR, 9, '0') AS receipt,
           i % 4 + 1 AS line,
           'P' || lpad(product::VARCHAR, 6, '0') AS product_id,
           quantity, price AS unit_price, (quantity * price)::DECIMAL(12, 2) AS total,
           CASE WHEN hash(i // 4) % 400 < 320 THEN 'EUR' WHEN hash(i // 4) % 400 < 370 THEN 'GBP' ELSE 'CHF' END
               AS currency,
           ['card', 'card', 'cash', 'gift', 'card', 'cash', 'voucher'][(hash(i // 4 + 7) % 7)::INTEGER + 1] AS payment,
           strftime(day + to_microseconds(((i % {day}) * 50400 // {day} + 28800 + {later}) * 1000000),
                    '%Y-%m-%dT%H:%M:%SZ') AS sold_at
    FROM (
        SELECT i, DATE '2024-01-01' + (i // {day})::INTEGER AS day,
               ((hash(i) % 80000) * (hash(i + 1) % 80000)) // 80000 AS product,
               CASE WHEN hash(i + 2) % 10 < 7 THEN 1 ELSE hash(i + 3) % 9 + 2 END::BIGINT AS quantity,
               ((hash(product) % 30000 + 99) / 100)::DECIMAL(10, 2) AS price
        FROM (SELECT {number} AS i FROM range({rows}) AS t(n))
    )
"""

# One row in a hundred is wrong in one of five ways; its key can be read in all of them.
_BAD: Final = """
    SELECT business_date, store_id, receipt, line,
           CASE WHEN bad = 1 THEN NULL ELSE product_id END AS product_id,
           CASE WHEN bad = 2 THEN quantity || '.5' ELSE quantity::VARCHAR END AS quantity,
           CASE WHEN bad = 3 THEN unit_price || '9' ELSE unit_price::VARCHAR END AS unit_price,
           total, currency,
           CASE WHEN bad = 4 THEN 'cheque' ELSE payment END AS payment,
           CASE WHEN bad = 5 THEN replace(sold_at, 'T', 'T3') ELSE sold_at END AS sold_at
    FROM (SELECT *, CASE WHEN hash(receipt, line) % 100 = 0 THEN hash(line, receipt) % 5 + 1 ELSE 0 END AS bad
          FROM ({sales}))
"""

_STOCK: Final = """
    SELECT 'S' || lpad((i // 10000)::VARCHAR, 4, '0') AS store_id,
           'P' || lpad((i % 10000)::VARCHAR, 6, '0') AS product_id,
           hash(i + 1000000007 * changes) % 200 AS quantity,
           ((hash(i % 10000) % 30000 + 99) / 100)::DECIMAL(10, 2) AS price,
           'EUR' AS currency,
           'A' || (hash(i) % 400) AS shelf
    FROM (
        SELECT i, len(list_filter(range(1, {night} + 1), lambda n: hash(i, n) % 100 = 0)) AS changes
        FROM range({rows}) AS t(i)
    )
"""

_ORDERS: Final = """
    SELECT json_object(
        'order_id', 'O' || lpad(i::VARCHAR, 9, '0'),
        'placed_at', strftime(TIMESTAMP '2024-01-01' + to_seconds(i), '%Y-%m-%dT%H:%M:%SZ'),
        'lines', list_transform(range(1, 4), lambda n: json_object(
            'line', n, 'product_id', 'P' || lpad((hash(i, n) % 80000)::VARCHAR, 6, '0'),
            'quantity', hash(n, i) % 5 + 1, 'price', ((hash(i + n) % 30000 + 99) / 100)::DECIMAL(10, 2)::VARCHAR
        ))
    ) AS record
    FROM range({rows}) AS t(i)
"""


def cache() -> Path:
    """Where inputs are kept and stores are made: TRIVIUM_BENCH_CACHE, or a folder for temporary files."""
    named = os.environ.get("TRIVIUM_BENCH_CACHE")
    folder = Path(named) if named else Path(tempfile.gettempdir()) / "trivium-bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def sales(rows: int, *, bad: bool = False) -> Path:
    """So many sales lines; with `bad`, one in a hundred of them is wrong."""
    sql = _sales(rows, "n", later=0)
    return _made(f"sales-{rows}{'-bad' if bad else ''}.csv", _BAD.format(sales=sql) if bad else sql)


def corrected_sales(rows: int, master: int, nth: int) -> Path:
    """Later versions of so many of the first `master` sales lines, scattered over all of them."""
    step = master // rows
    sql = _sales(rows, f"(n * {step} + hash(n + {nth}) % {step})::BIGINT", later=nth)
    return _made(f"corrected-{rows}-of-{master}-{nth}.csv", sql)


def stock(rows: int, night: int) -> Path:
    """A nightly snapshot; every night one row in a hundred is another than the night before."""
    folder = f"stock-{rows}"
    return _made(
        f"{folder}/stock_2024-{night // 28 + 1:02}-{night % 28 + 1:02}.csv", _STOCK.format(rows=rows, night=night)
    )


def orders(rows: int) -> Path:
    """So many orders of three lines each, an object a line."""
    return _made(
        f"orders-{rows}.ndjson", _ORDERS.format(rows=rows), "HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\\x01'"
    )


def small_files(count: int) -> Path:
    """A folder of so many files, each the sales lines of one store on one day."""
    large = large_file(count)

    def write(folder: Path) -> None:
        folder.mkdir()
        with large.open("rb") as lines:
            header = next(lines)
            for number in range(count):
                content = header + b"".join(itertools.islice(lines, LINES_A_FILE))
                (folder / file_name(number)).write_bytes(content)

    return made(f"small-{count}", write)


def large_file(count: int) -> Path:
    """The lines of so many small files as one."""
    rows = count * LINES_A_FILE
    day = f"(DATE '2024-01-01' + (n // {LINES_A_FILE} // 400)::INTEGER)"
    sql = f"""
        SELECT strftime({day}, '%Y-%m-%d') AS business_date,
               'S' || lpad((n // {LINES_A_FILE} % 400)::VARCHAR, 4, '0') AS store_id,
               * EXCLUDE (n, business_date, store_id, sold_at),
               strftime({day} + to_seconds(28800 + n % 50400), '%Y-%m-%dT%H:%M:%SZ') AS sold_at
        FROM (SELECT *, (row_number() OVER () - 1)::BIGINT AS n FROM ({sales_sql(rows)}))
        ORDER BY n
    """
    return _made(f"large-{count}.csv", sql)


def file_name(number: int) -> str:
    """What `bench.service` calls a file."""
    return f"sales_{number:06}_{DAY}.csv"


def sales_sql(rows: int) -> str:
    """The statement whose rows are so many sales lines."""
    return _sales(rows, "n", later=0)


def made(name: str, write: Callable[[Path], None]) -> Path:
    """A file or folder that `write` makes where it is told to, if it is not there from before."""
    path = cache() / "inputs" / str(_MADE) / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}")
        if aside.is_dir():  # somebody ended the run before
            shutil.rmtree(aside)
        write(aside)
        aside.replace(path)
    return path


def _sales(rows: int, number: str, *, later: int) -> str:
    return _SALES.format(day=_ROWS_A_DAY, rows=rows, number=number, later=later)


def _made(name: str, sql: str, options: str = "HEADER") -> Path:
    def write(path: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT csv, {options})")

    return made(name, write)
