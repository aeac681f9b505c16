"""`python -m bench.soak`: the service under a steady load of calls, with its memory and latency plotted."""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path
from typing import Any, Final

from bench.running import say
from bench.tasks.live import Live, call, running

_CALLERS: Final = 16
_WINDOW: Final = 10.0
_CACHE: Final = 300
"""Megabytes of its file that the store keeps in memory: TRIVIUM_MEMORY, where nobody says otherwise."""
_DRAWN: Final = Path(__file__).parents[1] / "docs" / "soak.svg"


def main() -> int:
    """Calls, samples, draws; exits with 1 if memory has grown by more than what the store may keep in it."""
    parser = argparse.ArgumentParser("python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long; 60 if it is not given")
    parser.add_argument("--rate", type=float, help="requests a second; half of what 30 s at full speed found if not")
    parser.add_argument("--out", type=Path, default=_DRAWN, help="the SVG; the figures lie beside it as CSV")
    asked = parser.parse_args()
    with running() as live:
        url, first = f"{live.url}/v1/in/calls", 100_000_000
        rate = asked.rate or call(url, 30, first, _CALLERS)["rate"] / 2
        say(f"{rate:,.0f} requests a second for {asked.minutes:g} minutes")
        samples, begun = list[dict[str, Any]](), time.perf_counter()
        while time.perf_counter() - begun < asked.minutes * 60:
            first += 1_000_000
            found = call(url, _WINDOW, first, _CALLERS, rate)
            samples.append(_sample(live, found, time.perf_counter() - begun))
            say("  " + ", ".join(f"{name} {value:.1f}" for name, value in samples[-1].items()))
    with asked.out.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(samples[0]))
        writer.writeheader()
        writer.writerows(samples)
    draw(samples, rate, asked.out)
    first, last = samples[0]["memory_mb"], max(one["memory_mb"] for one in samples)
    say(f"memory: {first:.0f} MB at first, {last:.0f} MB at most; {asked.out}")
    return int(last > first + _CACHE)


def _sample(live: Live, found: dict[str, Any], at: float) -> dict[str, Any]:
    return {
        "minute": at / 60, "requests_per_second": found["rate"], "p50_ms": 1_000 * found["p50"],
        "p99_ms": 1_000 * found["p99"], "memory_mb": live.metric("process_resident_memory_bytes") / 1e6,
    }  # fmt: skip


def draw(samples: list[dict[str, Any]], rate: float, out: Path) -> None:
    """Memory and latency over time."""
    import matplotlib  # who only measures has it not

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, (upper, lower) = pyplot.subplots(2, 1, sharex=True, figsize=(9, 5), layout="constrained")
    minutes = [one["minute"] for one in samples]
    upper.plot(minutes, [one["memory_mb"] for one in samples], color="#1f6f78")
    upper.set(ylabel="memory, MB", ylim=(0, None), title=f"{rate:,.0f} single records a second by REST")
    for name, label, color in (("p50_ms", "p50", "#1f6f78"), ("p99_ms", "p99", "#c8553d")):
        lower.plot(minutes, [one[name] for one in samples], label=label, color=color)
    lower.set(ylabel="latency, ms", xlabel="minutes", ylim=(0, None))
    lower.legend(frameon=False)
    figure.savefig(out)


if __name__ == "__main__":
    sys.exit(main())
