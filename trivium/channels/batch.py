"""One file in: kept, judged piece by piece, committed whole or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from trivium.channels.appending import Appending
from trivium.channels.judging import Judging, Progress
from trivium.channels.manifests import manifest_beside, missing, promise_of
from trivium.channels.raw import fingerprint, kept_meanwhile
from trivium.errors import AlreadyTaken, RefusedDelivery, StoreError
from trivium.model.domain import Domain
from trivium.model.files import FileName, without_packing
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Gone, Load, Published, RawInput, Store

_NOTHING = Account()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `known`: its bytes were taken before, `why` says when; `held`: see `gone`,
    which is known too of what was loaded where its source bounds it.

    `unread`, `absent`: as of `Judged`.
    """

    outcome: Literal["loaded", "known", "held"]
    source: str
    delivery: str
    file: str
    account: Account = _NOTHING
    published: Published | None = None
    why: str | None = None
    gone: Gone | None = None
    unread: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of a delivery.

    `unread`: the columns of its header that nothing reads. `absent`: those that optional attributes are mapped to
    and its header has not, so that they are not stated. `remarks`: findings of their kind and detail.
    """

    account: Account
    unread: tuple[str, ...]
    absent: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...] = ()


def load_file(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    path: Path,
    *,
    now: dt.datetime,
    by: str | None = None,
    called: str | None = None,
    progress: Progress = lambda done, received: None,
) -> Loaded:
    """Takes one file of `source`. Durable when it returns; whatever it raises, nothing of the file is visible.

    `called`: the full name that is kept of it, where `path` is but a copy. The same bytes again are a no-op (`known`).
    Raises RefusedDelivery where the file as a whole is not what the source declares.
    """
    delivery, name = sent(source, path, now=now, by=by, called=called)
    why = store.history.known(delivery)
    if why is not None:
        return _known(store, delivery, why)
    if source.terms.manifest is not None and delivery.manifest is None:
        raise missing(source, path)
    with kept_meanwhile(delivery, raw, path) as (stream, wait_until_kept):
        return take(store, domain, source, delivery, name, stream, progress, wait_until_kept)


def sent(
    source: Source,
    path: Path,
    *,
    now: dt.datetime,
    by: str | None,
    called: str | None = None,
    content: bytes | None = None,
) -> tuple[Delivery, FileName]:
    """A file as the delivery that it is, with the manifest beside it if there is one, and what its name says. `called`
    is as for `load_file`; `content`: its bytes, where they are read already.

    Raises RefusedDelivery where the name is none of the source's files, and where the manifest is not that of the
    bytes.
    """
    name = file_name(source, path)
    manifest = manifest_beside(source, path)
    digest, size = fingerprint(path) if content is None else (hashlib.sha256(content).hexdigest(), len(content))
    delivery = Delivery(
        source.name, name.delivery, name.revision, digest, called or str(path.absolute()), size, now,
        archived=source.keep_raw is not None, by=by, manifest=manifest,
    )  # fmt: skip
    promise = None if manifest is None else promise_of(source, delivery, name)
    if promise is not None and promise.revision is not None:
        delivery = replace(delivery, revision=promise.revision)
    return delivery, name


def _known(store: Store, delivery: Delivery, why: str) -> Loaded:
    """What to say of bytes that were taken before: held ones still wait for somebody."""
    for row in store.control.deliveries(delivery.source, delivery.name).to_pylist():
        if row["state"] == "held" and row["digest"] == delivery.digest:
            account = Account.of(row)
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
    ready: Callable[[], None],
) -> Loaded:
    """Judges a delivery's bytes into a load of its own and publishes it, or holds it, once `ready` returns."""
    load = store.history.open(source.name)
    try:
        with abandoned_on_failure(load):
            judged = judge_into(load, domain, source, delivery, name, stream, progress)
            account = judged.account
            delivery = replace(delivery, remarks=judged.remarks)
            ready()
            gone = load.gone() if source.asserts and source.max_gone is not None else None
            if gone and source.max_gone is not None and gone.gone > source.max_gone * gone.alive:
                load.hold(delivery, account, gone)
                return Loaded(
                    "held", source.name, delivery.name, delivery.file, account, gone=gone,
                    unread=judged.unread, absent=judged.absent,
                )  # fmt: skip
            published = load.publish(delivery, account)
    except AlreadyTaken as taken:  # by another process, while this one was reading
        return _known(store, delivery, store.history.known(delivery) or taken.message)
    return Loaded(
        "loaded", source.name, delivery.name, delivery.file, account, published, gone=gone,
        unread=judged.unread, absent=judged.absent,
    )  # fmt: skip


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
) -> Judged:
    """Appends the verdicts on all pieces of a delivery. Raises RefusedDelivery where it is not to be believed as a
    whole: the load is to be abandoned then."""
    with Judging(domain, source, delivery, name, stream, progress) as judging, Appending(load) as appending:
        for verdict in judging:
            appending.append(verdict)
        appending.finish()
        return Judged(judging.account, judging.unread, judging.absent, judging.remarks)


def file_name(source: Source, path: Path) -> FileName:
    """What the file's name says; refused where it is not a name of the source's files."""
    if source.files is None:
        return FileName(without_packing(path.name), None, {})
    name = source.files.match(path.name)
    if name is None:
        raise RefusedDelivery(
            f"{path.name} is not a file of {source.name}", hint=f"its files are called {source.files.name}"
        )
    return name
