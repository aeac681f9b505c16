"""When the files of a source are expected: business days, deadlines and stores. Pure; it knows no clock."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, cast
from zoneinfo import ZoneInfo

from trivium.errors import DeclarationError
from trivium.model.cutoff import CutOff, check_zone
from trivium.model.files import REVISION, FilePattern
from trivium.model.instants import EPOCH, instant_of
from trivium.model.keywords import checked

SEQUENCE: Final = "sequence"
"""The capture that numbers files: a number left out between two others is missing."""

BUSINESS_DATE: Final = "business_date"
"""The capture that is taken for the business date where neither the cut-off nor `date` names one."""

_BY: Final = re.compile(
    r"(?P<time>\d\d:\d\d(?::\d\d)?)(?: (?P<later>next day|next business day))?(?: (?P<zone>[A-Za-z][A-Za-z0-9_+/-]*))?"
)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_YEARS: Final = range(1970, 3112)
_LONGEST_PAUSE: Final = 366
"""So many days after one another without a business day, and a file of the next one is taken for due the day after."""

Later = Literal["same day", "next day", "next business day"]


@checked
@dataclass(frozen=True, slots=True)
class Expected:
    """When a source's files are due, and for which days and stores.

    `by`: a time of day, as `23:30`, `23:30 Europe/Paris`, `06:00 next day`, `06:00 next business day`. `zone`: where
    `by` names none; else that of the cut-off, else the source's. `days`: `mon-sat`, `mon,wed,fri`. `holidays`: days of
    this country (`FR`) or part of it (`FR-57`) are none of them. `closed`, `opened`: dates that are none, or are one
    all the same. `each`: for which values of other captures of the name a file is expected. `date`: the capture that is
    the business date. `since`: the first business date; else it is the first delivered. `numbered`: the captures within
    which `{sequence}` counts on; else all others.
    """

    by: str | None = None
    zone: str | None = None
    days: str = "mon-sun"
    holidays: str | None = None
    closed: Sequence[dt.date] = ()
    opened: Sequence[dt.date] = ()
    each: Mapping[str, Sequence[str]] | None = None
    date: str | None = None
    since: dt.date | None = None
    numbered: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """An `Expected`, checked. Instants are microseconds since 1970.

    `time` None: no file is due at any time, and only numbers can be missing. `date` None: the names give no business
    date. `each`: captures in the order of the name, with their values as the keys of a dict, for they are looked up.
    `numbered`: None where names give no `{sequence}`.
    """

    time: dt.time | None
    later: Later
    zone: str
    weekdays: frozenset[int]
    holidays: str | None
    closed: frozenset[dt.date]
    opened: frozenset[dt.date]
    each: dict[str, dict[str, None]]
    date: str | None
    since: dt.date | None
    numbered: tuple[str, ...] | None

    def is_open(self, day: dt.date) -> bool:
        """Whether it is a business day."""
        if day in self.opened:
            return True
        if day in self.closed or day.weekday() not in self.weekdays:
            return False
        return self.holidays is None or day not in _holidays(self.holidays)

    def days(self, first: dt.date, last: dt.date) -> Iterator[dt.date]:
        """The business days from `first` to `last`, both included, in order."""
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = dt.date.fromordinal(number)
            if self.is_open(day):
                yield day

    def due_date(self, day: dt.date) -> dt.date:
        """The date on which the file of a business day is due."""
        if self.later == "same day":
            return day
        following = day + dt.timedelta(days=1)
        if self.later == "next day":
            return following
        last = following + dt.timedelta(days=_LONGEST_PAUSE)
        return next(self.days(following, last), following)

    def due(self, day: dt.date) -> int:
        """The instant up to which the file of a business day is in time.

        A local time that comes twice, or never because the clock is put forward over it, is taken for the later of the
        two instants that it may mean: nobody is called overdue too early.
        """
        assert self.time is not None
        return max(self._instants(self.due_date(day), self.time))

    def begins(self, day: dt.date) -> int:
        """The instant at which a day begins; of two, the earlier: nobody is called early who is not."""
        return min(self._instants(day, dt.time()))

    def day_of(self, instant: int) -> dt.date:
        """The date that it is in the zone at an instant."""
        return (EPOCH + dt.timedelta(microseconds=instant)).astimezone(ZoneInfo(self.zone)).date()

    def _instants(self, day: dt.date, time: dt.time) -> tuple[int, ...]:
        local = dt.datetime.combine(day, time, ZoneInfo(self.zone))
        return tuple(instant_of(local.replace(fold=fold)) for fold in (0, 1))


def deadline_words(calendar: Calendar) -> str:
    """When files are due, for a person: `06:00 next day Europe/Paris`."""
    if calendar.time is None:
        return "no time"
    later = [] if calendar.later == "same day" else [calendar.later]
    return " ".join([calendar.time.isoformat("auto" if calendar.time.second else "minutes"), *later, calendar.zone])


def calendar_words(calendar: Calendar) -> str:
    """A calendar for a person, in one line."""
    width = math.prod(map(len, calendar.each.values()))
    told = [
        calendar.time and f"expected by {deadline_words(calendar)}",
        len(calendar.weekdays) < len(_DAYS) and ",".join(_DAYS[day] for day in sorted(calendar.weekdays)),
        calendar.holidays and f"without the holidays of {calendar.holidays}",
        calendar.each and f"{width} files a day, by {', '.join(calendar.each)}",
        calendar.numbered is not None and "numbered",
    ]
    return ", ".join(str(one) for one in told if one)


def business_date(text: str) -> dt.date | None:
    """The date that a name writes as `2026-03-02` or `20260302`, from 1970 to 3111; None if it is none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d|\d{8}", text, re.ASCII):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def calendar_of(
    given: str | Expected | None, pattern: FilePattern | None, cut: CutOff | None, zone: str | None, where: str
) -> Calendar | None:
    """The calendar of a source; None where nothing is expected. Refused where it makes no sense, with the cure."""
    expected = Expected(by=given) if isinstance(given, str) else given
    if expected is not None and not isinstance(expected, Expected):
        raise DeclarationError(where, f"expected_by={expected!r}", cure="such as '23:30', or Expected(by='23:30', …)")
    captures = tuple(name for name in (pattern.captures if pattern else ()) if name != REVISION)
    if expected is None and SEQUENCE not in captures:
        return None
    where, expected = f"{where}, expected_by", expected or Expected()
    if expected.by is None and SEQUENCE not in captures:
        raise DeclarationError(where, "says no time", cure="by='23:30'")
    time, later, named = _time(expected.by, where)
    zone = named or expected.zone or (cut.zone if cut else zone)
    if zone is None and time is not None:
        raise DeclarationError(where, f"{expected.by!r}: of which zone?", cure=f"'{expected.by} Europe/Paris', or zone")
    if zone is not None:
        check_zone(zone, where)
    date = _date(expected.date, captures, cut, where)
    both = set(expected.closed) & set(expected.opened)
    if both:
        raise DeclarationError(where, f"{min(both)} is both closed and opened", cure="name it once")
    if expected.holidays is not None:
        _check_holidays(expected.holidays, where)
    return Calendar(
        time=time,
        later=later,
        zone=zone or "UTC",
        weekdays=_weekdays(expected.days, where),
        holidays=expected.holidays,
        closed=_dates("closed", expected.closed, where),
        opened=_dates("opened", expected.opened, where),
        each=_each(expected.each or {}, captures, date, where),
        date=date,
        since=min(_dates("since", () if expected.since is None else (expected.since,), where), default=None),
        numbered=_numbered(expected.numbered, captures, where),
    )


