"""Replay: kept raw input judged anew, by today's declaration, as a higher reading of its delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.channels.batch import Progress, abandoned_on_failure, file_name, judge_into
from trivium.channels.raw import opened
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Load, Preview, Published, RawInput, Store


@dataclass
class Replay:
    """One delivery judged anew and not yet published: look at what it would change, then decide."""

    delivery: Delivery
    before: Account
    account: Account
    mended: int
    """Records of the counting reading that were mended by hand; the replay does not have them."""
    preview: list[Preview]
    load: Load

    def publish(self) -> Published:
        """Makes it the reading that counts."""
        return self.load.publish(self.delivery, self.account)

    def abandon(self) -> None:
        """Leaves everything as it was."""
        self.load.abandon()


def counting(store: Store, source: Source, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The readings of `source` that count, of these deliveries or of all; UsageError where one is not there."""
    rows = [
        row
        for row in store.control.deliveries(source.name).to_pylist()
        if row["state"] == "counts" and row["kind"] not in ("retraction", "restored")
    ]
    found = {row["delivery"] for row in rows}
    for name in names:
        if name not in found:
            raise UsageError(
                f"{source.name} has no delivery {name!r} that counts",
                hint="`trivium deliveries APP list` shows them",
            )
    return [row for row in rows if not names or row["delivery"] in names]


def try_replay(
    store: Store,
    raw: RawInput,
    domain: Domain,
    source: Source,
    row: dict[str, Any],
    *,
    now: dt.datetime,
    by: str | None = None,
    progress: Progress = lambda done, received: None,
) -> Replay:
    """Judges the raw input of a reading (a row of `Control.deliveries`) into a load of its own.

    The records keep the arrival of the reading: what waited as too far ahead then is judged by today's clock.
    """
    path = Path(row["file"])
    delivery = Delivery(
        source.name, row["delivery"], row["revision"], row["digest"], row["file"], row["size"], now,
        kind="replay", archived=row["archived"], by=by,
    )  # fmt: skip
    load = store.history.open(source.name)
    with abandoned_on_failure(load):
        with opened(delivery, raw, path) as stream:
            judged = judge_into(load, domain, source, delivery, file_name(source, path), stream, progress)
            account = judged.account
        preview = load.preview(delivery)
    before = Account(row["received"], row["accepted"], row["rejected"], row["ignored"])
    rows = store.control.quarantine(source.name, closed=True).select(["reading_no", "place", "state"]).to_pylist()
    lost = mended([record for record in rows if record["reading_no"] == row["reading_no"]])
    return Replay(delivery, before, account, len(lost), preview, load)


def mended(records: Iterable[dict[str, Any]]) -> list[int]:
    """The places of those records that were mended by hand and accepted, of all rows of `Control.quarantine` for one
    reading: its raw input does not hold what they say now."""
    states: dict[int, set[str]] = {}
    for record in records:
        states.setdefault(record["place"], set()).add(record["state"])
    # one that was rejected again has another entry, which is open, or was dropped or superseded
    return [place for place, found in states.items() if "mended" in found and found <= {"mended", "retried"}]
