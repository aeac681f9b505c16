"""From one store into another: what counts there, judged anew from its kept raw input by today's declaration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow.compute as pc

from trivium.channels.batch import (
    abandoned_on_failure,
    file_name,
    judge_into,
    take,
)
from trivium.channels.judging import Judging, Progress
from trivium.channels.mends import KeptMend, MendedAgain, kept_mends, mend_again
from trivium.channels.raw import opened
from trivium.engine.delivery import has_rows
from trivium.engine.reading import ReadingError
from trivium.errors import RefusedDelivery, UsageError
from trivium.model.domain import Domain
from trivium.ports import Account, Delivery, RawInput, Store

REFUSALS = (UsageError, RefusedDelivery, ReadingError)
"""Why one delivery cannot be judged anew, while others can."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery as it stands in a store: the reading whose rows count, or counted until its retraction, or that is
    held. `mends` and, by place, `dropped` are what was decided on rejected records; raw input does not hold it."""

    delivery: Delivery
    account: Account
    state: Literal["counts", "retracted", "held"]
    retracted_by: str | None = None
    mends: tuple[KeptMend, ...] = ()
    dropped: Mapping[int, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transferred:
    """What became of a delivery, and of what was mended in it. `known`: the new store has had it already, with this
    account."""

    outcome: Literal["replayed", "retracted", "held", "known"]
    account: Account
    commit: int | None = None
    mended: MendedAgain = field(default_factory=MendedAgain)


def standing(store: Store) -> list[Standing]:
    """Every delivery of a store, made for whatever declaration, as it stands: in the order in which they came to
    count, the held ones last. Lower readings are left behind: what they said was never said."""
    deliveries: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in store.control.deliveries().to_pylist():
        deliveries.setdefault((row["source"], row["delivery"]), []).append(row)
    records: dict[_Content, list[dict[str, Any]]] = {}
    kept = store.control.quarantine(closed=True)
    decided = pc.unique(kept.filter(pc.is_valid(kept["resolved_in"]))["delivery"])
    for row in kept.filter(pc.is_in(kept["delivery"], decided)).to_pylist():
        records.setdefault(_content(row), []).append(row)
    found = [
        (row, _standing(row, rows, records.get(_content(row), [])))
        for rows in deliveries.values()
        for row in _telling(rows)
    ]
    found.sort(key=lambda pair: (pair[1].state == "held", pair[0]["commit_no"] or pair[0]["reading_no"]))
    return [one for _, one in found]


def _standing(row: dict[str, Any], rows: list[dict[str, Any]], records: list[dict[str, Any]]) -> Standing:
    account = Account.of(row)
    if row["state"] == "held":  # its number is that of a load, and no reading has it
        return Standing(_delivery(row, rows), account, "held")
    retraction = next((one for one in rows if (one["kind"], one["state"]) == ("retraction", "retracted")), None)
    return Standing(
        _delivery(row, rows),
        account,
        "counts" if retraction is None else "retracted",
        None if retraction is None else retraction["by"],
        kept_mends(records),
        {
            one["place"]: one["by"]
            for one in records
            if one["state"] == "dropped" and one["reading_no"] == row["reading_no"]
        },
    )


_Content = tuple[str, str, int, str]


def _content(row: dict[str, Any]) -> _Content:
    """What the readings of one revision and content of a delivery have in common."""
    return row["source"], row["delivery"], row["revision"], row["digest"]


def _telling(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a delivery's readings the one that has the rows that count, or that its retraction silences; and held ones."""
    own = [row for row in rows if has_rows(row["kind"])]
    counting = [row for row in own if row["state"] == "counts"]
    silenced = [row for row in own if row["state"] == "retracted"]
    top = max(silenced, key=lambda row: (row["revision"], row["digest"], row["attempt"]), default=None)
    return counting + ([top] if top is not None else []) + [row for row in own if row["state"] == "held"]


def _delivery(row: dict[str, Any], rows: Iterable[dict[str, Any]]) -> Delivery:
    """As it was sent: it arrived when its content first did, not when it was replayed."""
    same = [r for r in rows if (r["revision"], r["digest"]) == (row["revision"], row["digest"])]
    first = min(same, key=lambda r: r["arrived_at"])
    return Delivery(
        row["source"], row["delivery"], row["revision"], row["digest"], first["file"], row["size"],
        first["arrived_at"].replace(tzinfo=dt.UTC), archived=row["archived"], by=first["by"],
        manifest=row["manifest"],
    )  # fmt: skip


def transfer(
    one: Standing,
    old: RawInput,
    store: Store,
    raw: RawInput,
    domain: Domain,
    *,
    progress: Progress = lambda done, received: None,
) -> Transferred:
    """Takes a delivery as it stands in another store into this one: its name, revision, arrival, retraction, mended and
    dropped records, and a copy of its raw input. Repeating it goes on where it ended.

    Raises one of REFUSALS where it cannot be judged anew; nothing of it is visible then.
    """
    sent = one.delivery
    source = domain.source(sent.source)
    path = Path(sent.file)
    name = file_name(source, path)
    rows = store.control.deliveries(sent.source, sent.name).to_pylist()
    there = [row for row in rows if (row["revision"], row["digest"]) == (sent.revision, sent.digest)]
    account, commit, reading_no = one.account, None, None
    own = [row for row in there if has_rows(row["kind"])]
    if own:
        last = max(own, key=lambda row: row["reading_no"])
        account = Account.of(last)
        reading_no = None if last["state"] == "held" else last["reading_no"]
    if not there:
        if sent.archived:
            _copy(sent, old, raw)
        with opened(sent, old, path) as stream:
            if one.state == "held":
                taken = take(store, domain, source, sent, name, stream, progress, lambda: None)
                commit = taken.published.commit if taken.published else None
                return Transferred("held" if commit is None else "replayed", taken.account, commit)
            load = store.history.open(source.name)
            with abandoned_on_failure(load):
                judged = judge_into(load, domain, source, sent, name, stream, progress)
                account = judged.account
                published = load.publish(replace(sent, remarks=judged.remarks), account)
                commit, reading_no = published.commit, published.load_no
    _drop(one, store)
    mended = MendedAgain()
    if reading_no is not None:
        mended = mend_again(store, raw, domain, source, reading_no, one.mends, now=dt.datetime.now(dt.UTC))
        account += Account(0, mended.accepted, -mended.accepted, 0)
    if one.state == "retracted" and all(row["kind"] != "retraction" for row in there):
        commit = store.control.retract(sent.source, sent.name, one.retracted_by).commit
        return Transferred("retracted", account, commit, mended)
    return Transferred("known" if there else "replayed", account, commit, mended)


def try_transfer(one: Standing, old: RawInput, domain: Domain) -> Account:
    """Judges a delivery as `transfer` would, and keeps nothing; raises as it does."""
    sent = one.delivery
    source = domain.source(sent.source)
    path = Path(sent.file)
    with opened(sent, old, path) as stream, Judging(domain, source, sent, file_name(source, path), stream) as judging:
        for _ in judging:
            pass
    return judging.account


def _copy(sent: Delivery, old: RawInput, raw: RawInput) -> None:
    with opened(sent, old, Path(sent.file)) as stream:
        raw.keep(stream)


def _drop(one: Standing, store: Store) -> None:
    """Drops again what was dropped, where it is rejected again."""
    if not one.dropped:
        return
    rejected = store.control.quarantine(one.delivery.source, delivery=one.delivery.name)
    for row in rejected.select(["load_no", "place"]).to_pylist():
        if row["place"] in one.dropped:
            store.control.drop(row["load_no"], row["place"], one.dropped[row["place"]])