def _time(by: str | None, where: str) -> tuple[dt.time | None, Later, str | None]:
    if by is None:
        return None, "same day", None
    match = _BY.fullmatch(by)
    try:
        if match:
            later = cast(Later, match["later"] or "same day")
            return dt.time.fromisoformat(match["time"]), later, match["zone"]
    except ValueError:
        pass
    cure = "such as '23:30', '23:30 Europe/Paris', '06:00 next day', '06:00 next business day Europe/Paris'"
    raise DeclarationError(where, f"{by!r} is not understood", cure=cure)


def _date(named: str | None, captures: Container[str], cut: CutOff | None, where: str) -> str | None:
    if named is not None and named not in captures:
        raise DeclarationError(
            where, f"date={named!r}, which the file's name does not give", cure=f"capture it: files='…_{{{named}}}.csv'"
        )
    if named is not None or cut is not None:
        return named or (cut.column if cut else None)
    return BUSINESS_DATE if BUSINESS_DATE in captures else None


def _weekdays(text: str, where: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        if first not in _DAYS or (last or first) not in _DAYS:
            raise DeclarationError(where, f"days={text!r} is not understood", cure="such as 'mon-sat' or 'mon,wed,fri'")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        found |= {day % 7 for day in range(begin, end + 1 + 7 * (end < begin))}
    return frozenset(found)


def _dates(word: str, given: Sequence[Any], where: str) -> frozenset[dt.date]:
    for one in given:
        if not isinstance(one, dt.date) or isinstance(one, dt.datetime):
            raise DeclarationError(where, f"{word}: {one!r} is no date", cure="datetime.date(2026, 12, 24)")
    return frozenset(given)


def _each(
    given: Mapping[str, Sequence[str]], captures: Sequence[str], date: str | None, where: str
) -> dict[str, dict[str, None]]:
    others = [name for name in captures if name not in (date, SEQUENCE)]
    for name, values in given.items():
        if name not in others:
            cure = f"captures of the name: {', '.join(others) or 'none'}"
            raise DeclarationError(where, f"each names {name!r}", cure=cure)
        if isinstance(values, str) or not values or not all(isinstance(value, str) for value in values):
            cure = f"each={{{name!r}: ['S001', 'S002']}}, as the names of files write them"
            raise DeclarationError(where, f"each {name!r} has no list of texts", cure=cure)
    return {name: dict.fromkeys(given[name]) for name in others if name in given}


def _numbered(given: Sequence[str] | None, captures: Sequence[str], where: str) -> tuple[str, ...] | None:
    others = tuple(name for name in captures if name != SEQUENCE)
    if given is None:
        return others if SEQUENCE in captures else None
    names = (given,) if isinstance(given, str) else tuple(given)
    if SEQUENCE not in captures:
        raise DeclarationError(
            where, "numbered, but the file's name has no number", cure="capture it: files='…_{sequence}.csv'"
        )
    if not set(names) <= set(others):
        wrong = next(name for name in names if name not in others)
        raise DeclarationError(where, f"numbered names {wrong!r}", cure=f"captures: {', '.join(others) or 'none'}")
    return tuple(name for name in others if name in names)


def _check_holidays(name: str, where: str) -> None:
    import holidays  # only who declares holidays waits for it

    country, _, part = name.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known:
        raise DeclarationError(where, f"holidays={name!r}: no such country", cure="its code in ISO 3166, such as 'FR'")
    if part and part not in known[country]:
        cure = f"{country} alone, or with one of {', '.join(known[country]) or 'none'}"
        raise DeclarationError(where, f"holidays={name!r}: {country} has no part {part!r}", cure=cure)


@cache
def _holidays(name: str) -> Container[dt.date]:
    import holidays

    country, _, part = name.partition("-")
    return holidays.country_holidays(country, subdiv=part or None)
