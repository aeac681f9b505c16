"""The partitions that are ours just now, and from where they are read."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, KafkaException, TopicPartition

from trivium.adapters.events.session import Session
from trivium.ports import Anew, Lag, Lost, Part, Positions

_PATIENCE: Final = 0.2
"""Seconds to wait for the bounds of a partition."""
_AGAIN: Final = 1.0


@dataclass(slots=True)
class Held:
    """A partition that is ours. `next`: the offset to read, None while it is not known. `still`: it is not read, for it
    is another than it was. `stray_at`: when to look why it cannot be read where it should be, and `looks`, how often
    that was done. `end`: the broker's; `ended_at`, when it was last reached, and `dated`, the time of the last message:
    microseconds since 1970."""

    next: int | None
    still: bool = False
    stray_at: float | None = None
    looks: int = 0
    end: int | None = None
    ended_at: int = 0
    dated: int = 0

    def lag(self) -> Lag:
        if self.next is None or self.end is None or self.end <= self.next:
            return Lag(self.next, self.end if self.next is None else self.next, None)
        return Lag(self.next, self.end, max(self.ended_at, self.dated) or None)


class Assignment:
    """Every change of it is told to the driver at once, which has nothing in hand of what is not held."""

    def __init__(self) -> None:
        self.held: dict[Part, Held] = {}
        self.waiting: set[Part] = set()
        """Given to us, and not begun: where to begin is not known yet."""
        self._anew: dict[Part, int] = {}
        """Told to be anew, with what was wanted of them, and not moved since."""
        self._paused = False

    def begin(self, session: Session, positions: Positions) -> None:
        """Begins what waits. What `positions` raises goes through, and it all waits on."""
        parts = sorted(self.waiting)
        found = positions(parts) if parts else {}
        for part in parts:
            position = found.get(part)
            if position is not None and position < 0:
                raise ValueError(f"{position} is no position of {part}")
        session.driver.incremental_assign([at(part, found.get(part)) for part in parts])
        self.waiting.clear()
        for part in parts:
            held = self.held[part] = Held(found.get(part))
            if self._anew.get(part, -1) == held.next:
                held.stray_at = 0.0  # nobody has moved it: it is told again
            else:
                self._anew.pop(part, None)
        if self._paused:
            session.driver.pause([at(part) for part in parts])

    def end(self, session: Session, parts: Collection[Part]) -> None:
        """They are no longer ours."""
        self.waiting.difference_update(parts)
        ours = [part for part in parts if self.held.pop(part, None) is not None]
        session.driver.incremental_unassign([at(part) for part in ours])

    def clear(self) -> list[Part]:
        """None is ours any more; those that were, for a driver that is about to be closed."""
        parts = [*self.held, *self.waiting]
        self.held.clear()
        self.waiting.clear()
        return parts

    def move(self, session: Session, part: Part, position: int | None) -> None:
        """Reads it from there, also where it stood still."""
        held = self.held[part]
        self._anew.pop(part, None)
        held.still, held.stray_at = False, None
        session.driver.resume([at(part)])
        self.restart(session, part, position)

    def restart(self, session: Session, part: Part, position: int | None) -> None:
        """What the driver has in hand of it is thrown away. A seek does not do: of a partition that stopped by an error
        it is ignored."""
        self.held[part].next = position
        session.driver.incremental_unassign([at(part)])
        session.driver.incremental_assign([at(part, position)])
        if self._paused:
            session.driver.pause([at(part)])

    def pause(self, session: Session) -> None:
        """Nothing is fetched any more. Idempotent."""
        if not self._paused:
            self._paused = True
            session.driver.pause([at(part) for part in self.held])

    def resume(self, session: Session) -> None:
        """Goes on, but for what stands still. Idempotent."""
        if self._paused:
            self._paused = False
            session.driver.resume([at(part) for part, held in self.held.items() if not held.still])

    def strays(self, session: Session) -> list[Lost | Anew]:
        """What has become of the partitions that cannot be read where they should be."""
        found: list[Lost | Anew] = []
        for part, held in self.held.items():
            if held.stray_at is None or held.stray_at > time.monotonic():
                continue
            try:
                there, end = session.driver.get_watermark_offsets(at(part), timeout=_PATIENCE)
            except KafkaException:
                held.stray_at = time.monotonic() + _AGAIN
                break  # the others have no better prospects: one wait is enough
            held.stray_at = None
            if held.next is not None and part in self._anew:
                found.append(self._stop(session, part, end))
            elif held.next is not None and held.next < there:
                found.append(Lost(part, held.next, there))
                self.restart(session, part, there)
            elif held.next is not None and held.next > end and not held.looks:
                # Nobody goes on from there by himself, so it has to be sure: not the word of a broker that lags.
                held.looks, held.stray_at = 1, time.monotonic() + _AGAIN
            elif held.next is not None and held.next > end:
                found.append(self._stop(session, part, end))
            else:  # it was for a moment, such as while its leader moved
                self.restart(session, part, held.next)
        return found

    def remade(self, session: Session, topics: Collection[str], ends: Mapping[Part, int]) -> list[Anew]:
        """Stops those of these topics of which something was read."""
        found = []
        for part, held in self.held.items():
            if part.topic in topics and held.next and not held.still:
                found.append(self._stop(session, part, ends.get(part, 0)))
        return found

    def _stop(self, session: Session, part: Part, end: int) -> Anew:
        held = self.held[part]
        assert held.next is not None
        session.driver.pause([at(part)])
        held.still = True
        self._anew[part] = held.next
        return Anew(part, held.next, end)


def at(part: Part, position: int | None = None) -> TopicPartition:
    """As the driver calls it; without a position it is the earliest that there is."""
    return TopicPartition(part.topic, part.partition, OFFSET_BEGINNING if position is None else position)


def parts_of(driven: Sequence[TopicPartition]) -> list[Part]:
    """As we call them."""
    return [Part(one.topic, one.partition) for one in driven]
