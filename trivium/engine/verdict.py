"""What the judge made of records, and the account of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, Overflow
from typing import Final

import pyarrow as pa

EXACTLY: Final = Context(prec=200, traps=[Inexact, Overflow])
"""In which sums are made: exact ones, or none."""


PART: Final = "_part"
"""The column that says which of several deliveries a row is of, where a verdict is on many."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the records received: received = accepted + rejected + ignored, always."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    ignored: int = 0

    def __add__(self, other: Account) -> Account:
        return Account(
            self.received + other.received,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.ignored + other.ignored,
        )

    @classmethod
    def of(cls, row: Mapping[str, int]) -> Account:
        """The account in a row of `Control.deliveries`."""
        return cls(row["received"], row["accepted"], row["rejected"], row["ignored"])

    @property
    def balances(self) -> bool:
        """Whether every record received is accounted for."""
        return self.received == self.accepted + self.rejected + self.ignored


@dataclass(frozen=True, slots=True)
class Total:
    """An exact sum over records that are not ignored; null adds nothing. `unread`: those that could not be read for
    it, and are not in it."""

    sum: Decimal = Decimal(0)
    unread: int = 0

    def __add__(self, other: Total) -> Total:
        return Total(EXACTLY.add(self.sum, other.sum), self.unread + other.unread)


def summed(one: Mapping[str, Total], more: Mapping[str, Total]) -> dict[str, Total]:
    """Totals by name, of both."""
    return {name: one.get(name, Total()) + more.get(name, Total()) for name in {**one, **more}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge made of a piece of a delivery; tables are by entity.

    `statements`: the typed columns, `<group>__stated`, `_at`, `_seq`, `_kind`, `_digest`, `_place`.
    `assertions`: the key columns (null outside the scope), `_parts` (the
    scope's key columns, joined by commas), `_at`, `_seq`, `_place` (null: the whole
    delivery). `mentions`: key columns and `_place` of rejected records whose key could be read. `rejected`:
    `place`, `line`, `byte_offset`, `raw`, `reasons` (JSON text), `keyless`, `due` (microseconds, or null).
    `totals`: by the names that the source declares.
    """

    account: Account
    statements: dict[str, pa.Table] = field(default_factory=dict)
    assertions: dict[str, pa.Table] = field(default_factory=dict)
    mentions: dict[str, pa.Table] = field(default_factory=dict)
    rejected: pa.Table | None = None
    totals: dict[str, Total] = field(default_factory=dict)
