"""The judge of many small deliveries at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.judge.assertions import assertion_rows
from trivium.engine.judge.csv_plan import captured_scopes, csv_plan
from trivium.engine.judge.hearing import is_json
from trivium.engine.judge.json_plan import json_plan
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.naming import check_due, cut_off_of
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.parts import Judged, judge_parts
from trivium.engine.judge.plan import Plan
from trivium.engine.judge.session import Session
from trivium.engine.reading import RawChunk
from trivium.engine.reading.bundling import Bundled
from trivium.engine.verdict import PART, Account, Verdict
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.encodings import UTF8
from trivium.model.formats import Csv, JsonFile
from trivium.model.source import Source

_CUT_OFF: Final = "n_at"
_AS_IT_IS: Final[dict[str, Any]] = {
    "escape": None, "header": True, "columns": None, "skip": 0, "comment": None, "encoding": UTF8,
}  # fmt: skip
"""What a dialect must not have declared, so that a file's lines behind the first are the same behind another's."""


def can_bundle(source: Source) -> bool:
    """Whether deliveries of a source are judged together as they are one by one. What counts over a whole delivery, or
    is compared with what its sender says of it, is left to a judge of its own."""
    terms = source.terms
    if terms.trailer or terms.unknown == "refuse" or ordinals_of(source).columns:
        return False
    if isinstance(source.format, Csv):
        form = source.format
        return dataclasses.replace(form, **_AS_IT_IS) == form
    return source.format == JsonFile()


class BundleJudge:
    """Judges the deliveries of `source` whose names give `captured`, each as `Judge` would by itself.

    Only for sources that `can_bundle`. `asserted_at` is as for `Judge`, one for each. `unfit` are those, by number, of
    which it cannot be said: their names give no date, or no scope, or an instant that is not due; the caller has them
    judged one by one. Raises RefusedDelivery where none can be judged by its declaration.
    """

    def __init__(
        self,
        domain: Domain,
        source: Source,
        captured: Sequence[Mapping[str, str]],
        *,
        arrived_at: int,
        asserted_at: Sequence[int | None] = (),
    ) -> None:
        self._domain, self._source, self._count = domain, source, len(captured)
        self._session = Session()
        self._latest = arrived_at + source.max_ahead * 1_000_000
        self.unfit: set[int] = set()
        told = asserted_at or [None] * len(captured)
        self._cut_offs = [self._cut_off(number, *one) for number, one in enumerate(zip(captured, told, strict=True))]
        names = source.files.captures if source.files else ()
        self._names = {
            name: f"n{number}" for number, name in enumerate(n for n in names if captured and n in captured[0])
        }
        self._values: dict[str, Any] = {
            column: pa.array([values[name] for values in captured], pa.string()) for name, column in self._names.items()
        }
        self._values[_CUT_OFF] = pa.array(self._cut_offs, pa.int64())
        self._plan: Plan | None = None
        self._scopes = self._captured_scopes()

    def judge(self, bundled: Bundled, chunk: RawChunk) -> Judged:
        """The verdict on the next records of the bundle, of whose members `captured` was told."""
        taken: Any = pa.array(bundled.part_of(chunk.place.to_numpy()))
        beside = {name: values.take(taken) for name, values in self._values.items()}
        judged = judge_parts(self._session, self._source, self._planned(chunk), chunk, bundled, self._count, beside)
        self._add_scopes(judged)
        return judged

    def finish(self) -> Verdict:
        """What the deliveries as a whole assert. Called once, after the last chunk."""
        if not self._source.asserts or not self._scopes:
            return Verdict(Account())
        shape, parts = self._source.routes[0].shape, list(self._source.asserts)
        order: Any = [(name, "ascending") for name in (PART, *parts)]
        scopes = pa.concat_tables(self._scopes).group_by([PART, *parts]).aggregate([]).sort_by(order)
        count = scopes.num_rows
        if not count:
            return Verdict(Account())
        at = pa.array(self._cut_offs, pa.int64()).take(scopes[PART].combine_chunks())
        none = pa.array([-1] * count, pa.int64())
        rows = assertion_rows(shape, parts, scopes, at, none, pa.nulls(count, pa.int64()))
        return Verdict(Account(), assertions={shape.name: rows.append_column(PART, scopes[PART])})

    @property
    def unread(self) -> tuple[str, ...]:
        """As of `Judge`."""
        return self._plan.unread if self._plan else ()

    @property
    def absent(self) -> tuple[str, ...]:
        """As of `Judge`."""
        return self._plan.absent if self._plan else ()

    def close(self) -> None:
        """Lets go of what the judge holds. Idempotent."""
        self._session.close()

    def __enter__(self) -> BundleJudge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _cut_off(self, number: int, captured: Mapping[str, str], asserted_at: int | None) -> int | None:
        try:
            found = cut_off_of(self._source, captured) if asserted_at is None else asserted_at
            check_due(self._source, Clock(self._latest, found))
        except RefusedDelivery:
            self.unfit.add(number)
            return None
        return found

    def _planned(self, chunk: RawChunk) -> Plan:
        if self._plan is None:
            header = chunk.table.column_names
            timed = self._source.cut_off is not None or self._source.terms.gives_cut_off
            clock = Clock(self._latest, _CUT_OFF if timed else None)
            beside = (*self._names.values(), _CUT_OFF, PART)
            if is_json(self._source, header):
                self._plan = json_plan(self._session, self._domain, self._source, clock, self._names, beside=beside)
            else:
                self._plan = csv_plan(
                    self._session, self._domain, self._source, clock, header, self._names, beside=beside
                )
        return self._plan

    def _captured_scopes(self) -> list[Any]:
        """The scopes that the names give, where they give all of it."""
        if not self._source.asserts or not self._count:
            return []
        rows = np.arange(self._count, dtype=np.int64)
        table = pa.table({**self._values, "_row": rows, "_place": rows})
        self._session.show("names", table)
        found = captured_scopes(self._session, self._domain, self._source, Clock(self._latest, 0), self._names, "names")
        if found is None:
            return []
        good = found["_ok"].combine_chunks()
        self.unfit |= set(found.filter(pc.invert(good))["_row"].to_pylist())
        scopes = found.filter(good).select(["_row", *self._source.asserts])
        return [scopes.rename_columns([PART, *self._source.asserts])]

    def _add_scopes(self, judged: Judged) -> None:
        if not self._source.asserts:
            return
        parts = [PART, *self._source.asserts]
        table = judged.verdict.statements.get(self._source.routes[0].shape.name)
        if table is not None:
            self._scopes.append(table.select(parts).group_by(parts).aggregate([]))
        if judged.scopes is not None:
            self._scopes.append(judged.scopes.select(parts))
