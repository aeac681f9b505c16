"""No password is shown, however it is written."""

from __future__ import annotations

import pytest

from trivium.engine.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://olga:pa55@db/shop is not there", "postgresql://olga:***@db/shop is not there"),
        ("postgresql://olga:p@5/5@db/shop", "postgresql://olga:***@db/shop"),
        ("postgresql://olga@db/shop?password=pa55&x=1", "postgresql://olga@db/shop?password=***&x=1"),
        ("host=db password = 'pa 55' user=olga", "host=db password = *** user=olga"),
        ("PASSWORD=pa55", "PASSWORD=***"),
        ("postgresql://db/shop, at 12:30 to ann@example.org", "postgresql://db/shop, at 12:30 to ann@example.org"),
    ],
)
def test_passwords_are_struck_out(text: str, shown: str) -> None:
    assert masked(text) == shown
