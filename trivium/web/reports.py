"""`GET /v1/reports/DOMAIN/NAME`: a view with its parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator

from trivium.model.domain import Domain, View
from trivium.web import shown
from trivium.web.formats import MEDIA
from trivium.web.operation import Asked, Operation, Reply, Told
from trivium.web.problems import BadParameter, Unknown
from trivium.web.rendering import as_array
from trivium.web.view_rows import row_lines, told_columns


def _report(asked: Asked) -> Reply:
    domain = asked.place.domain
    view = _view(domain, asked.path["name"])
    for name, text in asked.others.items():
        if name not in view.parameters:
            known = ", ".join(view.parameters) or "none"
            raise BadParameter(name, None, f"the parameters of {view.name} are {known}")
        if "\0" in text:
            raise BadParameter(name, text, "a text without NUL")
    return Reply(_rows(asked, view), MEDIA[asked.format])


def _rows(asked: Asked, view: View) -> Iterator[bytes]:
    domain = asked.place.domain
    hidden = {shape.name: shown.hidden(asked.caller, domain.name, shape) for shape in domain.shapes}
    batches = asked.opened.store.reader.view(view.sql, {**view.parameters, **asked.others}, hidden)
    columns = told_columns(next(batches).schema)
    lines = row_lines(columns, batches, asked.format)
    if asked.format == "json":
        told = [{"name": column.name, "type": column.type.kind} for column in columns]
        lines = as_array("rows", lines, [f',"columns":{json.dumps(told)}'.encode()])
    yield from lines


def _view(domain: Domain, name: str) -> View:
    for view in domain.views:
        if view.name == name:
            return view
    raise Unknown(f"{domain.name} has no view {name!r}", [view.name for view in domain.views])


REPORT = Operation(
    name="report",
    path="/v1/reports/{domain}/{name}",
    about="The rows of a view over the current, complete records. Its parameters are parameters of the query; one that "
    "is not given has the value declared with the view.",
    scope="read",
    handle=_report,
    formats=("json", "ndjson", "csv"),
    filters=True,
    answers={200: Told("The rows, and in `columns` their names and types.", "report")},
)
