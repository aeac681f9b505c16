"""Files that are numbered: which numbers were left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from trivium.engine.expected.arrivals import Arrived
from trivium.model.calendar import SEQUENCE

_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers from `first` to `last` that were left out, within `values`, since `opened_at`; `closed_at`: when the
    number came, of which there is one then."""

    values: dict[str, str]
    first: int
    last: int
    opened_at: int
    closed_at: int | None = None


def number_of(arrived: Arrived) -> int | None:
    """The number that a file's name gives, or None if it is none."""
    text = arrived.values.get(SEQUENCE, "")
    return int(text) if _NUMBER.fullmatch(text) else None


def gaps(within: tuple[str, ...], arrived: Iterable[Arrived]) -> Iterator[Gap]:
    """The numbers missing between the least and the greatest that arrived, and those that came after a greater one.

    A number is missing as soon as a lesser and a greater one are there.
    """
    groups: dict[tuple[str, ...], dict[int, int]] = {}
    for one in arrived:
        number = number_of(one)
        if number is not None:
            came = groups.setdefault(tuple(one.values.get(name, "") for name in within), {})
            came[number] = min(one.first, came.get(number, one.first))
    for values, came in groups.items():
        named = dict(zip(within, values, strict=True))
        there = sorted(came)
        lesser = list(accumulate((came[number] for number in there), min))
        greater = list(accumulate((came[number] for number in reversed(there)), min))[::-1]
        for at in range(len(there) - 1):
            if there[at + 1] > there[at] + 1:
                yield Gap(named, there[at] + 1, there[at + 1] - 1, max(lesser[at], greater[at + 1]))
        for at in range(1, len(there) - 1):
            opened, closed = max(lesser[at - 1], greater[at + 1]), came[there[at]]
            if closed > opened:
                yield Gap(named, there[at], there[at], opened, closed)
