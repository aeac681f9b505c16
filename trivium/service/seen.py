"""The files that the service has seen, source by source: how many got how far, and what is under way."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from trivium.engine.sighting import NEXT, UNDER_WAY, Sighting
from trivium.ports import Ledger

_MOST: Final = 20
"""Files of a source that are told one by one; the others are counted."""


def seen(ledger: Ledger) -> dict[str, dict[str, Any]]:
    """Of each source whose inbox was ever listed: how many files are in each state, and `under_way`, those that are not
    settled yet, what needs somebody first."""
    counts = ledger.counts()
    found: dict[str, dict[str, Any]] = {
        source: {state: counts.get((source, state), 0) for state in NEXT} | {"under_way": []}
        for source in dict.fromkeys(source for source, _ in counts)
    }
    for sighting in ledger.sightings(states=UNDER_WAY):
        found.setdefault(sighting.source, {"under_way": []})["under_way"].append(sighting)
    for figures in found.values():
        figures["under_way"] = sorted(figures["under_way"], key=_rank)[:_MOST]
    return found


def sighting_document(sighting: Sighting) -> dict[str, Any]:
    """As JSON values."""
    times = {name: getattr(sighting, name).isoformat().replace("+00:00", "Z") for name in ("seen_at", "changed_at")}
    return asdict(sighting) | times


def _rank(sighting: Sighting) -> tuple[int, str]:
    return (("failing", "loading", "unexpected", "waiting").index(sighting.state), sighting.file)
