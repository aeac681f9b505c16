"""What a store shows, without the numbers and times that differ between two stores that were told the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from tests.faults.shop import shop
from trivium.engine.canonical import lines
from trivium.ports import Account, Store

_OF_DELIVERY = (
    "source", "delivery", "revision", "attempt", "kind", "state", "digest", "received", "accepted", "rejected",
    "ignored", "gone", "alive",
)  # fmt: skip
_OF_REJECT = ("source", "delivery", "revision", "place", "line", "raw", "keyless", "state")


def exports(store: Store) -> dict[str, bytes]:
    """The canonical export of every entity."""
    return {
        shape.name: b"".join(lines(shape, store.reader.records(shape.name, ordered=True), incomplete=True))
        for shape in shop.shapes
    }


def picture(store: Store) -> dict[str, Any]:
    """Everything that a reader or an operator can see, and how many rows there are below it."""
    deliveries = store.control.deliveries().to_pylist()
    for row in deliveries:
        assert row["received"] == Account(*(row[name] for name in _ACCOUNT)).received, row
        assert row["received"] == row["accepted"] + row["rejected"] + row["ignored"], row
        assert row["kind"] in ("retraction", "restored") or row["received"] == records_of(row["file"]), row
    said = [(row["commit_no"], row["source"], row["delivery"]) for row in deliveries if row["commit_no"] is not None]
    assert len(set(said)) == len(said), "two readings of one delivery have one commit number"
    assert len({(commit, source) for commit, source, _ in said}) == len({commit for commit, _, _ in said})
    rejects = store.control.quarantine(closed=True).to_pylist()
    status = store.control.status()
    return {
        # The canonical export is a function of these.
        **{
            shape.name: [batch.to_pylist() for batch in store.reader.records(shape.name, ordered=True)]
            for shape in shop.shapes
        },
        "deliveries": sorted(tuple(str(row[name]) for name in _OF_DELIVERY) for row in deliveries),
        "quarantine": sorted(tuple(str(row[name]) for name in _OF_REJECT) for row in rejects),
        "statements": {name: figures["statements"] for name, figures in status["entities"].items()},
    }


_ACCOUNT = tuple(field.name for field in dataclasses.fields(Account))


def records_of(file: str) -> int:
    """How many records a file of the shop has: its lines but the header."""
    return len(Path(file).read_text().splitlines()) - 1


def whole(store: Store) -> dict[str, Any]:
    """The picture of a store that has just been prepared: nothing is under way in it."""
    assert store.control.status()["loading"] == []
    return picture(store)
