"""One record explained, from everything that was said of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.explain import Explanation, explain
from trivium.model.entity import EntityShape
from trivium.model.survivorship import DEFAULT_PRECEDENCE, LifePolicy
from trivium.service.opening import Opened


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


def waiting_for(opened: Opened, shape: EntityShape) -> dict[str, int]:
    """How many rejected records are open, by source, of the sources that state an entity: the key of a rejected record
    is not kept, so any of them may speak of a key that is unknown."""
    sources = [one.name for one in opened.domain.sources if any(r.shape.name == shape.name for r in one.routes)]
    found = {name: opened.store.control.quarantine(name).num_rows for name in sources}
    return {name: number for name, number in found.items() if number}


def _until(rows: pa.Table, as_of: int | None) -> pa.Table:
    return rows if as_of is None else rows.filter(pc.less_equal(rows["_at"], pa.scalar(as_of, pa.int64())))
