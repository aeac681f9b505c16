"""`GET /v1/findings`: what is odd though nothing was rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivium.service.finding import findings, written_finding
from trivium.web import shown
from trivium.web.listed import CURSOR, DOMAIN, FORMATS, LIMIT, SOURCE, Row, asked_places, listed, paged
from trivium.web.operation import Asked, Member, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.places import Place

FINDING: Final = (
    Member("domain", "text", "The domain."),
    Member("commit", "integer", "The commit that it was written down in; null if it is computed.", always=False),
    Member("kind", "text", "Such as repeated, revision, correction; overdue, missing, early; tie, breach."),
    Member("source", "text", "The source that it is about.", always=False),
    Member("subject", "text", "The delivery, the record, the part that it is about."),
    Member("detail", "text", "What is odd."),
    Member("hint", "text", "What to do about it.", always=False),
    Member("opened_at", "instant", "Since when, of what is about a file that is expected, or is not.", always=False),
    Member("closed_at", "instant", "Until when.", always=False),
)

_MEMBERS: Final = tuple(member.path for member in FINDING if member.path != "domain")


def _findings(asked: Asked) -> Reply:
    if asked.values["computed"]:
        return _computed(asked)

    def page(place: Place, behind: Sequence[Any] | None, most: int) -> list[Row]:
        asks = asked.values["source"], asked.values["kind"]
        at = None if behind is None else (behind[0], behind[1], behind[2], behind[3], behind[4])
        rows: list[Row] = place.take().store.control.findings(*asks, behind=at, most=most).to_pylist()
        return rows

    def position(row: Row) -> list[Any]:
        return [row["commit_no"], row["kind"], row["subject"], row["source"] or "", row["detail"]]

    return paged(asked, "findings", FINDING, page, position, lambda place, row: written_finding(row))


def _computed(asked: Asked) -> Reply:
    """Those that are not written down but hold now, or did; not by pages, but so many of each kind."""
    rows = []
    for place in asked_places(asked):
        found = findings(place.take(), now=asked.now, most=asked.values["limit"], written=False)
        rows += [
            {"domain": place.domain.name, **shown.finding(asked.caller, place.domain.name, _members(one))}
            for one in found.findings
            if asked.values["source"] in (None, one["source"]) and asked.values["kind"] in (None, one["kind"])
        ]
    return listed(asked, "findings", FINDING, rows)


def _members(one: Row) -> Row:
    return {name: one[name] for name in _MEMBERS}


FINDINGS = Operation(
    name="findings",
    path="/v1/findings",
    about="What is odd though nothing was rejected: what was written down, the newest first; or what is computed now.",
    scope="operate",
    handle=_findings,
    parameters=(
        DOMAIN,
        SOURCE,
        Parameter("kind", "text", "Of this kind alone."),
        Parameter(
            "computed", "boolean", "Instead of what was written down what holds now: files that are overdue, missing, "
            "early or unexpected, ties, breaches. Of each so many as `limit` says; it reads all records.",
            usual=False,
        ),
        LIMIT,
        CURSOR,
    ),
    formats=FORMATS,
    rows="findings",
    members=FINDING,
    answers={200: Told("A page of findings, and in `next` where the following begins.", "findings", ("Link",))},
)  # fmt: skip
