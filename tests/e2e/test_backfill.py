"""A year of files in any order, and a day of it once more."""

from __future__ import annotations

import datetime as dt
import json
import random

from tests.e2e.cli_shop import Shop, shop
from tests.e2e.test_files_page import DOMAIN

__all__ = ["shop"]

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=number) for number in range(366)]


def day(date: dt.date, more: str = "") -> str:
    """What sold on a day: a number of items that differs from day to day."""
    rows = "".join(f"i{number},,{date.day}.50\n" for number in range(1 + date.day % 3))
    return f"item,note,amount\n{rows}{more}"


def keys(shop: Shop) -> list[tuple[str, str]]:
    """Day and item of every record that lives."""
    rows = [json.loads(line) for line in shop.run("export", "shop.py", "sale").out.splitlines()]
    return [(row["day"], row["item"]) for row in rows]


def test_a_year_in_any_order_and_a_day_once_more(shop: Shop) -> None:
    shop.write("shop.py", DOMAIN.replace("DECLARED", "max_gone=None"))
    (shop.folder / "drop").mkdir()
    names = [shop.write(f"drop/sales_7_{date}.csv", day(date)) for date in DAYS]
    random.Random(7).shuffle(names)
    shop.run("load", "shop.py", "sales", *names[:100])
    shop.run("load", "shop.py", "sales", *names[90:], "--no-consolidate")
    expected = [(str(date), f"i{number}") for date in DAYS for number in range(1 + date.day % 3)]
    assert keys(shop) == expected
    (source,) = shop.json("status", "shop.py")["domains"][0]["sources"]
    assert (source["deliveries"], source["again"]) == (366, 10)

    before = shop.run("export", "shop.py", "sale").out.splitlines()
    past = dt.date(2024, 5, 17)
    shop.write(f"drop/sales_7_{past}.csv", day(past, "late,,1.00\n").replace("i0,,17.50\n", ""))
    found = shop.json("load", "shop.py", "sales", *names[:20], f"drop/sales_7_{past}.csv")
    outcomes = [one["outcome"] for one in found["files"]]
    assert (outcomes.count("loaded"), outcomes.count("known")) == (1, 20)
    changed = set(before) ^ set(shop.run("export", "shop.py", "sale").out.splitlines())
    assert len(changed) == 2
    assert all(f'"day":"{past}"' in line for line in changed)
