"""`python -m bench`: see `--help`."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.kept import keep, kept
from bench.machine import busy, load, machine
from bench.measurements import MEASUREMENTS
from bench.report import Found, document, page
from bench.running import say
from bench.scales import FULL, QUICK, USUAL

_PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def main(words: Sequence[str]) -> int:
    """Measures, prints what was found, and writes the page anew."""
    asked = _parser().parse_args(words)
    scale = QUICK if asked.quick else FULL if asked.full else USUAL
    chosen = [name for name in MEASUREMENTS if not asked.only or name in asked.only]
    found = []
    for name in chosen:
        say(f"{name} …")
        note = _busy()
        started = time.monotonic()
        section = MEASUREMENTS[name](scale)
        say(f"{name}: {time.monotonic() - started:.0f} s")
        words = ["python -m bench", *(f"--{size}" for size in ("quick", "full") if getattr(asked, size))]
        command = " ".join([*words, f"--only {name}"])
        found.append(Found(section, command, dt.datetime.now(dt.UTC).date().isoformat(), note))
        keep(name, found[-1])
    facts = machine()
    print(json.dumps(document(found, facts), indent=2) if asked.json else page(found, facts))
    asked.out.write_text(page(kept(MEASUREMENTS), facts), encoding="utf-8")
    say(f"{asked.out} has what every measurement found last")
    return 0


def _busy() -> str | None:
    if not busy():
        return None
    note = f"The machine was busy with other work (load {load():.1f}): these figures say little."
    say(note)
    return note


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
    parser.add_argument(
        "--out", type=Path, default=_PAGE, help="where the page of what every measurement found last is written"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
