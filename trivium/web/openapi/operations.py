"""One operation at one path, as OpenAPI 3.1 writes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivium.channels.rest import FORMS
from trivium.model.domain import Domain
from trivium.web.formats import MEDIA
from trivium.web.openapi.answers import page_schema
from trivium.web.openapi.parameters import parameters
from trivium.web.openapi.targets import Target
from trivium.web.openapi.values import Schema
from trivium.web.operation import Operation, Told
from trivium.web.problems import MEDIA as PROBLEM

REF: Final = "#/components/schemas/"
KEY: Final = "key"
BROWSER: Final = "browser"
EVERYWHERE: Final = (414, 431)
"""Problems of every request: its head is too long."""
STANDING: Final = "standing"
"""The tag of what is of no domain."""

_HEADERS: Final[dict[str, Schema]] = {
    "ETag": {"description": "The tag of this content, for If-None-Match.", "schema": {"type": "string"}},
    "Link": {"description": 'What follows: `<…>; rel="next"`.', "schema": {"type": "string"}},
    "Trivium-Commit": {
        "description": "A commit that the answer holds: changes go on after it.", "schema": {"type": "integer"},
    },
    "Retry-After": {"description": "Seconds after which to call again.", "schema": {"type": "integer"}},
    "Idempotent-Replayed": {
        "description": "`true` where this answer was given before, to the same Idempotency-Key.",
        "schema": {"type": "boolean"},
    },
    "WWW-Authenticate": {"description": "How to say who asks.", "schema": {"type": "string"}},
}  # fmt: skip
_CARRIED: Final = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",)}
_MEANING: Final = {
    400: "The request cannot be understood: a parameter, a key, a body.",
    401: "There is no API key, or none that opens anything.",
    403: "The API key does not allow this.",
    404: "There is nothing of this name.",
    406: "None of the forms that Accept names can be given.",
    408: "Nothing of the body came for a while.",
    409: "The Idempotency-Key came with another request before.",
    413: "The body has too many bytes.",
    414: "The path and the headers are too long.",
    415: "A media type, a charset or a packing that is not taken.",
    429: "Too many requests wait.",
    431: "The headers are too long.",
    500: "A defect; whoever runs the service is told what it was.",
    503: "The store is away, or too much is asked at once.",
}
_LINES: Final[Schema] = {"type": "string"}


def operation(target: Target, domains: Sequence[Domain], *, to_anybody: bool) -> Schema:
    """The operation. `to_anybody`: the service asks nobody for a key."""
    outline = target.outline
    found: Schema = {
        "operationId": target.name,
        "summary": _summary(target),
        "description": _about(target),
        "tags": [target.domain.name if target.domain else STANDING],
    }
    if told := list(parameters(target, domains)):
        found["parameters"] = told
    if outline.method == "POST":
        found["requestBody"] = _body(target)
    responses = {status: _response(target, status, one) for status, one in outline.answers.items()}
    responses |= {status: {"$ref": problem_name(status)} for status in (*outline.problems, *EVERYWHERE)}
    found["responses"] = {str(status): responses[status] for status in sorted(responses)}
    if outline.scope is None:
        found["security"] = []
    elif outline.browser:
        found["security"] = [{KEY: []}, {BROWSER: []}]
    if to_anybody and outline.scope is not None:
        found["security"] = [{}, *found.get("security", [{KEY: []}])]
    return found


def problem_name(status: int) -> str:
    """The reference of the answer that is a problem of this status."""
    return f"#/components/responses/problem-{status}"


def problem_responses(statuses: Sequence[int]) -> dict[str, Schema]:
    """Those answers by the last part of their names."""
    return {problem_name(status).rpartition("/")[2]: _problem(status, _MEANING[status]) for status in statuses}


def _summary(target: Target) -> str:
    what = next((one.name for one in (target.view, target.shape, target.source) if one is not None), None)
    verbs = {
        "record": "One {}", "records": "Find {}", "explain": "Explain {}", "changes": "Changes of {}",
        "report": "View {}", "send": "Send {}", "delete": "Delete {}",
    }  # fmt: skip
    if what is None:
        return target.outline.name.replace("_", " ").capitalize()
    return verbs[target.outline.name].format(what)


def _about(target: Target) -> str:
    parts = [target.outline.about]
    if target.view is not None and target.view.description:
        parts.insert(0, target.view.description)
    elif target.source is not None and target.source.description:
        parts.insert(0, target.source.description)
    return "\n\n".join(parts)


def _body(target: Target) -> Schema:
    assert target.source is not None
    one = {"$ref": f"{REF}{sent_name(target)}"}
    contents: dict[str, Any] = {}
    for media, form in FORMS.items():
        if form == "json":
            contents[media] = {"schema": {"anyOf": [one, {"type": "array", "items": one}]}}
        elif form == "ndjson":
            lines = {"type": "string", "description": "An object a line, each a record.", "x-items": one}
            contents[media] = {"schema": lines}
        else:
            lines = {"type": "string", "description": "Rows under a header that names the members.", "x-items": one}
            contents[media] = {"schema": lines}
    return {"required": True, "content": contents}


def sent_name(target: Target) -> str:
    """The name of the schema of what a source takes."""
    assert target.source is not None
    assert target.domain is not None
    return f"{target.domain.name}.{target.source.name}.sent"


def shown_name(target: Target) -> str:
    """The name of the schema of the record, or the view's row, that a path is about."""
    assert target.domain is not None
    one = target.shape or target.view
    assert one is not None
    return f"{target.domain.name}.{one.name}"


