"""Watches one source's inbox: which files are there, which are whole, what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from trivium.engine.sighting import Sighting, State
from trivium.model.beside import is_beside, names_beside
from trivium.model.files import FilePattern
from trivium.model.readiness import is_under_way
from trivium.model.source import Source
from trivium.ports import Entry

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 300.0


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that may be read. `beside` are the names of the files that came with it."""

    entry: Entry
    sighting: Sighting
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What one listing came to: the files to take, by name; those that are settled and still lie there; and what has
    changed since the look before."""

    whole: list[Whole] = field(default_factory=list)
    settled: list[Whole] = field(default_factory=list)
    changed: list[Sighting] = field(default_factory=list)


class Sensor:
    """Decides on files by their listing alone; it touches none, and belongs to one thread.

    `kept` gives the last sightings of files that are not known, `under_way` are those of before that were not settled,
    `others` the patterns of the sources that share the folder. `wobble` gives a
    number from 0 to 1, by which pauses differ so that not all failing files are tried at the same moment.
    """

    def __init__(
        self,
        source: Source,
        url: str,
        kept: Callable[[Sequence[str]], Iterable[Sighting]],
        *,
        under_way: Iterable[Sighting] = (),
        others: Sequence[FilePattern] = (),
        wobble: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._source, self._url, self._others, self._wobble = source, url, others, wobble
        self._kept = kept
        self._known: dict[str, Sighting] = {}
        self._left = list(under_way)
        self._busy: set[str] = set()
        self._failures: dict[str, tuple[int, dt.datetime]] = {}

    def look(self, entries: Sequence[Entry], now: dt.datetime) -> Look:
        """Compares a listing with what is known. The files it gives as whole are the caller's until `told`."""
        found, names = Look(), {entry.name for entry in entries}
        unknown = [file for name in names if (file := f"{self._url}/{name}") not in self._known]
        self._known |= {one.file: one for one in (self._kept(unknown) if unknown else ())}
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not is_under_way(entry.name) and not self._is_companion(entry.name):
                self._see(entry, names, now, found)
        for file, sighting in list(self._known.items()):
            if file in self._busy or file.removeprefix(f"{self._url}/") in names:
                continue
            if sighting.settled or sighting.state == "vanished":
                del self._known[file]  # it was put away: others may come in thousands
            else:
                found.changed.append(self._keep(sighting.become("vanished", now)))
        for sighting in self._left:  # by a service before, and not there any more
            known = self._known.get(sighting.file)
            if known is None or known.mark != sighting.mark:
                found.changed.append(sighting.become("vanished", now))
        self._left = []
        return found

    def told(self, sighting: Sighting, now: dt.datetime) -> Sighting:
        """What became of a file that `look` gave. One that is `failing` is given again after a pause."""
        self._busy.discard(sighting.file)
        if sighting.state == "failing":
            times = self._failures.get(sighting.file, (0, now))[0] + 1
            pause = min(_FIRST_PAUSE * 2 ** (times - 1), _LONGEST_PAUSE) * (1 + self._wobble())
            self._failures[sighting.file] = (times, now + dt.timedelta(seconds=pause))
        else:
            self._failures.pop(sighting.file, None)
        return self._keep(sighting)

    def next_look(self, now: dt.datetime, *, tries: bool = True) -> float | None:
        """Seconds until something that waits may be whole, or (with `tries`) is tried again; None where nothing
        waits."""
        times = [at for _, at in self._failures.values()] if tries else []
        if self._source.ready.kind == "stable":
            stable = dt.timedelta(seconds=self._source.ready.seconds)
            waiting = (one for file, one in self._known.items() if one.state == "waiting" and file not in self._busy)
            times += [one.seen_at + stable for one in waiting]
        return max((min(times) - now).total_seconds(), 0.05) if times else None

    def _see(self, entry: Entry, names: set[str], now: dt.datetime, found: Look) -> None:
        file = f"{self._url}/{entry.name}"
        if file in self._busy:
            return
        known = self._known.get(file)
        if known is None or known.mark != entry.mark or known.state == "vanished":
            if known is not None and not known.settled and known.state != "vanished":
                found.changed.append(known.become("vanished", now))
                self._failures.pop(file, None)
            known = self._first_sight(entry, file, now)
            if known is None:
                return
            found.changed.append(self._keep(known))
        if known.settled:
            found.settled.append(Whole(entry, known, self._beside(entry.name, names)))
        elif known.state != "unexpected" and self._is_whole(entry, known, names, now):
            self._busy.add(file)
            found.whole.append(Whole(entry, known, self._beside(entry.name, names)))

    def _first_sight(self, entry: Entry, file: str, now: dt.datetime) -> Sighting | None:
        pattern = self._source.files
        name = pattern.match(entry.name) if pattern else None
        state: State = "waiting"
        why = entry.never
        if pattern is not None and name is None:
            if any(other.match(entry.name) for other in self._others):
                return None
            state, why = "unexpected", f"its source's files are called {pattern.name}"
        delivery = None if name is None else name.delivery
        return Sighting(self._source.name, file, entry.mark, entry.size, state, now, now, delivery=delivery, why=why)

    def _is_whole(self, entry: Entry, known: Sighting, names: set[str], now: dt.datetime) -> bool:
        if file_waits(self._failures.get(known.file), now):
            return False
        ready = self._source.ready
        if entry.never or ready.kind == "renamed":
            return True
        if ready.kind in ("marker", "manifest"):
            return not names.isdisjoint(self._marked(entry.name))
        # By our own clock since it was seen, or by the inbox's: what is old when we first look need not wait.
        stable = dt.timedelta(seconds=ready.seconds)
        return now - known.seen_at >= stable or now - entry.changed_at >= stable + _SKEW

    def _marked(self, name: str) -> tuple[str, ...]:
        """What the file beside it that says it is whole may be called."""
        manifest, ready = self._source.terms.manifest, self._source.ready
        if ready.kind == "manifest" and manifest is not None:
            return manifest.names(name)
        return names_beside(ready.pattern, name) if ready.kind == "marker" else ()

    def _beside(self, name: str, names: set[str]) -> tuple[str, ...]:
        manifest = self._source.terms.manifest
        may_be = (*self._marked(name), *(manifest.names(name) if manifest else ()))
        return tuple(dict.fromkeys(one for one in may_be if one in names))

    def _is_companion(self, name: str) -> bool:
        """Whether it is a marker or a manifest, of a file that is there or may yet come."""
        manifest, ready = self._source.terms.manifest, self._source.ready
        if manifest is not None and manifest.is_called(name):
            return True
        return ready.kind == "marker" and is_beside(ready.pattern, name)

    def _keep(self, sighting: Sighting) -> Sighting:
        self._known[sighting.file] = sighting
        return sighting


_SKEW: Final = dt.timedelta(seconds=60)
"""By so much the clock of an inbox may be off."""


def file_waits(failure: tuple[int, dt.datetime] | None, now: dt.datetime) -> bool:
    """Whether a file that failed is not to be tried again yet."""
    return failure is not None and now < failure[1]
