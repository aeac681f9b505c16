"""The plan of a source: everything that is run over one chunk of its records, made once for a header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from trivium.engine.judge.route import RoutePlan

CHUNK: Final = "chunk"
"""The raw records: `_row` (from 0), `_place`, and either the cells `c0`, `c1` … or the text `json`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That each record is complete for these parts of the key. `plan` gives them, as statements of keys alone."""

    parts: tuple[str, ...]
    plan: RoutePlan


@dataclass(frozen=True, slots=True)
class Plan:
    """`prepare` is run first, `after` last; `relation` then has the records that are not ignored.

    `faults`: rows `_row`, `_place`, `reasons`, `_key`, `_scope`, `_at` for records that are bad in themselves,
    whatever they state; None where there can be none. `unread` are the columns of the header that nothing reads,
    `absent` those that optional attributes would be read from and the header has not. `totals` is as of `totals_sql`.
    """

    relation: str
    routes: tuple[RoutePlan, ...]
    claims: tuple[Claim, ...] = ()
    prepare: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    faults: str | None = None
    unread: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    totals: str | None = None

    @property
    def stated(self) -> tuple[RoutePlan, ...]:
        """Whatever says something of a record."""
        return (*self.routes, *(claim.plan for claim in self.claims))