def _response(target: Target, status: int, told: Told) -> Schema:
    if told.schema is None and status != 304:
        return _problem(status, told.about)
    found: Schema = {"description": told.about}
    names = (*told.headers, *(_CARRIED.get(status, ())))
    if names:
        found["headers"] = {name: _HEADERS[name] for name in names}
    if told.schema is not None:
        found["content"] = _contents(target, told.schema)
    return found


def _contents(target: Target, name: str) -> dict[str, Any]:
    outline = target.outline
    if name == "refused":
        return {PROBLEM: {"schema": {"$ref": f"{REF}refused"}}}
    if not isinstance(outline, Operation):
        schema = {"type": "string"} if name == "text" else {"$ref": f"{REF}{name}"}
        return {media: {"schema": schema} for media in outline.media or (MEDIA["json"],)}
    contents: dict[str, Any] = {}
    for form in outline.formats:
        media = MEDIA[form].partition(";")[0]
        contents[media] = {"schema": _whole(target, name) if form == "json" else _LINES}
    return contents


def _whole(target: Target, name: str) -> Schema:
    """The schema of an answer in JSON."""
    outline = target.outline
    assert isinstance(outline, Operation)
    match name:
        case "record":
            return {"$ref": f"{REF}{shown_name(target)}"}
        case "records":
            record = f"{REF}{shown_name(target)}"
            return page_schema("records", {"anyOf": [{"$ref": record}, {"$ref": f"{record}.gone"}]})
        case "changes":
            following = {"next": {"type": "string", "description": "Where to go on from: hand it back as `after`."}}
            return page_schema("changes", {"$ref": f"{REF}{shown_name(target)}.change"}, more=following)
        case "report":
            column = {"type": "object", "properties": {"name": {"type": "string"}, "type": {"type": "string"}}}
            columns = {"type": "array", "items": column, "description": "The columns and their types."}
            return page_schema("rows", {"$ref": f"{REF}{shown_name(target)}"}, more={"columns": columns})
    if outline.rows is None:
        return {"$ref": f"{REF}{name}"}
    row: Schema = {"$ref": f"{REF}{target.name}.row"}
    if outline.others:
        row = {"anyOf": [row, {"$ref": f"{REF}{target.name}.other"}]}
    return page_schema(outline.rows, row)


def _problem(status: int, about: str) -> Schema:
    found: Schema = {"description": about, "content": {PROBLEM: {"schema": {"$ref": f"{REF}problem"}}}}
    if status in _CARRIED:
        found["headers"] = {name: _HEADERS[name] for name in _CARRIED[status]}
    return found
