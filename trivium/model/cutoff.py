"""The declared cut-off of a file: the instant of which it speaks when its records say none."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from trivium.errors import DeclarationError
from trivium.model.instants import instant_of

_FORM = re.compile(r"(?P<column>[a-z][a-z0-9_]*) (?P<time>\d\d:\d\d(:\d\d)?) (?P<zone>[A-Za-z0-9_+/-]+)")


@dataclass(frozen=True, slots=True)
class CutOff:
    """A time of day in a zone, on the business date that a part of the file's name gives."""

    column: str
    time: dt.time
    zone: str

    def instant(self, day: dt.date) -> int:
        """Microseconds since 1970 of the cut-off of `day`; of two equal local times, the earlier."""
        local = dt.datetime.combine(day, self.time, ZoneInfo(self.zone))
        return instant_of(local)


def check_zone(zone: str, where: str) -> str:
    """The zone's name itself; refused unless the time zone database has it."""
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise DeclarationError(where, f"{zone!r} is not a time zone", cure="such as Europe/Paris, or UTC") from error
    return zone


def parse_cut_off(text: str, where: str) -> CutOff:
    """`business_date 23:00 Europe/Paris` as a value."""
    match = _FORM.fullmatch(text)
    try:
        if match:
            time = dt.time.fromisoformat(match["time"])
            return CutOff(match["column"], time, check_zone(match["zone"], where))
    except ValueError:
        pass
    raise DeclarationError(
        where, f"cut_off {text!r} is not understood", cure="write it like 'business_date 23:00 Europe/Paris'"
    )
