"""What the name of a file says to the judge: values for its records, and the instant of which it speaks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from trivium.engine.judge.mapping import Clock
from trivium.engine.law.statements import text
from trivium.engine.plain import instant_text
from trivium.errors import RefusedDelivery
from trivium.model.durations import duration_words
from trivium.model.source import Source
from trivium.model.survivorship import MAX_EVENT_TIME

_PLAIN: Final = re.compile("[0-9]{8}")


def literals(captured: Mapping[str, str]) -> dict[str, str]:
    """The values as SQL."""
    return {name: text(value) for name, value in captured.items()}


def cut_off_of(source: Source, captured: Mapping[str, str]) -> int | None:
    """Microseconds since 1970 of the declared cut-off; None where there is none. Raises RefusedDelivery."""
    if source.cut_off is None:
        return None
    value = captured.get(source.cut_off.column, "")
    day = _day(value)
    if day is None:
        raise RefusedDelivery(
            f"{source.where}: the file's name gives {source.cut_off.column} as {value!r}, which is no date",
            hint="name the file with the date as YYYY-MM-DD or YYYYMMDD",
        )
    instant = source.cut_off.instant(day)
    if not 0 <= instant <= MAX_EVENT_TIME:
        raise RefusedDelivery(
            f"{source.where}: the file's name gives {source.cut_off.column} as {value}, before 1970 or after 3111",
            hint="look at the date in its name, and rename the file",
        )
    return instant


@lru_cache(maxsize=1024)
def _day(value: str) -> dt.date | None:
    """A day in one of two forms, and not in all that fromisoformat takes. A night's files have few days in their
    names."""
    form = "%Y%m%d" if _PLAIN.fullmatch(value) else "%Y-%m-%d"
    try:
        return dt.datetime.strptime(value, form).date()  # noqa: DTZ007 - a date, which has no zone
    except ValueError:
        return None


def check_due(source: Source, clock: Clock) -> None:
    """Raises RefusedDelivery where a delivery speaks of an instant that it cannot know of yet.

    One record ahead of its time waits alone. A whole file is most likely misnamed, and what it states and asserts
    would go before everything that is sent until then.
    """
    if not isinstance(clock.cut_off, int) or not isinstance(clock.latest, int) or clock.cut_off <= clock.latest:
        return
    raise RefusedDelivery(
        f"{source.where}: the delivery's cut-off is {instant_text(clock.cut_off)}, which lies further ahead of its "
        f"arrival than max_ahead allows: {duration_words(source.max_ahead)}",
        hint="look at the date in its name: rename the file, send it when it is due, or declare another max_ahead",
    )
