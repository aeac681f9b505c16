"""What a system sends in a day, and when: in the order of events, but for what is late, early, repeated or bad."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal

from retail.simulators.paper import TORN, Bad, Form, Written, spoil, write_table
from retail.simulators.scribe import spoilt
from retail.simulators.world import PARIS, Record

Road = Literal["call", "event", "file"]

TOPICS: Final = {"oms-events": "oms.orders", "wms-events": "wms.inventory", "web-clicks": "web.clicks"}
_KEYS: Final = {"oms-events": "order_id", "wms-events": "movement_id", "web-clicks": "click_id"}
_TIMES: Final = ("issued_at", "recorded_at", "occurred_at", "changed_at")

_LATE: Final = 0.03
_DISORDERED: Final = 0.05
_REPEATED: Final = 0.04
_RETRIED: Final = 0.04
"""The shares of records that come hours late, minutes late, or once more, and of calls that are sent again."""
_FILES: Final = {
    ("mpts-end-of-day", 1): 20.0, ("mpts-end-of-day", 2): 22.2, ("sod-end-of-day", 1): 21.3,
    ("sod-end-of-day", 2): 22.8, ("oms-end-of-day", 1): 22.9, ("oms-end-of-day", 2): 23.2,
}  # fmt: skip
"""The hour at which a source sends a revision of its file; counts go by their names."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is sent at an instant. `raws` are its records as they are written, or the file's content; `beside`
    are the files that say that a file is whole, by their names. `times`: how often it is sent, one after the other.
    `watched`: the key of a promotion that has to be served soon after."""

    at: dt.datetime
    source: str
    road: Road
    raws: tuple[bytes, ...]
    name: str | None = None
    beside: tuple[tuple[str, bytes], ...] = ()
    media: str = ""
    times: int = 1
    watched: str | None = None


@dataclass
class Agenda:
    """Collects what the simulators write: in the place of a `Scribe`, which writes files."""

    day: dt.date
    chance: Random
    items: list[Item] = field(default_factory=list)
    mischief: Counter[str] = field(default_factory=Counter)
    _accounts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    _revisions: dict[str, int] = field(default_factory=dict)

    @property
    def accounts(self) -> dict[str, Counter[str]]:
        """The account that each source must come to."""
        found: dict[str, Counter[str]] = {}
        for (source, _), account in self._accounts.items():
            found.setdefault(source, Counter(received=0, accepted=0, rejected=0, ignored=0)).update(account)
        return found

    def table(
        self,
        form: Form,
        stem: str,
        rows: Iterable[Record],
        *,
        bad: Sequence[Bad] | None = None,
        replaced: Iterable[tuple[Record, Bad]] = (),
        ignored: Callable[[Record], bool] = lambda row: False,
    ) -> None:
        """A file; see `Scribe.table`."""
        good = list(rows)
        lines: list[Written] = [(row, None) for row in good]
        lines += replaced
        ways = form.bad if bad is None else bad
        lines += spoilt(self.chance, [row for row in good if not ignored(row)], ways, len(lines))
        self.chance.shuffle(lines)
        paper, name = write_table(form, lines), f"{stem}{form.ending}"
        beside: tuple[tuple[str, bytes], ...] = ()
        none, rejected = sum(map(ignored, good)), sum(how is not None for _, how in lines)
        match form.closing:
            case "manifest":
                beside = ((f"{name}.manifest.json", paper.manifest()),)
            case "marker":
                beside = ((f"{name}.done", b""),)
            case "trailer":
                none += 1
        hour = _FILES.get((form.source, int(stem[-1])), (7.0 if "morning" in stem else 22.0) + int(stem[-1]) / 10)
        self.items.append(Item(self._at(hour), form.source, "file", (paper.content,), name, beside))
        revision = int(stem[-1])
        # Of a delivery the highest revision counts, and the others nothing.
        if revision >= self._revisions.get(stem[:-1], 0):
            self._revisions[stem[:-1]] = revision
            received = len(lines) + (form.closing == "trailer")
            self._accounts[form.source, stem[:-1]] = _account(received, rejected, none)
        self.mischief["poison"] += rejected
        self.mischief["corrected"] += revision > 1

    def stream(
        self,
        source: str,
        file: str,
        records: Iterable[Record],
        bad: Sequence[Bad],
        *,
        files: int = 1,
        ignored: Callable[[Record], bool] = lambda record: False,
    ) -> None:
        """Calls or events; see `Scribe.stream`."""
        good = list(records)
        lines: list[tuple[dt.datetime, Record, Bad | None]] = []
        for record in good:
            at = self._told_at(record)
            lines.append((at, record, None))
            if self.chance.random() < _REPEATED:
                self.mischief["repeated"] += 1
                lines.append((at + dt.timedelta(minutes=self.chance.uniform(1, 60)), record, None))
        sound = [record for record in good if not ignored(record)]
        for record, how in spoilt(self.chance, sound, bad, len(lines)):
            lines.append((self._told_at(record), record, how))
        rejected = sum(how is not None for *_, how in lines)
        none = sum(ignored(record) for _, record, how in lines if how is None)
        self._accounts[source, file] = _account(len(lines), rejected, none)
        self.mischief["poison"] += rejected
        self.mischief["partial"] += sum(_is_partial(source, record) for record in good)
        self.mischief["cancelled"] += sum(_is_cancelled(record) for record in good)
        self.mischief["corrected"] += sum(_is_correction(record) for record in good)
        lines.sort(key=lambda line: line[0])
        if source in TOPICS:
            for at, record, how in lines:
                self.items.append(Item(at, source, "event", (_json(record, how),), str(record.get(_KEYS[source]))))
        else:
            self._calls(source, lines)

    def _calls(self, source: str, lines: Sequence[tuple[dt.datetime, Record, Bad | None]]) -> None:
        """Calls of one record or a few. What is torn can only come as a line of its own: it would tear all else."""
        place = 0
        while place < len(lines):
            size = self.chance.choices((1, 3, 8), (70, 20, 10))[0]
            group = lines[place : place + size]
            place += size
            raws = tuple(_json(record, how) for _, record, how in group)
            torn = any(how is TORN for *_, how in group)
            media = "application/x-ndjson" if torn or self.chance.random() < 0.2 else "application/json"
            times = 2 if self.chance.random() < _RETRIED else 1
            self.mischief["sent again with its key"] += times - 1
            watched = next((_flash(source, record) for _, record, how in group if how is None), None)
            self.items.append(Item(group[-1][0], source, "call", raws, media=media, times=times, watched=watched))

    def _told_at(self, record: Record) -> dt.datetime:
        """When the record is sent: a moment after what it tells of, or much later."""
        at = dt.datetime.fromisoformat(next(str(record[name]) for name in _TIMES if record.get(name)))
        luck = self.chance.random()
        if luck < _LATE:
            self.mischief["late"] += 1
            return at + dt.timedelta(minutes=self.chance.uniform(60, 300))
        if luck < _LATE + _DISORDERED:
            self.mischief["out of order"] += 1
            return at + dt.timedelta(minutes=self.chance.uniform(2, 20))
        return at + dt.timedelta(seconds=self.chance.uniform(0, 5))

    def _at(self, hour: float) -> dt.datetime:
        midnight = dt.datetime.combine(self.day, dt.time(), PARIS)
        return midnight + dt.timedelta(hours=hour)


def _account(received: int, rejected: int, ignored: int) -> Counter[str]:
    accepted = received - rejected - ignored
    return Counter(received=received, accepted=accepted, rejected=rejected, ignored=ignored)


def _is_partial(source: str, record: Record) -> bool:
    whole = {"mpts-flash": "validity", "oms-events": "ship_to", "wms-events": "quantity", "sod-intraday": "product_id"}
    return whole.get(source, "title") not in record and source != "web-clicks"


def _is_cancelled(record: Record) -> bool:
    told = {str(record.get(name)) for name in ("type", "status")}
    return bool(told & {"order.cancelled", "order.deleted", "movement.reversed", "withdrawn"} or record.get("voided"))


def _is_correction(record: Record) -> bool:
    return int(record.get("version") or 1) > 1


def _flash(source: str, record: Record) -> str | None:
    whole = source == "mpts-flash" and "name" in record
    return str(record["promotion_id"]) if whole else None


def _json(record: Record, how: Bad | None) -> bytes:
    text: Any = json.dumps(spoil(record, how) if how else record, ensure_ascii=False, separators=(",", ":"))
    return str(text[: math.floor(len(text) * 2 / 3)] if how is TORN else text).encode()
