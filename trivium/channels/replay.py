"""Replay: kept raw input judged anew, by today's declaration, as a higher reading of its delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trivium.channels.batch import abandoned_on_failure, file_name, judge_into
from trivium.channels.judging import Progress
from trivium.channels.mends import KeptMend, kept_mends
from trivium.channels.raw import opened
from trivium.engine.delivery import has_rows
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
    mends: tuple[KeptMend, ...]
    """What was mended by hand; raw input does not hold it. `mend_again` brings it into the reading once it is there."""
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
    every = store.control.deliveries(source.name).to_pylist()
    rows = [row for row in every if row["state"] == "counts" and has_rows(row["kind"])]
    found = {row["delivery"] for row in rows}
    for name in names:
        if name in found:
            continue
        states = {row["state"] for row in every if row["delivery"] == name}
        if "retracted" in states:
            raise UsageError(
                f"{name!r} of {source.name} is retracted: what it said counts as never said, and is not judged anew",
                hint=f"take the retraction back first: `trivium retract APP {source.name} {name} --undo`",
            )
        if "held" in states:
            raise UsageError(
                f"{name!r} of {source.name} is held: there is no reading of it yet",
                hint=f"take it in first: `trivium deliveries APP release {source.name} {name}`",
            )
        raise UsageError(
            f"{source.name} has no delivery {name!r} that counts", hint="`trivium deliveries APP list` shows them"
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

    It arrives now: what waited as too far ahead then is judged by today's clock.
    """
    path = Path(row["file"])
    delivery = Delivery(
        source.name, row["delivery"], row["revision"], row["digest"], row["file"], row["size"], now,
        kind="replay", archived=row["archived"], by=by,
        manifest=row["manifest"],
    )  # fmt: skip
    load = store.history.open(source.name)
    with abandoned_on_failure(load):
        with opened(delivery, raw, path) as stream:
            judged = judge_into(load, domain, source, delivery, file_name(source, path), stream, progress)
            account, delivery = judged.account, replace(delivery, remarks=judged.remarks)
        preview = load.preview(delivery)
    before = Account.of(row)
    kept = store.control.quarantine(source.name, closed=True, delivery=row["delivery"])
    same = [one for one in kept.to_pylist() if (one["revision"], one["digest"]) == (row["revision"], row["digest"])]
    return Replay(delivery, before, account, kept_mends(same), preview, load)
