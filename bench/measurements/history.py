"""CSV to durable history."""

from __future__ import annotations

from pathlib import Path

from bench import inputs
from bench.report import COMPARED, Section, Target, compared, ratio
from bench.running import Contestant, compare
from bench.scales import Scale


def measure(scale: Scale) -> Section:
    """We, DuckDB by itself, and dlt, with one file."""
    clean, bad = str(inputs.sales(scale.rows)), str(inputs.sales(scale.rows, bad=True))
    runs = compare(
        [
            Contestant("Trivium", "ours", {"file": clean, "consolidate": False}),
            Contestant("Trivium, one row in a hundred bad", "ours", {"file": bad, "consolidate": False, "bad": True}),
            Contestant("DuckDB: typed read_csv into a table", "plain", {"file": clean}),
            Contestant("dlt: append to DuckDB", "peer", {"file": clean, "how": "append"}),
        ],
        scale.repeats,
    )
    ours, _, plain, peer = runs
    return Section(
        "CSV to durable history",
        f"{scale.rows:,} sales lines of 11 columns ({Path(clean).stat().st_size / 1e6:,.0f} MB) into a new DuckDB "
        "file. Trivium keeps the raw file, checks every value, computes digests and says where every row came "
        "from; DuckDB by itself casts; dlt is given Arrow batches that pyarrow has typed.",
        COMPARED,
        compared(runs, scale.rows, ours),
        [
            Target("CSV to history, beside DuckDB's own typed read_csv", ratio(plain, ours), "at least", 0.5),
            Target("CSV to history, beside dlt's append to DuckDB", ratio(peer, ours), "at least", 1.5),
        ],
    )
