"""`python -m retail`: a day of a retailer, from four systems and the web, through the product and checked; then a week
of files, sent with every mischief into the inbox of a running service.

Exit code 0 if every account and every attribute of every record came out as it was meant, else 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from retail import show
from retail.command import CommandLine
from retail.day import BLACK_FRIDAY, Day, write_day
from retail.files.week import week
from retail.simulators.scribe import Told
from retail.verdict import verdicts

_WAVES = 2
"""In so many rounds the files arrive: no system sends all of its own in one go."""


def main() -> int:
    """Generates, loads, shows, checks."""
    wishes = _wishes()
    out = Console(width=None if sys.stdout.isatty() else 140)
    begun = time.monotonic()
    folder = _fresh(wishes.data, f"{wishes.date}-seed{wishes.seed}")
    product = CommandLine("retail", wishes.store or str(folder / "{domain}.duckdb"))

    with out.status("four systems and the web live through a day …"):
        day = write_day(folder, seed=wishes.seed, scale=wishes.scale, day=wishes.date)
    show.day(out, day)
    refused = _load(out, product, day)
    for problem in refused:
        out.print(problem, style="bold red", markup=False)
    with out.status("folding …"):
        product.ask("consolidate", product.app)

    readings = product.readings()
    findings = product.findings(f"{wishes.date + dt.timedelta(days=1)}T03:00:00Z")  # the systems live this day alone
    show.accounts(out, readings)
    show.quarantine(out, product)
    show.explained(out, product, folder)
    show.reconciled(out, product)
    show.findings(out, findings)
    with out.status("comparing with what was meant …"):
        compared = list(verdicts(product, folder, readings, findings))
    perfect = show.verdict(out, compared) and not refused
    perfect = week(out, folder, wishes.seed) and perfect
    out.print(f"\n{folder} · {time.monotonic() - begun:.1f} s", style="dim", markup=False)
    return 0 if perfect else 1


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m retail", description="A day of a retailer, checked.")
    parser.add_argument("--data", type=Path, default=Path("trivium-data"), help="where its folder is made")
    parser.add_argument("--store", help="a store of your own; else a DuckDB file a domain in the day's folder")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day (default: 1)")
    parser.add_argument("--scale", type=float, default=1.0, help="1: some 20,000 receipt lines and 1,000 orders")
    parser.add_argument("--date", type=dt.date.fromisoformat, default=BLACK_FRIDAY, help="its business date")
    return parser.parse_args()


def _fresh(data: Path, name: str) -> Path:
    """A folder that was not there before."""
    number = 1
    while True:
        folder = data.absolute() / f"{name}-{number}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            number += 1
        else:
            return folder


def _load(out: Console, product: CommandLine, day: Day) -> list[str]:
    """Loads all files in the order of their arrival, some of them again; what went wrong."""
    problems: list[str] = []
    columns = (TextColumn("[bold]{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True) as progress:
        task = progress.add_task("loading", total=len(day.told) + len(day.again))
        for source, told in _arrivals(day):
            progress.update(task, description=source)
            for file in product.load(source, [day.folder / one.file for one in told]):
                if file["outcome"] not in ("loaded", "known"):
                    problems.append(f"{file['file']}: {file['outcome']} {file.get('error') or ''}")
                progress.advance(task)
    return problems


def _arrivals(day: Day) -> Iterator[tuple[str, list[Told]]]:
    """In each wave, some files of each source; in the end those that come a second time."""
    size = -(-len(day.told) // _WAVES)
    waves = [day.told[start : start + size] for start in range(0, len(day.told), size)]
    for wave in (*waves, day.again):
        for source in dict.fromkeys(told.source for told in wave):
            yield source, [told for told in wave if told.source == source]


if __name__ == "__main__":
    sys.exit(main())
