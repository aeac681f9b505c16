"""The measurements, by the name under which `--only` knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bench.measurements import (
    arriving,
    assertions,
    calls,
    consolidation,
    events,
    formats,
    growth,
    history,
    lookups,
    master,
    nights,
    notice,
    small,
    starts,
)
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
    "formats": formats.measure,
    "small": small.measure,
    "small_postgres": small.measure_postgres,
    "notice": notice.measure,
    "arriving": arriving.measure,
    "calls": calls.measure,
    "bodies": calls.measure_bodies,
    "calls_beside": calls.measure_beside,
    "events": events.measure,
    "events_single": events.measure_singles,
    "starts": starts.measure,
}
