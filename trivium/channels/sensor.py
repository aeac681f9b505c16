"""Watches one source's inbox: which files are there, which are whole, what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from trivium.channels.companions import Companions
from trivium.channels.stable import stable_at
from trivium.engine.sighting import Sighting, State
from trivium.model.durations import duration_words
from trivium.model.files import FilePattern
from trivium.model.readiness import is_under_way
from trivium.model.source import Source
from trivium.ports import Entry

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 300.0

FOR_ITS_FILE: Final = "for its file"
"""What a marker or a manifest waits for whose file is not there."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that may be read. `beside` are the files that came with it."""

    entry: Entry
    sighting: Sighting
    beside: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What one listing came to: the files to take, by name; those that are settled and still lie there; what has
    changed since the look before; and what is to be forgotten for it, see `Ledger.write`."""

    whole: list[Whole] = field(default_factory=list)
    settled: list[Whole] = field(default_factory=list)
    changed: list[Sighting] = field(default_factory=list)
    outgrown: list[Sighting] = field(default_factory=list)


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
        self._companions = Companions(source, others)
        self._due: dict[str, dt.datetime] = {}  # when those are whole that only have to stay as they are

    def look(self, entries: Sequence[Entry], now: dt.datetime) -> Look:
        """Compares a listing with what is known. The files it gives as whole are the caller's until `told`."""
        found, names = Look(), {entry.name for entry in entries}
        unknown = [file for name in names if (file := f"{self._url}/{name}") not in self._known]
        self._known |= {one.file: one for one in (self._kept(unknown) if unknown else ())}
        self._due = {}
        self._companions.look(entries, now)
        files = [one for one in entries if not is_under_way(one.name) and not self._companions.are_called(one.name)]
        for entry in sorted(files, key=lambda entry: entry.name):
            self._see(entry, now, found)
        self._see_companions([entry.name for entry in files], now, found)
        self._miss(names, now, found)
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
        times += self._due.values()
        return max((min(times) - now).total_seconds(), 0.05) if times else None

    def waiting(self) -> list[Sighting]:
        """What lies there and waits, by name; its `why` says what for."""
        return sorted((one for one in self._known.values() if one.state == "waiting"), key=lambda one: one.file)

    def _see(self, entry: Entry, now: dt.datetime, found: Look) -> None:
        file = f"{self._url}/{entry.name}"
        if file in self._busy:
            return
        known = before = self._known.get(file)
        if known is None or known.mark != entry.mark or known.lies_elsewhere or known.why == FOR_ITS_FILE:
            known = self._see_anew(entry, file, known, now, found)
            if known is None:
                return
        if not known.settled and known.state != "unexpected":
            awaited = self._awaited(entry, known, now)
            if awaited is None:
                self._busy.add(file)
                found.whole.append(Whole(entry, known, self._companions.beside(entry.name)))
            elif known.state == "waiting" and known.why != awaited:
                known = replace(known, why=awaited)
        if known is not before:
            found.changed.append(self._keep(known))
        if known.settled:
            found.settled.append(Whole(entry, known, self._companions.beside(entry.name)))

    def _see_anew(
        self, entry: Entry, file: str, known: Sighting | None, now: dt.datetime, found: Look
    ) -> Sighting | None:
        """A content that was not seen yet. What was never taken has grown, and its life goes on; after one that was
        taken, or may have been when a service ended, it is another file."""
        self._failures.pop(file, None)
        sighting = self._first_sight(entry, file, now)
        if known is None or known.settled or known.state == "vanished":  # put back, or another with its size and time
            return sighting
        if sighting is None or known.state == "loading":
            found.changed.append(self._keep(_vanished(known, now)))
            return sighting
        if known.mark != entry.mark:
            found.outgrown.append(known)
        return replace(sighting, seen_at=known.seen_at)

    def _see_companions(self, files: Sequence[str], now: dt.datetime, found: Look) -> None:
        """Those without their file are told, as long as they are."""
        alone = self._companions.alone(files)
        for entry in self._companions.there():
            file = f"{self._url}/{entry.name}"
            known = self._known.get(file)
            if entry.name not in alone:
                if known is not None:
                    found.outgrown.append(self._known.pop(file))
            elif known is None or known.mark != entry.mark or known.why != FOR_ITS_FILE:
                if known is not None and known.mark != entry.mark:
                    found.outgrown.append(known)
                waits = Sighting(self._source.name, file, entry.mark, entry.size, "waiting", now, now, why=FOR_ITS_FILE)
                found.changed.append(self._keep(waits))

    def _miss(self, names: set[str], now: dt.datetime, found: Look) -> None:
        """What is not there any more, or was left behind by a service before."""
        for file, sighting in list(self._known.items()):
            if file in self._busy or file.removeprefix(f"{self._url}/") in names:
                continue
            if sighting.lies_elsewhere:
                del self._known[file]  # it was put away: others may come in thousands
            elif sighting.settled:
                found.changed.append(self._keep(sighting.become(sighting.state, sighting.changed_at, moved_to="")))
            elif sighting.why == FOR_ITS_FILE:
                found.outgrown.append(self._known.pop(file))
            else:
                found.changed.append(self._keep(_vanished(sighting, now)))
        outgrown = {(one.file, one.mark) for one in found.outgrown}
        for sighting in self._left:
            known = self._known.get(sighting.file)
            if (known is None or known.mark != sighting.mark) and (sighting.file, sighting.mark) not in outgrown:
                if sighting.why == FOR_ITS_FILE:
                    found.outgrown.append(sighting)
                else:
                    found.changed.append(_vanished(sighting, now))
        self._left = []

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

    def _awaited(self, entry: Entry, known: Sighting, now: dt.datetime) -> str | None:
        """What a file waits for; None where it may be read."""
        if file_waits(self._failures.get(known.file), now):
            return "to be tried again"
        ready = self._source.ready
        if entry.never or ready.kind == "renamed":
            return None
        names = self._companions.waited_for(entry.name)
        there = [one.name for one in self._companions.beside(entry.name) if one.name in names]
        if names and not there:
            return f"for its {ready.kind} {' or '.join(names)}"
        if ready.kind == "marker":
            return None
        times = [self._companions.stable_at(name, ready.seconds) for name in there]
        if known.state == "waiting":  # else it was whole before, and is tried again
            times.append(stable_at(entry, known.changed_at, ready.seconds))
        if max(times, default=now) <= now:
            return None
        self._due[known.file] = max(times)
        return f"to be stable for {duration_words(ready.seconds)}"

    def _keep(self, sighting: Sighting) -> Sighting:
        self._known[sighting.file] = sighting
        return sighting


def file_waits(failure: tuple[int, dt.datetime] | None, now: dt.datetime) -> bool:
    """Whether a file that failed is not to be tried again yet."""
    return failure is not None and now < failure[1]


def _vanished(sighting: Sighting, now: dt.datetime) -> Sighting:
    why = None if sighting.state == "waiting" else sighting.why
    return sighting.become("vanished", now, why=why)
