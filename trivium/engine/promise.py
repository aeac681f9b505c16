"""What a sender promises of a file as a whole, and what of it does not hold. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Final

from trivium.engine.verdict import EXACTLY, Total
from trivium.errors import RefusedDelivery

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_COUNT: Final = re.compile(r"\d{1,18}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{64}")
_LONGEST: Final = 60  # digits of a number that somebody declares
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Promise:
    """What one manifest or trailer says; None: nothing of it. `by` is what a person calls it. `revision`, `cut_off`
    (microseconds since 1970) are no promises: they are what it says of the delivery."""

    by: str
    rows: int | None = None
    totals: Mapping[str, Decimal] = field(default_factory=dict)
    sha256: str | None = None
    size: int | None = None
    revision: int | None = None
    cut_off: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was declared and found otherwise. `difference`: what was found too much, of what can be
    counted."""

    figure: str
    declared: str
    found: str
    difference: str | None = None

    def __str__(self) -> str:
        told = f"{self.figure} {self.declared} declared, {self.found} found"
        return told if self.difference is None else f"{told}, difference {self.difference}"


def bytes_otherwise(promise: Promise, digest: str, size: int) -> list[Figure]:
    """What a promise says otherwise of the bytes that came."""
    found = []
    if promise.size not in (None, size):
        assert promise.size is not None
        found.append(Figure("size", f"{promise.size}", f"{size}", f"{size - promise.size:+}"))
    if promise.sha256 not in (None, digest):
        found.append(Figure("sha256", str(promise.sha256), digest))
    return found


def rows_otherwise(promise: Promise, received: int) -> list[Figure]:
    """What a promise says otherwise of how many records came."""
    if promise.rows in (None, received):
        return []
    assert promise.rows is not None
    return [Figure("rows", f"{promise.rows}", f"{received}", f"{received - promise.rows:+}")]


def totals_otherwise(promise: Promise, totals: Mapping[str, Total]) -> tuple[list[Figure], list[str]]:
    """What a promise says otherwise of sums; and, in words, what cannot be told, for records that could not be read
    may be the difference."""
    wrong, open_ = [], []
    for name, declared in promise.totals.items():
        total = totals.get(name, Total())
        if total.sum == declared:
            continue
        figure = Figure(name, plain(declared), plain(total.sum), _signed(EXACTLY.subtract(total.sum, declared)))
        if total.unread:
            count = f"{total.unread:,} {'record' if total.unread == 1 else 'records'}"
            open_.append(f"{figure}: {count} could not be read for it and may be why the {promise.by} is not confirmed")
        else:
            wrong.append(figure)
    return wrong, open_


def contradicted(promise: Promise, figures: Sequence[Figure]) -> RefusedDelivery:
    """The refusal of a file that is not what was promised."""
    return RefusedDelivery(
        f"the file contradicts its {promise.by}: {'; '.join(map(str, figures))}",
        hint="nothing of it was taken; have it sent whole, with what belongs to it",
        details={"rule": "contradicted", "by": promise.by, "figures": [asdict(figure) for figure in figures]},
    )


def _signed(number: Decimal) -> str:
    return plain(number) if number < 0 else f"+{plain(number)}"


def plain(number: Decimal) -> str:
    """A number without the zeros that only its scale adds."""
    text = f"{number if number else abs(number):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count_of(value: object) -> int | None:
    """A number of things that somebody wrote; None where it is none."""
    return int(value) if isinstance(value, str) and _COUNT.fullmatch(value) else None


def number_of(value: object) -> Decimal | None:
    """An exact number that somebody wrote; None where it is none."""
    if isinstance(value, str) and len(value) <= _LONGEST and _NUMBER.fullmatch(value):
        return Decimal(value)
    return None


def digest_of(value: object) -> str | None:
    """A SHA-256 in hex that somebody wrote; None where it is none."""
    return value.lower() if isinstance(value, str) and _DIGEST.fullmatch(value) else None


def shown(value: object) -> str:
    """A value as a message shows it."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
