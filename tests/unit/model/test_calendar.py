"""Business days and deadlines, in the nights in which the clock is changed too."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from trivium import Batch, Entity, Expected, Into, Key
from trivium.model.calendar import Calendar, business_date
from trivium.model.files import parse_files

DAY = dt.date(2026, 3, 2)


class Thing(Entity):
    thing_id: Key[str]


def calendar(given: str | Expected, files: str = "x_{business_date}.csv", **words: Any) -> Calendar:
    source = Batch("a-source", into=[Into(Thing)], files=files, event_time="at", expected_by=given, **words)
    assert source.calendar is not None
    return source.calendar


def utc(instant: int) -> str:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=instant)).isoformat()  # noqa: DTZ001


def test_the_zone_is_its_own_or_that_of_the_cut_off_or_of_the_source() -> None:
    cut = {"cut_off": "business_date 23:00 Europe/Paris"}
    assert calendar("23:30 Asia/Tokyo", **cut).zone == "Asia/Tokyo"
    assert calendar(Expected(by="23:30", zone="UTC"), **cut).zone == "UTC"
    assert calendar("23:30", **cut, zone="Asia/Tokyo").zone == "Europe/Paris"
    assert calendar("23:30", zone="Asia/Tokyo").zone == "Asia/Tokyo"


def test_the_business_date_is_declared_or_that_of_the_cut_off_or_called_so() -> None:
    assert calendar("23:30 UTC").date == "business_date"
    assert calendar("23:30 UTC", "x_{day}_{business_date}.csv", cut_off="day 23:00 UTC").date == "day"
    assert calendar(Expected(by="23:30 UTC", date="day"), "x_{business_date}_{day}.csv").date == "day"
    assert calendar("23:30 UTC", "x_{day}.csv").date is None


@pytest.mark.parametrize(
    ("by", "due"),
    [
        ("23:30 UTC", "2026-03-02T23:30:00"),
        ("23:30:15 Europe/Paris", "2026-03-02T22:30:15"),
        ("06:00 next day Asia/Tokyo", "2026-03-02T21:00:00"),
    ],
)
def test_the_deadline_of_a_business_day(by: str, due: str) -> None:
    assert utc(calendar(by).due(DAY)) == due


def test_the_next_business_day_is_behind_weekend_and_holiday() -> None:
    french = calendar(Expected(by="06:00 next business day UTC", days="mon-fri", holidays="FR"))
    assert utc(french.due(dt.date(2026, 4, 3))) == "2026-04-07T06:00:00"  # Easter is on 5 April
    never = calendar(Expected(by="06:00 next business day UTC", days="mon", since=DAY, closed=mondays(2026, 2027)))
    assert utc(never.due(dt.date(2026, 1, 5))) == "2026-01-06T06:00:00"


def mondays(*years: int) -> list[dt.date]:
    days = (dt.date(year, 1, 1) + dt.timedelta(days=number) for year in years for number in range(366))
    return [day for day in days if day.weekday() == 0]


@pytest.mark.parametrize(
    ("by", "day", "due"),
    [
        # In the night to 29 March 2026 the clock goes from 02:00 to 03:00: 02:30 is taken for half past three.
        ("02:30 Europe/Paris", "2026-03-29", "2026-03-29T01:30:00"),
        ("01:59 Europe/Paris", "2026-03-29", "2026-03-29T00:59:00"),
        ("03:00 Europe/Paris", "2026-03-29", "2026-03-29T01:00:00"),
        # In the night to 25 October it goes from 03:00 to 02:00: the second 02:30 is meant.
        ("02:30 Europe/Paris", "2026-10-25", "2026-10-25T01:30:00"),
        ("01:59 Europe/Paris", "2026-10-25", "2026-10-24T23:59:00"),
        ("03:00 Europe/Paris", "2026-10-25", "2026-10-25T02:00:00"),
        ("02:30 next day Europe/Paris", "2026-10-24", "2026-10-25T01:30:00"),
        ("23:30 America/New_York", "2028-02-29", "2028-03-01T04:30:00"),
        ("06:00 next day UTC", "2028-02-28", "2028-02-29T06:00:00"),
    ],
)
def test_nobody_is_overdue_too_early_when_the_clock_is_changed(by: str, day: str, due: str) -> None:
    assert utc(calendar(by).due(dt.date.fromisoformat(day))) == due


def test_a_day_begins_at_the_first_midnight_that_may_be_meant() -> None:
    assert utc(calendar("23:30 Europe/Paris").begins(DAY)) == "2026-03-01T23:00:00"
    # Cairo puts its clock forward at midnight, Havana back at one o'clock
    assert utc(calendar("23:30 Africa/Cairo").begins(dt.date(2026, 4, 24))) == "2026-04-23T21:00:00"
    assert utc(calendar("23:30 America/Havana").begins(dt.date(2026, 11, 1))) == "2026-11-01T04:00:00"


def test_business_days() -> None:
    week = [DAY + dt.timedelta(days=number) for number in range(7)]  # from Monday

    def opened(**words: Any) -> str:
        one = calendar(Expected(by="23:30 UTC", **words))
        assert list(one.days(week[0], week[-1])) == [day for day in week if one.is_open(day)]
        return "".join("x" if one.is_open(day) else "-" for day in week)

    assert opened() == "xxxxxxx"
    assert opened(days="mon-sat") == "xxxxxx-"
    assert opened(days="sat-mon,wed") == "x-x--xx"
    assert opened(days="mon-fri", closed=[week[1]], opened=[week[6]]) == "x-xxx-x"


def test_holidays_of_a_country_and_of_a_part_of_it() -> None:
    christmas, second = dt.date(2026, 12, 25), dt.date(2026, 12, 26)

    def opened(holidays: str, day: dt.date, **words: Any) -> bool:
        return calendar(Expected(by="23:30 UTC", holidays=holidays, **words)).is_open(day)

    assert not opened("FR", christmas)
    assert opened("FR", christmas, opened=[christmas])
    assert opened("FR", second)
    assert not opened("FR-57", second)
    assert not opened("US", dt.date(2026, 11, 26))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2028-02-29", dt.date(2028, 2, 29)),
        ("20260302", DAY),
        ("2027-02-29", None),
        ("2026-W10-1", None),
        ("2026-3-2", None),
        ("1066-10-14", None),
        ("9999-12-31", None),
        ("٢٠٢٦-03-02", None),
        ("", None),
    ],
)
def test_a_business_date_in_a_name(text: str, day: dt.date | None) -> None:
    assert business_date(text) == day


def test_the_name_of_a_delivery_and_its_values() -> None:
    pattern = parse_files("sod/{store}_{day}_r{revision}.csv", "here")
    for store in ("S1", "a,b", "a\\b", "a\\,b", "\\"):
        found = pattern.match(f"{store}_2026-03-02_r1.csv")
        assert found is not None
        assert pattern.values(found.delivery) == {"store": store, "day": "2026-03-02"}
        assert pattern.named({"store": store, "day": "2026-03-02"}) == found.delivery
    assert pattern.values("S1") is None
    assert pattern.named({"day": "2026-03-02"}) == "*,2026-03-02"
    assert parse_files("all.csv", "here").values("all.csv") == {}
