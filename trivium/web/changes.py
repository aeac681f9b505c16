"""`GET /v1/changes/DOMAIN/ENTITY`: what has changed, each record as it is now, in the order in which it was touched."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from trivium.engine import canonical
from trivium.engine.canonical_csv import csv_lines
from trivium.engine.plain import parse_value, value_text
from trivium.model.entity import EntityShape
from trivium.ports import Place, Reader
from trivium.web import shown
from trivium.web.cursors import CURSOR, cursor_position, cursor_text, next_link
from trivium.web.formats import MEDIA, Format
from trivium.web.operation import Asked, Nothing, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.problems import BadParameter
from trivium.web.rendering import LACKS, as_array

_AHEAD: Final = 200_000
"""Keys that are looked up at a time: a commit of millions is sorted for each of such pieces, and not for each page."""
_PIECES: Final = 4
"""Pieces that are kept for those who are in the midst of one."""
_LONGEST_WAIT: Final = 60


class Ahead:
    """What was looked up and not told yet, by the place behind which it lies. To tell it is never wrong: what is
    touched meanwhile is told again, at its later commit."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, tuple[pa.Table, Place]] = OrderedDict()
        self._lock = threading.Lock()

    def page(self, reader: Reader, entity: str, place: Place, most: int) -> tuple[pa.Table, Place]:
        """The keys that changed behind a place, at most so many, and the place up to which these are all."""
        kept = self._get((id(reader), entity, place))
        keys, end = reader.changed(entity, *place, most=_AHEAD) if kept is None else kept
        page, rest = keys.slice(0, most), keys.slice(most)
        if not rest.num_rows:
            return page, end
        last = page.slice(page.num_rows - 1).to_pylist()[0]
        behind = (last.pop("_commit"), tuple(last.values()))
        self._keep((id(reader), entity, behind), (rest, end))
        return page, behind

    def _get(self, at: Any) -> tuple[pa.Table, Place] | None:
        with self._lock:
            return self._kept.get(at)

    def _keep(self, at: Any, found: tuple[pa.Table, Place]) -> None:
        with self._lock:
            self._kept[at] = found
            self._kept.move_to_end(at)
            while len(self._kept) > _PIECES:
                self._kept.popitem(last=False)


def _changes(asked: Asked) -> Reply | Nothing:
    place, opened = asked.place, asked.opened
    shape, reader = place.shape(asked.path["entity"]), opened.store.reader
    query = ["changes", place.domain.name, shape.name]
    position, there = _position(shape, query, asked), reader.commit()
    if position[0] > there:  # as after an older store was put back: who waited for more would miss what it has now
        allowed = f"the store is at commit {there}, so it is not the one that this was read from; begin at 0"
        raise BadParameter("after", asked.values["after"], allowed)
    keys, behind = _ahead.page(reader, shape.name, position, asked.values["limit"])
    following = _cursor(shape, query, behind)
    lines: Iterator[bytes] = iter(())
    if keys.num_rows:
        records = reader.those(shape.name, keys.drop_columns("_commit")).append_column("_commit", keys["_commit"])
        seen = shown.records(asked.caller, place.domain.name, shape, records.to_batches())
        lines = _rendered(shape, seen, asked.format)
    if asked.format == "json":
        lines = as_array("changes", lines, [f',"next":{json.dumps(following)}'.encode()])
    headers = {"Link": next_link(asked.query, "after", following), "Cache-Control": "no-store"}
    reply = Reply(b"".join(lines), MEDIA[asked.format], headers=headers)
    if keys.num_rows or not asked.values["wait"]:
        return reply
    again = replace(asked, values={**asked.values, "after": following})
    return Nothing(reply, place, behind[0], asked.values["wait"], again)


_ahead = Ahead()


def _rendered(shape: EntityShape, batches: Iterable[pa.RecordBatch], form: Format) -> Iterator[bytes]:
    if form == "csv":
        more = {"_commit": "_commit::VARCHAR"}
        return csv_lines(shape, batches, incomplete=True, gone=True, more=more)
    now = f"""concat(',"gone":false,"record":', {canonical.record(shape, LACKS)})"""
    told = f"""CASE WHEN _alive THEN {now} ELSE ',"gone":true' END"""
    line = f"""concat('{{"commit":', _commit, ',"key":', {canonical.key(shape)}, {told}, '}}', chr(10))"""
    return canonical.pieces(line, batches, incomplete=True, gone=True)


def _position(shape: EntityShape, query: list[Any], asked: Asked) -> Place:
    """What `after` says: a commit, or a cursor. Raises BadParameter."""
    text: str = asked.values["after"]
    if text.isascii() and text.isdecimal() and len(text) < 19:
        return int(text), None
    commit, *key = cursor_position(query, text, "after")
    return commit, tuple(parse_value(column, part) for column, part in zip(shape.keys, key, strict=True))


def _cursor(shape: EntityShape, query: list[Any], position: Place) -> str:
    commit, key = position
    if key is None:
        return str(commit)
    return cursor_text(query, [commit, *(value_text(c, part) for c, part in zip(shape.keys, key, strict=True))])


CHANGES = Operation(
    name="changes",
    path="/v1/changes/{domain}/{entity}",
    about="What has changed behind a cursor, each record once as it is now, in the order of the commits that touched "
    "them last. One may be told of twice; none is left out.",
    scope="read",
    handle=_changes,
    parameters=(
        Parameter(
            "after",
            "text",
            "The `next` of the answer before, or the number of a commit.",
            usual="0",
            pattern=f"^([0-9]{{1,18}}|{CURSOR})$",
        ),
        Parameter("limit", "integer", "At most so many.", usual=100, least=1, most=1000),
        Parameter("wait", "number", "Seconds to wait for a change where there is none.", usual=0, most=_LONGEST_WAIT),
    ),
    formats=("json", "ndjson", "csv"),
    answers={200: Told("Changes, and in `next` the cursor to go on from.", "changes", ("Link",))},
)
