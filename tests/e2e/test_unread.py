"""A service whose log nobody reads any more goes on, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.running import counter as counter_app
from tests.running.caller import Caller
from tests.running.place import Place
from tests.servers.tools import free_port, wait_until

APP = Path(counter_app.__file__)
LINE = "order_id,status,total,at\nO1,paid,1.50,2026-03-01T10:00:00Z\n"


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["text", "json"])
def test_it_goes_on_and_ends_in_good_order(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Place.of(tmp_path, APP) as place:
        at = f"127.0.0.1:{free_port()}"
        reading, writing = os.pipe()
        variables = variables_of(place, at)
        command = [sys.executable, "-m", "trivium", "run", str(APP), *words]
        with subprocess.Popen(command, env=variables, stdout=writing, stderr=writing) as process:
            os.close(writing)
            os.close(reading)
            caller = Caller(f"http://{at}")
            try:
                wait_until(lambda: answers(caller), "it is ready")
                place.put("night_2026-03-01.csv", LINE)
                wait_until(lambda: caller.record("order", "O1").status == 200, "a file is loaded")
                order = {"order_id": "O2", "status": "paid", "total": "1.00", "at": "2026-03-01T10:00:00Z"}
                assert caller.post("till", order).status == 200
                place.put("night_2026-03-03.csv", "nothing\n")
                wait_until(lambda: place.lying("refused") != set(), "a bad one is refused")
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0


def test_a_log_that_nobody_reads_on_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with Place.of(tmp_path, APP) as place:
        at = f"127.0.0.1:{free_port()}"
        reading, writing = os.pipe()
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
        with subprocess.Popen(
            [sys.executable, "-m", "trivium", "run", str(APP)], env=variables_of(place, at), stdout=writing,
            stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            os.close(writing)
            caller = Caller(f"http://{at}")
            try:
                wait_until(lambda: answers(caller), "it is ready")
                order = {"order_id": "O2", "status": "paid", "total": "1.00", "at": "2026-03-01T10:00:00Z"}
                assert caller.post("till", order).status == 200
                place.put("night_2026-03-01.csv", LINE)
                wait_until(lambda: caller.record("order", "O1").status == 200, "a file is loaded")
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        os.close(reading)


def variables_of(place: Place, at: str) -> dict[str, str]:
    return {
        **os.environ, "TRIVIUM_STORE": place.store, "TRIVIUM_RAW": f"{place.folder}/raw", "TRIVIUM_ACCESS": "open",
        "TRIVIUM_INBOX": str(place.inbox), "TRIVIUM_POLL": "0.2", "TRIVIUM_HTTP": at,
    }  # fmt: skip


def answers(caller: Caller) -> bool:
    try:
        return caller.get("/readyz").status == 200
    except OSError:
        return False
