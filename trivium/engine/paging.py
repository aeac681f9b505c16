"""A page of records in the order of the key, put together so that it costs what it holds.

The master gives its part first: it is in order, and what lies behind its last record does not matter. Of the keys that
the master does not know of yet those are folded that lie before, window by window, until there are enough: so neither a
long tail nor, where there is no master, a whole history is folded for a page. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final, TypeVar

import pyarrow as pa

from trivium.engine.choice import Choice
from trivium.model.entity import EntityShape

Window = TypeVar("Window")
_FIRST: Final = 4
"""The first window has so many times the keys that are wanted; each further one twice as many."""
_LEAST: Final = 2_000


def page(
    shape: EntityShape,
    choice: Choice,
    *,
    master: Callable[[Choice], Iterable[pa.RecordBatch]] | None,
    window: Callable[[Choice, int], tuple[Window | None, tuple[Any, ...] | None]] | None,
    folded: Callable[[Choice, Window], Iterable[pa.RecordBatch]],
) -> pa.Table | None:
    """The records of a choice in the order of the key that has a `most`; None where there are none.

    `master` gives records without those whose keys are in the tail. `window` gives the first of so many rows of keys of
    the tail that may be chosen (None: there are none), with the last key where there may be more behind; `folded` the
    records of these keys. Without a tail there is no `window`.
    """
    assert choice.most is not None
    found = [] if master is None else list(master(choice))
    rest: Choice | None = choice
    if window is not None and _rows(found) == choice.most:
        ordered = _ordered(shape, found)
        rest = replace(choice, until=choice.position(shape, ordered.slice(choice.most - 1).to_pylist()[0]))
    size, alive = max(_FIRST * choice.most, _LEAST), 0
    while window is not None and rest is not None and alive < choice.most:
        keys, last = window(rest, size)
        if keys is None:
            break
        here = list(folded(rest if last is None else replace(rest, until=last), keys))
        found, alive = found + here, alive + _rows(here)
        size, rest = 2 * size, None if last is None else replace(rest, after=last)
    return _ordered(shape, found).slice(0, choice.most) if found else None


def _rows(batches: Iterable[pa.RecordBatch]) -> int:
    return sum(batch.num_rows for batch in batches)


def _ordered(shape: EntityShape, batches: list[pa.RecordBatch]) -> pa.Table:
    """In the order of the key: Arrow compares texts by their bytes."""
    return pa.Table.from_batches(batches).sort_by([(key.name, "ascending") for key in shape.keys])
