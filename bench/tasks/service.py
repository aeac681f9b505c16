"""Trivium as a service: `trivium run` in a process of its own, files that arrive in its folder, the lines it prints."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from bench import service
from bench.inputs import file_name
from bench.tasks.scratch import drop_schema, scratch
from trivium.adapters.stores.duckdb import DuckDBStore

_DOMAINS: Final = {"plain": service.plain, "asserting": service.asserting}
_STARTS: Final = 3
_LONGEST: Final = 60.0
_NEW: Final = 9_000_000
"""Numbers of files from here on are of none that lay there before."""


def arrivals(
    files: str,
    *,
    domain: Literal["plain", "asserting"] = "plain",
    outcome: Literal["move", "leave"] = "move",
    postgres: str | None = None,
    again: bool = False,
) -> dict[str, Any]:
    """Files dropped at once, a folder of them or one, until `trivium run --once` has taken them and ended; what it
    takes where none lie there is subtracted. `rows`: the keys of the master.

    `again`: two runs more, with `nothing` new and with `one` new file, each with the start subtracted.
    """
    with scratch() as folder:
        place = _Place(folder, domain, outcome, postgres)
        place.once()  # makes the store
        start = statistics.median(place.once() for _ in range(_STARTS))
        count = place.drop(Path(files))
        seconds = place.once(expected=count) - start
        found = {"seconds": seconds, "start_seconds": start, "files": count, "rows": place.keys()}
        if again:
            found["nothing"] = place.once() - start
            place.arrive(0)
            found["one"] = place.once(expected=1) - start
    return found


def notice(lying: int, times: int) -> dict[str, Any]:
    """How long a file that is renamed into its folder, where so many lie that are settled, waits for a listing to see
    it, and for its line; seconds from the rename, of each. `first_seconds`: from the start of the process to the line
    of a file that came while none ran."""
    chance = random.Random(lying)
    with scratch() as folder:
        place = _Place(folder, "plain", "leave", None)
        place.once()
        for number in range(lying):
            place.write(number, place.inbox / file_name(number))
        settling = place.once(expected=lying)
        place.arrive(0)
        told, renamed = [], {}
        with place.running() as lines:
            started = time.time()
            first = _line_of(lines, file_name(_NEW)) - started
            for number in range(1, times + 1):
                time.sleep(0.3 + chance.random())  # people and systems do not send in step with anything
                renamed[file_name(_NEW + number)] = at = place.arrive(number)
                told.append(_line_of(lines, file_name(_NEW + number)) - at)
        seen = place.seen(list(renamed))
        listed = [seen[name] - at for name, at in renamed.items()]
    return {
        "settling_seconds": settling, "first_seconds": first, "listed_seconds": listed, "told_seconds": told,
        "rows": times,
    }  # fmt: skip


class _Place:
    """A folder with an inbox and a store for one domain of `bench.service`."""

    def __init__(self, folder: Path, domain: str, outcome: str, postgres: str | None) -> None:
        self.inbox, self._domain, self._postgres = folder / "inbox", _DOMAINS[domain], postgres
        self.inbox.mkdir()
        self._store = folder / f"{domain}.duckdb"
        self._folder = folder
        self._variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TRIVIUM_")},
            "TRIVIUM_STORE": postgres or str(folder / "{domain}.duckdb"), "TRIVIUM_RAW": str(folder / "raw"),
            "TRIVIUM_INBOX": str(self.inbox), "TRIVIUM_OUTCOME": outcome,
        }  # fmt: skip
        self._command = [
            sys.executable, "-m", "trivium", "run", "bench.service", "--domain", self._domain.name, "--json",
        ]  # fmt: skip
        if postgres:
            drop_schema(postgres, self._domain.name)

    def drop(self, files: Path) -> int:
        """Has a folder's files, or one, arrive; how many."""
        names = sorted(files.iterdir()) if files.is_dir() else [files]
        for number, file in enumerate(names):
            os.link(file, self.inbox / file_name(number))  # what is measured reads it, and moves its name
        return len(names)

    def write(self, number: int, path: Path) -> None:
        """A file of one line, of a store and receipt of its own."""
        path.write_text(
            "business_date,store_id,receipt,line,product_id,quantity,unit_price,total,currency,payment,sold_at\n"
            f"2024-01-01,N{number:07},R{number:09},1,P000001,1,1.99,1.99,EUR,card,2024-01-01T09:00:00Z\n",
            encoding="utf-8",
        )

    def arrive(self, number: int) -> float:
        """Has a new file arrive as its sender should, written under another name; when it was renamed."""
        part = self.inbox / f".{file_name(_NEW + number)}.part"
        self.write(_NEW + number, part)
        at = time.time()
        part.rename(self.inbox / file_name(_NEW + number))
        return at

    def once(self, expected: int = 0) -> float:
        """Runs the service once over what lies there; how long it took, start and end included."""
        os.sync()
        with (self._folder / "told").open("wb") as told:
            started = time.perf_counter()
            subprocess.run([*self._command, "--once"], env=self._variables, stdout=told, check=True)
            seconds = time.perf_counter() - started
        lines = [json.loads(line) for line in (self._folder / "told").read_text("utf-8").splitlines()]
        loaded = [line for line in lines if line.get("state") == "loaded"]
        assert len(loaded) == expected, f"{len(loaded)} of {expected} files were loaded; it told {lines[:3]}"
        return seconds

    @contextmanager
    def running(self) -> Iterator[Iterator[str]]:
        """The service, and its lines as they come; ended after the block."""
        with subprocess.Popen(self._command, env=self._variables, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield iter(process.stdout)
            finally:
                process.terminate()
                process.wait(_LONGEST)

    def keys(self) -> int:
        """How many records the master has."""
        if self._postgres:
            from trivium.adapters.stores.postgres import PostgresStore  # its driver counts for those who use it

            store: Any = PostgresStore(self._postgres, self._domain)
        else:
            store = DuckDBStore(self._store, self._domain)
        try:
            return sum(batch.num_rows for batch in store.reader.records("sale"))
        finally:
            store.control.close()

    def seen(self, names: Sequence[str]) -> dict[str, float]:
        """When the service first saw each of these files, by its ledger; seconds since 1970."""
        store = DuckDBStore(self._store, self._domain)
        try:
            url = str(self.inbox)
            sightings = store.ledger.sightings(files=[f"{url}/{name}" for name in names])
        finally:
            store.control.close()
        found = {one.file.rpartition("/")[2]: one.seen_at.timestamp() for one in sightings}
        assert set(found) == set(names), f"the ledger has {len(found)} of {len(names)} files"
        return found


def _line_of(lines: Iterator[str], name: str) -> float:
    """When the line of a file came; it has to say that it was loaded."""
    for line in lines:
        at, told = time.time(), json.loads(line)
        if str(told.get("file", "")).endswith(name):
            assert told["state"] == "loaded", line
            return at
    raise AssertionError(f"the service ended without a line of {name}")
