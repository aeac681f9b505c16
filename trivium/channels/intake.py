"""One file out of an inbox: read, loaded or refused, and put away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from trivium.channels.batch import Loaded, load_file
from trivium.channels.bundle import Small, load_bundle
from trivium.channels.judging import Progress
from trivium.channels.sensor import Whole
from trivium.engine.sighting import Sighting
from trivium.errors import FileChanged, InboxError, RefusedDelivery, StoreError, TriviumError
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Inbox, Outcome, RawInput, Store


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: its sighting, and what was loaded or why it was not."""

    sighting: Sighting
    loaded: Loaded | None = None
    error: TriviumError | None = None


def take_in(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    inbox: Inbox,
    whole: Whole,
    *,
    clock: Callable[[], dt.datetime],
    progress: Progress,
) -> Taken:
    """Loads a file that is whole. What it came to is in the ledger when this returns; the file lies where it lay.

    What cannot be had just now (the inbox, the store, a file that changes) leaves it to be taken again; everything else
    that is wrong with it refuses it.
    """
    sighting = whole.sighting.become("loading", clock(), why=None)
    store.ledger.write([sighting])
    loaded: Loaded | None = None
    error: TriviumError | None = None
    try:
        if whole.entry.never:
            raise RefusedDelivery(f"{sighting.file}: {whole.entry.never}", hint="send the file itself")
        with inbox.fetched(whole.entry, _names(whole)) as path:
            loaded = load_file(store, raw, domain, source, path, now=clock(), called=sighting.file, progress=progress)
        sighting = _loaded(sighting, loaded, clock())
    except FileChanged as changed:
        error = changed
        sighting = sighting.become("waiting", clock(), done=0, received=0, why=changed.message)
    except (StoreError, InboxError) as failed:
        error = failed
        sighting = sighting.become("failing", clock(), done=0, received=0, why=failed.message)
    except TriviumError as refused:
        error = refused
        sighting = sighting.become("refused", clock(), why=str(refused))
    store.ledger.write([sighting])
    return Taken(sighting, loaded, error)


def take_together(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    inbox: Inbox,
    wholes: Sequence[Whole],
    *,
    clock: Callable[[], dt.datetime],
) -> list[Taken | None]:
    """Loads those of many small files that can be loaded together, see `channels.bundle`; None for each that is left to
    `take_in`. What they came to is in the ledger when this returns."""
    loading = [whole.sighting.become("loading", clock(), why=None) for whole in wholes]
    store.ledger.write(loading)
    found: list[Taken | None] = [None] * len(wholes)
    with ExitStack() as there:
        small, numbers = [], []
        for number, (whole, sighting) in enumerate(zip(wholes, loading, strict=True)):
            with suppress(RefusedDelivery, InboxError):  # what is the matter says `take_in`
                small.append(Small(there.enter_context(inbox.fetched(whole.entry, _names(whole))), sighting.file))
                numbers.append(number)
        try:
            loaded = load_bundle(store, raw, domain, source, small, now=clock())
        except StoreError as error:
            failing = [one.become("failing", clock(), why=error.message) for one in loading]
            store.ledger.write(failing)
            return [Taken(one, None, error) for one in failing]
    for number, one in zip(numbers, loaded, strict=True):
        if one is not None:
            found[number] = Taken(_loaded(loading[number], one, clock()), one)
    store.ledger.write([taken.sighting for taken in found if taken is not None])
    return found


def _loaded(sighting: Sighting, loaded: Loaded, now: dt.datetime) -> Sighting:
    number = loaded.published.load_no if loaded.published else None
    received = loaded.account.received
    return sighting.become(loaded.outcome, now, load_no=number, done=sighting.size, received=received, why=loaded.why)


def put_away(inbox: Inbox, whole: Whole) -> Sighting:
    """Moves a settled file, and what came with it, out of the way; beside a refused one its reason is written.

    What came with it goes first: of a file whose marker were left behind, the next of its name would seem whole. What
    has come since in its place belongs to that next one, and is left. Raises FileChanged where another content has the
    file's name by now: that is left for the next look. Where it lies now is the caller's to keep in the ledger.
    """
    sighting = whole.sighting
    outcome: Outcome = "refused" if sighting.state == "refused" else "done"
    for one in whole.beside:
        with suppress(FileChanged):
            inbox.settle(one.name, outcome, one.mark)
    reason = _reason(sighting) if outcome == "refused" else None
    settled = inbox.settle(whole.entry.name, outcome, whole.entry.mark, reason=reason)
    return sighting.become(sighting.state, sighting.changed_at, moved_to=settled)


def _names(whole: Whole) -> list[str]:
    return [one.name for one in whole.beside]


def _reason(sighting: Sighting) -> str:
    at = sighting.changed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f"{sighting.file}\nrefused {at} by the source {sighting.source}; nothing of it was taken\n\n{sighting.why}\n\n"
        "Correct the file and put it into the inbox again.\n"
    )
