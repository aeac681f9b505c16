"""`python -m retail`: a day of a retailer, live: four systems and the web send files, calls and events to a running
service, and what it serves is checked; then a week of files, sent with every mischief into its inbox.

Exit code 0 if every account and every attribute of every record came out as it was meant, else 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

from rich.console import Console

from retail import show
from retail.command import CommandLine
from retail.day import BLACK_FRIDAY
from retail.files.week import week
from retail.live.day import live_day
from retail.live.verdict import PROMPT


def main() -> int:
    """Runs, shows, checks."""
    wishes = _wishes()
    out = Console(width=None if sys.stdout.isatty() else 140)
    begun = time.monotonic()
    folder = _fresh(wishes.data, f"{wishes.date}-seed{wishes.seed}")
    store = wishes.store or str(folder / "{domain}.duckdb")
    perfect = live_day(
        out, folder, seed=wishes.seed, scale=wishes.scale, speed=wishes.speed, date=wishes.date, store=store,
        at=wishes.http, kafka=wishes.broker, prompt=wishes.prompt,
    )  # fmt: skip
    if perfect:
        _look(out, CommandLine("retail", store), folder, wishes.date)
        perfect = wishes.no_week or week(out, folder, wishes.seed)
    out.print(f"\n{folder} · {time.monotonic() - begun:.1f} s", style="dim", markup=False)
    return 0 if perfect else 1


def _look(out: Console, product: CommandLine, folder: Path, date: dt.date) -> None:
    """What people ask in the evening."""
    show.quarantine(out, product)
    show.explained(out, product, folder)
    show.reconciled(out, product)
    at = f"{date + dt.timedelta(days=1)}T03:00:00Z"  # the systems live this day alone
    show.findings(out, product.findings(at))


def _wishes() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m retail", description="A day of a retailer, live and checked.")
    parser.add_argument("--data", type=Path, default=Path("trivium-data"), help="where its folder is made")
    parser.add_argument("--store", help="a store of your own; else a DuckDB file a domain in the day's folder")
    parser.add_argument(
        "--broker", help="a Kafka of your own that has the topics, kafka://…; else an embedded stand-in"
    )
    parser.add_argument("--http", default="127.0.0.1:8080", help="where the service answers (default: 127.0.0.1:8080)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another day (default: 1)")
    parser.add_argument("--scale", type=float, default=0.5, help="1: some 20,000 receipt lines and 1,000 orders")
    parser.add_argument("--speed", type=float, default=1800, help="times as fast as the clock (default: 1800)")
    parser.add_argument(
        "--prompt",
        type=float,
        default=PROMPT,
        help=f"seconds in which a flash sale must be served (default: {PROMPT:g})",
    )
    parser.add_argument("--date", type=dt.date.fromisoformat, default=BLACK_FRIDAY, help="its business date")
    parser.add_argument("--no-week", action="store_true", help="the day alone, without the week of files after it")
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


if __name__ == "__main__":
    sys.exit(main())
