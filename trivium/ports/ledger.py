"""Which files were seen in inboxes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from trivium.engine.sighting import Sighting, State


class Turn(Protocol):
    """The right to take the files of a source. It ends when it is closed, and with its process."""

    def check(self) -> None:
        """Raises StoreError where it is lost: the connection that held it broke."""

    def close(self) -> None:
        """Gives it up."""


class Ledger(Protocol):
    """The files seen in inboxes. It is what people are shown, and spares reading again what is settled; that nothing is
    taken twice rests on `History.known` alone."""

    def write(self, sightings: Sequence[Sighting], *, outgrown: Sequence[Sighting] = ()) -> None:
        """Keeps them, all or none, each in the place of what was kept of the same content of the same file. In the same
        breath it forgets those that are `outgrown`: contents that were never taken, and grew on under their names."""

    def sightings(
        self,
        source: str | None = None,
        *,
        delivery: str | None = None,
        files: Sequence[str] | None = None,
        states: Collection[State] | None = None,
    ) -> list[Sighting]:
        """What was kept, in the order in which the files were seen; of all, or of those of a source, of a delivery, of
        these files, in these states."""

    def counts(self) -> dict[tuple[str, State], int]:
        """How many contents there are of each source in each state."""

    def turn(self, source: str) -> Turn:
        """The right to take the source's files into this store, which one process has at a time: two would tell of the
        same files. Raises StoreBusy while another has it."""
