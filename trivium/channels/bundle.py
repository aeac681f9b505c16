"""Many small files of one source, taken together: read, judged, kept and published in one go.

Only files that come out as they would one by one: those of which nothing was said before, that are read as they are
judged to be sound as a whole. Every other is left to be loaded alone, which also says what is the matter with it.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from trivium.channels.batch import Loaded, sent
from trivium.channels.judging import chunks
from trivium.channels.manifests import promise_of
from trivium.channels.raw import content as read_content
from trivium.engine.judge.bundle import BundleJudge, can_bundle
from trivium.engine.judge.parts import only_parts
from trivium.engine.promise import Promise, rows_otherwise, totals_otherwise
from trivium.engine.reading import ReadingError
from trivium.engine.reading.bundling import Bundled, bundle_csv, bundle_json
from trivium.engine.verdict import Total, summed
from trivium.errors import AlreadyTaken, FileChanged, RefusedDelivery, StoreError
from trivium.model.domain import Domain
from trivium.model.formats import Csv
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Account, Delivery, RawInput, Store, Verdict

_File = TypeVar("_File")

MOST_FILES: Final = 1_000
MOST_BYTES: Final = 8 << 20
"""Of a bundle: it is read in one piece, and judged in one."""
SMALL_BYTES: Final = 256 << 10
"""A file of more is not small: what it costs beside its records does not count any more."""


@dataclass(frozen=True, slots=True)
class Small:
    """A small file. `called`: the full name that is kept of it, where `path` is but a copy."""

    path: Path
    called: str | None = None


@dataclass(frozen=True, slots=True)
class _Member:
    number: int
    delivery: Delivery
    captured: Mapping[str, str]
    content: bytes
    promise: Promise | None


def grouped(files: Sequence[_File], size: Callable[[_File], int], *, together: bool) -> Iterator[Sequence[_File]]:
    """The files in their order, each alone, or those that are small in groups that a bundle takes."""
    group: list[_File] = []
    held = 0
    for file in files:
        bytes_of = size(file)
        small = together and bytes_of <= SMALL_BYTES
        if group and (not small or len(group) == MOST_FILES or held + bytes_of > MOST_BYTES):
            yield group
            group, held = [], 0
        if small:
            group.append(file)
            held += bytes_of
        else:
            yield [file]
    if group:
        yield group


def load_bundle(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    files: Sequence[Small],
    *,
    now: dt.datetime,
    by: str | None = None,
) -> list[Loaded | None]:
    """Takes the files that can be taken together, in one commit, and durably; None for each that is left.

    Whatever it raises, nothing of any of them is visible.
    """
    found: list[Loaded | None] = [None] * len(files)
    if not can_bundle(source) or len(files) < 2:
        return found
    members = _members(store, source, files, now, by)
    bundled = _bundled(source, [member.content for member in members])
    if bundled is None:
        return found
    members = [members[number] for number in bundled.members]
    try:
        judged = _judged(domain, source, members, bundled, instant_of(now))
    except (RefusedDelivery, ReadingError):  # of each its own way
        return found
    members = [members[number] for number in judged.fit]
    if len(members) < 2:
        return found
    if source.keep_raw is not None:
        raw.keep_all([(member.delivery.digest, member.content) for member in members])
    bundle = store.history.open_bundle(source.name, len(members))
    try:
        for verdict in judged.verdicts:
            bundle.append(verdict)
        if source.max_gone is not None and source.asserts and bundle.gone().gone:
            bundle.abandon()  # which of them would end more than they may is said one by one
            return found
        published = bundle.publish(list(zip([m.delivery for m in members], judged.accounts, strict=True)))
    except AlreadyTaken:
        bundle.abandon()
        return found
    except BaseException:
        with suppress(StoreError):  # the first failure is the one to tell
            bundle.abandon()
        raise
    for member, account, one in zip(members, judged.accounts, published, strict=True):
        found[member.number] = Loaded(
            "loaded", source.name, member.delivery.name, member.delivery.file, account, one,
            unread=judged.unread, absent=judged.absent,
        )  # fmt: skip
    return found


def _members(store: Store, source: Source, files: Sequence[Small], now: dt.datetime, by: str | None) -> list[_Member]:
    """The files that can be read, and of whose deliveries nothing was said and no other of them speaks."""
    found: dict[str, _Member] = {}
    twice: set[str] = set()
    for number, file in enumerate(files):
        with suppress(RefusedDelivery, FileChanged):
            content = read_content(file.path, SMALL_BYTES)
            delivery, name = sent(source, file.path, now=now, by=by, called=file.called, content=content)
            promise = promise_of(source, delivery, name)
            if source.terms.manifest is not None and promise is None:
                continue
            if delivery.name in found:
                twice.add(delivery.name)
            found[delivery.name] = _Member(number, delivery, name.captured, content, promise)
    unheard = store.history.unheard(source.name, list(found)) - twice
    return [member for name, member in found.items() if name in unheard]


def _bundled(source: Source, contents: Sequence[bytes]) -> Bundled | None:
    if isinstance(source.format, Csv):
        return bundle_csv(contents, separator=source.format.separator, quote=source.format.quote)
    return bundle_json(contents)


@dataclass(frozen=True, slots=True)
class _Judged:
    """`fit`: the members that are sound as a whole; `verdicts` and `accounts` are theirs alone."""

    fit: list[int]
    verdicts: list[Verdict]
    accounts: list[Account]
    unread: tuple[str, ...]
    absent: tuple[str, ...]


def _judged(domain: Domain, source: Source, members: Sequence[_Member], bundled: Bundled, arrived_at: int) -> _Judged:
    captured = [member.captured for member in members]
    told = [None if member.promise is None else member.promise.cut_off for member in members]
    accounts, totals = [Account()] * len(members), [dict[str, Total]()] * len(members)
    verdicts = []
    with BundleJudge(domain, source, captured, arrived_at=arrived_at, asserted_at=told) as judge:
        for chunk in chunks(source, io.BytesIO(bundled.data)):
            judged = judge.judge(bundled, chunk)
            verdicts.append(judged.verdict)
            accounts = [one + more for one, more in zip(accounts, judged.accounts, strict=True)]
            totals = [summed(one, more) for one, more in zip(totals, judged.totals, strict=True)]
        verdicts.append(judge.finish())
        fit = [
            n
            for n, (member, account, sums) in enumerate(zip(members, accounts, totals, strict=True))
            if n not in judge.unfit and _is_sound(source, account) and _is_kept(member.promise, account, sums)
        ]
        kept = [only_parts(verdict, fit, len(members)) for verdict in verdicts]
        return _Judged(fit, kept, [accounts[n] for n in fit], judge.unread, judge.absent)


def _is_sound(source: Source, account: Account) -> bool:
    """Whether there is no reason to refuse the file as a whole, or to say more of it than its account."""
    judged, limit = account.accepted + account.rejected, source.terms.reject_limit
    return account.accepted > 0 and not (limit is not None and limit.exceeded(account.rejected, judged))


def _is_kept(promise: Promise | None, account: Account, totals: Mapping[str, Total]) -> bool:
    """Whether all that a manifest says of a file was found so."""
    if promise is None:
        return True
    wrong, unconfirmed = totals_otherwise(promise, totals)
    return not (rows_otherwise(promise, account.received) or wrong or unconfirmed)
