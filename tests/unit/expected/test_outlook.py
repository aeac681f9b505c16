"""What is overdue, missing, early or unexpected."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from trivium import Batch, Entity, Expected, Into, Key
from trivium.engine.expected import Outlook, outlook
from trivium.model.source import Source

DATED = "x_{business_date}.csv"
STORES = "x_{store}_{business_date}_r{revision}.csv"


class Thing(Entity):
    thing_id: Key[str]


@dataclass(frozen=True)
class Came:
    """A reading: of which delivery, when, with which content."""

    delivery: str
    at: str
    digest: str = "aa"
    state: str = "counts"
    kind: str = "first"


def source(given: str | Expected | None, files: str | None = DATED) -> Source:
    return Batch("src", into=[Into(Thing)], files=files, event_time="at", zone="Europe/Paris", expected_by=given)


def instant(text: str) -> int:
    return (dt.datetime.fromisoformat(text) - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001


def table(came: Sequence[Came]) -> pa.Table:
    rows = [
        {"source": "src", "delivery": one.delivery, "digest": one.digest, "kind": one.kind, "state": one.state,
         "arrived_at": dt.datetime.fromisoformat(one.at)}
        for one in came
    ]  # fmt: skip
    types: dict[str, pa.DataType] = dict.fromkeys(("source", "delivery", "digest", "kind", "state"), pa.string())
    return pa.Table.from_pylist(rows, schema=pa.schema(types | {"arrived_at": pa.timestamp("us")}))


def seen(of: Source, came: Sequence[Came], now: str, most: int = 100) -> Outlook:
    assert of.calendar is not None
    return outlook(of.name, of.files, of.calendar, table(came), now=instant(now), most=most)


def told(found: Sequence[Any]) -> list[tuple[str, str]]:
    return sorted((one.kind, one.subject) for one in found)


def times(found: Outlook, kind: str) -> dict[str, tuple[str, str | None]]:
    def text(at: int | None) -> str | None:
        return None if at is None else (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=at)).isoformat()  # noqa: DTZ001

    return {
        one.subject: (str(text(one.opened_at)), text(one.closed_at))
        for one in (*found.open, *found.closed)
        if one.kind == kind
    }


def test_a_day_is_overdue_from_its_deadline_until_its_file_comes() -> None:
    daily = source("23:30")
    first = [Came("2026-03-02", "2026-03-02T22:00:00")]
    assert told(seen(daily, first, "2026-03-03T22:30:00").open) == []  # to the second in time
    late = seen(daily, first, "2026-03-03T22:30:01")
    assert times(late, "overdue") == {"2026-03-03": ("2026-03-03T22:30:00", None)}
    assert late.open[0].detail == "expected by 23:30 Europe/Paris"
    mended = seen(daily, [*first, Came("2026-03-03", "2026-03-04T07:00:00")], "2026-03-04T12:00:00")
    assert mended.open == ()
    assert times(mended, "overdue") == {"2026-03-03": ("2026-03-03T22:30:00", "2026-03-04T07:00:00")}
    assert mended.mended == {"overdue": 1}
    in_time = seen(daily, [*first, Came("2026-03-03", "2026-03-03T22:30:00")], "2026-03-04T12:00:00")
    assert times(in_time, "overdue") == {}, "the deadline itself is in time"


def test_nothing_is_expected_before_the_first_file_unless_since_says_so() -> None:
    assert seen(source("23:30"), [], "2026-03-05T12:00:00") == Outlook()
    told_since = source(Expected(by="23:30", since=dt.date(2026, 3, 3)))
    assert told(seen(told_since, [], "2026-03-05T12:00:00").open) == [
        ("overdue", "2026-03-03"),
        ("overdue", "2026-03-04"),
    ]
    before = seen(told_since, [Came("2026-02-01", "2026-02-01T12:00:00")], "2026-03-05T12:00:00")
    assert before.total == {"overdue": 2}


def test_days_that_are_none_are_not_expected() -> None:
    weekdays = source(Expected(by="23:30", days="mon-fri", closed=[dt.date(2026, 3, 10)]))
    found = seen(weekdays, [Came("2026-03-06", "2026-03-06T12:00:00")], "2026-03-11T12:00:00")
    assert told(found.open) == [("overdue", "2026-03-09")]
    odd = seen(weekdays, [Came("2026-03-06", "2026-03-06T12:00:00"), Came("2026-03-07", "2026-03-07T12:00:00")],
               "2026-03-08T00:00:00")  # fmt: skip
    assert told(odd.open) == [("unexpected", "2026-03-07")]
    assert odd.open[0].detail == "2026-03-07 (Saturday) is no business day"


def test_each_store_is_expected() -> None:
    stores = source(Expected(by="23:30", each={"store": ["S1", "S2"]}), STORES)
    came = [Came("S1,2026-03-02", "2026-03-02T20:00:00"), Came("S9,2026-03-02", "2026-03-02T20:00:00")]
    found = seen(stores, came, "2026-03-03T23:00:00")
    assert told(found.open) == [
        ("overdue", "S1,2026-03-03"),
        ("overdue", "S2,2026-03-02"),
        ("overdue", "S2,2026-03-03"),
        ("unexpected", "S9,2026-03-02"),
    ]
    assert found.next is not None
    assert (str(found.next.day), found.next.awaited) == ("2026-03-04", 2)
    few = seen(stores, came, "2026-03-03T23:00:00", most=1)
    assert few.total == {"overdue": 3, "unexpected": 1}
    assert told(few.open) == [("overdue", "S1,2026-03-03"), ("unexpected", "S9,2026-03-02")]


def test_the_next_deadline_is_that_of_the_first_day_that_has_not_come() -> None:
    came = [Came("2026-03-02", "2026-03-02T12:00:00")]
    found = seen(source("23:30"), came, "2026-03-02T13:00:00")
    assert found.next is not None
    assert (str(found.next.day), found.next.due) == ("2026-03-03", instant("2026-03-03T22:30:00"))


def test_a_retracted_delivery_was_not_delivered() -> None:
    came = [
        Came("2026-03-02", "2026-03-02T12:00:00"),
        Came("2026-03-03", "2026-03-03T12:00:00", state="retracted"),
        Came("2026-03-03", "2026-03-04T09:00:00", state="retracted", kind="retraction"),
    ]
    assert told(seen(source("23:30"), came, "2026-03-04T12:00:00").open) == [("overdue", "2026-03-03")]
    back = [
        came[0],
        Came("2026-03-03", "2026-03-03T12:00:00"),
        Came("2026-03-03", "2026-03-04T09:00:00", state="taken back", kind="retraction"),
        Came("2026-03-03", "2026-03-04T10:00:00", kind="restored"),
    ]
    assert seen(source("23:30"), back, "2026-03-04T12:00:00") == seen(source("23:30"), back[:2], "2026-03-04T12:00:00")


def test_one_that_is_held_has_arrived() -> None:
    assert (
        seen(source("23:30"), [Came("2026-03-02", "2026-03-02T12:00:00", state="held")], "2026-03-03T01:00:00").open
        == ()
    )


def test_a_file_before_its_day_is_early_until_another_comes_or_it_is_retracted() -> None:
    early = Came("2026-03-03", "2026-03-02T22:59:59")
    found = seen(source("23:30"), [early], "2026-03-02T23:30:00")
    assert told(found.open) == [("early", "2026-03-03")]
    assert found.open[0].detail == "it came before 2026-03-03 began in Europe/Paris"
    replayed = Came("2026-03-03", "2026-03-03T12:00:00", kind="replay")
    assert told(seen(source("23:30"), [early, replayed], "2026-03-03T13:00:00").open) == [("early", "2026-03-03")]
    again = Came("2026-03-03", "2026-03-02T23:00:00", "bb", kind="revision")
    mended = seen(source("23:30"), [early, again], "2026-03-03T12:00:00")
    assert mended.open == ()
    assert times(mended, "early") == {"2026-03-03": ("2026-03-02T22:59:59", "2026-03-02T23:00:00")}
    gone = [
        Came("2099-03-03", "2026-03-02T12:00:00", state="retracted"),
        Came("2099-03-03", "2026-03-02T13:00:00", state="retracted", kind="retraction"),
    ]
    assert times(seen(source("23:30"), gone, "2026-03-03T00:00:00"), "early") == {
        "2099-03-03": ("2026-03-02T12:00:00", "2026-03-02T13:00:00")
    }


def test_a_number_left_out_is_missing_until_it_comes() -> None:
    numbered = source(None, "x_{store}_{sequence}.csv")
    came = [
        Came("S1,1", "2026-03-02T01:00:00"),
        Came("S1,4", "2026-03-02T04:00:00"),
        Came("S2,9", "2026-03-02T05:00:00"),
    ]
    found = seen(numbered, came, "2026-03-03T00:00:00")
    assert times(found, "missing") == {
        "S1,2": ("2026-03-02T04:00:00", None),
        "S1,3": ("2026-03-02T04:00:00", None),
    }
    found = seen(numbered, [*came, Came("S1,3", "2026-03-02T06:00:00")], "2026-03-03T00:00:00")
    assert times(found, "missing") == {
        "S1,2": ("2026-03-02T04:00:00", None),
        "S1,3": ("2026-03-02T04:00:00", "2026-03-02T06:00:00"),
    }
    backwards = [Came("S1,4", "2026-03-02T01:00:00"), Came("S1,2", "2026-03-02T04:00:00")]
    found = seen(numbered, backwards, "2026-03-03T00:00:00")
    assert times(found, "missing") == {"S1,3": ("2026-03-02T04:00:00", None)}, "since both of its neighbours are there"
    assert told(seen(numbered, [Came("S1,one", "2026-03-02T01:00:00")], "2026-03-03T00:00:00").open) == [
        ("unexpected", "S1,one")
    ]


def test_numbers_count_on_within_what_is_declared() -> None:
    files = "x_{business_date}_{sequence}.csv"
    came = [Came("2026-03-02,1", "2026-03-02T01:00:00"), Came("2026-03-03,3", "2026-03-03T01:00:00")]
    assert seen(source(None, files), came, "2026-03-03T02:00:00").total == {}
    on = seen(source(Expected(numbered=()), files), came, "2026-03-03T02:00:00")
    assert times(on, "missing") == {"*,2": ("2026-03-03T01:00:00", None)}


def test_a_huge_gap_is_counted_and_not_listed() -> None:
    numbered = source(None, "x_{sequence}.csv")
    came = [Came("1", "2026-03-02T01:00:00"), Came("999999999999999999", "2026-03-02T02:00:00")]
    found = seen(numbered, came, "2026-03-03T00:00:00", most=3)
    assert found.total == {"missing": 999999999999999997}
    assert len(found.open) == 3


def test_names_without_a_date_are_judged_by_their_arrival() -> None:
    mornings = source(Expected(by="08:00", days="mon-fri"), "stock_{store}.csv")
    friday, monday = "2026-03-06T06:30:00", "2026-03-09T10:00:00"
    came = [Came("S1", friday, "a"), Came("S1", monday, "b", kind="revision")]
    found = seen(mornings, came, "2026-03-10T12:00:00")
    assert times(found, "overdue") == {
        "2026-03-09": ("2026-03-09T07:00:00", "2026-03-09T10:00:00"),
        "2026-03-10": ("2026-03-10T07:00:00", None),
    }
    saturday = seen(mornings, [*came, Came("S1", "2026-03-07T10:00:00", "c", kind="revision")], "2026-03-09T09:00:00")
    assert saturday.total == {}
    each = source(Expected(by="06:00 next day", each={"store": ["S1", "S2"]}), "stock_{store}.csv")
    found = seen(each, [Came("S1", "2026-03-03T04:00:00")], "2026-03-03T12:00:00")
    assert told(found.open) == []  # from when on files come is known by the first: it is that of the 3rd's morning
    named = source(Expected(by="06:00 next day", since=dt.date(2026, 3, 2), each={"store": ["S1", "S2"]}),
                   "stock_{store}.csv")  # fmt: skip
    found = seen(named, [Came("S1", "2026-03-03T04:00:00")], "2026-03-03T12:00:00")
    assert told(found.open) == [("overdue", "S2,2026-03-02")]


def test_a_source_without_names_is_judged_by_arrival_too() -> None:
    found = seen(source("08:00", None), [Came("a.csv", "2026-03-02T05:00:00")], "2026-03-03T12:00:00")
    assert told(found.open) == [("overdue", "2026-03-03")]


def test_a_wrong_year_does_not_make_a_century_overdue() -> None:
    found = seen(source("23:30"), [Came("1971-03-02", "2026-03-02T12:00:00")], "2026-03-03T12:00:00", most=5)
    assert found.total == {"overdue": 3660}
    assert len(found.open) == 5


def test_names_that_say_nothing_are_unexpected() -> None:
    strange = seen(source("23:30"), [Came("2026-02-30", "2026-03-02T12:00:00")], "2026-03-02T13:00:00")
    assert [(one.kind, one.detail) for one in strange.open] == [("unexpected", "business_date '2026-02-30' is no date")]
    assert seen(source("23:30"), [Came("a,b,c", "2026-03-02T12:00:00")], "2026-03-02T13:00:00") == Outlook()


def test_three_years_of_a_hundred_stores_are_quick() -> None:
    stores = [f"S{number:03}" for number in range(100)]
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=number) for number in range(1000)]
    names = [f"{store},{day}" for day in days for store in stores[:99]]
    rows = len(names)
    came = pa.table(
        {
            "source": pa.array(["src"] * rows),
            "delivery": pa.array(names),
            "digest": pa.array(["aa"] * rows),
            "kind": pa.array(["first"] * rows),
            "state": pa.array(["counts"] * rows),
            "arrived_at": pa.array([dt.datetime(2026, 1, 1)] * rows, pa.timestamp("us")),  # noqa: DTZ001
        }
    )
    of = source(Expected(by="23:30", holidays="FR", each={"store": stores}), STORES)
    assert of.calendar is not None
    begun = time.monotonic()
    found = outlook("src", of.files, of.calendar, came, now=instant("2026-01-02T00:00:00"), most=10)
    assert time.monotonic() - begun < 15
    assert found.total["overdue"] > 10_000
    assert found.mended["overdue"] > 90_000


ARRIVALS = st.lists(
    st.builds(
        Came,
        st.builds(lambda store, day, number: f"{store},2026-03-{day:02},{number}",
                  st.sampled_from(["S1", "S2", "S9"]), st.integers(1, 9), st.integers(1, 6)),
        st.integers(0, 12 * 24).map(lambda hour: (dt.datetime(2026, 3, 1) + dt.timedelta(hours=hour)).isoformat()),  # noqa: DTZ001
        st.sampled_from(["aa", "bb"]),
    ),
    max_size=12,
)  # fmt: skip
NUMBERED = source(
    Expected(by="23:30", days="mon-sat", since=dt.date(2026, 3, 2), each={"store": ["S1", "S2"]}, numbered=("store",)),
    "x_{store}_{business_date}_{sequence}.csv",
)
NOW = "2026-03-10T12:00:00"


@given(ARRIVALS, st.randoms(use_true_random=False))
def test_it_is_a_function_of_the_set_of_what_arrived(came: list[Came], random: Any) -> None:
    shuffled = [*came, *came[:3]]
    random.shuffle(shuffled)
    assert seen(NUMBERED, shuffled, NOW) == seen(NUMBERED, came, NOW)


@given(ARRIVALS, ARRIVALS)
def test_an_arrival_closes_and_never_opens_again_what_was_expected(came: list[Came], more: list[Came]) -> None:
    before, after = seen(NUMBERED, came, NOW), seen(NUMBERED, [*came, *more], NOW)

    def overdue(found: Sequence[Any]) -> set[tuple[str, str]]:
        return {one for one in told(found) if one[0] == "overdue"}

    assert overdue(after.open) <= overdue(before.open)
    later = seen(NUMBERED, came, "2026-03-11T12:00:00")
    assert {*told(before.closed)} <= {*told(later.closed)}
    assert {*told(before.open)} <= {*told(later.open)}
    everything = [(one.kind, one.subject) for one in (*after.open, *after.closed)]
    assert len(everything) == len(set(everything))
