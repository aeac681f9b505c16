"""Trivium: files through the batch channel into a store, kept, judged, durable."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench import domains
from bench.kinds import KINDS
from bench.tasks.scratch import drop_schema, megabytes, scratch
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.channels.batch import Loaded, load_file
from trivium.engine.reading import read
from trivium.model.domain import Domain
from trivium.ports import Store

_DOMAINS: Final = {
    "sales": domains.SALES,
    "snapshots": domains.SNAPSHOTS,
    "orders": domains.ORDERS,
    "orders_asserted": domains.ORDERS_ASSERTED,
    **{kind: value.domain for kind, value in KINDS.items()},
}


def load(
    file: str, *, consolidate: bool, domain: str = "sales", bad: bool = False, postgres: str | None = None
) -> dict[str, Any]:
    """A file into a new store, perhaps to its master, and the store closed.

    `rows`: the records received, or those of the master. `bad`: some records are meant to be rejected.
    """
    declared = _DOMAINS[domain]
    with scratch() as folder, _opened(declared, folder, postgres) as (store, close):
        started = time.perf_counter()
        loaded = _load(store, declared, folder, file)
        load_seconds = time.perf_counter() - started
        assert bool(loaded.account.rejected) == bad, f"{file}: {loaded.account}"
        rows = loaded.account.received
        if consolidate:
            rows = store.control.consolidate().keys
        both_seconds = time.perf_counter() - started
        close()
        seconds = time.perf_counter() - started
        disk, raw = megabytes(folder) - megabytes(folder / "raw"), megabytes(folder / "raw")
    return {
        "seconds": seconds, "load_seconds": load_seconds, "consolidation_seconds": both_seconds - load_seconds,
        "rows": rows, "rejected": loaded.account.rejected, "disk_mb": disk, "raw_mb": raw,
    }  # fmt: skip


def texts(file: str, kind: str) -> dict[str, Any]:
    """A file into columns of text, which nobody looks at: reading alone."""
    rows = 0
    started = time.perf_counter()
    with Path(file).open("rb") as stream:
        for chunk in read(KINDS[kind].format, stream):
            rows += chunk.table.num_rows
    return {"seconds": time.perf_counter() - started, "rows": rows}


def build(file: str, folder: str) -> dict[str, Any]:
    """A store that stays, with the file in its master."""
    with _opened(domains.SALES, Path(folder), None) as (store, close):
        _load(store, domains.SALES, Path(folder), file)
        keys = store.control.consolidate().keys
        close()
    return {"rows": keys}


def look_ups(
    folder: str, tail: str, in_master: Sequence[Sequence[Any]], in_tail: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """How long single records take to read, of those behind a tail and of those in it."""
    found: dict[str, Any] = {}
    with _opened(domains.SALES, Path(folder), None) as (store, close):
        _load(store, domains.SALES, Path(folder), tail)
        for name, keys in (("master", in_master), ("tail", in_tail)):
            times = []
            for day, *rest in keys:
                key = (dt.date.fromisoformat(day), *rest)
                started = time.perf_counter()
                rows = sum(batch.num_rows for batch in store.reader.records("sale", key=key))
                times.append((time.perf_counter() - started) * 1000)
                assert rows == 1, f"{key} was found {rows} times"
            found[name] = times
        close()
    return found


def consolidations(folder: str, tails: Sequence[str]) -> dict[str, Any]:
    """Tails one after the other into one master: how long each takes to fold."""
    found = []
    with _opened(domains.SALES, Path(folder), None) as (store, close):
        for tail in tails:
            _load(store, domains.SALES, Path(folder), tail)
            started = time.perf_counter()
            keys = store.control.consolidate().keys
            found.append({"keys": keys, "seconds": time.perf_counter() - started})
        close()
    return {"tails": found}


def nights(files: Sequence[str]) -> dict[str, Any]:
    """Snapshots one after the other, each loaded and folded: the time of every night and what lies on disk after it."""
    found = []
    with scratch() as folder, _opened(domains.SNAPSHOTS, folder, None) as (store, close):
        for file in files:
            started = time.perf_counter()
            _load(store, domains.SNAPSHOTS, folder, file)
            load_seconds = time.perf_counter() - started
            keys = store.control.consolidate().keys
            seconds = time.perf_counter() - started
            raw = megabytes(folder / "raw")
            disk = megabytes(folder) - raw
            found.append(
                {"keys": keys, "load_seconds": load_seconds, "seconds": seconds, "disk_mb": disk, "raw_mb": raw}
            )
        close()
    return {"nights": found}


def _load(store: Store, domain: Domain, folder: Path, file: str) -> Loaded:
    raw = RawFolder(folder / "raw")
    loaded = load_file(store, raw, domain, domain.sources[0], Path(file), now=dt.datetime.now(dt.UTC))
    assert loaded.outcome == "loaded", f"{file}: {loaded.outcome}, {loaded.why}"
    assert loaded.account.accepted, f"{file}: {loaded.account}"
    return loaded


@contextmanager
def _opened(domain: Domain, folder: Path, postgres: str | None) -> Iterator[tuple[Store, Any]]:
    """A store, and what closes it: at the latest, the end of the block."""
    store: Any
    if postgres is None:
        store = DuckDBStore(folder / "store.duckdb", domain)
    else:
        from trivium.adapters.stores.postgres import PostgresStore  # its driver counts for those who use it

        drop_schema(postgres, domain.name)
        store = PostgresStore(postgres, domain)
    closed = False

    def close() -> None:
        nonlocal closed
        if not closed:
            closed = True
            store.control.close()

    try:
        store.control.prepare()
        yield store, close
    finally:
        close()
