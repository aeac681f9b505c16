"""The judge of one delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from trivium.engine.embedded import MEMORY
from trivium.engine.judge.assertions import Wholes, record_assertions
from trivium.engine.judge.csv_plan import captured_scope, csv_plan
from trivium.engine.judge.json_plan import json_plan
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.plan import CHUNK, Plan
from trivium.engine.judge.rejects import NONE, bad_rows, rejects
from trivium.engine.judge.session import Session
from trivium.engine.judge.totals import totals_of
from trivium.engine.plain import instant_text
from trivium.engine.reading import RawChunk
from trivium.engine.verdict import Account, Verdict
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.durations import duration_words
from trivium.model.source import Source
from trivium.model.survivorship import MAX_EVENT_TIME

_OWN = ["_row", "_ok"]


class Judge:
    """Judges the records of one delivery of `source`, chunk by chunk in their order, and at last the delivery.

    `arrived_at` (microseconds since 1970) is the only clock. `captured` are the values that the file's name gives.
    `asserted_at`: the time of which the delivery speaks, where a manifest says so; else its declared cut-off.
    A `session` may be handed from one judge to the next, of one thread; without one the judge has its own, and
    `close` lets go of it. The same chunks give the same verdicts, whatever came before.
    Raises RefusedDelivery where the delivery as a whole cannot be judged by its declaration.
    """

    def __init__(
        self,
        domain: Domain,
        source: Source,
        *,
        arrived_at: int,
        captured: Mapping[str, str] | None = None,
        asserted_at: int | None = None,
        session: Session | None = None,
        threads: int | None = None,
        memory: str = MEMORY,
    ) -> None:
        self._domain, self._source, self._captured = domain, source, dict(captured or {})
        cut_off = _cut_off(source, self._captured) if asserted_at is None else asserted_at
        self._clock = Clock(arrived_at + source.max_ahead * 1_000_000, cut_off)
        _check_due(source, self._clock)
        self._own = session is None
        self._session = session or Session(threads=threads, memory=memory)
        self._plans: dict[tuple[str, ...], Plan] = {}
        scope = captured_scope(self._session, domain, source, self._clock, self._captured)
        self._wholes = Wholes(source, scope, cut_off)
        ordinals_of(source).begin(self._session)

    def judge(self, chunk: RawChunk) -> Verdict:
        """The verdict on the next records of the delivery."""
        plan = self._plan(chunk.table.column_names)
        session, count = self._session, chunk.table.num_rows
        session.show(CHUNK, _chunk_table(self._source, chunk))
        for sql in plan.prepare:
            session.run(sql)
        kept = count if plan.relation == CHUNK else session.row(f"SELECT count(*) FROM {plan.relation}")[0]
        said = [session.arrow(route.statements()) for route in plan.routes]
        claimed = [session.arrow(claim.plan.statements()) for claim in plan.claims]
        faulty = [session.arrow(f"SELECT _row, false AS _ok FROM ({plan.faults})")] if plan.faults else []
        bad = bad_rows([*said, *claimed, *faulty])
        found = rejects(session, self._source, plan, chunk, bad) if len(bad) or chunk.torn.num_rows else NONE
        totals = totals_of(session, self._source, plan.totals, chunk.torn.num_rows)
        for sql in plan.after:
            session.run(sql)
        said = [_accepted(table, bad) for table in said]
        claims = [(claim, _accepted(table, bad)) for claim, table in zip(plan.claims, claimed, strict=True)]
        statements = _by_entity(plan, said)
        self._wholes.add(statements, found.scopes)
        return Verdict(
            Account(chunk.received, kept - len(bad), len(bad) + chunk.torn.num_rows, count - kept),
            statements,
            record_assertions(self._source, plan, said, claims),
            found.mentions,
            found.rejected,
            totals,
        )

    @property
    def unread(self) -> tuple[str, ...]:
        """The columns of the header that nothing reads; none before the first chunk, and none of JSON."""
        return tuple(dict.fromkeys(name for plan in self._plans.values() for name in plan.unread))

    @property
    def absent(self) -> tuple[str, ...]:
        """The columns that optional attributes are mapped to and the header has not, so that they are not stated."""
        return tuple(dict.fromkeys(name for plan in self._plans.values() for name in plan.absent))

    def finish(self) -> Verdict:
        """What the delivery as a whole asserts. Called once, after the last chunk."""
        return Verdict(Account(), assertions=self._wholes.assertions())

    def close(self) -> None:
        """Lets go of what the judge holds. Idempotent."""
        if self._own:
            self._session.close()

    def __enter__(self) -> Judge:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _plan(self, header: Sequence[str]) -> Plan:
        known = self._plans.get(tuple(header))
        if known is None:
            if _is_json(self._source, header):
                known = json_plan(self._session, self._domain, self._source, self._clock, self._captured)
            else:
                known = csv_plan(self._session, self._domain, self._source, self._clock, header, self._captured)
            self._plans[tuple(header)] = known
        return known


def _chunk_table(source: Source, chunk: RawChunk) -> Any:
    table = chunk.table
    if not _is_json(source, table.column_names):
        table = table.rename_columns([f"c{number}" for number in range(table.num_columns)])
    rows = pa.array(np.arange(table.num_rows, dtype=np.int64))
    return table.append_column("_row", rows).append_column("_place", chunk.place)


def _is_json(source: Source, columns: Sequence[str]) -> bool:
    # A source of JSON may be sent CSV over REST; a file of CSV may have a column that is called so.
    return source.format.documents and list(columns) == ["json"]


def _accepted(table: Any, bad: Any) -> Any:
    if len(bad):
        table = table.filter(pa.array(~np.isin(table["_row"].to_numpy(), bad)))
    return table.drop_columns(_OWN)


def _by_entity(plan: Plan, tables: Sequence[Any]) -> dict[str, Any]:
    found: dict[str, list[Any]] = {}
    for route, table in zip(plan.routes, tables, strict=True):
        if table.num_rows:
            found.setdefault(route.shape.name, []).append(table)
    return {name: pa.concat_tables(parts) for name, parts in found.items()}


def _cut_off(source: Source, captured: Mapping[str, str]) -> int | None:
    if source.cut_off is None:
        return None
    value = captured.get(source.cut_off.column, "")
    try:
        # Only this form, and not all that fromisoformat takes.
        day = dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 - a date, which has no zone
    except ValueError as error:
        raise RefusedDelivery(
            f"{source.where}: the file's name gives {source.cut_off.column} as {value!r}, which is no date",
            hint="name the file with the date as YYYY-MM-DD",
        ) from error
    instant = source.cut_off.instant(day)
    if not 0 <= instant <= MAX_EVENT_TIME:
        raise RefusedDelivery(
            f"{source.where}: the file's name gives {source.cut_off.column} as {value}, before 1970 or after 3111",
            hint="look at the date in its name, and rename the file",
        )
    return instant


def _check_due(source: Source, clock: Clock) -> None:
    """Raises RefusedDelivery where a delivery speaks of an instant that it cannot know of yet.

    One record ahead of its time waits alone. A whole file is most likely misnamed, and what it states and asserts
    would go before everything that is sent until then.
    """
    if clock.cut_off is None or clock.cut_off <= clock.latest:
        return
    raise RefusedDelivery(
        f"{source.where}: the delivery's cut-off is {instant_text(clock.cut_off)}, which lies further ahead of its "
        f"arrival than max_ahead allows: {duration_words(source.max_ahead)}",
        hint="look at the date in its name: rename the file, send it when it is due, or declare another max_ahead",
    )
