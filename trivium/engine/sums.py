"""What sources sent, in sums that are carried on: what is committed stays, so only what came since is added."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from trivium.engine.verdict import Account

_NONE: Final = Account()


@dataclass(frozen=True, slots=True)
class Sum:
    """What a source sent. `deliveries`: the readings with rows that count, `account` is theirs; `last_arrival` that of
    any reading, naive and UTC; `held` those that wait for somebody; `again`: how often known bytes came again."""

    deliveries: int = 0
    account: Account = _NONE
    last_arrival: dt.datetime | None = None
    held: int = 0
    again: int = 0

    def __add__(self, other: Sum) -> Sum:
        arrivals = [at for at in (self.last_arrival, other.last_arrival) if at is not None]
        return Sum(
            self.deliveries + other.deliveries,
            self.account + other.account,
            max(arrivals, default=None),
            self.held + other.held,
            self.again + other.again,
        )


class Sums:
    """The sums of all sources up to a commit, whatever of them counts. Used by one thread at a time."""

    def __init__(self) -> None:
        self.commit = 0
        self._settled: dict[str, Sum] = {}

    def told(
        self,
        commit: int,
        came: Iterable[Sequence[Any]],
        uncounted: Iterable[Sequence[Any]],
        held: Mapping[str, int],
        again: Mapping[str, int],
    ) -> dict[str, Sum]:
        """The sums of what counts, of the rows of the statements `sums`, after `self.commit` and settled up to
        `commit`, and `uncounted`. What is settled is not asked for again."""
        fresh: dict[str, Sum] = {}
        for source, settled, readings, arrived, *account in came:
            one = Sum(int(readings), Account(*map(int, account)), arrived)
            into = self._settled if settled else fresh
            into[source] = into.get(source, Sum()) + one
        self.commit = max(commit, self.commit)
        found = dict(self._settled)
        for source, one in fresh.items():
            found[source] = found.get(source, Sum()) + one
        for source, readings, *account in uncounted:
            found[source] = found.get(source, Sum()) + Sum(-int(readings), Account(*(-int(n) for n in account)))
        for source in {*held, *again}:
            one = found.get(source, Sum())
            found[source] = replace(one, held=held.get(source, 0), again=again.get(source, 0))
        return found
