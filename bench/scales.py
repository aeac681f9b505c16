"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Scale:
    """Rows and repetitions. `growth` ascends; its last two are compared with its first."""

    rows: int
    postgres_rows: int
    repeats: int
    growth: tuple[int, ...]
    keys: int
    tail: int
    look_ups: int
    masters: tuple[int, ...]
    tails: tuple[int, ...]
    night_rows: int
    nights: int
    orders: int


QUICK: Final = Scale(
    rows=500_000, postgres_rows=200_000, repeats=3, growth=(200_000, MILLION), keys=MILLION, tail=20_000, look_ups=100,
    masters=(200_000, MILLION), tails=(1_000, 10_000), night_rows=50_000, nights=5, orders=50_000,
)  # fmt: skip

USUAL: Final = Scale(
    rows=2 * MILLION, postgres_rows=MILLION, repeats=3, growth=(MILLION, 5 * MILLION), keys=5 * MILLION, tail=100_000,
    look_ups=200, masters=(MILLION, 5 * MILLION), tails=(1_000, 10_000, 100_000), night_rows=200_000, nights=10,
    orders=MILLION,
)  # fmt: skip

FULL: Final = Scale(
    rows=4 * MILLION, postgres_rows=MILLION, repeats=5, growth=(MILLION, 5 * MILLION, 50 * MILLION),
    keys=5 * MILLION, tail=100_000, look_ups=500, masters=(MILLION, 5 * MILLION), tails=(1_000, 10_000, 100_000),
    night_rows=MILLION, nights=30, orders=MILLION,
)  # fmt: skip
