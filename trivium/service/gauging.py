"""The figures of a running service at a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from trivium.errors import TriviumError
from trivium.ops.metrics import Gauge
from trivium.service.supervising import Board
from trivium.service.tending import Tending


def gauges(board: Board, tendings: Sequence[Tending]) -> Iterator[Gauge]:
    """The figures of this moment."""
    for one in board.all():
        labels = (("domain", one.domain), ("part", one.part))
        about = "1 where a part runs, 0 where it fails, stands by, or starts."
        yield Gauge("trivium_part_up", about, labels, one.state == "running")
    for tending in tendings:
        try:
            yield from _of_domain(tending)
        except TriviumError:  # the store is away, as its part says
            continue


def _of_domain(tending: Tending) -> Iterator[Gauge]:
    domain = tending.domain.name
    calls, opened = tending.calls, tending.opened
    for source, waiting in (calls.waiting() if calls else {}).items():
        about = "Requests that wait to be judged."
        yield Gauge("trivium_waiting_requests", about, (("domain", domain), ("source", source)), waiting)
    now = time.time()
    for stream in tending.streams:
        for part, lag in stream.lag().items():
            labels = (
                ("domain", domain), ("source", stream.source.name),
                ("topic", part.topic), ("partition", str(part.partition)),
            )  # fmt: skip
            if lag.behind is not None:
                yield Gauge("trivium_lag_records", "Messages that are not read yet.", labels, lag.behind)
                about = "Age of the oldest message that is not read yet."
                yield Gauge("trivium_lag_seconds", about, labels, lag.age(now))
    if opened is not None:
        tail = opened.store.reader.commit() - opened.store.control.consolidated()
        about = "Commits that the master does not hold yet."
        yield Gauge("trivium_tail_commits", about, (("domain", domain),), tail)
        for source, count in opened.store.control.quarantined().items():
            about = "Rejected records that are open."
            yield Gauge("trivium_quarantined_records", about, (("domain", domain), ("source", source)), count)
