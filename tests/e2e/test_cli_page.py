"""The reference page says what the commands say."""

from __future__ import annotations

from pathlib import Path

from trivium.cli.page import page

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_help_says() -> None:
    assert PAGE.read_text() == page(), "make it anew: python -m trivium.cli.page > docs/cli.md"
