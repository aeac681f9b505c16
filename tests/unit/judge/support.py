"""A delivery judged, in one call."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from trivium import Domain, Source
from trivium.engine.judge import Judge, Session
from trivium.engine.reading import read
from trivium.engine.verdict import Account, Total

ARRIVED = 1_800_000_000_000_000
"""2027-01-15T08:00:00Z."""


@dataclass(frozen=True)
class Judged:
    """All verdicts on a delivery together, as rows."""

    account: Account
    statements: dict[str, list[dict[str, Any]]]
    assertions: dict[str, list[dict[str, Any]]]
    mentions: dict[str, list[dict[str, Any]]]
    rejected: list[dict[str, Any]]
    totals: dict[str, Total] = field(default_factory=dict)

    def reasons(self, number: int = 0) -> list[tuple[str, str | None]]:
        """Rule and field of every reason of a rejected record."""
        return [(reason["rule"], reason["field"]) for reason in self.rejected[number]["reasons"]]


@cache
def shared() -> Session:
    """The session of all tests of this process."""
    return Session(threads=1, memory="500MB")


def judge(
    domain: Domain,
    source: str,
    data: bytes | str,
    *,
    captured: Mapping[str, str] | None = None,
    arrived_at: int = ARRIVED,
    asserted_at: int | None = None,
    chunk_bytes: int = 1 << 20,
) -> Judged:
    """The verdict of a new judge on a whole delivery. All share a session, as deliveries of a service do."""
    declared: Source = domain.source(source)
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    chunks = read(declared.format, stream, chunk_bytes=chunk_bytes)
    found = Judged(Account(), {}, {}, {}, [])
    account = Account()
    with Judge(
        domain, declared, arrived_at=arrived_at, captured=captured, asserted_at=asserted_at, session=shared()
    ) as judge:
        verdicts = [judge.judge(chunk) for chunk in chunks]
        verdicts.append(judge.finish())
    for verdict in verdicts:
        assert verdict.account.balances
        account += verdict.account
        for name, total in verdict.totals.items():
            found.totals[name] = found.totals.get(name, Total()) + total
        for rows, tables in (
            (found.statements, verdict.statements),
            (found.assertions, verdict.assertions),
            (found.mentions, verdict.mentions),
        ):
            for entity, table in tables.items():
                assert table.num_rows
                rows.setdefault(entity, []).extend(table.to_pylist())
        if verdict.rejected is not None:
            for row in verdict.rejected.to_pylist():
                found.rejected.append(row | {"reasons": json.loads(row["reasons"])})
    for row in found.rejected:
        assert row["reasons"], f"rejected without a reason: {row}"
        assert all(reason["rule"] and reason["message"] for reason in row["reasons"])
    for rows in (found.statements, found.mentions):
        for entity in rows:
            rows[entity].sort(key=lambda row: row["_place"])
    return Judged(account, found.statements, found.assertions, found.mentions, found.rejected, found.totals)
