"""A full snapshot every night, of which little is new."""

from __future__ import annotations

from bench import inputs
from bench.report import Section
from bench.running import run
from bench.scales import Scale


def measure(scale: Scale) -> Section:
    """Night after night into one store, which asserts that each is complete."""
    found = run("nights", files=[str(inputs.stock(scale.night_rows, night)) for night in range(scale.nights)])
    rows = [
        [
            f"{night}",
            f"{one['load_seconds']:.2f} s",
            f"{one['seconds'] - one['load_seconds']:.2f} s",
            f"{one['seconds']:.2f} s",
            f"{one['disk_mb']:,.0f} MB",
            f"{one['raw_mb']:,.0f} MB",
        ]
        for night, one in enumerate(found["nights"], 1)
    ]
    return Section(
        "Nightly snapshots",
        f"{scale.night_rows:,} keys a night, one in a hundred of them changed; every file asserts to be complete for "
        f"its stores. DuckDB, peak memory {found['peak_mb']:,.0f} MB.",
        ("night", "load", "consolidation", "together", "store", "raw kept"),
        rows,
    )
