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
    lines: int
    sheet_lines: int
    small_files: int
    postgres_small_files: int
    peer_small_files: int
    lying: tuple[int, ...]
    noticed: int
    calling: float
    """Seconds."""
    bodies: tuple[int, ...]
    backlogs: tuple[int, ...]


QUICK: Final = Scale(
    rows=500_000, postgres_rows=200_000, repeats=3, growth=(200_000, MILLION), keys=MILLION, tail=20_000, look_ups=100,
    masters=(200_000, MILLION), tails=(1_000, 10_000), night_rows=50_000, nights=5, orders=50_000,
    lines=100_000, sheet_lines=5_000, small_files=500, postgres_small_files=200, peer_small_files=200, lying=(0, 1_000),
    noticed=5, calling=5, bodies=(200_000,), backlogs=(200_000,),
)  # fmt: skip

USUAL: Final = Scale(
    rows=2 * MILLION, postgres_rows=MILLION, repeats=3, growth=(MILLION, 5 * MILLION), keys=5 * MILLION, tail=100_000,
    look_ups=200, masters=(MILLION, 5 * MILLION), tails=(1_000, 10_000, 100_000), night_rows=200_000, nights=10,
    orders=MILLION,
    lines=MILLION, sheet_lines=50_000, small_files=20_000, postgres_small_files=5_000, peer_small_files=2_000,
    lying=(0, 50_000), noticed=20, calling=15, bodies=(500_000, 4 * MILLION), backlogs=(MILLION, 3 * MILLION),
)  # fmt: skip

FULL: Final = Scale(
    rows=4 * MILLION, postgres_rows=MILLION, repeats=5, growth=(MILLION, 5 * MILLION, 50 * MILLION),
    keys=5 * MILLION, tail=100_000, look_ups=500, masters=(MILLION, 5 * MILLION), tails=(1_000, 10_000, 100_000),
    night_rows=MILLION, nights=30, orders=MILLION,
    lines=MILLION, sheet_lines=50_000, small_files=20_000, postgres_small_files=5_000, peer_small_files=20_000,
    lying=(0, 50_000), noticed=20, calling=30, bodies=(500_000, 4 * MILLION), backlogs=(MILLION, 5 * MILLION),
)  # fmt: skip
