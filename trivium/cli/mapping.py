"""Where a source takes each attribute from: shown by `trivium check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from trivium.cli.words import visible

if TYPE_CHECKING:
    from trivium.model.entity import Column
    from trivium.model.source import Route, Source


def mapping_document(source: Source) -> list[dict[str, Any]]:
    """For each entity that a source states, in declared order: each attribute with what it is taken from, `declared`
    where the source says so itself; and the expressions that decide when, with which time, and what a delete is."""
    return [
        {
            "entity": route.shape.name,
            "each": route.each,
            "asserts": list(route.asserts),
            "attributes": {column.path: _taken(source, route, column) for column in _columns(route)},
            "not_stated": [group.name for group in route.shape.groups if group not in route.groups],
        }
        | dict(_expressions(source, route))
        for route in source.routes
    ]


def mapping_rows(source: Source) -> list[tuple[str, str, str]]:
    """The same as rows of a table: attribute, what it is taken from, a remark."""
    rows: list[tuple[str, str, str]] = []
    for one in mapping_document(source):
        name, each = one["entity"], "" if one["each"] is None else f"of each of {one['each']}"
        for path, taken in one["attributes"].items():
            remark = "" if taken["declared"] else "by its name"
            rows.append((f"{name}.{path}", visible(taken["from"]), f"{remark} {each}".strip()))
        for word in ("event_time", "sequence", "when", "delete"):
            if one[word] is not None:
                rows.append((f"{name} {word.replace('_', ' ')}", visible(one[word]), ""))
        if one["not_stated"]:
            rows.append((f"{name}", "–", f"not stated: {', '.join(one['not_stated'])}"))
    return rows


def _columns(route: Route) -> Iterator[Column]:
    yield from route.shape.keys
    for group in route.groups:
        yield from group.columns


def _taken(source: Source, route: Route, column: Column) -> dict[str, Any]:
    declared = route.columns.get(column.name)
    if declared is not None:
        return {"from": declared.text, "declared": True}
    name = column.path
    if not source.format.documents and column.path != column.name:
        name += f" or {column.name}"  # a header may write a facet's member in either way
    if source.files is not None and column.name in source.files.captures:
        name += " or the file's name"
    return {"from": name, "declared": False}


def _expressions(source: Source, route: Route) -> Iterator[tuple[str, str | None]]:
    cut_off = source.cut_off
    time = route.event_time or source.event_time
    cut = cut_off and f"{cut_off.column} {cut_off.time:%H:%M} {cut_off.zone}"
    yield "event_time", time.text if time else cut or None
    sequence = route.sequence or source.sequence
    yield "sequence", sequence.text if sequence else None
    yield "when", route.when.text if route.when else None
    yield "delete", route.delete.text if route.delete else None
