"""One file in: kept, judged piece by piece, committed whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from trivium.channels.appending import Appending
from trivium.engine.judge import Judge
from trivium.engine.reading import RawChunk, read_csv, read_json
from trivium.errors import AlreadyTaken, RefusedDelivery, StoreError
from trivium.model.domain import Domain
from trivium.model.files import FileName
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Gone, Load, Published, RawInput, Store

Progress = Callable[[int, int], None]
"""Told after each piece how many bytes of the file are done, and how many records were received."""


_NOTHING = Account()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `known`: its bytes were taken before, `why` says when; `held`: see `gone`."""

    outcome: Literal["loaded", "known", "held"]
    source: str
    delivery: str
    file: str
    account: Account = _NOTHING
    published: Published | None = None
    why: str | None = None
    gone: Gone | None = None


def load_file(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    path: Path,
    *,
    now: dt.datetime,
    by: str | None = None,
    progress: Progress = lambda done, received: None,
) -> Loaded:
    """Takes one file of `source`. Durable when it returns; whatever it raises, nothing of the file is visible.

    The same bytes again are a no-op (`known`). Raises RefusedDelivery where the file as a whole is not what
    the source declares.
    """
    name = file_name(source, path)
    digest, size = _take(path, raw if source.keep_raw is not None else None)
    delivery = Delivery(
        source.name, name.delivery, name.revision, digest, str(path.absolute()), size, now,
        archived=source.keep_raw is not None, by=by,
    )  # fmt: skip
    why = store.history.known(delivery)
    if why is not None:
        return _known(store, delivery, why)
    with opened(delivery, raw, path) as stream:
        return take(store, domain, source, delivery, name, stream, progress)


def _known(store: Store, delivery: Delivery, why: str) -> Loaded:
    """What to say of bytes that were taken before: held ones still wait for somebody."""
    for row in store.control.deliveries(delivery.source, delivery.name).to_pylist():
        if row["state"] == "held" and row["digest"] == delivery.digest:
            account = Account(row["received"], row["accepted"], row["rejected"], row["ignored"])
            gone = Gone(row["gone"], row["alive"])
            return Loaded("held", delivery.source, delivery.name, delivery.file, account, why=why, gone=gone)
    return Loaded("known", delivery.source, delivery.name, delivery.file, why=why)


def take(
    store: Store,
    domain: Domain,
    source: Source,
    delivery: Delivery,
    name: FileName,
    stream: BinaryIO,
    progress: Progress,
) -> Loaded:
    """Judges a delivery's bytes into a load of its own and publishes it, or holds it."""
    load = store.history.open(source.name)
    try:
        with abandoned_on_failure(load):
            account = judge_into(load, domain, source, delivery, name, stream, progress)
            gone = load.gone() if source.asserts and source.max_gone is not None else None
            if gone and source.max_gone is not None and gone.gone > source.max_gone * gone.alive:
                load.hold(delivery, account, gone)
                return Loaded("held", source.name, delivery.name, delivery.file, account, gone=gone)
            published = load.publish(delivery, account)
    except AlreadyTaken as taken:  # by another process, while this one was reading
        return _known(store, delivery, store.history.known(delivery) or taken.message)
    return Loaded("loaded", source.name, delivery.name, delivery.file, account, published)


@contextmanager
def abandoned_on_failure(load: Load) -> Iterator[None]:
    """Removes what was appended if the block fails; what cannot be removed then is swept at the next start."""
    try:
        yield
    except BaseException:
        with suppress(StoreError):  # the first failure is the one to tell
            load.abandon()
        raise


def judge_into(
    load: Load,
    domain: Domain,
    source: Source,
    delivery: Delivery,
    name: FileName,
    stream: BinaryIO,
    progress: Progress = lambda done, received: None,
) -> Account:
    """Appends the verdicts on all pieces of a delivery; the account of it."""
    arrived = microseconds(delivery.arrived_at)
    account = Account()
    with Judge(domain, source, arrived_at=arrived, captured=name.captured) as judge, Appending(load) as appending:
        for chunk in chunks(source, stream):
            verdict = judge.judge(chunk)
            appending.append(verdict)
            account += verdict.account
            progress(chunk.first_byte + len(chunk.data), account.received)
        last = judge.finish()
        appending.append(last)
        appending.finish()
    return account + last.account


def chunks(source: Source, stream: BinaryIO) -> Iterator[RawChunk]:
    """The records of a stream in the source's format."""
    if source.format == "ndjson":
        return read_json(stream)
    return read_csv(stream, separator=source.separator)


def file_name(source: Source, path: Path) -> FileName:
    """What the file's name says; refused where it is not a name of the source's files."""
    if source.files is None:
        return FileName(path.name, None, {})
    name = source.files.match(path.name)
    if name is None:
        raise RefusedDelivery(
            f"{path.name} is not a file of {source.name}", hint=f"its files are called {source.files.name}"
        )
    return name


@contextmanager
def opened(delivery: Delivery, raw: RawInput, path: Path) -> Iterator[BinaryIO]:
    """The bytes of a delivery: from what was kept, else from where the file lies, if it is still the same."""
    stream: Any = raw.open(delivery.digest) if delivery.archived else _Same(path, delivery)
    try:
        yield stream
    finally:
        stream.close()


def microseconds(at: dt.datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware time."""
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


def _take(path: Path, raw: RawInput | None) -> tuple[str, int]:
    """Digest and size of a file, kept on the way; refused where it changes while it is read."""
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if raw is not None:
                digest, size = raw.keep(file)
            else:
                digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            after = os.fstat(file.fileno())
    except OSError as error:
        raise RefusedDelivery(
            f"{path} cannot be read: {error.strerror}", hint="give the path of a readable file"
        ) from error
    if size != after.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise RefusedDelivery(f"{path} changed while it was read", hint="load it again when it is whole")
    return digest, size


class _Same:
    """A file where it lies, read a second time: refused at its end if it is no longer what was hashed."""

    def __init__(self, path: Path, delivery: Delivery) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise RefusedDelivery(
                f"{path} cannot be read again: {error.strerror}", hint="its source keeps no copy; put the file back"
            ) from error
        self._path, self._delivery, self._hash = path, delivery, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._hash.update(piece)
        if not piece and self._hash.hexdigest() != self._delivery.digest:
            raise RefusedDelivery(f"{self._path} is not what it was", hint="the delivery's raw input was not kept")
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
