"""A file in an inbox, from the moment it is seen to what became of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, Literal

State = Literal[
    "waiting", "loading", "failing", "loaded", "known", "held", "refused", "unexpected", "vanished"
]  # fmt: skip

NEXT: Final[dict[State, frozenset[State]]] = {
    "waiting": frozenset({"loading", "refused", "unexpected", "vanished"}),
    "loading": frozenset({"waiting", "failing", "loaded", "known", "held", "refused", "vanished"}),
    "failing": frozenset({"loading", "refused", "vanished"}),
    "loaded": frozenset(),
    "known": frozenset(),
    "held": frozenset(),
    "refused": frozenset(),
    "unexpected": frozenset({"waiting", "vanished"}),
    "vanished": frozenset({"waiting", "unexpected"}),
}
"""The life of a file. `waiting`: seen, and not known to be whole; `why` is what it waits for. `loading`: being read.
`failing`: what is needed to take it was not to be had; it is tried again. `loaded`, `known`, `held`, `refused`: what
became of it, see `channels.batch.Loaded`. `unexpected`: it is called like no source's file. `vanished`: somebody took
it away before it was settled, or put another in its place while a service that read it ended. What grows before it was
taken does not vanish: its life goes on under another mark."""

SETTLED: Final[frozenset[State]] = frozenset(state for state, following in NEXT.items() if not following)
"""Nothing more is done with a file in one of these, until another content has its name."""

UNDER_WAY: Final[frozenset[State]] = frozenset(NEXT) - SETTLED - {"vanished"}
"""A file in one of these lies there, and something is still to be done with it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One content of one file of an inbox, and how far it got. Times are aware and UTC; `seen_at` is when the name was
    seen first, if it only grew since.

    `file` is its full name, `mark` tells its content from others under the same name. `done` and `received` are the
    bytes read and the records received so far, `load_no` the load that took it, `why` what was the matter, `moved_to`
    where it was put; empty where it was left, and is not there any more.
    """

    source: str
    file: str
    mark: str
    size: int
    state: State
    seen_at: dt.datetime
    changed_at: dt.datetime
    delivery: str | None = None
    load_no: int | None = None
    done: int = 0
    received: int = 0
    why: str | None = None
    moved_to: str | None = None

    def become(self, state: State, now: dt.datetime, **more: object) -> Sighting:
        """The same file in its next state."""
        assert state == self.state or state in NEXT[self.state], f"a {self.state} file cannot become {state}"
        return replace(self, state=state, changed_at=now, **more)  # type: ignore[arg-type]

    @property
    def settled(self) -> bool:
        """Whether nothing more is done with it."""
        return self.state in SETTLED

    @property
    def lies_elsewhere(self) -> bool:
        """Whether it is known not to lie there any more: what has its name now came later, though it look the same."""
        return self.state == "vanished" or (self.settled and self.moved_to is not None)
