"""Single records from `current`, behind a tail that is not consolidated."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import duckdb

from bench import inputs
from bench.report import Section, Target
from bench.running import run, say
from bench.scales import Scale
from bench.tasks.scratch import scratch


def measure(scale: Scale) -> Section:
    """Keys that the master holds, and keys of the tail."""
    sales, tail = inputs.sales(scale.keys), inputs.corrected_sales(scale.tail, scale.keys, 1)
    with scratch() as folder:
        run("build", file=str(sales), folder=str(folder))
        say(f"  a master of {scale.keys:,} keys is built")
        found = run(
            "look_ups",
            folder=str(folder),
            tail=str(tail),
            in_master=_keys(sales, scale.look_ups, without=tail),
            in_tail=_keys(tail, scale.look_ups),
        )
    rows, targets = [], []
    for where, words in (("master", "key of the master"), ("tail", "key of the tail")):
        times = found[where]
        p99 = statistics.quantiles(times, n=100)[98]
        rows.append([words, f"{statistics.median(times):.1f} ms", f"{p99:.1f} ms", f"{max(times):.1f} ms"])
        targets.append(Target(f"look-up, {words}, p99", p99, "at most", 50, "ms"))
    return Section(
        "Look-ups in current",
        f"{scale.look_ups} single records each, one after the other, from {scale.keys:,} keys with a tail of "
        f"{scale.tail:,} versions in DuckDB. Peak memory: {found['peak_mb']:,.0f} MB.",
        ("", "p50", "p99", "slowest"),
        rows,
        targets,
    )


def _keys(file: Path, count: int, without: Path | None = None) -> list[list[Any]]:
    """Some keys of a file, scattered over it."""
    read = "read_csv('{}', header = true, all_varchar = true)"
    anti = f"ANTI JOIN {read.format(without)} AS t USING (business_date, store_id, receipt, line)" if without else ""
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"SELECT s.business_date, s.store_id, s.receipt, s.line::BIGINT FROM {read.format(file)} AS s {anti} "
            f"ORDER BY hash(s.receipt, s.line) LIMIT {count}"
        ).fetchall()
    return [list(row) for row in rows]
