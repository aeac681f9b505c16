"""A piece of what has changed, put together from looks at the store. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from trivium.engine.tables import arrow_schema, master
from trivium.model.entity import EntityShape

Place: TypeAlias = tuple[int, tuple[Any, ...] | None]
"""A commit, and a key of it, or None: behind all of it."""


def piece(
    shape: EntityShape,
    after: int,
    key: Sequence[Any] | None,
    commit: int,
    most: int,
    *,
    until: Callable[[int], tuple[int, int | None]],
    look: Callable[[int, int, Sequence[Any] | None, bool], pa.Table],
) -> tuple[pa.Table, Place]:
    """The keys that changed behind a place, at most so many, up to `commit`; and the place up to which these are all.

    `until` gives how many commits touch keys behind one, and that up to which there is enough to look at; `look` gives
    what the statement `changed` does, from behind a commit up to another, and of the first of them behind a key;
    whether several commits touch keys.
    """
    while True:
        begin = after - (key is not None)
        commits, enough = until(begin)
        if not commits:  # which is most often asked
            return _schema(shape).empty_table(), (max(commit, after), None)
        up_to = commit if enough is None else enough
        rows = look(begin, up_to, key, commits > 1)
        last = rows.slice(max(rows.num_rows - 1, 0)).to_pylist()
        cut = bool(last) and last[0]["_rows"] >= most
        found = rows.filter(pc.invert(rows["_later"])).drop_columns(["_later", "_rows"])
        if cut:
            place: Place = (last[0]["_commit"], tuple(v for name, v in last[0].items() if not name.startswith("_")))
        else:
            place = (max(up_to, after), None)
        if found.num_rows or (not cut and up_to >= commit):
            return found, place
        after, key = place


def _schema(shape: EntityShape) -> pa.Schema:
    columns = arrow_schema(master(shape))
    return pa.schema([*(columns.field(key.name) for key in shape.keys), pa.field("_commit", pa.int64())])
