"""Whether a topic is the one that was read before: one that is deleted and made anew keeps its name, and its offsets
stand for other messages."""

from __future__ import annotations

import time
from typing import Final, NoReturn

from trivium.engine.verdict import Account, Verdict
from trivium.errors import Outrun, TriviumError
from trivium.model.source import Source
from trivium.ports import Broker, Finding, Handful, Position, Store

_AGAIN: Final = 30.0
"""Seconds after which it is asked again where nobody could say."""
_BY: Final = "#"
"""Between a topic, in whose name it cannot be, and its identity: a position of this name says that this is the one."""


class Identity:
    """Of the topic of one source. It is kept beside the positions, before anything of the topic is."""

    def __init__(self, store: Store, source: Source, broker: Broker) -> None:
        assert source.topic is not None
        self._store, self._source, self._broker, self._topic = store, source.name, broker, source.topic
        self._told = self._known = False
        self._asked = 0.0

    @property
    def wanted(self) -> bool:
        """Whether it is not known, and may be asked for again."""
        return not self._known and time.monotonic() > self._asked + _AGAIN

    def check(self) -> None:
        """Raises TriviumError where the topic is another than it was. One that is not there yet, or whose broker tells
        no identities, stays unknown."""
        self._asked = time.monotonic()
        found = self._broker.identity(self._topic)
        if found is None:
            return
        kept = self._kept()
        if kept is None:
            kept = self._keep(found)
        if kept != found:
            self.is_anew(f"its identity is {found}, and was {kept}")
        self._known = True

    def is_anew(self, why: str) -> NoReturn:
        """Writes down once what has happened, and raises it."""
        told = f"the topic {self._topic} was made anew: {why}"
        if not self._told:
            finding = Finding("anew", self._topic, f"{told}; nothing of it is read")
            self._store.history.take(self._source, Handful(Verdict(Account()), (), findings=[finding]))
            self._told = True
        raise TriviumError(
            told,
            hint="nothing of it is read, for its offsets stand for other messages than those that were. Name another "
            "topic, or a new source, for what it holds now",
        )

    def _kept(self) -> str | None:
        begins = f"{self._topic}{_BY}"
        found = [part for part in self._store.history.positions(self._source) if part.startswith(begins)]
        return found[0].removeprefix(begins) if found else None

    def _keep(self, found: str) -> str:
        position = Position(f"{self._topic}{_BY}{found}", None, 0)
        try:
            self._store.history.take(self._source, Handful(Verdict(Account()), (), [position]))
        except Outrun:  # another process was quicker
            return self._kept() or found
        return found
