"""The judge of small deliveries of JSON records, group after group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from trivium.engine.judge.json_plan import json_plan
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.parts import Judged, judge_parts
from trivium.engine.judge.session import Session
from trivium.engine.reading.records import read_records
from trivium.model.domain import Domain
from trivium.model.source import Source

_LATEST: Final = "_latest"


@dataclass(frozen=True, eq=False)
class _Places:
    """See `Placing`: the places of the chunk are 1, 2, 3 …"""

    part: Any
    place: Any
    lines: bool

    def part_of(self, place: Any) -> Any:
        return self.part[np.asarray(place, dtype=np.int64) - 1]

    def own_place(self, place: Any, part: Any) -> Any:
        return self.place[np.asarray(place, dtype=np.int64) - 1]

    def own_line(self, place: Any, part: Any) -> Any:
        return pa.array(self.own_place(place, part)) if self.lines else pa.nulls(len(place), pa.int64())

    def own_offset(self, offset: Any, part: Any) -> Any:
        return pa.nulls(len(offset), pa.int64())


class HandfulJudge:
    """Judges the records of small deliveries of `source`, each as `Judge` would judge its delivery by itself.

    It keeps its plan from one group to the next. `captured`: what expressions read where a record has no such member,
    by the names under which they do, as SQL over the columns `beside` that `judge` is given. `lines`: whether the
    places are told to people as lines. Belongs to one thread at a time.
    """

    def __init__(
        self,
        domain: Domain,
        source: Source,
        *,
        captured: Mapping[str, str] | None = None,
        beside: Sequence[str] = (),
        lines: bool = False,
        session: Session | None = None,
    ) -> None:
        self._source, self._lines = source, lines
        self._own = session is None
        self._session = session or Session()
        self._plan = json_plan(
            self._session, domain, source, Clock(_LATEST, None), captured or {}, beside=[*beside, _LATEST]
        )

    def judge(
        self,
        values: Any,
        part: Any,
        place: Any,
        *,
        count: int,
        arrived_at: int,
        beside: Mapping[str, Any] | None = None,
    ) -> Judged:
        """The verdict on records (`values`, see `read_records`): which of `count` deliveries each is of (`part`), and
        its place there (`place`; both numpy arrays of int64). `beside`: columns of as many rows, always the same.
        `arrived_at`: microseconds since 1970."""
        latest = pa.scalar(arrived_at + self._source.max_ahead * 1_000_000, pa.int64())
        chunk = read_records(values)
        sound = pa.array(chunk.place.to_numpy() - 1)  # what is no text is not among them
        told = {name: column.take(sound) for name, column in (beside or {}).items()}
        told[_LATEST] = pa.repeat(latest, chunk.table.num_rows)
        places = _Places(part, place, self._lines)
        return judge_parts(self._session, self._source, self._plan, chunk, places, count, told)

    def close(self) -> None:
        """Lets go of what the judge holds. Idempotent."""
        if self._own:
            self._session.close()

    def __enter__(self) -> HandfulJudge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def parts_of(lengths: Sequence[int]) -> tuple[Any, Any]:
    """For deliveries of so many records each: which one every record is of, and which of its records it is, from 1."""
    counts = np.asarray(lengths, dtype=np.int64)
    part = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return part, np.arange(1, len(part) + 1, dtype=np.int64) - first[part]
