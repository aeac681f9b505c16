"""What is odd though nothing was rejected: the store's findings, and
those computed from what arrived and what holds."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from trivium.engine.breaches import breaches
from trivium.engine.expected import Absence
from trivium.engine.plain import instant_text, key_text, plain
from trivium.model.entity import EntityShape
from trivium.model.source import Source
from trivium.model.survivorship import NO_SEQUENCE
from trivium.service.expecting import outlooks
from trivium.service.opening import Opened

CURE = "give the source a sequence (sequence=…): only the digest decides, and it knows nothing of time"
"""What to do about a tie."""

CURE_WITHIN = f"is the key complete? Both are of one delivery. If it is, {CURE}"
"""What to do about a tie within a delivery: most often two things have been given one key."""


@dataclass(frozen=True, slots=True)
class Found:
    """`findings` has `commit`, `kind`, `source`, `subject`, `detail`, `hint`, `opened_at` and `closed_at` (instants of
    what is about a file that was expected, or was not); of a tie also `entity`, `key`,
    `event_time`, `sequence`, `contents` and, of the statement that holds and the strongest that does not, `holds` and
    `loses`. `ties`, and `expected` by kind: how many there are in all that are open, shown or not."""

    findings: list[dict[str, Any]]
    ties: int
    expected: dict[str, int]


def findings(opened: Opened, *, now: dt.datetime, most: int, closed: bool = False, written: bool = True) -> Found:
    """What was `written` down, then what is overdue, missing, early or unexpected at `now`, at most `most` of each for
    each source (with `closed` also what was), then ties and breaches as things stand, at most `most` of each for each
    entity. All but the first have no commit: they hold now, and are gone when they are mended."""
    found = [written_finding(row) for row in opened.store.control.findings().to_pylist()] if written else []
    expected: Counter[str] = Counter()
    for outlook in outlooks(
        opened.domain, opened.store.control.deliveries, opened.store.ledger, now=now, most=most
    ).values():
        expected.update(outlook.total)
        found += [_absence(one) for one in (*outlook.open, *(outlook.closed if closed else ()))]
    ties = 0
    for shape in opened.domain.shapes:
        rows = opened.store.reader.ties(shape.name, most=most).to_pylist()
        found += [_tie(shape, row) for row in rows]
        ties += rows[0]["total"] if rows else 0
        found += _breaches(opened, shape, most)
    return Found([_TIMES | one for one in found], ties, dict(expected))


def written_finding(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `Control.findings` as JSON values."""
    told = {name: row[name] for name in ("kind", "source", "subject", "detail")}
    return {"commit": row["commit_no"], **told, "hint": None} | _TIMES


_TIMES: Final[dict[str, Any]] = {"opened_at": None, "closed_at": None}


def _absence(one: Absence) -> dict[str, Any]:
    return {
        "commit": None,
        "kind": one.kind,
        "source": one.source,
        "subject": one.subject,
        "detail": one.detail,
        "hint": None,
        "opened_at": instant_text(one.opened_at),
        "closed_at": None if one.closed_at is None else instant_text(one.closed_at),
    }


def ties_of(opened: Opened, source: Source, loads: Sequence[int]) -> tuple[int, bool]:
    """How many ranks these loads of a source are tied at, with what was there or with themselves; and whether the first
    tie of an entity is within one delivery."""
    shapes = dict.fromkeys(route.shape.name for route in source.routes)
    rows = [opened.store.reader.ties(name, most=1, loads=loads).to_pylist() for name in shapes if loads]
    first = [row for one in rows for row in one]
    return sum(row["total"] for row in first), any(_within(row) for row in first)


def _within(row: dict[str, Any]) -> bool:
    return bool((row["source"], row["delivery"]) == (row["other_source"], row["other_delivery"]))


def _tie(shape: EntityShape, row: dict[str, Any]) -> dict[str, Any]:
    holds = {name: row[name] for name in ("source", "delivery", "place")}
    loses = {name: row[f"other_{name}"] for name in holds}
    key, at = key_text(shape, [row[part.name] for part in shape.keys]), instant_text(row["_at"])
    sequence = None if row["_seq"] == NO_SEQUENCE else row["_seq"]
    told = " holds against ".join(f"{one['source']} {one['delivery']}:{one['place']}" for one in (holds, loses))
    return {
        "commit": None,
        "kind": "tie",
        "source": row["source"],
        "subject": f"{shape.name} {key}",
        "detail": f"{row['contents']} different contents at {at}{'' if sequence is None else f' #{sequence}'}: {told}",
        "hint": CURE_WITHIN if _within(row) else CURE,
        "entity": shape.name,
        "key": key,
        "event_time": at,
        "sequence": sequence,
        "contents": row["contents"],
        "holds": holds,
        "loses": loses,
    }


def _breaches(opened: Opened, shape: EntityShape, most: int) -> Iterator[dict[str, Any]]:
    if not shape.rules:
        return
    texts = {rule.name: rule.description or rule.expression.text for rule in shape.rules}
    columns = {column.name: column for column in shape.columns}
    for breach in islice(breaches(shape, opened.store.reader.records(shape.name, ordered=True)), most):
        values = ", ".join(f"{columns[n].path}={plain(columns[n], value)}" for n, value in breach.values.items())
        yield {
            "commit": None,
            "kind": "breach",
            "source": None,
            "subject": f"{shape.name} {key_text(shape, breach.key)}",
            "detail": f"{breach.rule} is broken: {texts[breach.rule]} ({values})",
            "hint": None,
        }
