"""The sensor decides by listings and a clock; both are given here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivium.channels.sensor import Look, Sensor
from trivium.engine.sighting import NEXT, SETTLED, UNDER_WAY, Sighting
from trivium.errors import DeclarationError
from trivium.model.beside import names_beside
from trivium.model.entity import Entity, Key
from trivium.model.files import parse_files
from trivium.model.readiness import is_under_way, parse_readiness
from trivium.model.source import Batch, Into, Source
from trivium.ports import Entry

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Thing(Entity):
    k: Key[str]


def batch(ready: str | None = "renamed", files: str = "in/a_{n}.csv", **more: Any) -> Source:
    return Batch("s", files=files, into=[Into(Thing)], event_time="k", ready=ready, **more)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def entry(name: str, mark: str = "m", *, changed: float = 0, never: str | None = None) -> Entry:
    return Entry(name, mark, 10, at(changed), never)


def sensor(source: Source | None = None, kept: Sequence[Sighting] = (), **more: Any) -> Sensor:
    return Sensor(source or batch(), "/inbox", lambda files: [one for one in kept if one.file in files], **more)


def names(look: Look) -> list[str]:
    return [whole.entry.name for whole in look.whole]


def states(look: Look) -> dict[str, str]:
    return {one.file.removeprefix("/inbox/"): one.state for one in look.changed}


def test_files_are_given_by_name_and_once() -> None:
    eye = sensor()
    assert names(eye.look([entry("a_2.csv"), entry("a_1.csv")], at(0))) == ["a_1.csv", "a_2.csv"]
    assert names(eye.look([entry("a_2.csv"), entry("a_1.csv")], at(1))) == []


def test_a_file_that_was_settled_is_not_given_again_until_its_content_is_another() -> None:
    eye = sensor()
    whole = eye.look([entry("a_1.csv")], at(0)).whole[0]
    eye.told(whole.sighting.become("loading", at(0)).become("loaded", at(1)), at(1))
    look = eye.look([entry("a_1.csv")], at(2))
    assert names(look) == []
    assert [one.entry.name for one in look.settled] == ["a_1.csv"]
    assert names(eye.look([entry("a_1.csv", "other")], at(3))) == ["a_1.csv"]


def test_what_was_put_away_and_lies_there_again_is_given_though_it_looks_the_same() -> None:
    """A person put it back, or another of the same size and time came: an inbox may not tell them apart."""
    eye = sensor()
    whole = eye.look([entry("a_1.csv")], at(0)).whole[0]
    refused = whole.sighting.become("loading", at(0)).become("refused", at(1), moved_to="refused/a_1.csv")
    eye.told(refused, at(1))
    assert names(eye.look([entry("a_1.csv")], at(2))) == ["a_1.csv"]
    assert names(sensor(kept=[refused]).look([entry("a_1.csv")], at(2))) == ["a_1.csv"]


def test_what_was_left_where_it_lay_is_given_when_it_was_gone_between() -> None:
    eye = sensor()
    whole = eye.look([entry("a_1.csv")], at(0)).whole[0]
    eye.told(whole.sighting.become("loading", at(0)).become("loaded", at(1)), at(1))
    assert names(eye.look([entry("a_1.csv")], at(2))) == []
    (gone,) = eye.look([], at(3)).changed
    assert (gone.state, gone.changed_at, gone.lies_elsewhere) == ("loaded", at(1), True)
    assert eye.look([], at(4)).changed == []
    assert names(sensor(kept=[gone]).look([entry("a_1.csv")], at(5))) == ["a_1.csv"]
    assert names(eye.look([entry("a_1.csv")], at(5))) == ["a_1.csv"]


def test_how_far_the_clock_of_an_inbox_may_be_off() -> None:
    ready = batch("stable for 5 seconds")
    assert names(sensor(ready).look([entry("a_1.csv", changed=-64)], at(0))) == []
    assert names(sensor(ready).look([entry("a_1.csv", changed=-65)], at(0))) == ["a_1.csv"]


def test_what_is_written_under_another_name_first_is_left_alone() -> None:
    look = sensor().look([entry(n) for n in (".a_1.csv", "a_2.csv.part", "a_3.csv.TMP", "~a_4.csv", "a_5.csv")], at(0))
    assert names(look) == ["a_5.csv"]
    assert states(look) == {"a_5.csv": "waiting"}


def test_a_stable_file_is_given_when_it_has_not_changed_for_so_long() -> None:
    eye = sensor(batch("stable for 5 seconds"))
    assert names(eye.look([entry("a_1.csv", "1")], at(0))) == []
    assert eye.next_look(at(0)) == 5
    assert names(eye.look([entry("a_1.csv", "2", changed=4)], at(4))) == []
    assert names(eye.look([entry("a_1.csv", "2", changed=4)], at(8.9))) == []
    assert names(eye.look([entry("a_1.csv", "2", changed=4)], at(9))) == ["a_1.csv"]
    assert eye.next_look(at(9)) is None, "what is being loaded is nothing to look for"


def test_what_is_old_when_it_is_seen_first_need_not_wait() -> None:
    assert names(sensor(batch("stable for 5 seconds")).look([entry("a_1.csv", changed=-3600)], at(0))) == ["a_1.csv"]


def test_a_marker_says_that_a_file_is_whole() -> None:
    eye = sensor(batch("marker *.done"))
    first, second, third = entry("a_1.csv"), entry("a_2.csv"), entry("a_3.csv")
    assert names(eye.look([first, second, third], at(0))) == []
    look = eye.look([first, second, third, entry("a_1.csv.done"), entry("a_2.done")], at(100))
    assert [(one.entry.name, one.beside) for one in look.whole] == [
        ("a_1.csv", (entry("a_1.csv.done"),)),
        ("a_2.csv", (entry("a_2.done"),)),
    ]
    assert look.changed == []


def test_a_file_that_fails_is_given_again_after_growing_pauses() -> None:
    eye = sensor(wobble=lambda: 0.0)
    pauses, now = [], 0.0
    for _ in range(12):
        while not (look := eye.look([entry("a_1.csv")], at(now))).whole:
            now += 0.5
        failed = look.whole[0].sighting.become("loading", at(now)).become("failing", at(now), why="no store")
        eye.told(failed, at(now))
        pauses.append(eye.next_look(at(now)))
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert eye.next_look(at(now), tries=False) is None


def test_a_name_that_was_never_taken_has_one_life_however_often_it_grows() -> None:
    eye = sensor(batch("stable for 5 seconds"))
    eye.look([entry("a_1.csv", "half")], at(0))
    look = eye.look([entry("a_1.csv", "whole")], at(1))
    (grown,) = look.changed
    assert (grown.mark, grown.state, grown.seen_at, grown.changed_at) == ("whole", "waiting", at(0), at(1))
    assert [one.mark for one in look.outgrown] == ["half"]
    later = sensor(batch("stable for 5 seconds"), kept=[grown], under_way=[grown])
    look = later.look([entry("a_1.csv", "more")], at(3))
    assert [(one.mark, one.state, one.seen_at) for one in look.changed] == [("more", "waiting", at(0))]
    assert [one.mark for one in look.outgrown] == ["whole"]
    assert states(later.look([], at(4))) == {"a_1.csv": "vanished"}


def test_what_failed_and_is_another_now_lives_on_and_is_given_at_once() -> None:
    eye = sensor()
    whole = eye.look([entry("a_1.csv")], at(0)).whole[0]
    eye.told(whole.sighting.become("loading", at(0)).become("failing", at(0), why="no store"), at(0))
    look = eye.look([entry("a_1.csv", "other")], at(0.1))
    assert names(look) == ["a_1.csv"]
    assert [one.mark for one in look.outgrown] == ["m"]


def test_a_file_with_a_manifest_is_given_when_neither_has_changed_for_so_long() -> None:
    eye = sensor(batch(None, manifest="*.manifest.json"))
    beside = "a_1.csv.manifest.json"
    assert names(eye.look([entry("a_1.csv", "1")], at(0))) == []
    assert eye.next_look(at(0)) is None
    assert names(eye.look([entry("a_1.csv", "1"), entry(beside, "1")], at(10))) == []
    assert eye.next_look(at(10)) == 2
    assert names(eye.look([entry("a_1.csv", "1"), entry(beside, "2")], at(11.5))) == [], "the manifest grew"
    assert names(eye.look([entry("a_1.csv", "2"), entry(beside, "2")], at(13))) == [], "the file grew"
    assert names(eye.look([entry("a_1.csv", "2"), entry(beside, "2")], at(14.9))) == []
    look = eye.look([entry("a_1.csv", "2"), entry(beside, "2")], at(15))
    assert [(one.entry.name, one.beside) for one in look.whole] == [("a_1.csv", (entry(beside, "2"),))]


def test_how_long_a_file_and_its_manifest_have_to_be_stable_can_be_declared() -> None:
    eye = sensor(batch("stable for 9 seconds", manifest="*.manifest.json"))
    both = [entry("a_1.csv"), entry("a_1.manifest.json")]
    assert names(eye.look(both, at(0))) == []
    assert names(eye.look(both, at(8))) == []
    assert names(eye.look(both, at(9))) == ["a_1.csv"]
    old = [entry("a_1.csv", changed=-3600), entry("a_1.manifest.json", changed=-3600)]
    assert names(sensor(batch(None, manifest="*.manifest.json")).look(old, at(0))) == ["a_1.csv"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"ready": "stable for 5 seconds"}, "to be stable for 5 seconds"),
        ({"ready": "marker *.done"}, "for its marker a_1.csv.done or a_1.done"),
        ({"ready": None, "manifest": "*.json"}, "for its manifest a_1.csv.json or a_1.json"),
    ],
)
def test_what_waits_says_what_for(words: dict[str, Any], why: str) -> None:
    eye = sensor(batch(**words))
    assert [one.why for one in eye.look([entry("a_1.csv")], at(0)).changed] == [why]
    assert eye.look([entry("a_1.csv")], at(1)).changed == [], "it is told once"
    assert [one.why for one in eye.waiting()] == [why]
    (gone,) = eye.look([], at(2)).changed
    assert (gone.state, gone.why) == ("vanished", None)


def test_when_its_manifest_has_come_it_says_that_it_is_to_be_stable() -> None:
    eye = sensor(batch(None, manifest="*.json"))
    eye.look([entry("a_1.csv")], at(0))
    (told,) = eye.look([entry("a_1.csv"), entry("a_1.json")], at(9)).changed
    assert (told.why, told.changed_at) == ("to be stable for 2 seconds", at(0))


def test_a_manifest_or_marker_without_its_file_is_told_until_the_file_comes() -> None:
    eye = sensor(batch("marker *.done"), others=[parse_files("in/b_{n}.csv", "here")])
    (alone,) = eye.look([entry("a_1.done"), entry("b_1.csv.done"), entry("b_2.done")], at(0)).changed
    assert (alone.file, alone.state, alone.why) == ("/inbox/a_1.done", "waiting", "for its file")
    assert eye.look([entry("a_1.done")], at(1)).changed == []
    look = sensor(batch("marker *.done"), kept=[alone], under_way=[alone]).look(
        [entry("a_1.csv"), entry("a_1.done")], at(2)
    )
    assert names(look) == ["a_1.csv"]
    assert look.outgrown == [alone]
    assert states(look) == {"a_1.csv": "waiting"}
    look = eye.look([], at(3))
    assert (look.changed, look.outgrown) == ([], [alone])
    assert sensor(batch("marker *.done"), under_way=[alone]).look([], at(4)).outgrown == [alone]


@given(
    st.lists(st.dictionaries(st.integers(0, 2), st.integers(0, 2), max_size=3), max_size=16),
    st.sets(st.integers(0, 16)),
)
def test_a_name_has_one_life_at_a_time_whatever_grows_vanishes_and_is_restarted(
    listings: list[dict[int, int]], restarts: set[int]
) -> None:
    """Looks are a second apart; what is unchanged for two is taken, and nothing else."""
    kept: dict[tuple[str, str], Sighting] = {}
    source = batch("stable for 2 seconds")

    def last(files: Sequence[str]) -> list[Sighting]:
        return sorted((one for one in kept.values() if one.file in files), key=lambda one: one.seen_at)

    def opened() -> Sensor:
        return Sensor(source, "/inbox", last, under_way=[one for one in kept.values() if one.state in UNDER_WAY])

    eye, unchanged = opened(), dict.fromkeys(range(3), 0)
    for number, listing in enumerate(listings):
        if number in restarts:
            eye = opened()
        before = listings[number - 1] if number else {}
        unchanged = {n: unchanged[n] + 1 if n in listing and before.get(n) == listing[n] else 0 for n in unchanged}
        look = eye.look([entry(f"a_{n}.csv", str(mark), changed=number) for n, mark in listing.items()], at(number))
        for one in look.outgrown:
            del kept[one.file, one.mark]
        kept |= {(one.file, one.mark): one for one in look.changed}
        for whole in look.whole:
            assert unchanged[int(whole.entry.name[2])] >= 2
            done = whole.sighting.become("loading", at(number)).become("loaded", at(number))
            kept[done.file, done.mark] = eye.told(done, at(number))
        lives = [one.file for one in kept.values() if one.state in UNDER_WAY]
        assert len(lives) == len(set(lives))
        for n, mark in listing.items():
            assert unchanged[n] < 2 or kept[f"/inbox/a_{n}.csv", str(mark)].state == "loaded"


def test_a_restart_goes_by_the_last_content_and_settles_what_an_earlier_one_left() -> None:
    """Killed between two contents of one name, the first is still said to be waiting."""
    half = Sighting("s", "/inbox/a_1.csv", "half", 5, "waiting", at(0), at(0))
    done = Sighting("s", "/inbox/a_1.csv", "whole", 9, "loaded", at(1), at(2))
    gone = Sighting("s", "/inbox/a_2.csv", "m", 9, "loading", at(1), at(2))
    look = sensor(kept=[half, done, gone], under_way=[half, gone]).look([entry("a_1.csv", "whole")], at(9))
    assert names(look) == []
    assert [one.entry.name for one in look.settled] == ["a_1.csv"]
    assert [(one.file, one.mark, one.state) for one in look.changed] == [
        ("/inbox/a_1.csv", "half", "vanished"),
        ("/inbox/a_2.csv", "m", "vanished"),
    ]


def test_a_file_that_changed_while_it_was_read_is_looked_at_anew() -> None:
    eye = sensor()
    whole = eye.look([entry("a_1.csv")], at(0)).whole[0]
    eye.told(whole.sighting.become("loading", at(1)).become("waiting", at(1), why="changed"), at(1))
    assert names(eye.look([entry("a_1.csv", "other")], at(2))) == ["a_1.csv"]


def test_a_file_that_somebody_takes_away_is_said_to_have_vanished_and_may_come_back() -> None:
    eye = sensor(batch("marker *.done"))
    eye.look([entry("a_1.csv")], at(0))
    assert states(eye.look([], at(1))) == {"a_1.csv": "vanished"}
    assert states(eye.look([], at(2))) == {}
    assert names(eye.look([entry("a_1.csv"), entry("a_1.csv.done")], at(3))) == ["a_1.csv"]


def test_a_file_that_is_called_like_no_sources_file_is_unexpected_and_told_once() -> None:
    eye = sensor(others=[parse_files("in/b_{n}.csv", "here")])
    entries = [entry("a_1.csv"), entry("b_1.csv"), entry("readme.txt")]
    look = eye.look(entries, at(0))
    assert states(look) == {"a_1.csv": "waiting", "readme.txt": "unexpected"}
    assert "a_{n}.csv" in str(look.changed[1].why)
    assert states(eye.look(entries, at(1))) == {}


def test_what_must_never_be_read_is_given_to_be_refused() -> None:
    look = sensor(batch("stable for 5 seconds")).look([entry("a_1.csv", never="a link")], at(0))
    assert names(look) == ["a_1.csv"]


def test_after_a_restart_what_was_settled_stays_so_and_what_was_under_way_is_given_again() -> None:
    before = sensor()
    first, second, third = before.look([entry(f"a_{n}.csv") for n in (1, 2, 3)], at(0)).whole
    kept = [
        first.sighting.become("loading", at(1)).become("refused", at(2)),
        second.sighting.become("loading", at(1)),
        third.sighting,
    ]
    look = sensor(kept=kept).look([entry(f"a_{n}.csv") for n in (1, 2, 3)], at(9))
    assert names(look) == ["a_2.csv", "a_3.csv"]


@given(st.lists(st.sets(st.integers(0, 6)), max_size=12), st.sets(st.integers(0, 12)))
def test_every_file_is_given_once_each_time_that_it_comes_whatever_the_listings_and_restarts(
    listings: list[set[int]], restarts: set[int]
) -> None:
    """Nothing missed, nothing twice. Going and coming back is seen, but where a restart falls upon the going."""
    kept: dict[str, Sighting] = {}

    def opened() -> Sensor:
        under_way = [one for one in kept.values() if not one.settled]
        return Sensor(batch(), "/inbox", lambda files: [kept[f] for f in files if f in kept], under_way=under_way)

    eye, given_ = opened(), []
    for number, listing in enumerate(listings):
        if number in restarts:
            eye = opened()
        look = eye.look([entry(f"a_{n}.csv") for n in sorted(listing)], at(number))
        kept |= {one.file: one for one in look.changed}
        for whole in look.whole:
            given_.append(whole.entry.name)
            done = whole.sighting.become("loading", at(number)).become("loaded", at(number))
            kept[done.file] = eye.told(done, at(number))
    assert sorted(given_) == sorted(f"a_{n}.csv" for n in range(7) for _ in range(_comings(n, listings, restarts)))


def _comings(file: int, listings: list[set[int]], restarts: set[int]) -> int:
    comings, there, gone = 0, False, True
    for number, listing in enumerate(listings):
        if file in listing:
            comings += gone
            there, gone = True, False
        elif there:
            there, gone = False, number not in restarts
    return comings


def test_the_life_of_a_file_is_a_table_that_ends() -> None:
    assert set().union(*NEXT.values()) <= set(NEXT)
    assert {"loaded", "known", "held", "refused"} == SETTLED
    with pytest.raises(AssertionError, match="cannot become"):
        Sighting("s", "f", "m", 1, "loaded", START, START).become("loading", START)


def test_markers_have_the_files_name_with_or_without_its_extension() -> None:
    assert names_beside("*.json", "a.b.csv") == ("a.b.csv.json", "a.b.json")
    assert names_beside("done_*", "a") == ("done_a",)


@pytest.mark.parametrize("text", ["", "soon", "stable", "stable for ever", "marker done", "marker *", "marker a/*.x"])
def test_what_says_when_a_file_is_whole_is_refused_where_it_is_not_understood(text: str) -> None:
    with pytest.raises(DeclarationError):
        parse_readiness(text, "here", manifest=False)


@pytest.mark.parametrize(("name", "under_way"), [("a.csv", False), ("a.csv.tmp", True), ("tmp.csv", False)])
def test_names_of_files_under_way(name: str, under_way: bool) -> None:
    assert is_under_way(name) == under_way
