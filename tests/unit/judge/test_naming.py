"""The instant of which a file's name says that it speaks."""

from __future__ import annotations

import pytest

from trivium.engine.judge.naming import cut_off_of
from trivium.errors import RefusedDelivery
from trivium.model.entity import Entity, Key
from trivium.model.source import Batch, Into


class Thing(Entity):
    k: Key[str]


SOURCE = Batch("s", files="a_{day}.csv", cut_off="day 23:00 Europe/Paris", into=[Into(Thing)])


@pytest.mark.parametrize("day", ["2026-03-02", "20260302"])
def test_a_date_with_dashes_or_without(day: str) -> None:
    assert cut_off_of(SOURCE, {"day": day}) == 1_772_488_800_000_000


@pytest.mark.parametrize("day", ["", "2026-02-30", "20260230", "2026032", "260302", "2026-W10-1", "٢٠٢٦٠٣٠٢"])
def test_what_is_no_date_refuses_the_file_and_says_what_is_one(day: str) -> None:
    with pytest.raises(RefusedDelivery, match="as YYYY-MM-DD or YYYYMMDD"):
        cut_off_of(SOURCE, {"day": day})
