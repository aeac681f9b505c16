"""A domain's deliveries from an older store into a new one: the way on where a store refuses a declaration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from trivium.channels.transfer import REFUSALS, Standing, Transferred, standing, transfer, try_transfer
from trivium.errors import StoreUnusable, TriviumError, UsageError
from trivium.model.domain import Domain
from trivium.ports import Account
from trivium.service.opening import Opened, is_postgres, opened, raw_folder, store_path
from trivium.service.settings import Settings

Following = Callable[[Standing, int, int], None]
"""Told which delivery is under way, how many of its bytes are done and how many records it had so far."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a delivery: `done` in the new store, or judged only (`tried`), or why neither."""

    standing: Standing
    done: Transferred | None = None
    tried: Account | None = None
    error: TriviumError | None = None


@contextmanager
def older(domain: Domain, settings: Settings, store: str, several: bool) -> Iterator[Opened]:
    """The store `store` of a domain, whatever declaration it was made for; nothing of it is changed.

    Raises UsageError where it is the store of `settings`, StoreUnusable where there is none.
    """
    before = settings.model_copy(update={"store": SecretStr(store)})
    hint = "name the store to replay from as it was named with --store"
    if is_postgres(before):
        if before.store.get_secret_value() == settings.store.get_secret_value():
            raise _same()
    else:
        path = store_path(domain, before, several)
        if not is_postgres(settings) and path.resolve() == store_path(domain, settings, several).resolve():
            raise _same()
        if not path.exists():
            raise StoreUnusable(f"there is no store {path} of {domain.name}", hint=hint)
    with opened(domain, before, several=several, prepare=False) as found:
        if not found.store.control.made():
            raise StoreUnusable(f"there is nothing of {domain.name} in the store to replay from", hint=hint)
        yield found


def move_all(old: Opened, new: Opened, *, progress: Following) -> Iterator[Moved]:
    """Takes one delivery after the other into the new store, as soon as each is durable; those that cannot be judged
    anew do not stop the others. Repeating it takes up where it ended."""
    for one in standing(old.store):
        try:
            done = transfer(one, old.raw, new.store, new.raw, new.domain, progress=_of(one, progress))
            yield Moved(one, done=done)
        except REFUSALS as error:
            yield Moved(one, error=error)


def try_all(old: Opened, domain: Domain, *, progress: Following) -> Iterator[Moved]:
    """Judges one delivery after the other and keeps nothing."""
    for one in standing(old.store):
        progress(one, 0, 0)
        try:
            yield Moved(one, tried=try_transfer(one, old.raw, domain))
        except REFUSALS as error:
            yield Moved(one, error=error)


def beside(store: str) -> str:
    """Where a new store would lie beside this one: `shop.new.duckdb` beside `shop.duckdb`."""
    path = Path(store.removeprefix("duckdb://"))
    return str(path.with_name(f"{path.stem}.new{path.suffix or '.duckdb'}"))


def moved_files(domain: Domain, settings: Settings, old: str, several: bool) -> list[tuple[Path, Path]]:
    """The files and folders of the new store of a domain with where those of the old one lie; none unless both are
    files. Raw input in a folder of its own name stays there."""
    before = settings.model_copy(update={"store": SecretStr(old)})
    if is_postgres(settings) or is_postgres(before):
        return []
    pairs = [
        (store_path(domain, settings, several), store_path(domain, before, several)),
        (raw_folder(domain, settings, several), raw_folder(domain, before, several)),
    ]
    return [(new, usual) for new, usual in pairs if new.exists() and new != usual]


def _of(one: Standing, progress: Following) -> Callable[[int, int], None]:
    progress(one, 0, 0)
    return lambda done, received: progress(one, done, received)


def _same() -> UsageError:
    return UsageError(
        "the store to replay from is the one to replay into", hint="name a new one with --store or TRIVIUM_STORE"
    )
