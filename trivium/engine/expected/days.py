"""The files that were due: one for each business day and each combination of what the calendar lists."""

from __future__ import annotations

import bisect
import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from trivium.engine.expected.arrivals import Arrived, Combination
from trivium.model.calendar import Calendar

_MOST_DAYS = 3660
"""Files are expected for ten years back at most: a wrong year in one name must not make a century overdue."""
_AHEAD = 400
"""So many days ahead the next deadline is looked for."""


@dataclass(frozen=True, slots=True)
class Next:
    """The next deadline: of which business day, at which instant, and how many of its files have not come yet."""

    day: dt.date
    due: int
    awaited: int


@dataclass(frozen=True, slots=True)
class Days:
    """`due`: the business days whose deadline has passed, in order, with the deadline. `came`: when the file of a
    combination and a business day was there first, due or not."""

    calendar: Calendar
    due: dict[dt.date, int]
    came: dict[tuple[Combination, dt.date], int]
    next: Next | None

    @property
    def overdue(self) -> int:
        """How many files are overdue. Counted, not listed: there may be millions."""
        return len(self.due) * _width(self.calendar) - sum(day in self.due for _, day in self.came)

    def absent(self) -> Iterator[tuple[Combination, dt.date, int]]:
        """What is overdue and since when, the latest first."""
        for day in reversed(self.due):
            for one in product(*self.calendar.each.values()):
                if (one, day) not in self.came:
                    yield one, day, self.due[day]

    def late(self) -> Iterator[tuple[Combination, dt.date, int, int]]:
        """What came after its deadline: with the deadline, and when it came."""
        for (one, day), at in self.came.items():
            due = self.due.get(day)
            if due is not None and at > due:
                yield one, day, due, at


def days_of(calendar: Calendar, arrived: Iterable[Arrived], now: int) -> Days | None:
    """What was due by `now`; None where nothing is, or it is not known from when on."""
    if calendar.time is None:
        return None
    today = calendar.day_of(now)
    dated = _dated(arrived) if calendar.date else _by_arrival(calendar, arrived, today)
    first = calendar.since or min((day for _, day in dated), default=None)
    if first is None:
        return None
    first = max(first, today - dt.timedelta(days=_MOST_DAYS))
    due = {day: at for day in calendar.days(first, today) if (at := calendar.due(day)) < now}
    came = {(one, day): at for (one, day), at in dated.items() if day >= first}
    return Days(calendar, due, came, _next(calendar, came, max(first, _after(due, first)), today))


def _width(calendar: Calendar) -> int:
    return math.prod(map(len, calendar.each.values()))


def _after(due: dict[dt.date, int], first: dt.date) -> dt.date:
    return next(reversed(due), first - dt.timedelta(days=1)) + dt.timedelta(days=1)


def _next(
    calendar: Calendar, came: dict[tuple[Combination, dt.date], int], begin: dt.date, today: dt.date
) -> Next | None:
    """The first business day not due yet of which a file has not come."""
    there: dict[dt.date, int] = {}
    for _, day in came:
        there[day] = there.get(day, 0) + 1
    for day in calendar.days(begin, max(begin, today) + dt.timedelta(days=_AHEAD)):
        awaited = _width(calendar) - there.get(day, 0)
        if awaited:
            return Next(day, calendar.due(day), awaited)
    return None


def _dated(arrived: Iterable[Arrived]) -> dict[tuple[Combination, dt.date], int]:
    """By the business date in the name."""
    found: dict[tuple[Combination, dt.date], int] = {}
    for one in arrived:
        if one.listed is not None and one.day is not None and one.day.opened:
            file = (one.listed, one.day.date)
            found[file] = min(one.first, found.get(file, one.first))
    return found


def _by_arrival(
    calendar: Calendar, arrived: Iterable[Arrived], today: dt.date
) -> dict[tuple[Combination, dt.date], int]:
    """By the date of arrival: a file is that of the last business day which was due on that date or before it."""
    times = [(at, one.listed) for one in arrived if one.listed is not None for at in one.at]
    if not times:
        return {}
    begin = calendar.since or calendar.day_of(min(times)[0])
    begin = max(begin, today - dt.timedelta(days=_MOST_DAYS))
    last = max(today, calendar.day_of(max(times)[0]))
    days = list(calendar.days(begin, last))
    starts = [calendar.due_date(day) for day in days]
    found: dict[tuple[Combination, dt.date], int] = {}
    for at, values in times:
        number = bisect.bisect_right(starts, calendar.day_of(at)) - 1
        if number >= 0:
            file = (values, days[number])
            found[file] = min(at, found.get(file, at))
    return found
