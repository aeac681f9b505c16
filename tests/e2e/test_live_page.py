"""The page at `/`, and `trivium status`: what is wrong though every part runs, and which parts are off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import counter, depot
from tests.running.caller import Caller
from tests.running.place import Place
from tests.running.shop import stock
from tests.servers.tools import free_port, wait_until

SALES = "receipt,total,at\n{},3,2020-01-04T10:00:00Z\n"
OFF = "kiosk, which is off: no broker is named, see TRIVIUM_BROKER"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    at = f"127.0.0.1:{free_port()}"
    with Place.of(tmp_path, Path(depot.__file__), TRIVIUM_HTTP=at) as made:
        for folder in ("office", "night", "stock"):
            (made.inbox / folder).mkdir(parents=True)
        yield made


def page(caller: Caller) -> str:
    """What is to be read of the page, in one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", caller.get("/pages/now").body.decode()).split())


def wrongs(caller: Caller) -> dict[str, str]:
    """What is wrong, by source."""
    found, source = {}, ""
    for row in caller.get("/pages/now").body.decode().split("<tr ")[1:]:
        if 'class="wrong"' in row:
            found[source] = " ".join(re.sub(r"<[^>]*>", " ", row.split("<ul>")[1].partition("</ul>")[0]).split())
        else:
            source = re.findall(r"</i>([\w-]+)", row)[0]
    return found


def test_what_is_wrong_with_files_is_told_with_their_source(place: Place) -> None:
    running, caller = place.serve()
    wait_until(lambda: "All parts run but" in page(caller), "all parts run")
    place.put("stock/stock_berlin_2020-01-02.csv", stock("berlin", 30))
    running.settled("stock_berlin_2020-01-02.csv", "loaded")
    wait_until(lambda: "30 stocks" in page(caller), "they are counted")
    assert wrongs(caller) == {}
    assert "to look after" not in page(caller)

    place.put("stock/stock_berlin_2020-01-03.csv", stock("berlin", 1))
    running.settled("stock_berlin_2020-01-03.csv", "held")
    place.put("office/office_2020-01-02.csv", "who,what\n1,2\n")
    running.settled("office_2020-01-02.csv", "refused")
    place.put("office/ofice.csv", SALES.format("R1"))
    place.put("night/night_2020-01-04.csv", SALES.format("R2"))
    running.settled("night_2020-01-04.csv", "loaded")
    wait_until(lambda: "3 sources have files to look after." in page(caller), "it is told")
    found = wrongs(caller)
    assert found.keys() == {"office", "night", "stock"}
    assert found["stock"].startswith("1 held berlin,2020-01-03: would end 29 of 30 living records")
    assert found["office"].startswith("1 refused office_2020-01-02.csv: source &#39;office&#39; reads the column")
    assert "1 unexpected ofice.csv: its source&#39;s files are called office_{day}.csv" in found["office"]
    assert re.match(r"[\d,]+ overdue the latest \d{4}-\d\d-\d\d: expected by 08:00 Europe/Berlin", found["night"])

    place.put("office/office_2020-01-02.csv", SALES.format("R1"))
    running.settled("office_2020-01-02.csv", "loaded")
    (place.inbox / "office/ofice.csv").unlink()
    wait_until(lambda: "2 sources have files to look after." in page(caller), "it is mended")
    assert wrongs(caller).keys() == {"night", "stock"}
    running.stop()


def test_a_part_that_is_off_is_told_and_so_is_that_no_service_is_there(place: Place) -> None:
    at = place.variables["TRIVIUM_HTTP"]
    assert f"no service answers at {at}" in place.ended("status")
    assert place.document("status")["service"] is None
    running, caller = place.serve()
    wait_until(lambda: f"All parts run but {OFF}." in page(caller), "the page says so")
    wait_until(lambda: f"service at {at}: ready, all parts run but {OFF}\n" in place.ended("status"), "status says so")
    (part,) = [one for one in place.document("status")["service"]["parts"] if one["state"] == "off"]
    assert part["part"] == "kiosk"
    with Place.of(place.folder / "other", Path(counter.__file__), TRIVIUM_HTTP=at) as other:
        other.folder.mkdir()
        assert f"the service at {at} serves depot, not counter" in other.ended("status")
        assert other.document("status")["service"] is None
        for nowhere in ("off", "127.0.0.1:0"):
            other.variables["TRIVIUM_HTTP"] = nowhere
            assert "service" not in other.ended("status")
    running.stop()
