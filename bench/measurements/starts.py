"""How soon the service is ready."""

from __future__ import annotations

import statistics

from bench import inputs
from bench.report import Section, Target
from bench.running import run
from bench.scales import Scale


def measure(scale: Scale) -> Section:
    """After a start in good order, and after a kill -9 while it was called."""
    found = run("starts", file=str(inputs.sales(scale.keys)))
    rows = [
        [what, f"{statistics.median(found[name]):.2f} s", f"{max(found[name]):.2f} s"]
        for what, name in (("after it had ended in good order", "ready"), ("after kill -9 under load", "again"))
    ]
    return Section(
        "Start to ready",
        f"From the start of the process until `/readyz` answers 200, with {scale.keys:,} keys in the DuckDB store; "
        "killed while 64 callers send single records.",
        ("", "median", "worst"),
        rows,
        [
            Target("Start to ready", statistics.median(found["ready"]), "at most", 3, "s"),
            Target("Ready again after kill -9 under load", statistics.median(found["again"]), "at most", 5, "s"),
        ],
    )
