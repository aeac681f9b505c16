"""The service in this process, with an inbox or a ledger whose every call fails once: before it is done, or after."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.faults.breaking import Breaker, Mode
from tests.running.shop import FOLDERS, orders, shop
from tests.servers.tools import wait_until
from tests.soak import SOAK
from trivium.adapters.inboxes import open_inbox
from trivium.channels import sensor
from trivium.channels.intake import Taken
from trivium.errors import InboxError, StoreError
from trivium.service import road, supervising, tending
from trivium.service.opening import Opened, opened
from trivium.service.running import Listener, Service, Word
from trivium.service.settings import Settings

STEP = 1 if SOAK else 3

FILES = {
    "orders_2026-03-02_r1.csv": orders(1, 2),
    "orders_2026-03-03_r1.csv": "who,what\n1,2\n",
    "orders_2026-03-04_r1.csv": orders(3) + "nonsense,paid,1.00,2026-03-02T10:00:00Z\n",
}
PUT_AWAY = {
    "done/orders_2026-03-02_r1.csv",
    "refused/orders_2026-03-03_r1.csv",
    "refused/orders_2026-03-03_r1.csv.reason.txt",
    "done/orders_2026-03-04_r1.csv",
}


class Brittle:
    """A port whose calls may fail, as a breaker says."""

    def __init__(self, real: Any, breaker: Breaker, fail: type[Exception], calls: tuple[str, ...]) -> None:
        self._real, self._breaker, self._fail, self._calls = real, breaker, fail, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if name not in self._calls:
            return found
        return lambda *args, **more: self._breaker.call(lambda: found(*args, **more), name, self._fail)


@pytest.fixture(params=["alone", "together"], autouse=True)
def quickly(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once. Small files are loaded one by one, or together."""
    if request.param == "alone":
        monkeypatch.setattr(road, "SMALL_BYTES", 0)
    for module, first, longest in (
        (sensor, "_FIRST_PAUSE", "_LONGEST_PAUSE"),
        (supervising, "FIRST_PAUSE", "LONGEST_PAUSE"),
        (tending, "FIRST_PAUSE", "LONGEST_PAUSE"),
    ):
        monkeypatch.setattr(module, first, 0.01)
        monkeypatch.setattr(module, longest, 0.05)


def settings_of(folder: Path) -> Settings:
    given: dict[str, Any] = {"store": str(folder / "shop.duckdb"), "inbox": str(folder / "inbox")}
    return Settings(**given, poll=0.05, threads=1)


@contextmanager
def serving(folder: Path) -> Iterator[list[Taken | Word]]:
    """A service in a thread of its own, and what it told."""
    settings = settings_of(folder)
    told: list[Taken | Word] = []
    service = Service([shop], settings, False, Listener(told.append, told.append, lambda _: None))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield told
    finally:
        service.stop()
        thread.join(30)
        assert not thread.is_alive()


def lying(folder: Path) -> set[str]:
    root = folder / "inbox" / "orders"
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def came_through(folder: Path, breaker: Breaker) -> None:
    """Puts the files there and runs until they are put away; then everything is there once."""
    for name in FOLDERS:
        (folder / "inbox" / name).mkdir(parents=True)
    for name, text in FILES.items():
        (folder / "inbox" / "orders" / name).write_text(text)
    why = f"{breaker}"
    with breaker.arm(), serving(folder):
        wait_until(lambda: lying(folder) == PUT_AWAY, why)
    with opened(shop, settings_of(folder), several=False) as found:
        rows = found.store.control.deliveries().to_pylist()
        assert sorted((row["delivery"], row["accepted"], row["rejected"]) for row in rows) == [
            ("2026-03-02", 2, 0),
            ("2026-03-04", 1, 1),
        ], why
        status = found.store.control.status()
        assert (status["loading"], status["entities"]["order"]["statements"]) == ([], 3), why
        states: dict[str, str] = {Path(one.file).name: one.state for one in found.store.ledger.sightings("orders")}
        assert states.pop("orders_2026-03-03_r1.csv") == "refused", why
        assert set(states.values()) <= {"loaded", "known"}, why


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["before", "after"])
def test_an_inbox_whose_every_call_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    for number in range(1, 10, STEP):
        breaker = Breaker(number, mode)
        monkeypatch.setattr(tending, "open_inbox", partial(brittle_inbox, breaker, InboxError))
        came_through(tmp_path / f"{number}", breaker)
        assert breaker.failed, number


def brittle_inbox(breaker: Breaker, fail: type[Exception], root: str, folder: str) -> Any:
    calls = ("entries", "fetched", "settle") if folder == "orders" else ()
    return Brittle(open_inbox(root, folder), breaker, fail, calls)


def test_a_defect_of_a_road_is_told_and_the_road_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 5):
        breaker = Breaker(number, "before")
        monkeypatch.setattr(tending, "open_inbox", partial(brittle_inbox, breaker, RuntimeError))
        came_through(tmp_path / f"{number}", breaker)
        assert breaker.failed, number


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_ledger_whose_every_call_fails_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode) -> None:
    for number in range(1, 12, STEP):
        breaker = Breaker(number, mode)

        @contextmanager
        def brittle(*args: Any, breaker: Breaker = breaker, **more: Any) -> Iterator[Opened]:
            with opened(*args, **more) as found:
                ledger: Any = Brittle(found.store.ledger, breaker, StoreError, ("write", "sightings"))
                found.store.ledger = ledger
                yield found

        monkeypatch.setattr(tending, "opened", brittle)
        came_through(tmp_path / f"{number}", breaker)
        assert breaker.failed, number
