"""`trivium run` ends: told to, killed, with the store or the server gone; and what the next one finds."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.running import shop
from tests.running.place import Place, Running
from tests.running.shop import orders
from tests.servers.postgres import Postgres
from tests.servers.tools import wait_until

APP = Path(shop.__file__)
LARGE = "orders/orders_2026-03-09_r1.csv"


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    store = None
    if request.param == "postgres":
        store = request.getfixturevalue("fresh_postgres")
    with shops(tmp_path, store) as made:
        yield made


def shops(folder: Path, store: str | None = None) -> AbstractContextManager[Place]:
    for name in shop.FOLDERS:
        (folder / "inbox" / name).mkdir(parents=True)
    return Place.of(folder, APP, store)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with shops(tmp_path) as made:
        yield made


def large(place: Place, rows: int) -> None:
    lines = "".join(f"O{n},paid,{n % 1000}.50,2026-03-09T10:00:00Z\n" for n in range(rows))
    place.put(LARGE, shop.HEADER + lines)


def until_it_loads(place: Place, running: Running) -> None:
    """Until the ledger says that the large file is being read."""

    def under_way() -> bool:
        files = place.document("status", "--domain", "shop")["domains"][0]["files"]
        if not (place.inbox / LARGE).exists():
            return True  # this machine is too fast for it
        return any(one["state"] == "loading" for one in files.get("orders", {"under_way": []})["under_way"])

    wait_until(under_way, "it is being loaded")


def test_told_to_end_in_a_large_load_it_ends_soon_and_leaves_nothing_of_it(place: Place) -> None:
    place.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running = place.run(TRIVIUM_GRACE="0.1")
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    large(place, 300_000)
    until_it_loads(place, running)
    begun = time.monotonic()
    running.stop()
    assert time.monotonic() - begun < 10
    figures = place.document("status", "--domain", "shop")["domains"][0]
    if LARGE.removeprefix("orders/") in place.lying("orders"):  # else it was done before it was to be broken off
        assert (figures["commit"], figures["loading"]) == (1, [])
        assert figures["entities"]["order"]["statements"] == 1
        (line,) = place.once()
        assert (line["state"], line["account"]["accepted"]) == ("loaded", 300_000)
    assert place.document("status", "--domain", "shop")["domains"][0]["entities"]["order"]["statements"] == 300_001


def test_a_second_signal_ends_it_at_once(here: Place) -> None:
    running = here.run()
    here.put("stock/stock_paris_2026-03-02.csv", shop.stock("paris", 3))
    running.settled("stock_paris_2026-03-02.csv", "loaded")
    large(here, 1_500_000)
    until_it_loads(here, running)
    running.command.send(signal.SIGTERM)
    wait_until(lambda: "a second signal" in running.command.text, "it heard the first")
    begun = time.monotonic()
    running.stop(signal.SIGINT, code=130)
    assert time.monotonic() - begun < 3
    figures = here.document("status", "--domain", "shop")["domains"][0]
    assert (figures["commit"], figures["loading"]) == (1, [])


def test_a_second_one_stands_by_and_takes_over_from_one_that_is_killed(place: Place) -> None:
    first = place.run("--domain", "shop")
    place.put("orders/orders_2026-03-02_r1.csv", orders(1))
    first.settled("orders_2026-03-02_r1.csv", "loaded")
    second = place.run("--domain", "shop")
    assert second.word("standing by")["domain"] == "shop"
    place.put("orders/orders_2026-03-03_r1.csv", orders(2))
    first.settled("orders_2026-03-03_r1.csv", "loaded")
    first.kill()
    second.word("taken over")
    place.put("orders/orders_2026-03-04_r1.csv", orders(3))
    second.settled("orders_2026-03-04_r1.csv", "loaded")
    assert place.document("status", "--domain", "shop")["domains"][0]["commit"] == 3, "its socket has the name"
    second.stop()
    assert [line["state"] for line in second.lines if "state" in line] == ["loaded"]


def test_once_does_not_wait_for_a_store_that_another_has(here: Place) -> None:
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    first = here.run("--domain", "shop")
    first.settled("orders_2026-03-02_r1.csv", "loaded")
    assert here.once("--domain", "shop", code=3)[-1]["code"] == "store_busy"


def test_once_says_by_its_code_what_there_was(here: Place) -> None:
    assert here.once() == []
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    here.put("members/members_2026-03-02.csv", "member_id,name\n1,ann\n")
    assert {line["source"] for line in here.once("--domain", "club")} == {"members"}
    assert here.lying("orders") == {"orders_2026-03-02_r1.csv"}
    assert {line["source"] for line in here.once()} == {"orders"}
    here.put("orders/orders_2026-03-03_r1.csv", "")
    assert [line["state"] for line in here.once(code=1)] == ["refused"]
    (here.inbox / "marked").rmdir()
    here.put("orders/orders_2026-03-04_r1.csv", orders(4))
    *lines, failed = here.once(code=3)
    assert [line["state"] for line in lines] == ["loaded"], "the other roads are done"
    assert failed["code"] == "inbox_error"
    assert here.once(code=2, TRIVIUM_INBOX="ftp://somewhere/in")[-1]["code"] == "usage_error"
    wrong = here.run(TRIVIUM_INBOX="ftp://somewhere/in").command
    assert (wrong.code, "no kind of inbox" in wrong.text) == (2, True)
    assert here.once("--domain", "none", code=2)[-1]["code"] == "usage_error"


def test_other_commands_work_on_the_store_that_it_holds(here: Place) -> None:
    here.put("orders/orders_2026-03-02_r1.csv", orders(1) + "O2,nonsense,1.00,2026-03-02T10:00:00Z\n")
    running = here.run()
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    assert here.document("status", "--domain", "shop")["domains"][0]["commit"] == 1
    shown = here.ended("deliveries", "show", "orders", "2026-03-02")
    assert "orders_2026-03-02_r1.csv" in shown
    (reject,) = here.document("quarantine", "list")["records"]
    here.ended("quarantine", "mend", reject["id"], "--raw", "O2,paid,1.00,2026-03-02T10:00:00Z", "--by", "ann")
    assert "O2" in here.ended("explain", "order", "O2")
    own = here.folder / "orders_2026-03-03_r1.csv"
    own.write_text(orders(3))
    assert here.document("load", "orders", str(own))["files"][0]["outcome"] == "loaded"
    assert [one["order_id"] for one in here.records("order")] == ["O1", "O2", "O3"]
    here.ended("retract", "orders", "2026-03-03")
    assert [one["order_id"] for one in here.records("order")] == ["O1", "O2"]
    here.put("orders/orders_2026-03-03_r1.csv", orders(3))
    running.settled("orders_2026-03-03_r1.csv")
    running.stop()


def test_a_load_of_another_process_that_is_killed_is_abandoned(here: Place) -> None:
    running = here.run()
    here.put("stock/stock_paris_2026-03-02.csv", shop.stock("paris", 3))
    running.settled("stock_paris_2026-03-02.csv", "loaded")
    own = here.folder / "orders_2026-03-09_r1.csv"
    own.write_text(shop.HEADER + "".join(f"O{n},paid,1.50,2026-03-09T10:00:00Z\n" for n in range(1_500_000)))
    load = here.start("load", str(APP), "orders", str(own))

    def loading() -> list[object]:
        return list(here.document("status", "--domain", "shop")["domains"][0]["loading"])

    wait_until(lambda: bool(loading()), "it loads")
    load.kill()
    wait_until(lambda: not loading(), "it is abandoned")
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    assert here.document("status", "--domain", "shop")["domains"][0]["entities"]["order"]["statements"] == 1
    running.stop()


@pytest.mark.server
def test_it_goes_on_by_itself_when_postgresql_comes_back(tmp_path: Path) -> None:
    with Postgres() as server, shops(tmp_path, server.url_c) as place:
        running = place.run()
        place.put("orders/orders_2026-03-01_r1.csv", orders(1))
        running.settled("orders_2026-03-01_r1.csv", "loaded")
        large(place, 300_000)
        until_it_loads(place, running)
        server.crash()
        place.put("orders/orders_2026-03-02_r1.csv", orders(1_000_001))
        running.until(lambda line: "PostgreSQL" in (line.get("word") or line.get("why") or ""), "it is told")
        server.restart()
        names = {line["file"].rpartition("/")[2] for line in (running.settled(".csv"), running.settled(".csv"))}
        assert names == {"orders_2026-03-02_r1.csv", "orders_2026-03-09_r1.csv"}

        def figures() -> dict[str, object]:
            found = place.document("status", "--domain", "shop")["domains"][0]
            return {"loading": found["loading"], "statements": found["entities"]["order"]["statements"]}

        assert figures() == {"loading": [], "statements": 300_002}, "nothing half done is left"
        wait_until(lambda: len(place.lying("orders/done")) == 3, "they are put away")
        running.stop()


def test_a_person_is_told_a_line_for_each_file(here: Place) -> None:
    running = Running(here.start("run", str(APP)))
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    wait_until(lambda: "✓ orders orders_2026-03-02_r1.csv" in running.command.text, "it is told")
    here.put("orders/orders_2026-03-03_r1.csv", "who\n")
    wait_until(lambda: "✗ orders orders_2026-03-03_r1.csv" in running.command.text, "it is told")
    running.stop()
    assert "Ctrl-C ends it" in running.command.text
