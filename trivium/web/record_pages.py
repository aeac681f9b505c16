"""`GET /v1/records/DOMAIN/ENTITY`: records by what they are, in any order, page by page or all in one answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from trivium.engine.plain import parse_value, value_text
from trivium.model.entity import Column, EntityShape
from trivium.ports import Choice, Moment
from trivium.web import shown
from trivium.web.choosing import choice_of
from trivium.web.cursors import cursor_position, cursor_text, next_link
from trivium.web.formats import MEDIA, Format
from trivium.web.listed import CURSOR
from trivium.web.operation import Asked, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.records import AS_OF
from trivium.web.rendering import as_array, rendered

LIMIT: Final = Parameter(
    "limit", "integer", "At most so many on a page.", usual=100, least=1, most=1000, words=("all",)
)
COMMIT: Final = "Trivium-Commit"
"""The header with a commit that the answer holds at least: what changes after it is in /v1/changes?after=COMMIT."""


def _records(asked: Asked) -> Reply:
    place, opened, values = asked.place, asked.opened, asked.values
    shape = place.shape(asked.path["entity"])
    incomplete, gone, limit = values["incomplete"], values["gone"], values["limit"]
    choice = choice_of(
        asked.caller, place.domain.name, shape, asked.others, values["order"], incomplete=incomplete, gone=gone
    )
    query = ["records", place.domain.name, shape.name, repr(choice), values["as_of"]]
    if values["cursor"] is not None:
        choice = replace(choice, after=_position(shape, choice, query, values["cursor"]))
    commit, moment, reader = opened.store.reader.commit(), Moment(values["as_of"]), opened.store.reader
    headers = {COMMIT: str(commit)}

    def told(batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
        seen = shown.records(asked.caller, place.domain.name, shape, batches)
        return rendered(shape, seen, asked.format, incomplete=incomplete, gone=gone)

    if limit == "all":
        lines = told(reader.chosen(shape.name, choice, moment))
        return Reply(_whole(asked.format, lines, None), MEDIA[asked.format], headers=headers)
    rows = list(reader.chosen(shape.name, replace(choice, most=limit + 1), moment))
    following = None
    if sum(batch.num_rows for batch in rows) > limit:
        page = pa.Table.from_batches(rows).slice(0, limit)
        rows = page.to_batches()
        following = cursor_text(query, _texts(shape, choice, page.slice(limit - 1).to_pylist()[0]))
        headers["Link"] = next_link(asked.query, "cursor", following)
    body = b"".join(_whole(asked.format, told(rows), following))
    return Reply(body, MEDIA[asked.format], headers=headers)


def _whole(form: Format, lines: Iterator[bytes], following: str | None) -> Iterator[bytes]:
    if form != "json":
        return lines
    return as_array("records", lines, [f',"next":{json.dumps(following)}'.encode()])


def _columns(shape: EntityShape, choice: Choice) -> list[Column]:
    by_name = {column.name: column for column in (*shape.keys, *shape.columns)}
    return [by_name[term.column] for term in choice.terms(shape)]


def _texts(shape: EntityShape, choice: Choice, row: dict[str, Any]) -> list[str | None]:
    """The position of a record, as texts."""
    return [value_text(column, row[column.name]) for column in _columns(shape, choice)]


def _position(shape: EntityShape, choice: Choice, query: list[Any], cursor: str) -> tuple[Any, ...]:
    """The position that a cursor tells of; raises BadParameter."""
    columns, texts = _columns(shape, choice), cursor_position(query, cursor)
    return tuple(None if text is None else parse_value(c, text) for c, text in zip(columns, texts, strict=True))


RECORDS = Operation(
    name="records",
    path="/v1/records/{domain}/{entity}",
    about="The records of an entity that fulfil all of the filters: pages that stay right while commits are made.",
    scope="read",
    handle=_records,
    parameters=(
        AS_OF,
        Parameter("order", "text", "Attributes that order, joined by commas; - before one: from the end. Null is last, "
                  "and the key decides last.", example="-total.amount,order_id", of="attributes"),
        LIMIT,
        CURSOR,
        Parameter("incomplete", "boolean", "Also the records that lack something, with what they lack in `_lacks`.",
                  usual=False),
        Parameter("gone", "boolean", "Also the keys of records that are gone, with `_gone`.", usual=False),
    ),
    formats=("json", "ndjson", "csv"),
    filters=True,
    answers={200: Told("A page of records, and in `next` where the following begins.", "records", ("Link", COMMIT))},
)  # fmt: skip
