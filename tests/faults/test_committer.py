"""The thread that commits what a stream of events reads, when it cannot even begin."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from tests.running.streamed import streamed
from trivium.service import stream
from trivium.service.opening import Opened
from trivium.service.stream import _Batch, _Committer


class Waiting:
    """A consumer that keeps its partitions while its batches wait."""

    def pause(self) -> None:
        """Nothing to do."""

    def poll(self, seconds: float, most: int) -> None:
        """Nothing comes."""

    def resume(self) -> None:
        """Nothing to do."""


def test_what_fails_at_its_start_is_raised_where_the_service_supervises(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(stream, "Taking", nothing)
    opened: Any = Opened(streamed, None, None)  # type: ignore[arg-type]  # it comes to neither
    consumer: Any = Waiting()
    committer = _Committer(opened, streamed.source("orders"), queue.Queue(1))

    def hand_over() -> None:
        for _ in range(3):  # one is taken, one waits for its turn
            committer.put(_Batch([], {}), consumer)

    with committer, pytest.raises(MemoryError):
        hand_over()
