"""Lists of what came in and how it stands: rows with declared members, page by page through all domains."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from trivium.web import cursors
from trivium.web.access import Need, operated, require
from trivium.web.cursors import cursor_position, cursor_text, next_link
from trivium.web.formats import MEDIA, Format
from trivium.web.operation import Asked, Member, Reply
from trivium.web.parameters import Parameter
from trivium.web.places import Place
from trivium.web.problems import BadParameter

FORMATS: Final[tuple[Format, ...]] = ("json", "ndjson", "csv")


DOMAIN: Final = Parameter("domain", "text", "Of this domain alone.")
SOURCE: Final = Parameter("source", "text", "Of this source alone.")
LIMIT: Final = Parameter("limit", "integer", "At most so many on a page.", usual=100, least=1, most=1000)
CURSOR: Final = Parameter(
    "cursor", "text", "Where the page begins: the `next` of the page before.", pattern=f"^{cursors.CURSOR}$"
)

Row = dict[str, Any]
Page = Callable[[Place, Sequence[Any] | None, int], Sequence[Row]]
"""Gives the rows of a domain from the first on, or behind a position, at most so many."""


def asked_places(asked: Asked) -> list[Place]:
    """The domains that are asked about: one that is named, that of a source, or all that the caller may see. Raises
    BadParameter for one that is not served, and Forbidden for one that the caller may not see."""
    named, source, found = asked.values.get("domain"), asked.values.get("source"), list(asked.places)
    if named is not None:
        found = [place for place in found if place.domain.name == named]
        if not found:
            raise BadParameter("domain", named, f"one of {', '.join(place.domain.name for place in asked.places)}")
    if source is not None:
        known = [one.name for place in asked.places for one in place.domain.sources]
        if source not in known:
            raise BadParameter("source", source, f"one of {', '.join(known)}")
        found = [place for place in found if any(one.name == source for one in place.domain.sources)]
    seen = operated(asked.caller, found)
    if found and not seen:
        require(asked.caller, Need("operate", found[0].domain.name))
    return seen


def paged(
    asked: Asked, name: str, members: Sequence[Member], page: Page, position: Callable[[Row], Sequence[Any]],
    document: Callable[[Place, Row], Row],
) -> Reply:  # fmt: skip
    """One page of rows, domain by domain. `position` is that of a row within its domain; JSON values."""
    query = [name, *(text for key, text in sorted(asked.values.items()) if key not in ("cursor", "limit", "format"))]
    places, most = asked_places(asked), asked.values["limit"]
    begin, behind = None, None
    if asked.values["cursor"] is not None:
        begin, *behind = cursor_position(query, asked.values["cursor"])
    found: list[tuple[Place, Row]] = []
    for place in places:
        if begin is not None and place.domain.name != begin:
            continue
        rows = page(place, None if begin is None else behind, most + 1 - len(found))
        begin = None
        found += [(place, row) for row in rows]
        if len(found) > most:
            break
    following = None
    if len(found) > most:
        last_place, last = found[most - 1]
        following = cursor_text(query, [last_place.domain.name, *position(last)])
    rows = [{"domain": place.domain.name, **document(place, row)} for place, row in found[:most]]
    return listed(asked, name, members, rows, following)


def listed(
    asked: Asked, name: str, members: Sequence[Member], rows: Sequence[Row], following: str | None = None
) -> Reply:
    """Rows as an answer, and where the next page begins. Each has all members: what it has not is null."""
    blank = {member.path.partition(".")[0]: None for member in members}
    rows = [blank | row for row in rows]
    headers = {"Cache-Control": "no-store"}
    if following is not None:
        headers["Link"] = next_link(asked.query, "cursor", following)
    if asked.format == "json":
        body = json.dumps({name: rows, "next": following}, ensure_ascii=False)
    elif asked.format == "ndjson":
        body = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        body = "".join(_csv(members, rows))
    return Reply(body.encode("utf-8", "backslashreplace"), MEDIA[asked.format], headers=headers)


def _csv(members: Sequence[Member], rows: Sequence[Row]) -> Iterator[str]:
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([member.path for member in members])
    for row in rows:
        writer.writerow([_cell(_at(row, member.path)) for member in members])
    yield sink.getvalue()


def _at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for part in path.split("."):
        value = None if value is None else value.get(part)
    return value


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
