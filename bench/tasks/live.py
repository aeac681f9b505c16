"""Trivium with all roads: `trivium run bench.live` in a process of its own, called, sent files and told events."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

from bench.inputs import file_name
from bench.tasks.scratch import scratch
from tests.servers.tools import free_port

_CALLERS: Final = 64
_WARM: Final = 3.0
_LONGEST: Final = 600.0


class Live:
    """The service over one folder, started as often as one likes."""

    def __init__(self, folder: Path, *, broker: str | None = None, store: str | None = None) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self.inbox = folder / "inbox"
        self.inbox.mkdir(exist_ok=True)
        self._log = folder / "log"
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRIVIUM_")},
            "TRIVIUM_STORE": store or str(folder / "{domain}.duckdb"), "TRIVIUM_RAW": str(folder / "raw"),
            "TRIVIUM_INBOX": str(self.inbox), "TRIVIUM_HTTP": self.url.removeprefix("http://"),
            "TRIVIUM_ACCESS": "open", **({"TRIVIUM_BROKER": broker} if broker else {}),
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts it; the seconds until it was ready."""
        os.sync()
        begun = time.perf_counter()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "trivium", "run", "bench.live", "--json"],
                env=self._variables, stdout=log, stderr=log,
            )  # fmt: skip
        while not self._is_ready():
            assert self._process.poll() is None, self._log.read_text()[-2_000:]
            assert time.perf_counter() - begun < _LONGEST, self._log.read_text()[-2_000:]
            time.sleep(0.01)
        return time.perf_counter() - begun

    def end(self, number: int = signal.SIGTERM) -> None:
        """Ends it by a signal."""
        assert self._process is not None
        self._process.send_signal(number)
        self._process.wait(_LONGEST)

    def get(self, path: str) -> Any:
        """What it answers; None where it has nothing there."""
        try:
            with urlopen(f"{self.url}{path}", timeout=60) as answer:
                return json.load(answer)
        except URLError:
            return None

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 while it has none."""
        with urlopen(f"{self.url}/metrics", timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        found = [float(line.rpartition(" ")[2]) for line in lines if re.split("[ {]", line, maxsplit=1)[0] == name]
        kinds = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
        assert found or any(name.startswith(kind) for kind in kinds), f"there is no metric {name}"
        return sum(found)

    def memory(self) -> float:
        """The most megabytes it ever had."""
        assert self._process is not None
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1_000 for line in text.splitlines() if line.startswith("VmHWM"))

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def running(broker: str | None = None) -> Iterator[Live]:
    """The service over an empty store."""
    with scratch() as folder:
        live = Live(folder, broker=broker)
        live.start()
        try:
            yield live
        finally:
            live.end()


def call(url: str, seconds: float, first: int, callers: int = _CALLERS, rate: float | None = None) -> dict[str, Any]:
    """What callers in a process of their own find; see `bench.callers`."""
    words = [sys.executable, "-m", "bench.callers", url, str(callers), str(seconds), str(first)]
    words += [] if rate is None else [str(rate)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def calls(seconds: float, callers: int = _CALLERS) -> dict[str, Any]:
    """So many callers of single records, each durable when it is answered."""
    with running() as live:
        url = f"{live.url}/v1/in/calls"
        call(url, _WARM, 0, callers)
        found = call(url, seconds, 10_000_000, callers)
        commits, requests = (live.metric(f"trivium_commit_{name}") for name in ("seconds_count", "deliveries_sum"))
        return found | {"together": requests / commits, "memory": live.memory()}


def plain_calls(seconds: float, callers: int = _CALLERS) -> dict[str, Any]:
    """The same to a handler that commits each by itself."""
    with scratch() as folder:
        port = free_port()
        words = [sys.executable, "-m", "bench.plain_handler", str(port), str(folder / "plain.duckdb")]
        with subprocess.Popen(words) as process:
            url = f"http://127.0.0.1:{port}/"
            try:
                _until_answers(url)
                call(url, _WARM, 0, callers)
                return call(url, seconds, 10_000_000, callers) | {"together": 1}
            finally:
                process.terminate()


def upload(file: str) -> dict[str, Any]:
    """An NDJSON body in one request."""
    with running() as live:
        words = [
            "curl", "-sS", "-f", "-X", "POST", "-T", file, "-H", "Content-Type: application/x-ndjson",
            f"{live.url}/v1/in/calls",
        ]  # fmt: skip
        begun = time.perf_counter()
        answer = json.loads(subprocess.run(words, capture_output=True, check=True).stdout)
        return {"seconds": time.perf_counter() - begun, "rows": answer["accepted"], "memory": live.memory()}


def beside_file(file: str) -> dict[str, Any]:
    """Callers while a file is loaded; 8 of them, so that they take no more than a part of the machine."""
    with running() as live:
        url = f"{live.url}/v1/in/calls"
        call(url, _WARM, 0, 8)
        alone = call(url, 5, 10_000_000, 8)
        os.link(file, live.inbox / file_name(1))
        begun, found = time.perf_counter(), list[dict[str, Any]]()
        first = 20_000_000
        while not _is_taken(live):
            found.append(call(url, 5, first, 8))
            first += 1_000_000
        loading = time.perf_counter() - begun
        return {
            "seconds": loading, "rows": sum(one["rows"] for one in found), "alone_p99": alone["p99"],
            "alone_rate": alone["rate"], "p50": sorted(one["p50"] for one in found)[len(found) // 2],
            "p99": max(one["p99"] for one in found), "worst": max(one["worst"] for one in found),
            "rate": sum(one["rows"] for one in found) / sum(one["seconds"] for one in found),
        }  # fmt: skip


def starts(file: str, times: int = 3) -> dict[str, Any]:
    """The service with a file's keys in its store: from the start to ready, and from a kill -9 under load to ready."""
    with scratch() as folder:
        live = Live(folder)
        live.start()
        os.link(file, live.inbox / file_name(1))
        _until(lambda: _is_taken(live))
        live.end()
        ready, again = [], []
        for turn in range(times):
            ready.append(live.start())
            callers = threading.Thread(target=_call_until_cut, args=(f"{live.url}/v1/in/calls", turn))
            callers.start()
            time.sleep(3)
            live.end(signal.SIGKILL)
            callers.join()
            again.append(live.start())
            live.end()
        return {"ready": ready, "again": again, "seconds": ready[0], "rows": times}


def _is_taken(live: Live) -> bool:
    """Whether a file was loaded and put away."""
    done = live.inbox / "done"
    return done.exists() and any(done.iterdir())


def _call_until_cut(url: str, turn: int) -> None:
    words = [sys.executable, "-m", "bench.callers", url, str(_CALLERS), "600", str(turn * 10_000_000)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(3)
        process.kill()


def _until_answers(url: str) -> None:
    def answers() -> bool:
        try:
            with urlopen(Request(url, method="HEAD"), timeout=5):
                return True
        except URLError as error:
            return hasattr(error, "code")

    _until(answers)


def _until(done: Any) -> None:
    begun = time.perf_counter()
    while not done():
        assert time.perf_counter() - begun < _LONGEST, "it takes too long"
        time.sleep(0.02)
