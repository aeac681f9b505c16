"""A disk that is full, and files that may not grow: the load fails and says why, the store stays whole, and with room
again the same command leads to what it would have led to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import duckdb
import pytest

from tests.faults.commands import Command, load
from tests.faults.disks import Disk, small_disk
from tests.faults.grounds import DuckDBGround, Ground, PostgresGround
from tests.faults.shop import order_file
from tests.faults.undisturbed import Undisturbed
from tests.running import shop as running_shop
from tests.running.place import Place
from tests.running.shop import FOLDERS, orders
from tests.servers.postgres import Postgres
from tests.servers.tools import wait_until
from tests.soak import SOAK
from trivium.adapters.stores.duckdb.database import Database
from trivium.errors import StoreError

ROWS = 3_000 if SOAK else 800
EVERY_PART = [part / 20 for part in range(20)]
"""How much room is left, in parts of what the load takes. Otherwise one is tried, in which the first file fails."""
EVERY_SIZE = [most << 10 for most in (1, 16, 64, 150, 400, 1_000, 2_000)]
"""How far files may grow: not beyond their first page, or far enough for one file and not for the next."""

APP = Path(running_shop.__file__)

pytestmark = pytest.mark.slow


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return [order_file(tmp_path / "in", day, rows=rows) for day, rows in ((1, 40), (2, ROWS), (3, ROWS))]


def test_a_full_disk_under_a_duckdb_file(tmp_path: Path, files: list[Path]) -> None:
    with small_disk("64m") as disk:
        ground = DuckDBGround(tmp_path, store_on=disk.folder)
        a_disk_is_full(disk, ground, files, EVERY_PART if SOAK else [0.02])


@pytest.mark.parametrize("number", [2, 3], ids=["alone", "together"])
def test_a_full_disk_under_the_raw_input(tmp_path: Path, files: list[Path], number: int) -> None:
    """What is published is kept; two small files are kept together."""
    files = files[:number]
    with small_disk("64m") as disk:
        a_disk_is_full(disk, DuckDBGround(tmp_path, raw_on=disk.folder), files, EVERY_PART if SOAK else [0.3])


def test_a_service_goes_on_when_the_disk_of_its_store_has_room_again(tmp_path: Path) -> None:
    for folder in FOLDERS:
        (tmp_path / "inbox" / folder).mkdir(parents=True)
    names = [f"orders_2026-03-{day:02}_r1.csv" for day in range(2, 8)]
    with small_disk("96m") as disk, Place.of(tmp_path, APP, f"{disk.folder}/{{domain}}.duckdb") as place:
        running = place.run()
        place.put(f"orders/{names[0]}", orders(1))
        running.settled(names[0], "loaded")
        disk.leave(6 << 20)
        for number, name in enumerate(names[1:], 1):
            place.put(f"orders/{name}", orders(*range(number * 40_000, number * 40_000 + 40_000)))
        running.until(lambda line: "No space left" in str(line), "finds no room")
        disk.empty()
        wait_until(lambda: {Path(str(one["file"])).name for one in running.lines if one.get("state") == "loaded"}
                   == set(names), "all are loaded", 60)  # fmt: skip
        running.stop()
        assert len(place.records("order")) == 1 + 5 * 40_000


def test_a_duckdb_file_that_answers_nothing_any_more_is_opened_anew() -> None:
    """So DuckDB is after a checkpoint that found no room, until the file is opened again."""
    with small_disk("24m") as disk:
        database = Database(disk.folder / "a.duckdb", "s", memory="200MB", threads=2)
        with database.transaction("making") as cursor:
            cursor.execute("CREATE SCHEMA _s; CREATE TABLE _s.t (a BIGINT, b VARCHAR)")

        def fill() -> None:
            for number in range(40):
                with database.transaction("filling") as cursor:
                    cursor.execute(
                        "INSERT INTO _s.t SELECT i, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) "
                        "FROM range(?, ?) AS r(i)", [number * 100_000, (number + 1) * 100_000]
                    )  # fmt: skip

        with pytest.raises(StoreError) as caught:
            fill()
        assert isinstance(caught.value.__cause__, duckdb.FatalException)
        for _ in range(2):
            with database.transaction("reading") as cursor:
                rows = cursor.execute("SELECT count(*) % 100_000 FROM _s.t").fetchall()
            assert rows == [(0,)]
        database.close()


@pytest.mark.server
def test_a_full_disk_under_postgresql(tmp_path: Path, files: list[Path]) -> None:
    with small_disk("192m") as disk, Postgres(disk=disk.folder, max_wal_size="32MB") as server:
        ground = PostgresGround(server.url_c, tmp_path)
        a_disk_is_full(disk, ground, files, EVERY_PART if SOAK else [0.1], server.restart)


def test_a_duckdb_file_that_may_not_grow(tmp_path: Path, files: list[Path]) -> None:
    ground = DuckDBGround(tmp_path)
    undisturbed = Undisturbed(ground, files)
    for most in EVERY_SIZE if SOAK else [32 << 10]:
        once_more = partial(load, ground, "orders", *files[1:], most=most)
        fails_and_comes_through(undisturbed, ground, files, once_more, lambda: None, f"files of {most:,} bytes")


@pytest.mark.server
def test_a_postgresql_whose_files_may_not_grow(tmp_path: Path, files: list[Path]) -> None:
    """Not even its log, so that the server itself gives up."""
    with Postgres() as server:
        ground = PostgresGround(server.url_c, tmp_path)
        undisturbed = Undisturbed(ground, files)
        for most in EVERY_SIZE if SOAK else [64 << 10]:

            def once_more(most: int = most) -> Command:
                server.let_files_grow_to(most)
                return load(ground, "orders", *files[1:])

            def mend() -> None:
                server.crash()
                server.restart()

            fails_and_comes_through(undisturbed, ground, files, once_more, mend, f"files of {most:,} bytes")


def a_disk_is_full(
    disk: Disk, ground: Ground, files: list[Path], parts: Sequence[float], mend: Callable[[], None] = lambda: None
) -> None:
    """The same loads with less room than they take."""
    undisturbed = Undisturbed(ground, files)
    shutil.rmtree(ground.raw)
    before = disk.used
    assert load(ground, "orders", *files).code == 0
    needed = disk.used - before

    def once_more(room: int) -> Command:
        disk.leave(room)
        try:
            return load(ground, "orders", *files[1:])
        finally:
            disk.empty()

    for part in parts:
        why = f"room for {part:.0%} of {needed:,} bytes"
        fails_and_comes_through(undisturbed, ground, files, partial(once_more, int(part * needed)), mend, why)


def fails_and_comes_through(
    undisturbed: Undisturbed,
    ground: Ground,
    files: list[Path],
    load_without_room: Callable[[], Command],
    mend: Callable[[], None],
    why: str,
) -> None:
    """The first file is there; the others find no room, or just enough; then the command is repeated."""
    ground.clear()
    shutil.rmtree(ground.raw, ignore_errors=True)
    assert load(ground, "orders", files[0]).code == 0
    command = load_without_room()
    assert command.code == 3 or (SOAK and command.code == 0), f"{why}: {command.text}"
    assert "Traceback" not in command.text, f"{why}: {command.text}"
    assert command.code == 0 or says_what_to_do(command), f"{why}: {command.text}"
    mend()
    undisturbed.check(ground, complete=command.code == 0, why=why)
    assert load(ground, "orders", *files).code == 0
    undisturbed.check(ground, complete=True, why=why)


def says_what_to_do(command: Command) -> bool:
    return "error: " in command.text and any(words in command.text for words in HINTS)


HINTS = ("make room and call again", "mend the cause and call again", "takes nothing twice", "when it is back")
"""No room; cannot be written; a COMMIT that nobody answered; the server has given up."""
