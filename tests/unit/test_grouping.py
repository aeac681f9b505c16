"""Which files of a look are taken together."""

from __future__ import annotations

import datetime as dt

from trivium.channels.bundle import grouped
from trivium.channels.sensor import Whole
from trivium.engine.sighting import Sighting
from trivium.ports import Entry
from trivium.service.road import _size

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def whole(name: str, *, failed: bool = False, never: str | None = None) -> Whole:
    entry = Entry(name, "m", 10, NOW, never)
    sighting = Sighting("s", name, "m", 10, "failing" if failed else "waiting", NOW, NOW)
    return Whole(entry, sighting)


def test_what_failed_before_and_what_is_never_read_are_taken_alone() -> None:
    """One of them may be why all of its group failed."""
    files = [whole("a"), whole("b"), whole("c", failed=True), whole("d"), whole("e", never="a link"), whole("f")]
    groups = [[one.entry.name for one in group] for group in grouped(files, _size, together=True)]
    assert ["c"] in groups
    assert ["e"] in groups
    assert sorted(name for group in groups for name in group) == list("abcdef")
    assert ["a", "b"] in groups
