"""`trivium run` where files arrive on a server: a bucket, SFTP. The server is killed, and comes back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import shop
from tests.running.place import Place
from tests.running.shop import orders
from tests.servers.places import S3, Server, Sftp
from tests.servers.tools import wait_until

pytestmark = pytest.mark.server


@pytest.fixture(params=[S3, Sftp])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as made:
        yield made


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Iterator[Place]:
    """Its inbox is a folder of the server."""
    landing = server.folder / "data" / ("landing" if isinstance(server, S3) else "")
    for name in shop.FOLDERS:
        (landing / name).mkdir(parents=True)
    with Place.of(tmp_path, Path(shop.__file__), **server.environment()) as made:
        made.url = server.url
        (tmp_path / "inbox").symlink_to(landing)
        yield made


def files(place: Place) -> set[str]:
    """What lies in the inbox, but for what the gateway keeps of its own."""
    return {name for name in place.lying("orders") if not Path(name).name.startswith(".")}


def test_files_on_a_server_are_loaded_and_put_away_also_after_it_was_away(place: Place, server: Server) -> None:
    running = place.run("--domain", "shop")
    place.put("orders/orders_2026-03-02_r1.csv", orders(1))
    line = running.settled("orders_2026-03-02_r1.csv", "loaded")
    assert line["moved_to"] == f"{server.url}/orders/done/orders_2026-03-02_r1.csv"
    place.put("orders/orders_2026-03-03_r1.csv", "who\n")
    running.settled("orders_2026-03-03_r1.csv", "refused")
    place.put("marked/marked_2026-03-02.csv", orders(2))
    place.put("marked/marked_2026-03-02.csv.done", "")
    running.settled("marked_2026-03-02.csv", "loaded")
    server.kill()
    assert "cannot be listed" in running.until(lambda one: one.get("part") == "orders", "it is told")["word"]
    place.put("orders/orders_2026-03-04_r1.csv", orders(4))
    server.start()
    running.settled("orders_2026-03-04_r1.csv", "loaded")
    place.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running.settled("orders_2026-03-02_r1.csv", "known")
    running.stop()
    assert files(place) == {
        "done/orders_2026-03-02_r1.csv",
        "done/orders_2026-03-02_r1.2.csv",
        "refused/orders_2026-03-03_r1.csv",
        "refused/orders_2026-03-03_r1.csv.reason.txt",
        "done/orders_2026-03-04_r1.csv",
    }
    assert place.lying("marked") >= {"done/marked_2026-03-02.csv", "done/marked_2026-03-02.csv.done"}
    assert [one["order_id"] for one in place.records("order")] == ["O1", "O2", "O4"]
    assert "secret" not in running.command.text


def test_a_service_that_is_killed_while_files_arrive_on_a_server_takes_each_once(place: Place) -> None:
    for first in (1, 6):
        for day in range(first, first + 5):
            place.put(f"orders/orders_2026-03-{day:02}_r1.csv", orders(day, day=day))
        running = place.run("--domain", "shop")
        running.settled(".csv")
        running.kill()
    running = place.run("--domain", "shop")
    place.put("orders/orders_2026-03-11_r1.csv", orders(11, day=11))
    running.settled("orders_2026-03-11_r1.csv", "loaded")
    done = {f"done/orders_2026-03-{day:02}_r1.csv" for day in range(1, 12)}
    wait_until(lambda: files(place) >= done and not place_top(place), "they are put away", 60)
    running.stop()
    assert len(place.records("order")) == 11
    assert place.document("status", "--domain", "shop")["domains"][0]["entities"]["order"]["statements"] == 11


def test_it_ends_soon_though_a_server_does_not_answer(place: Place, server: Server) -> None:
    running = place.run("--domain", "shop", TRIVIUM_GRACE="0.5")
    place.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    server.freeze()
    begun = time.monotonic()
    while time.monotonic() < begun + 0.5:  # so long that it has asked: TRIVIUM_POLL is 0.2 seconds
        assert running.command.process.is_alive()
    running.stop()
    assert time.monotonic() - begun < 10


def place_top(place: Place) -> list[str]:
    return [name for name in files(place) if "/" not in name]
