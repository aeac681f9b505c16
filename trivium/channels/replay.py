"""Replay: kept raw input judged anew, by today's declaration, as a higher reading of its delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.channels.batch import abandoned_on_failure, file_name, judge_into
from trivium.channels.events.ranges import range_of, read_again
from trivium.channels.judging import Progress
from trivium.channels.mends import KeptMend, kept_mends
from trivium.channels.raw import opened
from trivium.channels.rest import FORMS, read_body
from trivium.channels.rest.deliveries import as_delivered
from trivium.channels.rest.requests import media_of
from trivium.engine.delivery import has_rows
from trivium.engine.judge.handfuls import HandfulJudge
from trivium.engine.judge.messages import MessageJudge, columns_of
from trivium.engine.judge.parts import alone
from trivium.errors import UsageError
from trivium.model.domain import Domain
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Account, Broker, Delivery, Load, Preview, Published, RawInput, Store


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
    broker: Broker | None = None,
    progress: Progress = lambda done, received: None,
) -> Replay:
    """Judges the raw input of a reading (a row of `Control.deliveries`) into a load of its own.

    It arrives now: what waited as too far ahead then is judged by today's clock. Of events the messages are read once
    more from `broker`. Raises UsageError and RefusedDelivery where there is nothing to judge any more.
    """
    path = Path(row["file"])
    delivery = Delivery(
        source.name, row["delivery"], row["revision"], row["digest"], row["file"], row["size"], now,
        kind="replay", archived=row["archived"], by=by,
        manifest=row["manifest"],
    )  # fmt: skip
    sent = as_delivered(source, row["file"])
    body = store.history.body(source.name, delivery.name, delivery.digest) if source.channel == "rest" else None
    load = store.history.open(source.name)
    with abandoned_on_failure(load):
        if source.channel == "events" and range_of(delivery.name) is not None:
            account = _judge_messages(load, domain, source, delivery, broker)
        elif body is not None:
            account = _judge_body(load, domain, sent, delivery, body)
        elif source.channel != "batch" and not delivery.archived:
            raise UsageError(f"what {delivery.name} of {source.name} brought is no longer kept", hint="send it again")
        else:
            with opened(delivery, raw, path) as stream:
                judged = judge_into(load, domain, sent, delivery, file_name(source, path), stream, progress)
                account, delivery = judged.account, replace(delivery, remarks=judged.remarks)
        preview = load.preview(delivery)
    before = Account.of(row)
    kept = store.control.quarantine(source.name, closed=True, delivery=row["delivery"])
    same = [one for one in kept.to_pylist() if (one["revision"], one["digest"]) == (row["revision"], row["digest"])]
    return Replay(delivery, before, account, kept_mends(same), preview, load)


def _judge_messages(load: Load, domain: Domain, source: Source, delivery: Delivery, broker: Broker | None) -> Account:
    """Appends the verdict on a range of a partition."""
    if broker is None:
        raise UsageError(f"{source.name} stays in its topic, and no broker is named", hint="set TRIVIUM_BROKER")
    messages = read_again(broker, delivery)
    topics, partitions = columns_of([(messages.part.topic, messages.part.partition)])
    with MessageJudge(domain, source) as judge:
        judged = judge.judge(
            messages.table, np.zeros(messages.table.num_rows, dtype=np.int64),
            topics=topics, partitions=partitions, count=1, arrived_at=instant_of(delivery.arrived_at),
        )  # fmt: skip
    load.append(alone(judged.verdict))
    return judged.verdict.account


def _judge_body(load: Load, domain: Domain, source: Source, delivery: Delivery, raw: bytes) -> Account:
    """Appends the verdict on the body of a request that was held whole, record by record as it was then."""
    body = read_body(raw, FORMS[media_of(delivery.file)] or "json")
    places = np.array(body.places, dtype=np.int64)
    with HandfulJudge(domain, source, lines=True) as judge:
        judged = judge.judge(
            pa.array(body.records, pa.binary()), np.zeros(len(places), dtype=np.int64), places,
            count=1, arrived_at=instant_of(delivery.arrived_at),
        )  # fmt: skip
    load.append(alone(judged.verdict))
    return judged.verdict.account
