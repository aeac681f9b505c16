"""How far behind a partition is."""

from __future__ import annotations

import pytest

from trivium.ports import Lag


@pytest.mark.parametrize(
    ("lag", "behind", "age"),
    [
        (Lag(3, 10, 5_000_000), 7, 15.0),
        (Lag(3, 10, None), 7, 0.0),
        (Lag(3, 10, 30_000_000), 7, 0.0),  # by a clock that goes before ours
        (Lag(10, 10, 5_000_000), 0, 0.0),
        (Lag(11, 10, 5_000_000), 0, 0.0),  # the end was asked for before it was read
        (Lag(None, 10, 5_000_000), None, 0.0),
        (Lag(3, None, 5_000_000), None, 0.0),
    ],
)
def test_lag(lag: Lag, behind: int | None, age: float) -> None:
    assert (lag.behind, lag.age(20.0)) == (behind, age)
