"""Where every attribute of one record comes from: who won it, who lost it, and why.

Works on the statements and assertions of a single key. It states the law a second time, in plain Python; the
properties hold it equal to the fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from trivium.engine.law.statements import stated
from trivium.model.entity import EntityShape, Group
from trivium.model.survivorship import NO_SEQUENCE, LifePolicy, Policy, stamp


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who mended a record, in which commit, and the name of the entry that was mended, LOAD:PLACE."""

    by: str | None
    commit: int
    record: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a statement came from. `place`: the line of a file, the item of a request, the offset of an event.
    `mended`: what stands there is not what was said; somebody put this in its place."""

    source: str
    delivery: str
    revision: int
    file: str
    place: int | None
    commit: int
    event_time: int
    sequence: int | None
    mended: ByHand | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one statement says of one attribute, and why that does not hold (None: it does)."""

    origin: Origin
    values: tuple[Any, ...]
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One attribute or facet: the winner, if any, and the losers from the strongest down."""

    group: Group
    winner: Said | None
    losers: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Death:
    """A delete, or an assertion that does not mention the key, and whether it counts."""

    origin: Origin
    what: str
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Tie:
    """Living statements of one rank with different contents: one origin for each content, that of the greatest digest,
    which holds, first."""

    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record explained. `state`: alive, gone, or unknown (nothing that counts was ever said of it)."""

    state: str
    lacks: tuple[str, ...]
    attributes: tuple[Explained, ...]
    deaths: tuple[Death, ...]
    ties: tuple[Tie, ...]


def explain(
    shape: EntityShape,
    statements: pa.Table,
    assertions: pa.Table,
    precedence: Mapping[str, int],
    policy: LifePolicy | None = None,
) -> Explanation:
    """Explains one key from everything said of it (`ports.Reader.statements` and `.assertions`)."""
    life = policy or shape.policy
    rows = statements.to_pylist()
    covering = [row for row in assertions.to_pylist() if not row["mentioned"]]
    rank = _Rank(precedence)
    deaths = [row for row in rows if row["live"] and row["_kind"] == 1]
    deaths += [row for row in covering if row["live"] and not row["held_back"]]
    death = max((rank.life(row, life) for row in deaths), default=None)
    puts = [row for row in rows if row["_kind"] == 0]
    living = [row for row in puts if row["live"] and (death is None or rank.life(row, life) > death)]
    attributes = tuple(
        _explained(group, group.policy or life, puts, living, death, rank, life) for group in shape.groups
    )
    return Explanation(
        state="alive" if living else "gone" if any(row["live"] for row in rows) else "unknown",
        lacks=tuple(e.group.name for e in attributes if living and e.group.required and e.winner is None),
        attributes=attributes,
        deaths=tuple(
            _death(row, rank.life(row, life) == death)
            for row in sorted([r for r in rows if r["_kind"] == 1] + covering, key=lambda r: rank.life(r, life))[::-1]
        ),
        ties=tuple(_ties(living, rank, life)),
    )


class _Rank:
    def __init__(self, precedence: Mapping[str, int]) -> None:
        self._precedence = precedence

    def precedence(self, row: dict[str, Any]) -> int:
        return self._precedence[row["source"]]

    def life(self, row: dict[str, Any], policy: Policy) -> tuple[int, int]:
        return stamp(row["_at"], self.precedence(row), policy), row["_seq"]

    def total(self, row: dict[str, Any], policy: Policy) -> tuple[int, int, int]:
        return (*self.life(row, policy), row["_digest"])


def _ties(living: list[dict[str, Any]], rank: _Rank, life: LifePolicy) -> Iterator[Tie]:
    """The ranks at which the living differ, the strongest first."""
    at: dict[tuple[int, int], dict[int, dict[str, Any]]] = {}
    for row in sorted(living, key=_least):
        at.setdefault(rank.life(row, life), {}).setdefault(row["_digest"], row)
    for _, contents in sorted(at.items(), reverse=True):
        if len(contents) > 1:
            yield Tie(tuple(_origin(row) for _, row in sorted(contents.items(), reverse=True)))


def _least(row: dict[str, Any]) -> tuple[bytes, bytes, int]:
    """The order in which the least origin is shown of exact repetitions."""
    return row["source"].encode(), row["delivery"].encode(), row["_place"]


def _explained(
    group: Group,
    policy: Policy,
    puts: list[dict[str, Any]],
    living: list[dict[str, Any]],
    death: tuple[int, int] | None,
    rank: _Rank,
    life: LifePolicy,
) -> Explained:
    mine = [row for row in puts if row[stated(group.name)]]
    # of exact repetitions the least origin is shown, so it has to come first among equals
    mine.sort(key=_least)
    mine.sort(key=lambda row: rank.total(row, policy), reverse=True)
    alive = [row for row in mine if any(row is other for other in living)]
    winner = alive[0] if alive else None
    losers = [row for row in mine if row is not winner]
    return Explained(
        group,
        None if winner is None else Said(_origin(winner), _values(group, winner), None),
        tuple(Said(_origin(row), _values(group, row), _why(row, winner, death, rank, policy, life)) for row in losers),
    )


def _why(
    row: dict[str, Any],
    winner: dict[str, Any] | None,
    death: tuple[int, int] | None,
    rank: _Rank,
    policy: Policy,
    life: LifePolicy,
) -> str:
    if not row["live"]:
        if row["top_kind"] == "retraction":
            return "its delivery is retracted"
        if row["top_revision"] != row["revision"]:
            return f"revision {row['top_revision']} of its delivery replaced it"
        return "another reading of its delivery replaced it"
    if death is not None and rank.life(row, life) <= death:
        return "does not outlive the record's greatest death"
    assert winner is not None, "a living statement of a group always has a winner"
    mine, theirs = rank.total(row, policy), rank.total(winner, policy)
    if mine == theirs:
        return "says the same at the same rank; the least origin is shown"
    if mine[0] != theirs[0]:
        if policy == "priority" and rank.precedence(row) != rank.precedence(winner):
            return "its source has lower precedence"
        if row["_at"] == winner["_at"]:
            return "its source has lower precedence at the same time"
        return "its event time is later, and the first wins" if policy == "first" else "its event time is earlier"
    if mine[1] != theirs[1]:
        return "its sequence is lower"
    return "tied; its content has the lower digest"


def _values(group: Group, row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in group.columns)


def _death(row: dict[str, Any], greatest: bool) -> Death:
    asserted = "_parts" in row
    what = "asserted gone: the delivery is complete and does not name it" if asserted else "deleted"
    if asserted and row["_place"] is not None:
        what = "asserted gone: the record is complete and does not name it"
    why_not = None
    if not row["live"]:
        why_not = "its delivery's reading does not count"
    elif asserted and row["held_back"]:
        why_not = "held back: its delivery has rejected rows whose key could not be read"
    elif not greatest:
        why_not = "a later death counts"
    return Death(_origin(row), what, why_not)


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(
        source=row["source"],
        delivery=row["delivery"],
        revision=row["revision"],
        file=row["file"],
        place=row["_place"],
        commit=row["commit_no"],
        event_time=row["_at"],
        sequence=None if row["_seq"] == NO_SEQUENCE else row["_seq"],
        mended=_by_hand(row),
    )


def _by_hand(row: dict[str, Any]) -> ByHand | None:
    if row.get("_mended_in") is None:  # an assertion has no such column
        return None
    return ByHand(row["_mended_by"], row["_mended_in"], f"{row['_mended_load']}:{row['_place']}")
