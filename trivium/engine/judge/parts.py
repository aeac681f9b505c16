"""One chunk of the records of several deliveries, judged by one plan, and told of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from trivium.engine.judge.hearing import hear
from trivium.engine.judge.plan import Plan
from trivium.engine.judge.session import Session
from trivium.engine.reading import RawChunk
from trivium.engine.verdict import PART, Account, Total, Verdict
from trivium.model.source import Source


class Placing(Protocol):
    """Where the records of a chunk stand in the deliveries that they are of."""

    def part_of(self, place: Any) -> Any:
        """Which delivery each place is in, by its number."""

    def own_place(self, place: Any, part: Any) -> Any:
        """The places in the deliveries themselves."""

    def own_line(self, place: Any, part: Any) -> Any:
        """The lines of them there, as a pa.Int64Array; null where there are no lines."""

    def own_offset(self, offset: Any, part: Any) -> Any:
        """The offsets (bytes) in the deliveries themselves, as a pa.Int64Array; null where they have none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged of several deliveries. In the tables of `verdict` a column `_part` says which one a row is of,
    and places, lines and offsets are those in the delivery itself. `accounts` and `totals` have one for each delivery,
    `verdict.account` and `verdict.totals` are their sums. `scopes`: as of `hearing.Heard`."""

    verdict: Verdict
    accounts: list[Account]
    totals: list[dict[str, Total]]
    scopes: Any | None


def judge_parts(
    session: Session,
    source: Source,
    plan: Plan,
    chunk: RawChunk,
    placing: Placing,
    count: int,
    beside: Mapping[str, Any] | None = None,
) -> Judged:
    """Judges a chunk of the records of `count` deliveries. `beside`: as for `hear`."""
    part = placing.part_of(chunk.place.to_numpy())
    heard = hear(session, source, plan, chunk, {**(beside or {}), PART: pa.array(part)})
    verdict = heard.verdict

    def own(table: Any) -> Any:
        return _own(placing, table)

    def counted(parts: Any) -> Any:
        return np.bincount(parts, minlength=count)

    rejected = None if verdict.rejected is None else _own_rejects(placing, verdict.rejected)
    torn = placing.part_of(chunk.torn["place"].to_numpy())
    received = counted(part) + counted(torn)
    refused = counted(np.empty(0, dtype=np.int64) if rejected is None else rejected[PART].to_numpy())
    ignored = counted(placing.part_of(heard.ignored))
    accounts = [
        Account(int(r), int(r - b - i), int(b), int(i)) for r, b, i in zip(received, refused, ignored, strict=True)
    ]
    told = dataclasses.replace(
        verdict,
        statements={name: own(table) for name, table in verdict.statements.items()},
        assertions={name: own(table) for name, table in verdict.assertions.items()},
        mentions={name: own(table) for name, table in verdict.mentions.items()},
        rejected=rejected,
    )
    totals = [
        {
            name: heard.totals.get(number, {}).get(name, Total()) + Total(unread=int(lost))
            for name in source.terms.totals
        }
        for number, lost in enumerate(counted(torn))
    ]
    return Judged(told, accounts, totals, None if heard.scopes is None else own(heard.scopes))


def only_parts(verdict: Verdict, kept: list[int], count: int) -> Verdict:
    """What is said of those of `count` deliveries that are `kept`, which are numbered anew in this order."""
    own = np.full(count, -1, dtype=np.int64)
    own[kept] = np.arange(len(kept))

    def only(table: Any) -> Any:
        parts = own[table[PART].to_numpy()]
        there = parts >= 0
        table = table.set_column(table.column_names.index(PART), PART, pa.array(parts))
        return table if there.all() else table.filter(pa.array(there))

    return dataclasses.replace(
        verdict,
        statements={name: only(table) for name, table in verdict.statements.items()},
        assertions={name: only(table) for name, table in verdict.assertions.items()},
        mentions={name: only(table) for name, table in verdict.mentions.items()},
        rejected=None if verdict.rejected is None else only(verdict.rejected),
    )


def alone(verdict: Verdict) -> Verdict:
    """A verdict on one delivery, that does not say of which of several it is."""

    def bare(table: Any) -> Any:
        return table.drop_columns([PART])

    return dataclasses.replace(
        verdict,
        statements={name: bare(table) for name, table in verdict.statements.items()},
        assertions={name: bare(table) for name, table in verdict.assertions.items()},
        mentions={name: bare(table) for name, table in verdict.mentions.items()},
        rejected=None if verdict.rejected is None else bare(verdict.rejected),
    )


def _own(placing: Placing, table: Any) -> Any:
    """A table with `_place`, told of the deliveries themselves."""
    places = table["_place"].to_numpy()
    part = placing.part_of(places)
    own = pa.array(placing.own_place(places, part))
    return table.set_column(table.column_names.index("_place"), "_place", own).append_column(PART, pa.array(part))


def _own_rejects(placing: Placing, table: Any) -> Any:
    places = table["place"].to_numpy()
    part = placing.part_of(places)
    own = {
        "place": pa.array(placing.own_place(places, part)),
        "line": placing.own_line(places, part),
        "byte_offset": placing.own_offset(table["byte_offset"].to_numpy(), part),
    }
    for name, values in own.items():
        table = table.set_column(table.column_names.index(name), table.schema.field(name), values)
    return table.append_column(PART, pa.array(part))
