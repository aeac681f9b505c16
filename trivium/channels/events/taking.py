"""Messages judged together and committed together with their positions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pyarrow as pa

from trivium.channels.events.ranges import delivery_of
from trivium.engine.judge.handfuls import parts_of
from trivium.engine.judge.messages import MessageJudge, columns_of
from trivium.engine.verdict import Verdict
from trivium.model.domain import Domain
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Account, Finding, Handful, Lost, Messages, Part, Position, Store


@dataclass(frozen=True, slots=True)
class Taken:
    """What was committed: the account of all messages, in which commit (None: there were none), and up to where the
    partitions are read now."""

    account: Account
    commit: int | None
    positions: Mapping[Part, int]


class Taking:
    """Takes the messages of one source. Used by one thread at a time.

    Every message is taken once: the position of its partition moves in the transaction that writes it, and only from
    where this one read it.
    """

    def __init__(self, store: Store, domain: Domain, source: Source) -> None:
        self._store, self._source = store, source
        self._judge = MessageJudge(domain, source)

    def take(self, came: Sequence[Messages | Lost], before: Mapping[Part, int | None], now: dt.datetime) -> Taken:
        """Judges and commits what came, each partition from its position `before`. Durable when it returns.

        Raises Outrun where another process has read on: nothing of it was taken then.
        """
        messages = _whole(came)
        told, verdict, account = list[Any](), Verdict(Account()), Account()
        if messages:
            part, _ = parts_of([one.table.num_rows for one in messages])
            topics, partitions = columns_of([(one.part.topic, one.part.partition) for one in messages])
            judged = self._judge.judge(
                pa.concat_tables([one.table for one in messages]), part,
                topics=topics, partitions=partitions, count=len(messages), arrived_at=instant_of(now),
            )  # fmt: skip
            verdict, account = judged.verdict, judged.verdict.account
            told = [
                (delivery_of(self._source, one, now), of_it)
                for one, of_it in zip(messages, judged.accounts, strict=True)
            ]
        reached = {one.part: one.after if isinstance(one, Messages) else one.there for one in came}
        positions = [Position(str(part), before.get(part), after) for part, after in sorted(reached.items())]
        findings = [_lost(one) for one in came if isinstance(one, Lost)]
        published = self._store.history.take(self._source.name, Handful(verdict, told, positions, findings=findings))
        return Taken(account, published[0].commit if published else None, reached)

    def close(self) -> None:
        """Lets go of what it holds. Idempotent."""
        self._judge.close()

    def __enter__(self) -> Taking:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _whole(came: Sequence[Messages | Lost]) -> list[Messages]:
    """The messages, those of one partition in one, as far as nothing was lost between them."""
    found: dict[tuple[Part, int], list[Messages]] = {}
    gaps: dict[Part, int] = {}
    for one in came:
        if isinstance(one, Lost):
            gaps[one.part] = gaps.get(one.part, 0) + 1
        elif one.table.num_rows:
            found.setdefault((one.part, gaps.get(one.part, 0)), []).append(one)
    return [
        Messages(part, pa.concat_tables([one.table for one in several]), several[-1].after)
        for (part, _), several in found.items()
    ]


def _lost(lost: Lost) -> Finding:
    many = lost.there - lost.wanted
    told = (
        f"{many:,} offset{'' if many == 1 else 's'}, {lost.wanted} to {lost.there - 1}, were deleted before they were "
        "read; what they said has to be sent again"
    )
    return Finding("lost", str(lost.part), told)
