"""What a row costs as files grow, and what memory they take."""

from __future__ import annotations

from bench import inputs
from bench.report import Section, Target
from bench.running import Contestant, compare
from bench.scales import MILLION, Scale

_REPEATED = 5 * MILLION
"""Files up to this size are loaded as often as elsewhere, larger ones once."""


def measure(scale: Scale) -> Section:
    """Load and consolidation of ever larger files."""
    found = {}
    for rows in scale.growth:
        one = Contestant(f"{rows:,} rows", "ours", {"file": str(inputs.sales(rows)), "consolidate": True})
        found[rows] = compare([one], scale.repeats if rows <= _REPEATED else 1)[0]
    per_row = {rows: runs.median("seconds") / rows * 1e6 for rows, runs in found.items()}
    least, middle, greatest = scale.growth[0], scale.growth[min(1, len(scale.growth) - 2)], scale.growth[-1]
    table = [
        [
            f"{rows:,}",
            f"{runs.median('load_seconds'):.1f} s",
            f"{runs.median('consolidation_seconds'):.1f} s",
            f"{per_row[rows]:.2f} µs",
            f"{per_row[rows] / per_row[least]:.2f}×",
            f"{runs.median('peak_mb'):,.0f} MB",
            f"{runs.median('disk_mb'):,.0f} MB",
            f"{runs.median('raw_mb'):,.0f} MB",
        ]
        for rows, runs in found.items()
    ]
    peak = found[greatest].median("peak_mb")
    return Section(
        "Growth",
        "One file into a new DuckDB store, to its master.",
        ("rows", "load", "consolidation", "a row", "of the first", "peak memory", "store", "raw kept"),
        table,
        [
            Target(
                f"cost of a row, {greatest:,} rows beside {least:,}", per_row[greatest] / per_row[least], "at most", 1.3
            ),
            Target(f"peak memory at {greatest:,} rows", peak, "at most", 1000, "MB"),
            Target(
                f"peak memory at {greatest:,} rows beside {middle:,}",
                peak / found[middle].median("peak_mb"), "at most", 1.3,
            ),
        ],
    )  # fmt: skip
