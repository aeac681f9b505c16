"""What arrived of a source, from the readings of its deliveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trivium.model.calendar import Calendar, business_date
from trivium.model.files import FilePattern

Combination = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A business date: whether it is a business day, and when it begins."""

    date: dt.date
    opened: bool
    begins: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """A delivery: the captures of its name, when each of its contents came first, in order, and when it was retracted.

    `day`: its business date, None where its name gives none. `listed`: the values of the captures that the calendar
    lists, None where it does not list one of them. Instants are microseconds since 1970. A retracted delivery counts as
    not delivered.
    """

    delivery: str
    values: dict[str, str]
    day: Day | None
    listed: Combination | None
    at: tuple[int, ...]
    withdrawn: int | None

    @property
    def first(self) -> int:
        """When it was there first."""
        return self.at[0]


def arrivals(source: str, pattern: FilePattern, calendar: Calendar, deliveries: pa.Table) -> list[Arrived]:
    """The deliveries of a source, by name. `deliveries` is what `Control.deliveries` gives, of one source or of all.

    One that is held has arrived. A replay is no arrival: the content came before. One that is called in another way
    than files are called today is left out.
    """
    columns = ["delivery", "digest", "kind", "state", "arrived_at"]
    mine = deliveries.filter(_is(deliveries, "source", source)).select(columns)
    mine = mine.set_column(4, "at", mine["arrived_at"].cast(pa.timestamp("us")).cast(pa.int64()))
    retraction = _is(mine, "kind", "retraction")
    ended = mine.filter(pc.and_(_is(mine, "state", "retracted"), retraction))
    withdrawn = dict(_grouped(ended.group_by("delivery").aggregate([("at", "max")])))
    contents = mine.filter(pc.invert(pc.or_(retraction, _is(mine, "kind", "restored"))))
    came = contents.group_by(["delivery", "digest"]).aggregate([("at", "min")]).drop_columns(["digest"])
    found, days = [], _Days(calendar)
    for delivery, times in sorted(_grouped(came.group_by("delivery").aggregate([("at_min", "list")]))):
        values = pattern.values(delivery)
        if values is not None:
            day = days[values.get(calendar.date, "")] if calendar.date else None
            listed = _listed(calendar, values)
            found.append(Arrived(delivery, values, day, listed, tuple(sorted(times)), withdrawn.get(delivery)))
    return found


class _Days(dict[str, Day | None]):
    """Business dates by their texts. There are far fewer than deliveries."""

    def __init__(self, calendar: Calendar) -> None:
        super().__init__()
        self._calendar = calendar

    def __missing__(self, text: str) -> Day | None:
        date = business_date(text)
        day = None if date is None else Day(date, self._calendar.is_open(date), self._calendar.begins(date))
        self[text] = day
        return day


def _listed(calendar: Calendar, values: dict[str, str]) -> Combination | None:
    if not calendar.each:
        return ()
    found = tuple(values.get(name, "") for name in calendar.each)
    return found if all(one in known for one, known in zip(found, calendar.each.values(), strict=True)) else None


def _is(rows: pa.Table, column: str, value: str) -> Any:
    return pc.equal(rows[column], pa.scalar(value))


def _grouped(rows: pa.Table) -> Iterator[tuple[str, Any]]:
    return zip(*(rows[number].to_pylist() for number in range(2)), strict=True)
