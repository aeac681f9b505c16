"""What a store needs from time to time: due records taken again, raw input that nobody needs forgotten."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from trivium.channels.batch import microseconds
from trivium.channels.quarantine import send_again
from trivium.model.domain import Domain
from trivium.ports import RawInput, Store


@dataclass(frozen=True, slots=True)
class Upkeep:
    """How many waiting records were taken again and accepted, and how many contents were forgotten."""

    due: int
    accepted: int
    forgotten: int


def keep_up(store: Store, raw: RawInput, domain: Domain, *, now: dt.datetime) -> Upkeep:
    """Takes again every quarantined record whose event time has come, and forgets raw input past its keeping.

    Repeating it does nothing more. Each load's records are one commit, so a crash between two loses nothing.
    """
    waiting = [row for row in store.control.quarantine().to_pylist() if _is_due(row, now)]
    accepted = 0
    for (source, _), rows in groupby(waiting, key=lambda row: (row["source"], row["load_no"])):
        records = list(rows)
        if any(declared.name == source for declared in domain.sources):
            again = send_again(store, raw, domain, domain.source(source), records, now=now, outcome="retried")
            accepted += again.accepted
    return Upkeep(len(waiting), accepted, _forget(store, raw, domain, now))


def _is_due(row: dict[str, Any], now: dt.datetime) -> bool:
    return row["due"] is not None and row["due"] <= microseconds(now)


def _forget(store: Store, raw: RawInput, domain: Domain, now: dt.datetime) -> int:
    kept_for = {source.name: source.keep_raw for source in domain.sources}
    expired: set[str] = set()
    needed: set[str] = set()
    for row in store.control.deliveries().select(["source", "digest", "arrived_at", "archived"]).to_pylist():
        seconds = kept_for.get(row["source"])
        age = (now.replace(tzinfo=None) - row["arrived_at"]).total_seconds()
        over = row["archived"] and seconds is not None and age > seconds
        (expired if over else needed).add(row["digest"])
    return raw.forget(sorted(expired - needed))
