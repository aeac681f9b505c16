"""What `trivium run` tells of calls and events: a tick is for what was accepted."""

from __future__ import annotations

from typing import Any, cast

import pytest

from trivium.cli.run import Teller
from trivium.cli.screen import Screen
from trivium.ops.tally import Commits
from trivium.ports import Account


class Told:
    """A screen that keeps what it is to show."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str | None]] = []

    def show(self, *what: Any, style: str | None = None) -> None:
        self.lines.append((str(what[0]), style))


@pytest.mark.parametrize(
    ("account", "sign", "style"),
    [
        (Account(2, 2, 0, 0), "✓", "green"),
        (Account(2, 0, 0, 2), "✓", "green"),
        (Account(2, 1, 1, 0), "!", "yellow"),
        (Account(2, 0, 1, 1), "!", "yellow"),
        (Account(2, 0, 2, 0), "✗", "bold red"),
        (Account(0, 0, 0, 0), "✓", "green"),
    ],
)
def test_what_was_rejected_has_no_tick(account: Account, sign: str, style: str) -> None:
    told = Told()
    teller = Teller(cast(Screen, told), False, "shop.py", "my.duckdb")
    teller.commits(Commits("shop", "till", 1, 7, 7, 1, account, 0.1))
    (line, its_style), *more = told.lines
    assert f"Z {sign} till  {account.received} received = " in line
    assert its_style == style
    command = "trivium quarantine shop.py list --source till --store my.duckdb"
    rest = [(f"  {account.rejected} in quarantine: {command}", "yellow")] if account.rejected else []
    assert more == rest
