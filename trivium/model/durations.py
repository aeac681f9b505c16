"""Durations as they are declared, `15 minutes`, and as they are said again."""

from __future__ import annotations

import re
from typing import Final

from trivium.errors import DeclarationError

_FORM: Final = re.compile(r"(\d+) (second|minute|hour|day)s?")
_UNITS: Final = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}


def parse_duration(text: str, where: str) -> int:
    """Seconds of `15 minutes`, `1 day`."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise DeclarationError(where, f"{text!r} is not a duration", cure="such as '15 minutes' or '400 days'")
    return int(match[1]) * _UNITS[match[2]]


def duration_words(seconds: int) -> str:
    """The duration in the greatest unit in which it is whole: `1 day`, `90 minutes`."""
    unit = next(unit for unit, size in _UNITS.items() if (seconds and not seconds % size) or unit == "second")
    count = seconds // _UNITS[unit]
    return f"{count} {unit}{'s' * (count != 1)}"
