"""How soon a file is noticed where many lie that are settled."""

from __future__ import annotations

import statistics

from bench.report import Section
from bench.running import run, say
from bench.scales import Scale


def measure(scale: Scale) -> Section:
    """A file renamed into a folder, one after the other."""
    rows = []
    for lying in scale.lying:
        found = run("notice", lying=lying, times=scale.noticed)
        listed, told = found["listed_seconds"], found["told_seconds"]
        say(f"  {lying:,} files present: listed in {statistics.median(listed):.2f} s, told in {max(told):.2f} at most")
        rows.append(
            [
                f"{lying:,}",
                f"{statistics.median(listed):.2f} s",
                f"{max(listed):.2f} s",
                f"{statistics.median(told):.2f} s",
                f"{max(told):.2f} s",
                f"{found['first_seconds']:.2f} s",
                f"{lying / found['settling_seconds']:,.0f} files/s" if lying else "",
            ]
        )
    return Section(
        "Time to notice",
        f"`trivium run` over a folder of this machine, in which so many files lie that are settled (outcome `leave`), "
        f"and {scale.noticed} more of one line each are renamed into it, one after the other at irregular moments. "
        "From the rename to the first listing that sees the file, by the ledger, and to the line that says it is "
        "loaded. At start: from the start of the process to the line of a file that came before. "
        "Settled: how fast those lying there, of one line each, were taken before.",
        ("files present", "listed, p50", "worst", "loaded, p50", "worst", "at start", "settled"),
        rows,
    )
