"""Opens the store and the raw input of a domain as the settings say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trivium.adapters.events import open_broker
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.attached import attached
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.engine.masking import masked
from trivium.errors import StoreBusy, UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Broker, RawInput, Store
from trivium.service.settings import Settings

_STARTING: Final = 2.0
"""Seconds in which a service that has taken its store begins to answer."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A domain with its store and its raw input."""

    domain: Domain
    store: Store
    raw: RawInput


@contextmanager
def opened(
    domain: Domain, settings: Settings, *, several: bool, prepare: bool = True, attach: bool = True
) -> Iterator[Opened]:
    """The domain's store, made fit for today's declaration unless `prepare` is off; closed at the end.

    `several`: the application has more domains, so that one DuckDB file would not do for all of them. `attach`: where a
    running service holds the store, it is used through the service; without it that raises StoreBusy.
    """
    store = _store(domain, settings, several, attach)
    name = store_name(domain, settings, several)
    try:
        if prepare:
            store.control.prepare()
        raw = RawFolder(raw_folder(domain, settings, several), name)
        if prepare:
            raw.clear()
        yield Opened(domain, store, raw)
    finally:
        store.control.close()


def store_path(domain: Domain, settings: Settings, several: bool) -> Path:
    """The DuckDB file of a domain: what the setting names, with the domain's name in it where there are several.

    Raises UsageError where the setting names a store of another kind.
    """
    named = settings.store.get_secret_value()
    if "://" in named and not named.startswith("duckdb://"):
        raise UsageError(
            f"{named.partition(':')[0]} is no kind of store",
            hint="a DuckDB file, or postgresql://user@host/database",
        )
    path = Path(named.removeprefix("duckdb://").replace("{domain}", domain.name))
    if several and "{domain}" not in named:
        path = path.with_name(f"{path.stem}.{domain.name}{path.suffix or '.duckdb'}")
    return path


def store_name(domain: Domain, settings: Settings, several: bool) -> str:
    """What the store of a domain is called where people read it; the same for the same store."""
    if is_postgres(settings):
        return f"the schema {domain.name} of {masked(settings.store.get_secret_value())}"
    return str(store_path(domain, settings, several).absolute())


def raw_folder(domain: Domain, settings: Settings, several: bool) -> Path:
    """Where the raw input of a domain is kept."""
    if settings.raw is not None:
        return settings.raw / domain.name
    if is_postgres(settings):
        return Path("trivium-data/raw") / domain.name
    path = store_path(domain, settings, several)
    return path.with_name(f"{path.stem}.raw")


def broker_of(settings: Settings, source: Source) -> Broker | None:
    """The broker of a source of events, if one is named for it."""
    url = settings.brokers.get(source.name) or settings.broker
    return None if url is None or source.channel != "events" else open_broker(url.get_secret_value())


def is_postgres(settings: Settings) -> bool:
    """Whether the setting names a PostgreSQL database."""
    return settings.store.get_secret_value().startswith(("postgresql://", "postgres://"))


def _store(domain: Domain, settings: Settings, several: bool, attach: bool) -> Store:
    if is_postgres(settings):
        from trivium.adapters.stores.postgres import PostgresStore  # only those who use it pay for its driver

        return PostgresStore(settings.store.get_secret_value(), domain)
    path = store_path(domain, settings, several)
    until = time.monotonic() + _STARTING
    while True:
        try:
            return DuckDBStore(path, domain, memory=settings.memory, threads=settings.threads)
        except StoreBusy:
            found = attached(path, domain) if attach else None
            if found is not None:
                return found
            if not attach or time.monotonic() > until:
                raise
        time.sleep(0.05)
