"""Writes what the systems tell, with repetitions, disorder and mischief, and keeps an account of every file."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any, Final

from retail.simulators.paper import TORN, Bad, Form, Written, spoil, write_table
from retail.simulators.world import Record

MISCHIEF: Final = 0.012
"""The share of bad records among those of a file."""

REPEATED: Final = 0.04
"""The share of records of a stream that are sent twice."""


_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class Told:
    """A file, and what must become of its records."""

    source: str
    file: str
    received: int
    rejected: int
    ignored: int = 0

    @property
    def accepted(self) -> int:
        """What is neither rejected nor ignored."""
        return self.received - self.rejected - self.ignored


@dataclass
class Scribe:
    """Writes into a folder. What it adds is bad, or said before: it changes nothing of what is meant."""

    folder: Path
    chance: Random
    told: list[Told] = field(default_factory=list)

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
        """A file of `rows` in any order, with its manifest or trailer. `bad`: the ways in which some of them are
        spoilt, else all that the form knows. `replaced`: rows that stand in it spoilt only."""
        good = list(rows)
        lines: list[Written] = [(row, None) for row in good]
        lines += replaced
        ways = form.bad if bad is None else bad
        lines += spoilt(self.chance, [row for row in good if not ignored(row)], ways, len(lines))
        self.chance.shuffle(lines)
        paper, file = write_table(form, lines), f"{stem}{form.ending}"
        self._write(form.source, file, paper.content, [how for _, how in lines], sum(map(ignored, good)))
        match form.closing:
            case "manifest":
                (self.folder / f"{file}.manifest.json").write_bytes(paper.manifest())
            case "trailer":  # it is a record that is none
                last = self.told.pop()
                self.told.append(replace(last, received=last.received + 1, ignored=last.ignored + 1))

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
        """Records as NDJSON in `files` files, shuffled and partly repeated; `file` has `{}` for its number."""
        good = list(records)
        good += self.chance.sample(good, round(len(good) * REPEATED))
        self.chance.shuffle(good)
        size = math.ceil(len(good) / files)
        for number in range(files):
            part = good[number * size : (number + 1) * size]
            lines: list[Written] = [(record, None) for record in part]
            lines += spoilt(self.chance, [record for record in part if not ignored(record)], bad, len(lines))
            self.chance.shuffle(lines)
            text = "".join(_json(record, how) + "\n" for record, how in lines)
            hows, empty = [how for _, how in lines], sum(map(ignored, part))
            self._write(source, file.format(number + 1), text.encode(), hows, empty)

    def _write(self, source: str, file: str, content: bytes, hows: list[Bad | None], ignored: int) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        rejected = sum(how is not None for how in hows)
        self.told.append(Told(source, file, len(hows), rejected, ignored))


def spoilt(chance: Random, good: list[Record], bad: Sequence[Bad], records: int) -> list[Written]:
    """Copies of good records, each spoilt in one way, all ways in turn: the share `MISCHIEF` of so many records."""
    if not bad or not good:
        return []
    first = chance.randrange(len(bad))
    wanted = math.ceil(records * MISCHIEF)
    ways = [bad[(first + number) % len(bad)] for number in range(wanted)]
    found: list[Written] = []
    for way in ways:
        able = [record for record in chance.sample(good, min(20, len(good))) if _can(record, way)]
        found.append((able[0], way) if able else (good[0], TORN) if TORN in bad else (good[0], bad[0]))
    return found


def _can(record: Record, how: Bad) -> bool:
    """Whether the record says something where the bad value would stand, and is not a delete, which says nothing."""
    if record.get("voided") or record.get("removed") or str(record.get("type", "")).endswith(("deleted", "reversed")):
        return False
    if record.get("state") == "X":
        return False
    value: Any = record
    for step in how.column.split(".") if how.column else ():
        try:
            value = value[int(step)] if step.isdigit() else value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return value is not None


def _json(record: Record, how: Bad | None) -> str:
    text = _ENCODE(spoil(record, how) if how else record)
    return text[: len(text) * 2 // 3] if how is TORN else text
