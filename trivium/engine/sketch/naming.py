"""What the name of a file says of the names of others like it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_DAYS: Final = (
    re.compile(r"(?<![0-9])\d{4}-\d\d-\d\d(?![0-9])"),
    re.compile(r"(?<![0-9])(?:19|20)\d\d[01]\d[0-3]\d(?![0-9])"),
)
_REVISION: Final = re.compile(r"(?<=[_-])[rv](\d{1,9})(?=[._-]|$)")
_PACKED: Final = re.compile(r"\.(gz|zst|zip)$", re.I)
_CALLED: Final = ("business_date", "file_day", "day_of_file", "day_in_name")


@dataclass(frozen=True, slots=True)
class NamePattern:
    """`text`: the pattern; None where the name has braces, which a pattern cannot say. `day`: the capture of a date.
    `code`: a part that stands as it is, and looks as if other files had another."""

    text: str | None
    day: str | None = None
    code: str | None = None


def name_pattern(name: str, taken: Collection[str]) -> NamePattern:
    """The pattern of names like this one. `taken`: names of columns, which would go before a capture of their name."""
    name = _PACKED.sub("", name)
    if re.search("[{}]", name):
        return NamePattern(None)
    found = next((day for form in _DAYS for day in form.finditer(name) if _is_day(day)), None)
    day = None if found is None else next(one for one in _CALLED if one not in taken)
    text = name if found is None else f"{name[: found.start()]}{{{day}}}{name[found.end() :]}"
    text = _REVISION.sub(lambda one: f"{one[0][0]}{{revision}}", text, count=1)
    return NamePattern(text, day, _code(text))


def _is_day(found: re.Match[str]) -> bool:
    try:
        dt.date.fromisoformat(found[0])
    except ValueError:
        return False
    return True


def _code(pattern: str) -> str | None:
    """The first part with digits, or of capitals where others are none."""
    parts: list[str] = re.findall("[A-Za-z0-9]+", re.sub(r"\{[^}]*\}", " ", pattern.rpartition(".")[0] or pattern))
    small = any(part.islower() for part in parts)
    for part in parts:
        if re.search("[0-9]", part) or (small and re.fullmatch("[A-Z]{2,5}", part)):
            return part
    return None
