"""A body that cannot be read is told of with the place where it ceases to be JSON."""

from __future__ import annotations

import pytest

from trivium.channels.rest.bodies import Unreadable, explain


@pytest.mark.parametrize(
    ("body", "told", "offset"),
    [
        (rb'{"a":"x\ud800y"}', "half of a surrogate pair at line 1, column 8", 7),
        (rb'{"a":"\ud83d\ude00 \uDE00"}', "half of a surrogate pair at line 1, column 20", 19),
        (rb'{"a":"\ud83dx\ude00"}', "half of a surrogate pair at line 1, column 7", 6),
        (rb'{"a":"\\\ud83d\ud83d\ude00"}', "half of a surrogate pair at line 1, column 9", 8),
        ('{"ä":"\\ude00"}'.encode(), "half of a surrogate pair at line 1, column 7", 7),
        (b'[\n{"a":"NaN",\n "b": -Infinity}]', "-Infinity is no JSON value at line 3, column 7", 20),
        (b'{"a\\"":NaN}', "NaN is no JSON value at line 1, column 8", 7),
        (b'[\n{"a":}]', "Expecting value at line 2, column 6", 7),
    ],
)
def test_the_place_is_told(body: bytes, told: str, offset: int) -> None:
    with pytest.raises(Unreadable) as error:
        explain(body, "something else")
    assert (error.value.message, error.value.offset) == (f"the body is no JSON: {told}", offset)


def test_a_pair_and_a_backslash_are_no_half() -> None:
    with pytest.raises(Unreadable, match=r"^something else"):
        explain(rb'{"a":"\ud83d\ude00 \\ud800", "NaN": "NaN"}', "something else")
