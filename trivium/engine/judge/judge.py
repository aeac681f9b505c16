"""The judge of one delivery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType

from trivium.engine.embedded import MEMORY
from trivium.engine.judge.assertions import Wholes
from trivium.engine.judge.csv_plan import captured_scope, csv_plan
from trivium.engine.judge.hearing import hear, is_json
from trivium.engine.judge.json_plan import json_plan
from trivium.engine.judge.mapping import Clock
from trivium.engine.judge.naming import check_due, cut_off_of, literals
from trivium.engine.judge.ordinals import ordinals_of
from trivium.engine.judge.plan import Plan
from trivium.engine.judge.session import Session
from trivium.engine.reading import RawChunk
from trivium.engine.verdict import Account, Verdict
from trivium.model.domain import Domain
from trivium.model.source import Source


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
        captured = captured or {}
        self._domain, self._source, self._captured = domain, source, literals(captured)
        cut_off = cut_off_of(source, captured) if asserted_at is None else asserted_at
        self._clock = Clock(arrived_at + source.max_ahead * 1_000_000, cut_off)
        check_due(source, self._clock)
        self._own = session is None
        self._session = session or Session(threads=threads, memory=memory)
        self._plans: dict[tuple[str, ...], Plan] = {}
        scope = captured_scope(self._session, domain, source, self._clock, captured)
        self._wholes = Wholes(source, scope, cut_off)
        ordinals_of(source).begin(self._session)

    def judge(self, chunk: RawChunk) -> Verdict:
        """The verdict on the next records of the delivery."""
        plan = self._plan(chunk.table.column_names)
        heard = hear(self._session, self._source, plan, chunk)
        self._wholes.add(heard.verdict.statements, heard.scopes)
        return heard.verdict

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
            if is_json(self._source, header):
                known = json_plan(self._session, self._domain, self._source, self._clock, self._captured)
            else:
                known = csv_plan(self._session, self._domain, self._source, self._clock, header, self._captured)
            self._plans[tuple(header)] = known
        return known
