"""When French stores are open: the simulators' own idea of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Final

_FIXED: Final = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_AFTER_EASTER: Final = (1, 39, 50)
"""Easter Monday, Ascension, Whit Monday."""


def days(first: dt.date, number: int) -> Iterator[dt.date]:
    """So many days from the first on."""
    for one in range(number):
        yield first + dt.timedelta(days=one)


def stores_open(day: dt.date) -> bool:
    """Whether stores sell: not on holidays, and on a Sunday only from the last of November to Christmas."""
    if day in _holidays(day.year):
        return False
    return day.weekday() < 6 or ((day.month, day.day) >= (11, 28) and (day.month, day.day) < (12, 25))


@cache
def _holidays(year: int) -> frozenset[dt.date]:
    easter = _easter(year)
    moving = (easter + dt.timedelta(days=after) for after in _AFTER_EASTER)
    return frozenset((*moving, *(dt.date(year, month, day) for month, day in _FIXED)))


def _easter(year: int) -> dt.date:
    """By the Gregorian rule in the form of Butcher."""
    century, rest = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (year % 19 + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return dt.date(year, month, day + 1)
