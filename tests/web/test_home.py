"""The page at `/`, over a store that does what is said: how many records there are, and what was refused."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from tests.web.front import Front
from tests.worlds.lab import ARRIVED, Lab, put
from trivium.adapters.objects.folder import RawFolder
from trivium.engine.sighting import Sighting
from trivium.ops.metrics import Metrics
from trivium.ops.pulse import Pulse
from trivium.service.opening import Opened
from trivium.service.overview import Overview
from trivium.service.running import Service
from trivium.service.supervising import Standing
from trivium.service.wrong import LOOKED_AT
from trivium.web.pages.home import page_routes

BEFORE = ARRIVED - dt.timedelta(hours=1)
REFUSED = Sighting("events", "in/d_r1.json", "1", 9, "refused", BEFORE, BEFORE, delivery="d", why="it is empty\nmore")


def page(lab: Lab, *standings: Standing) -> str:
    """What is to be read of it now, in one line."""
    opened = Opened(lab.domain, lab.store, RawFolder(Path("nowhere"), "test"))
    tending = SimpleNamespace(domain=lab.domain, opened=opened, calls=None, streams=[])
    metrics = Metrics(lambda: ())
    service = SimpleNamespace(
        tendings=[tending], metrics=metrics, stopping=False, standings=lambda: list(standings)
    )  # fmt: skip
    pulse = Pulse(metrics)
    pages = partial(page_routes, Overview(cast(Service, service), pulse), pulse)
    with Front.over(lab, pages=pages) as front:
        found = front.get("/pages/now")
    assert found.status == 200, found.body
    return " ".join(re.sub(r"<[^>]*>", " ", found.text).split())


def standing(part: str, state: str, why: str | None = None) -> Standing:
    return Standing("shop", part, state, ARRIVED, why)  # type: ignore[arg-type]


def test_records_are_counted_as_the_status_counts_them(lab: Lab) -> None:
    assert "commit 0 · 0 orders, 0 order lines" in page(lab)
    lab.send([put(("a",), 1, status="on")])
    assert "1 not consolidated · records not yet counted" in page(lab)
    lab.store.control.consolidate()
    assert "commit 1 · 1 order, 0 order lines" in page(lab)
    lab.send([put(("b",), 1, status="on")], "e", digest="bb")
    assert "1 not consolidated · ≈ 1 order, ≈ 0 order lines" in page(lab)


def test_what_was_refused_is_told_until_it_comes(lab: Lab) -> None:
    assert "refused" not in page(lab)
    lab.store.ledger.write([REFUSED])
    told = page(lab)
    assert "All parts run. 1 source has files to look after." in told
    assert "1 refused d_r1.json: it is empty" in told
    lab.send([put(("a",), 1, status="on")], "e", digest="bb")
    assert "1 refused d_r1.json" in page(lab), "that was another delivery"
    lab.send([put(("a",), 1, status="on")])
    assert "refused" not in page(lab)
    later = ARRIVED + dt.timedelta(hours=1)
    lab.store.ledger.write([replace(REFUSED, file="in/d_r2.json", changed_at=later)])
    assert "1 refused d_r2.json" in page(lab), "it is a later reading that is not there"
    lab.store.ledger.write([replace(REFUSED, file="in/odd.json", delivery=None)])
    assert "2 refused the latest d_r2.json" in page(lab)


def test_of_many_that_were_refused_all_are_counted(lab: Lab) -> None:
    there = [replace(REFUSED, file=f"in/{number}.json", delivery=f"{number}") for number in range(LOOKED_AT + 5)]
    lab.store.ledger.write(there)
    assert f"{LOOKED_AT + 5} refused the latest" in page(lab)


def test_a_file_that_cannot_be_taken_is_told(lab: Lab) -> None:
    lab.store.ledger.write([replace(REFUSED, state="failing", why="the disk is full")])
    assert "1 failing d_r1.json: the disk is full" in page(lab)


def test_parts_that_are_off_are_told_beside_those_that_fail(lab: Lab) -> None:
    why = "no broker is named"
    off = [standing("files", "off", why), standing("lines", "off", why)]
    assert f"All parts run but files and lines, which are off: {why}." in page(lab, *off)
    told = page(lab, standing("events", "failing", "away"), *off[:1])
    assert f"It runs, and 1 of its parts does not, besides files, which is off: {why}." in told
