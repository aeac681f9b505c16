"""Readings of a delivery: which one counts, and what number a new one gets. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trivium.engine.delivery import Delivery, ReadingKind
from trivium.errors import AlreadyTaken, UsageError


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as the store keeps it. `says`: the reading whose rows count where this one is the highest."""

    reading_no: int
    revision: int
    digest: str
    attempt: int
    says: int | None
    commit_no: int
    kind: str

    @property
    def rank(self) -> tuple[int, str, int]:
        """The highest rank of a delivery's readings counts."""
        return (self.revision, self.digest, self.attempt)


@dataclass(frozen=True, slots=True)
class Numbered:
    """Where a new reading stands among those of its delivery."""

    revision: int
    attempt: int
    kind: ReadingKind
    counts: bool
    findings: tuple[tuple[str, str], ...]
    """Of their kind and detail."""


def highest(readings: Sequence[Reading]) -> Reading | None:
    """The reading that counts, if there is any."""
    return max(readings, key=lambda reading: reading.rank, default=None)


def number(delivery: Delivery, readings: Sequence[Reading]) -> Numbered:
    """The revision, attempt and kind of a new reading.

    A delivery whose name gives no revision is numbered by arrival, once; the same content keeps its number.
    """
    revision = delivery.revision
    same = [r for r in readings if r.digest == delivery.digest and revision in (None, r.revision)]
    if revision is None:
        revision = same[-1].revision if same else max((r.revision for r in readings), default=0) + 1
    attempt = max((r.attempt for r in same if r.revision == revision), default=0) + 1
    others = {r.digest for r in readings if r.revision == revision and r.digest != delivery.digest}
    findings = list(delivery.remarks)
    if others:
        told = (
            f"revision {revision} of delivery {delivery.name} came with different contents; the greater digest counts"
        )
        findings.append(("revision", told))
    elif delivery.revision is None and not same and revision > 1:
        told = f"{delivery.name} came with other content and no revision: it counts as revision {revision}, by arrival"
        findings.append(("correction", told))
    rank = (revision, delivery.digest, attempt)
    kind = "revision" if delivery.kind == "first" and revision > 1 else delivery.kind
    return Numbered(revision, attempt, kind, all(rank > r.rank for r in readings), tuple(findings))


def why_taken(delivery: Delivery, held: Iterable[Delivery], readings: Sequence[Reading]) -> tuple[str | None, bool]:
    """Why the very content of `delivery` needs no reading again, or None; and whether something else came between.

    `held` are the deliveries that wait for a person, `readings` those of this delivery.
    """
    for one in held:
        same = (one.source, one.name, one.digest) == (delivery.source, delivery.name, delivery.digest)
        if same and delivery.revision in (None, one.revision):
            return "held: `trivium deliveries APP release` publishes it", False
    taken = [r for r in readings if r.digest == delivery.digest and delivery.revision in (None, r.revision)]
    if not taken:
        return None, False
    first, top = taken[0], highest(readings)
    assert top is not None
    if (top.digest, top.revision) != (first.digest, first.revision):
        return f"taken in commit {first.commit_no}; revision {top.revision} of it counts now", True
    if top.says is None:
        undo = f"`trivium retract APP {delivery.source} {shlex.quote(delivery.name)} --undo` takes that back"
        return f"taken in commit {first.commit_no}, retracted in commit {top.commit_no}: {undo}", True
    return f"taken in commit {first.commit_no}", False


def refuse_taken(delivery: Delivery, why: str | None) -> None:
    """Raises AlreadyTaken for a first reading of a content that `why_taken` knows; a replay is wanted again."""
    if delivery.kind == "first" and why is not None:
        raise AlreadyTaken(f"{delivery.name} of {delivery.source} is known: {why}", hint="nothing to do")


def to_retract(source: str, delivery: str, readings: Sequence[Reading]) -> Reading:
    """The reading that a retraction silences; raises UsageError where there is nothing to retract."""
    top = highest(readings)
    if top is None:
        raise UsageError(
            f"{source} has no delivery {delivery!r}", hint="`trivium deliveries APP list` shows their names"
        )
    if top.says is None:
        raise UsageError(
            f"delivery {delivery!r} of {source} is retracted already",
            hint="add --undo to take the retraction back",
        )
    return top


def to_restore(source: str, delivery: str, readings: Sequence[Reading]) -> tuple[Reading, int]:
    """The retraction to take back and the reading that counts again; raises UsageError where there is none."""
    top = highest(readings)
    if top is None or top.says is not None:
        raise UsageError(f"delivery {delivery!r} of {source} is not retracted", hint="nothing to take back")
    before = [r for r in readings if (r.revision, r.digest) == (top.revision, top.digest) and r.says is not None]
    said = max(before, key=lambda r: r.attempt)
    assert said.says is not None
    return top, said.says
