"""The measurements, by the name under which `--only` knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bench.measurements import assertions, consolidation, growth, history, lookups, master, nights
from bench.report import Section
from bench.scales import Scale

MEASUREMENTS: Final[dict[str, Callable[[Scale], Section]]] = {
    "history": history.measure,
    "master": master.measure,
    "postgres": master.measure_postgres,
    "growth": growth.measure,
    "lookups": lookups.measure,
    "consolidation": consolidation.measure,
    "nights": nights.measure,
    "assertions": assertions.measure,
}
