"""A live day from its beginning to its verdict."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from rich.console import Console

from retail import show
from retail.live import verdict
from retail.live.system import SYSTEMS
from retail.live.watching import NotRunning, broker, command_of, live, service

_PATIENCE: Final = 120.0


def live_day(
    out: Console,
    folder: Path,
    *,
    seed: int,
    scale: float,
    speed: float,
    date: dt.date,
    store: str | None = None,
    at: str = "127.0.0.1:8080",
    kafka: str | None = None,
    prompt: float = verdict.PROMPT,
) -> bool:
    """Runs service and systems, waits until all is taken, compares and shows; whether everything came out as it was
    meant. `kafka`: a cluster of your own with the topics; else an embedded stand-in. `prompt`: as of `verdicts`."""
    show.heading(out, f"A day live, {speed:,.0f} times as fast as the clock: files, calls and events")
    meant, inbox = folder / "meant", folder / "inbox"
    for name in ("mpts", "sod", "oms", "wms"):
        (inbox / name).mkdir(parents=True, exist_ok=True)
    store = store or str(folder / "{domain}.duckdb")
    try:
        with _broker(folder, kafka) as events, service(folder, at, store=store, inbox=str(inbox), broker=events) as url:
            told = "the embedded stand-in for a broker" if kafka is None else events
            out.print(f"the service answers at {url}; events go by {told}", highlight=False)
            words = {
                "url": url, "broker": events, "inbox": inbox, "meant": meant, "date": date, "seed": seed,
                "scale": scale, "speed": speed,
            }  # fmt: skip
            well = live(out, list(SYSTEMS), [command_of(name, **words) for name in SYSTEMS], folder)
            with out.status("what is still under way …"):
                taken = verdict.wait_until_taken(url, meant, _PATIENCE)
            if not taken:
                out.print("the service has not received all that was sent", style="bold red")
            _mischief(out, meant)
            with out.status("comparing with what was meant …"):
                compared = list(verdict.verdicts(url, meant, prompt=prompt))
    except NotRunning as error:
        out.print(str(error), style="bold red", markup=False)
        return False
    return show.verdict(out, compared) and taken and well


def _broker(folder: Path, kafka: str | None) -> AbstractContextManager[str]:
    return broker(folder) if kafka is None else nullcontext(kafka)


def _mischief(out: Console, meant: Path) -> None:
    systems = verdict.told(meant)
    kinds = Counter[str]()
    for system in systems:
        kinds.update(system["mischief"])
    records = sum(system["records"] for system in systems)
    told = "  ".join(f"{kind} {count:,} ({count / records:.1%})" for kind, count in kinds.most_common())
    out.print(f"{records:,} records were sent. {told}", highlight=False)
    served = sorted(second for system in systems for second in system["served"])
    if served:
        out.print(
            f"{len(served)} flash sales were read back {served[len(served) // 2] * 1000:.0f} ms after their answer, "
            f"the slowest {served[-1] * 1000:.0f} ms",
            highlight=False,
        )
