"""What one poll gathers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from trivium.adapters.events.assignment import Held
from trivium.ports import MESSAGES, Messages, Part

_NONE: Final = MESSAGES.empty_table()


@dataclass(slots=True)
class Pieces:
    """Part by part, in the order in which they came; `moved`: the parts of which the position is another at least."""

    tables: dict[Part, list[pa.Table]] = field(default_factory=dict)
    moved: set[Part] = field(default_factory=set)
    rows: int = 0
    bytes: int = 0

    def add(self, part: Part, table: pa.Table) -> None:
        """The messages that come next of a part."""
        self.tables.setdefault(part, []).append(table)
        self.moved.add(part)
        self.rows += table.num_rows
        self.bytes += table.nbytes

    def drop(self, part: Part) -> None:
        """Nothing of it is given."""
        self.tables.pop(part, None)
        self.moved.discard(part)

    def put_together(self, held: Mapping[Part, Held]) -> list[Messages]:
        """One piece for each part that has moved."""
        found = []
        for part in sorted(self.moved):
            after = held[part].next
            assert after is not None
            found.append(Messages(part, pa.concat_tables(self.tables.get(part, [_NONE])), after))
        return found
