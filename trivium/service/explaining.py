"""One record explained, from everything that was said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.explain import Explanation, explain
from trivium.model.entity import EntityShape
from trivium.model.survivorship import DEFAULT_PRECEDENCE, LifePolicy
from trivium.service.opening import Opened
from trivium.service.quarantined import Place


def explain_key(
    opened: Opened,
    shape: EntityShape,
    key: Sequence[Any],
    *,
    as_of: int | None = None,
    policy: LifePolicy | None = None,
) -> Explanation:
    """Who won each attribute and who lost, of what was said up to `as_of` (microseconds), folded by `policy`."""
    statements = _until(opened.store.reader.statements(shape.name, key), as_of)
    assertions = _until(opened.store.reader.assertions(shape.name, key), as_of)
    precedence: dict[str, int] = defaultdict(lambda: DEFAULT_PRECEDENCE)
    precedence |= {source.name: source.precedence for source in opened.domain.sources}
    return explain(shape, statements, assertions, precedence, policy)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Open quarantined records: those that name the key; else how many there are, by source, of which any may."""

    naming: tuple[str, ...]
    of_sources: dict[str, int]


def waiting_for(opened: Opened, shape: EntityShape, key: Sequence[Any]) -> Waiting:
    """The rejected records that name a key; where none does, how many there are of the sources that state the entity of
    which the key is not known."""
    rows = opened.store.reader.rejected(shape.name, key).to_pylist()
    naming = tuple(str(Place(row["load_no"], row["place"])) for row in rows)
    if naming:
        return Waiting(naming, {})
    stated = {one.name: {route.shape.name for route in one.routes} for one in opened.domain.sources}
    sources = {name: entities for name, entities in stated.items() if shape.name in entities}
    found = opened.store.control.quarantined(unnamed=set().union(*sources.values()) if sources else ())
    return Waiting((), {name: number for name, number in found.items() if name in sources})


def _until(rows: pa.Table, as_of: int | None) -> pa.Table:
    return rows if as_of is None else rows.filter(pc.less_equal(rows["_at"], pa.scalar(as_of, pa.int64())))
