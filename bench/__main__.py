"""`python -m bench`: see `--help`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.machine import busy, load, machine
from bench.measurements import MEASUREMENTS
from bench.report import document, page
from bench.running import say
from bench.scales import FULL, QUICK, USUAL

_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main(words: Sequence[str]) -> int:
    """Measures, prints what was found, and writes the page if everything was measured."""
    asked = _parser().parse_args(words)
    scale = QUICK if asked.quick else FULL if asked.full else USUAL
    command = " ".join(["python -m bench", *words])
    note = None
    if busy():
        note = f"The machine was busy with other work (load {load():.1f}): these figures say little."
        say(note)
    sections = []
    for name, measure in MEASUREMENTS.items():
        if asked.only and name not in asked.only:
            continue
        say(f"{name} …")
        started = time.monotonic()
        sections.append(measure(scale))
        say(f"{name}: {time.monotonic() - started:.0f} s")
    facts = machine()
    text = page(sections, facts, command, dt.datetime.now(dt.UTC).date(), note)
    print(json.dumps(document(sections, facts, command), indent=2) if asked.json else text)
    target = asked.out or (None if asked.only else _PAGE)
    if target is not None:
        target.write_text(text, encoding="utf-8")
        say(f"written to {target}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m bench",
        description="Measures this machine, and compares with the peers in the same run. Inputs and stores lie in a "
        "temporary folder, or where TRIVIUM_BENCH_CACHE says.",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small inputs, some five minutes")
    size.add_argument("--full", action="store_true", help="everything, up to 50 million rows: hours, and 20 GB of disk")
    parser.add_argument("--only", action="append", choices=MEASUREMENTS, help="this measurement; may be repeated")
    parser.add_argument("--json", action="store_true", help="prints JSON in place of the page")
    parser.add_argument("--out", type=Path, help="where the page is written; else docs/benchmarks.md, unless --only")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
