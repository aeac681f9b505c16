"""What the names of files say of their deliveries."""

from __future__ import annotations

import pytest

from trivium.model.files import parse_files


def delivery(pattern: str, name: str) -> str | None:
    found = parse_files(pattern, "source s").match(name)
    return None if found is None else found.delivery


def test_other_captures_are_another_delivery() -> None:
    """Though a comma or a backslash stands in them."""
    names = ["c_x,y_z_1.csv", "c_x_y,z_1.csv", "c_x\\_,y_1.csv", "c_x\\,_y_1.csv", "c_x_y_1.csv"]
    found = [delivery("c_{a}_{b}_{day}.csv", name) for name in names]
    assert len(set(found)) == len(names)
    assert found[-1] == "x,y,1"


@pytest.mark.parametrize("revision", ["٣", "१", "+1", " 1", "1" * 19])
def test_a_revision_is_of_the_digits_0_to_9(revision: str) -> None:
    assert delivery("r_{day}_r{revision}.csv", f"r_1_r{revision}.csv") is None
