"""The ledger of files seen in inboxes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.stores import AttachedStores, Stores
from tests.worlds.lab import ARRIVED, Lab
from tests.worlds.shop import shop
from trivium.errors import StoreBusy
from trivium.ports import Sighting


def sighting(file: str, mark: str = "m1", *, source: str = "events", after: int = 0) -> Sighting:
    at = ARRIVED + timedelta(seconds=after)
    return Sighting(source, file, mark, 12, "waiting", at, at, delivery=file.partition(".")[0])


def test_what_was_written_is_read_in_the_order_of_sighting(lab: Lab) -> None:
    later, first, other = sighting("b.csv", after=1), sighting("c.csv"), sighting("a.csv", source="office", after=2)
    lab.store.ledger.write([later, other, first])
    assert lab.store.ledger.sightings() == [first, later, other]
    assert lab.store.ledger.sightings("office") == [other]
    assert lab.store.ledger.sightings("events", delivery="b") == [later]
    lab.reopen()
    assert lab.store.ledger.sightings() == [first, later, other]


def test_a_content_has_one_line_and_another_content_of_the_file_its_own(lab: Lab) -> None:
    seen = sighting("a.csv")
    lab.store.ledger.write([seen])
    loading = seen.become("loading", ARRIVED + timedelta(seconds=3), done=5, received=2)
    loaded = loading.become("loaded", ARRIVED + timedelta(seconds=4), load_no=7, moved_to="done/a.csv")
    again = sighting("a.csv", "m2", after=9)
    lab.store.ledger.write([loading, loaded])
    lab.store.ledger.write([again])
    assert lab.store.ledger.sightings() == [loaded, again]


def test_what_has_grown_takes_the_place_of_what_it_was(lab: Lab) -> None:
    half, other = sighting("a.csv"), sighting("b.csv", after=1)
    lab.store.ledger.write([half, other])
    grown = sighting("a.csv", "m2", after=2)
    lab.store.ledger.write([grown], outgrown=[half, sighting("none.csv")])
    assert lab.store.ledger.sightings() == [other, grown]
    lab.store.ledger.write([], outgrown=[other])
    assert lab.store.ledger.sightings() == [grown]


def test_they_are_found_by_file_and_by_whether_they_are_settled(lab: Lab) -> None:
    waiting, other = sighting("a.csv"), sighting("b.csv", after=1)
    refused = sighting("c.csv", after=2).become("refused", ARRIVED, why="torn")
    lab.store.ledger.write([waiting, other, refused])
    assert lab.store.ledger.sightings(files=["c.csv", "a.csv", "none.csv"]) == [waiting, refused]
    assert lab.store.ledger.sightings(files=[]) == []
    assert lab.store.ledger.sightings("events", states=["refused", "loaded"]) == [refused]
    assert lab.store.ledger.sightings(states=["waiting"]) == [waiting, other]
    assert lab.store.ledger.counts() == {("events", "waiting"): 2, ("events", "refused"): 1}


def test_nothing_is_written_where_nothing_was_seen(lab: Lab) -> None:
    lab.store.ledger.write([])
    assert lab.store.ledger.sightings() == []


def test_a_text_may_hold_anything_a_file_name_can(lab: Lab) -> None:
    odd = replace(sighting("a'b\"c%s\\ \n€😀.csv"), why="x" * 10_000)
    lab.store.ledger.write([odd])
    assert lab.store.ledger.sightings() == [odd]


def test_the_files_of_a_source_are_taken_by_one_process_at_a_time(lab: Lab, stores: Stores) -> None:
    if isinstance(stores, AttachedStores):
        with pytest.raises(StoreBusy, match="the service that holds the store"):
            lab.store.ledger.turn("events")
        return
    turn = lab.store.ledger.turn("events")
    if stores.shared:
        other = Lab(lab.place, shop())
        with pytest.raises(StoreBusy, match="another process takes the files of events"):
            other.store.ledger.turn("events")
        other.store.ledger.turn("office").close()
        turn.close()
        other.store.ledger.turn("events").close()
        other.store.control.close()
    else:
        turn.check()
        turn.close()
    lab.store.ledger.turn("events").close()
