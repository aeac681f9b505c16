"""`trivium run` from outside: files into a folder, lines out of a process, and what other commands show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.running import shop
from tests.running.place import Place
from tests.running.shop import orders
from tests.servers.tools import wait_until

APP = Path(shop.__file__)


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.server)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    store = None
    if request.param == "postgres":
        store = request.getfixturevalue("fresh_postgres")
    with Place.of(tmp_path, APP, store) as made:
        for folder in shop.FOLDERS:
            (made.inbox / folder).mkdir(parents=True)
        yield made


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """On DuckDB alone: what is tried does not depend on the store."""
    with Place.of(tmp_path, APP) as made:
        for folder in shop.FOLDERS:
            (made.inbox / folder).mkdir(parents=True)
        yield made


def test_a_file_that_is_renamed_into_its_folder_is_loaded_and_put_away(place: Place) -> None:
    running = place.run()
    place.put("orders/orders_2026-03-02_r1.csv", orders(1, 2) + "nonsense,paid,1,2026-03-02T10:00:00Z\n")
    line = running.settled("orders_2026-03-02_r1.csv", "loaded")
    assert line["account"] == line["account"] | {"received": 3, "accepted": 2, "rejected": 1}
    assert (line["source"], line["delivery"], line["commit"]) == ("orders", "2026-03-02", 1)
    assert line["moved_to"] == str(place.inbox / "orders/done/orders_2026-03-02_r1.csv")
    assert place.lying() == {"orders/done/orders_2026-03-02_r1.csv"}
    running.stop()
    assert [record["order_id"] for record in place.records("order")] == ["O1", "O2"]


def test_what_is_refused_lies_with_its_reason_beside_it(here: Place) -> None:
    running = here.run()
    here.put("orders/orders_2026-03-02_r1.csv", "who,what\n1,2\n")
    line = running.settled("orders_2026-03-02_r1.csv", "refused")
    assert here.lying("orders") == {
        "refused/orders_2026-03-02_r1.csv",
        "refused/orders_2026-03-02_r1.csv.reason.txt",
    }
    reason = (here.inbox / "orders/refused/orders_2026-03-02_r1.csv.reason.txt").read_text()
    assert line["why"] in reason
    assert "order_id" in reason
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    running.stop()


def test_what_was_refused_and_is_put_back_is_read_again(place: Place) -> None:
    """The file is not touched: its manifest, or its declaration, was at fault."""
    manifest = '{"rows": %d}'
    running = place.run()
    place.put("sworn/sworn_2026-03-02.csv.manifest.json", manifest % 3)
    place.put("sworn/sworn_2026-03-02.csv", orders(1, 2))
    running.settled("sworn_2026-03-02.csv", "refused")
    folder = place.inbox / "sworn"
    wait_until(lambda: "refused/sworn_2026-03-02.csv" in place.lying("sworn"), "it is put away")
    running.stop()
    place.put("sworn/sworn_2026-03-02.csv.manifest.json", manifest % 2)
    (folder / "refused/sworn_2026-03-02.csv").rename(folder / "sworn_2026-03-02.csv")
    place.once()
    assert len(place.records("order")) == 2
    assert place.lying("sworn") >= {"done/sworn_2026-03-02.csv", "done/sworn_2026-03-02.csv.manifest.json"}


def test_another_file_with_the_size_and_time_of_the_last_is_read(here: Place) -> None:
    """As `put -p` and `rsync -t` make them, where the inbox tells files by size and time."""
    name = "calm/calm_2026-03-02.csv"
    first = here.put(name, orders(1))
    about = first.stat()
    here.once()
    done = here.inbox / "calm/done/calm_2026-03-02.csv"
    done.rename(first)
    first.write_text(orders(2))
    os.utime(first, ns=(about.st_atime_ns, about.st_mtime_ns))
    assert (first.stat().st_size, first.stat().st_ino) == (about.st_size, about.st_ino)
    here.once()
    assert [record["order_id"] for record in here.records("order")] == ["O2"]


def test_a_person_reads_lines_and_what_to_do_next(here: Place) -> None:
    here.put("orders/orders_2026-03-02_r1.csv", orders(1) + "nonsense,paid,1,2026-03-02T10:00:00Z\n")
    here.put("sworn/sworn_2026-03-02.csv", orders(1, 2))
    here.put("sworn/sworn_2026-03-02.manifest.json", '{"rows": 3}')
    text = here.ended("run", "--once", code=1)
    assert "1 in quarantine: trivium quarantine" in text
    assert "--source orders" in text
    assert "rows 3 declared, 2 found, difference -1" in text
    assert "nothing of it was taken" in text
    assert "\\n" not in text
    refused = here.ended("deliveries", "list", "--refused")
    assert "sworn_2026-03-02.csv" in refused
    assert "rows 3 declared, 2 found, difference -1" in refused
    assert "nothing of it was taken" not in refused, "the first line is enough"
    (one,) = here.document("deliveries", "list", "--refused")["files"]
    assert one["delivery"] == "2026-03-02"
    assert "refused" in here.ended("deliveries", "show", "sworn", "sworn_2026-03-02.csv")
    shown = here.document("deliveries", "show", "orders", "orders/orders_2026-03-02_r1.csv")
    assert (shown["delivery"], len(shown["readings"]), len(shown["files"])) == ("2026-03-02", 1, 1)
    assert "--refused" in here.ended("deliveries", "show", "orders", "2026-03-09", code=2)
    status = here.ended("status")
    assert "files now" in status
    assert "files so far" in status


def test_an_empty_file_is_refused(here: Place) -> None:
    here.put("orders/orders_2026-03-02_r1.csv", "")
    (line,) = here.once(code=1)
    assert line["state"] == "refused"


def test_once_waits_for_no_poll(here: Place) -> None:
    here.variables["TRIVIUM_POLL"] = "3600"
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    (line,) = here.once()
    assert line["state"] == "loaded"


def test_a_name_seen_again_is_known_by_its_bytes_and_loaded_by_others(place: Place) -> None:
    running = place.run()
    name = "orders/orders_2026-03-02_r1.csv"
    for text, state in ((orders(1), "loaded"), (orders(1), "known"), (orders(1, 2), "loaded")):
        place.put(name, text)
        running.settled(name, state)
    running.stop()
    assert place.lying("orders/done") == {f"orders_2026-03-02_r1{number}.csv" for number in ("", ".2", ".3")}
    assert len(place.document("deliveries", "list", "--all")["deliveries"]) == 2


def test_what_is_left_where_it_lies_is_loaded_once(place: Place) -> None:
    place.variables["TRIVIUM_OUTCOME"] = "leave"
    running = place.run()
    name = "orders/orders_2026-03-02_r1.csv"
    path = place.put(name, orders(1))
    bad = place.put("orders/orders_2026-03-03_r1.csv", "who\n")
    assert {running.settled("csv")["state"] for _ in range(2)} == {"loaded", "refused"}
    place.put("orders/orders_2026-03-04_r1.csv", orders(3))
    running.settled("orders_2026-03-04_r1.csv", "loaded")
    running.stop()
    assert len([line for line in running.lines if "file" in line]) == 3
    assert place.once() == []
    assert path.exists()
    assert bad.exists()
    place.put(name, orders(1, 2))
    (line,) = place.once()
    assert (line["file"], line["state"]) == (str(path), "loaded")
    assert place.lying("orders") == {f"orders_2026-03-0{day}_r1.csv" for day in (2, 3, 4)}


def test_files_whose_bytes_are_not_kept_stay_where_a_replay_reads_them(here: Place) -> None:
    here.put("lying/lying_2026-03-02.csv", orders(1))
    (line,) = here.once()
    assert line["moved_to"] is None
    assert here.lying("lying") == {"lying_2026-03-02.csv"}
    assert here.once() == []
    assert here.document("replay", "lying", "--yes")["deliveries"]


def test_a_file_under_way_is_left_alone(here: Place) -> None:
    for name in (".orders_2026-03-02_r1.csv", "orders_2026-03-02_r1.csv.part", "~orders_2026-03-02_r1.csv"):
        (here.inbox / "orders" / name).write_text(orders(1))
    before = here.lying()
    assert here.once() == []
    assert here.lying() == before


def test_a_marker_says_that_its_file_is_whole_and_goes_with_it(here: Place) -> None:
    running = here.run()
    here.put("marked/marked_2026-03-02.csv", orders(1))
    here.put("marked/marked_2026-03-03.csv", orders(2))
    (here.inbox / "marked/marked_2026-03-03.csv.done").touch()
    running.settled("marked_2026-03-03.csv", "loaded")
    assert here.lying("marked") == {
        "marked_2026-03-02.csv",
        "done/marked_2026-03-03.csv",
        "done/marked_2026-03-03.csv.done",
    }
    (here.inbox / "marked/marked_2026-03-02.done").touch()
    running.settled("marked_2026-03-02.csv", "loaded")
    running.stop()


def test_a_file_is_stable_when_nobody_wrote_to_it_for_so_long(here: Place) -> None:
    running = here.run()
    path = here.inbox / "calm/calm_2026-03-02.csv"
    with path.open("w") as file:
        for number in range(4):
            file.write(orders(number) if number == 0 else orders(number).removeprefix(shop.HEADER))
            file.flush()
            here.put(f"orders/orders_2026-03-{number + 2:02}_r1.csv", orders(100 + number))
            running.settled(f"orders_2026-03-{number + 2:02}_r1.csv", "loaded")
    line = running.settled("calm_2026-03-02.csv", "loaded")
    assert line["account"]["received"] == 4
    running.stop()
    files = here.document("status", "--domain", "shop")["domains"][0]["files"]
    assert files["calm"]["under_way"] == [], "what the file was while it grew is nothing that still waits"
    assert files["calm"]["waiting"] == files["calm"]["vanished"] == 0


def test_a_file_that_is_written_slowly_beside_its_manifest_is_taken_when_it_is_whole(here: Place) -> None:
    running = here.run()
    here.put("sworn/sworn_2026-03-02.csv.manifest.json", '{"rows": 3}')
    here.put("orders/orders_2026-03-01_r1.csv", orders(1))
    running.settled("orders_2026-03-01_r1.csv", "loaded")
    path = here.inbox / "sworn/sworn_2026-03-02.csv"
    for number in range(1, 4):
        with path.open("a") as file:
            file.write(orders(number) if number == 1 else orders(number).removeprefix(shop.HEADER))
        here.put(f"orders/orders_2026-03-{number + 1:02}_r1.csv", orders(100 + number))
        running.settled(f"orders_2026-03-{number + 1:02}_r1.csv", "loaded")
    line = running.settled("sworn_2026-03-02.csv", "loaded")
    assert line["account"]["received"] == 3
    running.stop()
    (life,) = here.document("deliveries", "show", "sworn", "2026-03-02")["files"]
    assert life["state"] == "loaded", "one life, however often it grew"
    assert here.lying("sworn") == {"done/sworn_2026-03-02.csv", "done/sworn_2026-03-02.csv.manifest.json"}


def test_a_manifest_that_is_written_in_two_pieces_is_read_when_it_is_whole(here: Place) -> None:
    running = here.run()
    path = here.put("sworn/sworn_2026-03-02.csv", orders(1, 2))
    waits = "for its manifest sworn_2026-03-02.csv.manifest.json or sworn_2026-03-02.manifest.json"
    wait_until(lambda: under_way(here, "sworn") == {path.name: waits}, "it waits for its manifest")
    with (here.inbox / "sworn/sworn_2026-03-02.manifest.json").open("w") as manifest:
        manifest.write('{"ro')
        manifest.flush()
        here.put("orders/orders_2026-03-01_r1.csv", orders(1))
        running.settled("orders_2026-03-01_r1.csv", "loaded")
        manifest.write('ws": 2}')
    assert running.settled(path.name, "loaded")["account"]["received"] == 2
    running.stop()
    assert here.lying("sworn") == {"done/sworn_2026-03-02.csv", "done/sworn_2026-03-02.manifest.json"}


def test_a_manifest_without_its_file_is_told_until_the_file_is_there(here: Place) -> None:
    here.put("sworn/sworn_2026-03-02.manifest.json", '{"rows": 1}')
    (line,) = here.once(code=1)
    assert (line["state"], line["why"]) == ("waiting", "for its file")
    assert under_way(here, "sworn") == {"sworn_2026-03-02.manifest.json": "for its file"}
    assert "waiting: sworn_2026-03-02.manifest.json of sworn" in here.ended("status")
    here.put("sworn/sworn_2026-03-02.csv", orders(1))
    (line,) = here.once()
    assert line["state"] == "loaded"
    assert under_way(here, "sworn") == {}


def test_once_waits_for_what_becomes_stable_and_tells_what_it_leaves(here: Place) -> None:
    for source in ("calm", "marked", "sworn"):
        here.put(f"{source}/{source}_2026-03-02.csv", orders(1))
    lines = {line["source"]: line for line in here.once(code=1)}
    assert {source: line["state"] for source, line in lines.items()} == {
        "calm": "loaded", "marked": "waiting", "sworn": "waiting",
    }  # fmt: skip
    assert lines["marked"]["why"] == "for its marker marked_2026-03-02.csv.done or marked_2026-03-02.done"
    text = here.ended("run", "--once", code=1)
    assert "left waiting: sworn_2026-03-02.csv of sworn, for its manifest sworn_2026-03-02.csv.manifest.json" in text
    assert "left waiting: marked_2026-03-02.csv of marked, for its marker" in text


def under_way(place: Place, source: str) -> dict[str, str | None]:
    """The names of the files of a source that are not settled, and what is said of each."""
    files = place.document("status", "--domain", "shop")["domains"][0]["files"]
    return {Path(one["file"]).name: one["why"] for one in files.get(source, {"under_way": []})["under_way"]}


def test_a_file_that_grows_while_it_is_read_is_taken_when_it_is_whole(here: Place) -> None:
    """Though its source promises that a file is whole when it has its name."""
    running = here.run()
    here.put("orders/orders_2026-03-01_r1.csv", orders(1_000_000))
    running.settled("orders_2026-03-01_r1.csv", "loaded")  # from now on it answers other commands
    name = "orders_2026-03-02_r1.csv"
    path = here.put(f"orders/{name}", orders(*range(200_000)))

    process = psutil.Process(running.command.process.pid)

    def is_read() -> bool:
        return not path.exists() or str(path) in [one.path for one in process.open_files()]

    wait_until(is_read, "it is read")
    if path.exists():  # else it was taken before
        with path.open("a") as file:
            file.write(orders(200_000).removeprefix(shop.HEADER))
        assert running.settled(name, "loaded")["account"]["accepted"] == 200_001
    running.stop()
    assert [one["state"] for one in running.lines if "file" in one][-1] == "loaded"
    assert here.document("status", "--domain", "shop")["domains"][0]["files"]["orders"]["under_way"] == []


def test_a_link_is_refused_unread(here: Place) -> None:
    secret = here.folder / "secret.csv"
    secret.write_text(orders(1))
    (here.inbox / "orders/orders_2026-03-02_r1.csv").symlink_to(secret)
    (line,) = here.once(code=1)
    assert line["state"] == "refused"
    assert "symbolic link" in line["why"]
    assert (here.inbox / "orders/refused/orders_2026-03-02_r1.csv").is_symlink()
    assert secret.read_text() == orders(1)


def test_a_file_that_no_source_expects_is_told_and_left(here: Place) -> None:
    running = here.run()
    path = here.put("orders/order_of_somebody.csv", orders(1))
    line = running.until(lambda one: one.get("state") == "unexpected")
    assert line["file"] == str(path)
    assert "orders_{day}_r{revision}.csv" in line["why"]
    running.stop()
    files = here.document("status", "--domain", "shop")["domains"][0]["files"]
    assert [one["file"] for one in files["orders"]["under_way"]] == [str(path)]
    assert here.once() == [], "it was told"
    assert path.exists()


def test_a_folder_that_is_not_there_yet_is_a_state(here: Place) -> None:
    (here.inbox / "orders").rmdir()
    running = here.run()
    word = running.until(lambda one: one.get("part") == "orders")
    assert "No such file" in word["word"]
    assert "TRIVIUM_INBOX" in word["hint"]
    here.put("stock/stock_paris_2026-03-02.csv", shop.stock("paris", 3))
    running.settled("stock_paris_2026-03-02.csv", "loaded")
    here.put("orders/orders_2026-03-02_r1.csv", orders(1))
    running.word("goes on")
    running.settled("orders_2026-03-02_r1.csv", "loaded")
    running.stop()


def test_a_delivery_that_would_end_too_much_is_held(place: Place) -> None:
    place.put("stock/stock_paris_2026-03-02.csv", shop.stock("paris", 10))
    assert [line["state"] for line in place.once()] == ["loaded"]
    place.put("stock/stock_paris_2026-03-03.csv", shop.stock("paris", 2))
    assert [line["state"] for line in place.once(code=1)] == ["held"]
    assert place.lying("stock") == {f"done/stock_paris_2026-03-0{day}.csv" for day in (2, 3)}
    (held,) = place.document("deliveries", "list", "--held")["deliveries"]
    assert held["delivery"] == "paris,2026-03-03"


def test_a_done_that_is_no_folder_holds_up_nothing(here: Place) -> None:
    (here.inbox / "orders/done").write_text("not a folder")
    running = here.run()
    for day in (2, 3, 4):
        here.put(f"orders/orders_2026-03-{day:02}_r1.csv", orders(day))
        running.settled(f"orders_2026-03-{day:02}_r1.csv", "loaded")
    (here.inbox / "orders/done").unlink()
    wait_until(lambda: here.lying("orders") == {f"done/orders_2026-03-{day:02}_r1.csv" for day in (2, 3, 4)}, "moved")
    running.stop()
    told = [line for line in running.lines if "orders_" in line.get("file", "")]
    assert [line["state"] for line in told] == ["loaded"] * 3
    (word,) = [line for line in running.lines if "word" in line and "orders_2026-03-02" in line["word"]]
    assert "File exists" in word["word"]
