"""A caller of `trivium.ports.Consumer` as it should be."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress

from trivium.adapters.events import open_broker
from trivium.errors import BrokerError
from trivium.ports import MESSAGES, Anew, Lost, Messages, Part

NOTICE = 0.3
_SECONDS = 25.0


class Reader:
    """It keeps what it read together with the positions, and holds the consumer to the order of the offsets. `kept` is
    its store."""

    def __init__(
        self, url: str, *topics: str, group: str, kept: dict[Part, int] | None = None, member: str | None = None
    ) -> None:
        self.kept = {} if kept is None else kept
        self.seen: list[tuple[Part, int, bytes | None]] = []
        self.told: list[Lost | Anew] = []
        self.asked: list[Part] = []
        self.taken: list[Part] = []
        self.consumer = open_broker(url).consumer(
            group, topics, positions=self.positions, released=self.released, member=member, notice=NOTICE
        )

    def positions(self, parts: Sequence[Part]) -> Mapping[Part, int | None]:
        self.asked += parts
        return {part: self.kept.get(part) for part in parts}

    def released(self, parts: Collection[Part]) -> None:
        self.taken += parts

    def poll(self, seconds: float = 0.2, most: int = 10_000) -> int:
        """How many messages came."""
        rows = 0
        for one in self.consumer.poll(seconds, most):
            if isinstance(one, Messages):
                self.keep(one)
                rows += one.table.num_rows
            else:
                self.told.append(one)
        assert rows <= most
        return rows

    def keep(self, piece: Messages) -> None:
        assert piece.table.schema == MESSAGES
        offsets: list[int] = piece.table.column("offset").to_numpy().tolist()
        bounds = [self.kept.get(piece.part, 0), *offsets]
        assert all(one <= another for one, another in zip(bounds, offsets, strict=False)), f"{piece.part}: {bounds}"
        assert sorted(set(offsets)) == offsets
        assert piece.after > max([self.kept.get(piece.part, -1), *offsets])
        self.seen += zip([piece.part] * len(offsets), offsets, piece.table.column("value").to_pylist(), strict=True)
        self.kept[piece.part] = piece.after

    def until(self, what: Callable[[], object], seconds: float = _SECONDS) -> None:
        """Polls until it is so; what is the matter meanwhile does not matter."""
        until = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < until, f"not within {seconds} s: {self.consumer.trouble}, {self.values()[-3:]}"
            with suppress(BrokerError):
                self.poll()

    def until_raised(self, seconds: float = _SECONDS) -> None:
        """Polls until something is raised."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.poll()

    def read(self, count: int) -> list[bytes | None]:
        self.until(lambda: len(self.seen) >= count)
        return self.values()

    def values(self) -> list[bytes | None]:
        return [value for _, _, value in self.seen]

    def close(self) -> None:
        self.consumer.close()


def numbered(count: int, first: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(first, first + count)]
