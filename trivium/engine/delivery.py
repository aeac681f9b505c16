"""What was sent in one piece, and what becomes of a reading of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal

ReadingKind = Literal["first", "revision", "replay", "retraction", "restored"]


def has_rows(kind: ReadingKind) -> bool:
    """Whether a reading of this kind has rows of its own; the others say nothing, or what an earlier one said."""
    return kind not in ("retraction", "restored")


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery and the reading of it: what was sent, by its stable name, revision and content.

    `digest` is the SHA-256 of the raw bytes in hex. `revision` None: there is none in the name, the store
    numbers arrivals. `manifest` is the text of the one that came with it. `remarks`: findings about this reading, of
    their kind and detail, which are written down with it.
    """

    source: str
    name: str
    revision: int | None
    digest: str
    file: str
    size: int
    arrived_at: dt.datetime
    kind: ReadingKind = "first"
    archived: bool = False
    by: str | None = None
    manifest: str | None = None
    remarks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mend:
    """Quarantined records of a load that this load brings again: they keep their delivery and reading.

    `raws`: of mended ones what they were mended to, place by place; it is kept.
    """

    load_no: int
    places: tuple[int, ...]
    outcome: Literal["mended", "retried"]
    by: str | None
    raws: tuple[bytes, ...] = ()

    def resolutions(self, commit: int, by_load: int) -> list[list[Any]]:
        """The rows of `_resolution` that it comes to."""
        raws = self.raws or (None,) * len(self.places)
        return [
            [self.load_no, place, self.outcome, commit, by_load, self.by, raw]
            for place, raw in zip(self.places, raws, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication came to. `counts`: whether this is the reading of its delivery that counts."""

    commit: int
    load_no: int
    revision: int
    attempt: int
    counts: bool
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """How many living records of the scopes a delivery asserts it would end, of how many."""

    gone: int
    alive: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would change if it were the reading of its delivery that counts: living records of one entity
    that appear, end, change, and stay as they are."""

    entity: str
    appear: int
    end: int
    change: int
    stay: int


def encode(delivery: Delivery) -> dict[str, Any]:
    """A delivery as JSON values."""
    return asdict(delivery) | {"arrived_at": delivery.arrived_at.isoformat()}


def decode(kept: dict[str, Any]) -> Delivery:
    """The delivery that `encode` wrote."""
    remarks = tuple((kind, detail) for kind, detail in kept.get("remarks", ()))
    return Delivery(**kept | {"arrived_at": dt.datetime.fromisoformat(kept["arrived_at"]), "remarks": remarks})
