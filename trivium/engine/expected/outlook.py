"""What is overdue, missing, early or unexpected of a source, as a function of what arrived and of the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import islice
from typing import Final, Literal

import pyarrow as pa

from trivium.engine.expected.arrivals import Arrived, Combination, arrivals
from trivium.engine.expected.days import Days, Next, days_of
from trivium.engine.expected.numbers import gaps, number_of
from trivium.model.calendar import SEQUENCE, Calendar, deadline_words
from trivium.model.files import FilePattern

Kind = Literal["overdue", "missing", "early", "unexpected"]
KINDS: Final[tuple[Kind, ...]] = ("overdue", "missing", "early", "unexpected")


@dataclass(frozen=True, slots=True)
class Absence:
    """A finding about one file. `kind`, `source` and `subject` are what it is known by; instants are microseconds.

    It was opened at its deadline, when a greater number arrived, or when the file did; it was closed by what mended it.
    """

    kind: Kind
    source: str
    subject: str
    detail: str
    opened_at: int
    closed_at: int | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """`open`: at most so many of each kind as were asked for, the latest first; `total`: how many of each kind are open
    in all. `closed`: the same of those that are mended, with `mended` in all."""

    open: tuple[Absence, ...] = ()
    closed: tuple[Absence, ...] = ()
    total: dict[Kind, int] = field(default_factory=dict)
    mended: dict[Kind, int] = field(default_factory=dict)
    next: Next | None = None


def outlook(
    source: str, pattern: FilePattern | None, calendar: Calendar, deliveries: pa.Table, *, now: int, most: int
) -> Outlook:
    """What stands and what stood of a source at `now`, of everything that has arrived.

    The same for the same arrivals, in whatever order they came and however often it is asked: so each finding is opened
    once, and closed by itself. `now` moves the deadlines; what arrived has arrived.
    """
    pattern = pattern or FilePattern("", ())
    every = arrivals(source, pattern, calendar, deliveries)
    there = [one for one in every if one.withdrawn is None]
    days = days_of(calendar, there, now)
    collected = _Collected(most)
    collected.add(_odd(source, calendar, every))
    if calendar.numbered is not None:
        _missing(collected, source, pattern, calendar.numbered, there)
    if days is not None:
        late = list(days.late())
        latest = nlargest(most, late, key=lambda file: file[-1])
        collected.add(_due(source, pattern, days, *file) for file in latest)
        collected.closed["overdue"] = len(late)
        absent = islice(days.absent(), most)
        collected.add(_due(source, pattern, days, *file, None) for file in absent)
        collected.open["overdue"] = days.overdue
    return collected.outlook(None if days is None else days.next)


class _Collected:
    """Counts all of them and keeps the latest of each kind."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.open: Counter[Kind] = Counter()
        self.closed: Counter[Kind] = Counter()
        self._found: dict[tuple[Kind, bool], list[Absence]] = {}

    def add(self, found: Iterable[Absence]) -> None:
        for one in found:
            mended = one.closed_at is not None
            (self.closed if mended else self.open)[one.kind] += 1
            self._found.setdefault((one.kind, mended), []).append(one)

    def outlook(self, following: Next | None) -> Outlook:
        return Outlook(
            tuple(self._latest(False)), tuple(self._latest(True)),
            {kind: self.open[kind] for kind in KINDS if self.open[kind]},
            {kind: self.closed[kind] for kind in KINDS if self.closed[kind]},
            following,
        )  # fmt: skip

    def _latest(self, mended: bool) -> Iterator[Absence]:
        for kind in KINDS:
            found = self._found.get((kind, mended), [])
            yield from nlargest(self.most, found, key=lambda one: (one.closed_at or one.opened_at, one.subject))


def _odd(source: str, calendar: Calendar, arrived: Iterable[Arrived]) -> Iterator[Absence]:
    """Files that came too early, and files that nobody expects. A retraction closes these findings."""
    for one in arrived:
        why = _unexpected(calendar, one)
        if why is not None:
            yield Absence("unexpected", source, one.delivery, why, one.first, one.withdrawn)
        if one.day is not None and calendar.time is not None and one.first < one.day.begins:
            in_time = next((at for at in one.at if at >= one.day.begins), None)
            told = f"it came before {one.day.date} began in {calendar.zone}"
            ends = [at for at in (in_time, one.withdrawn) if at is not None]
            yield Absence("early", source, one.delivery, told, one.first, min(ends, default=None))


def _unexpected(calendar: Calendar, arrived: Arrived) -> str | None:
    values = arrived.values
    if calendar.numbered is not None and number_of(arrived) is None:
        return f"{SEQUENCE} {values.get(SEQUENCE, '')!r} is no number"
    if calendar.time is None:
        return None
    if arrived.listed is None:
        name = next(name for name, known in calendar.each.items() if values.get(name) not in known)
        return f"{name} {values.get(name, '')!r} is not in the list"
    if calendar.date is None:
        return None
    if arrived.day is None:
        return f"{calendar.date} {values.get(calendar.date, '')!r} is no date"
    return None if arrived.day.opened else f"{arrived.day.date} ({arrived.day.date:%A}) is no business day"


def _missing(
    collected: _Collected, source: str, pattern: FilePattern, within: tuple[str, ...], arrived: Iterable[Arrived]
) -> None:
    listed = 0
    for gap in gaps(within, arrived):
        wanted = gap.last - gap.first + 1
        shown = min(wanted, max(collected.most - listed, 0)) if gap.closed_at is None else 1
        listed += shown if gap.closed_at is None else 0
        for number in range(gap.first, gap.first + shown):
            subject = pattern.named(gap.values | {SEQUENCE: str(number)})
            told = f"number {number} has not come, and a greater one has"
            collected.add([Absence("missing", source, subject, told, gap.opened_at, gap.closed_at)])
        collected.open["missing"] += wanted - shown


def _due(
    source: str, pattern: FilePattern, days: Days, one: Combination, day: object, due: int, closed_at: int | None
) -> Absence:
    calendar = days.calendar
    values = dict(zip(calendar.each, one, strict=True))
    if calendar.date is not None:
        values[calendar.date] = str(day)
        subject = pattern.named(values)
    else:
        subject = ",".join([*one, str(day)])
    return Absence("overdue", source, subject, f"expected by {deadline_words(calendar)}", due, closed_at)
