"""What a system has to tell of a day, and the files in which it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from retail.simulators.paper import Form
from retail.simulators.world import Record

Fate = Literal["loaded", "known", "refused", "held", "unexpected"]


@dataclass(frozen=True, slots=True)
class Statement:
    """What a row says: the record of an entity from an instant on, or (None) that it is gone."""

    entity: str
    key: tuple[str | int, ...]
    at: str
    record: Record | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What has to be told, whole and right. `stem` is the file's name before its revision, `day` the number of the day
    on which it is sent. `said` is what each of `rows` says; None: it is none of the source's. `due`: it is waited for;
    `odd`: nobody waits for it, for its day is no business day."""

    form: Form
    folder: str
    name: str
    stem: str
    day: int
    rows: tuple[Record, ...]
    said: tuple[Statement | None, ...]
    due: bool = False
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """A file that is sent in a wave, and what must become of it.

    `content` None: a link that leads nowhere. `beside` is its manifest or marker, which may come in a later wave.
    `why`: words in the reason of a refusal. `said`: what it says if it is the one of its delivery that counts.
    `unconfirmed`: its sum cannot be confirmed, for rows of it cannot be read.
    """

    wave: int
    source: str
    folder: str
    name: str
    kind: str
    delivery: str
    revision: int
    fate: Fate
    content: bytes | None = b""
    beside: tuple[tuple[str, bytes], ...] = ()
    beside_wave: int | None = None
    why: str = ""
    received: int = 0
    rejected: int = 0
    ignored: int = 0
    unconfirmed: bool = False
    said: tuple[Statement, ...] = field(default=(), repr=False)
