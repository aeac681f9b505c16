"""The markers and manifests that lie beside a source's files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from trivium.channels.stable import stable_at
from trivium.model.beside import is_beside, names_beside
from trivium.model.files import FilePattern
from trivium.model.source import Source
from trivium.ports import Entry


class Companions:
    """Which of them a listing shows, and what they say of the files there. `others` are the patterns of the sources
    that share the folder. It belongs to one thread."""

    def __init__(self, source: Source, others: Sequence[FilePattern] = ()) -> None:
        self._own, self._others = source.files, others
        ready, manifest = source.ready, source.terms.manifest
        self._waited_for = ""
        if ready.kind == "marker":
            self._waited_for = ready.pattern
        elif ready.kind == "manifest" and manifest is not None:
            self._waited_for = manifest.pattern
        every = (self._waited_for, manifest.pattern if manifest else "")
        self._patterns = tuple(dict.fromkeys(pattern for pattern in every if pattern))
        self._there: dict[str, tuple[Entry, dt.datetime]] = {}

    def look(self, entries: Iterable[Entry], now: dt.datetime) -> None:
        """Takes a listing in the place of the one before."""
        before, self._there = self._there, {}
        for entry in entries:
            if self.are_called(entry.name):
                last = before.get(entry.name)
                same = last is not None and last[0].mark == entry.mark
                self._there[entry.name] = last if last is not None and same else (entry, now)

    def are_called(self, name: str) -> bool:
        """Whether it is the name of one, of a file that is there or may yet come."""
        return any(is_beside(pattern, name) for pattern in self._patterns)

    def waited_for(self, file_name: str) -> tuple[str, ...]:
        """How the one may be called that says that a file is whole; none where none is waited for."""
        return names_beside(self._waited_for, file_name) if self._waited_for else ()

    def beside(self, file_name: str) -> tuple[Entry, ...]:
        """Those that lie beside a file."""
        may_be = (name for pattern in self._patterns for name in names_beside(pattern, file_name))
        return tuple(self._there[name][0] for name in dict.fromkeys(may_be) if name in self._there)

    def stable_at(self, name: str, seconds: float) -> dt.datetime:
        """When one that is there will have been unchanged for so long."""
        return stable_at(*self._there[name], seconds)

    def there(self) -> list[Entry]:
        """All that the listing shows."""
        return [entry for entry, _ in self._there.values()]

    def alone(self, file_names: Iterable[str]) -> set[str]:
        """The names of those whose file is none of these, and would be this source's."""
        if not self._there:
            return set()
        claimed = {one for name in file_names for pattern in self._patterns for one in names_beside(pattern, name)}
        return {name for name in self._there if name not in claimed and not self._is_of_others(name)}

    def _is_of_others(self, name: str) -> bool:
        for pattern in self._patterns:
            before, _, behind = pattern.partition("*")
            file = name.removeprefix(before).removesuffix(behind)
            if not _may_be(self._own, file) and any(_may_be(other, file) for other in self._others):
                return True
        return False


def _may_be(pattern: FilePattern | None, name: str) -> bool:
    """Whether a file may be called so, with the extension of its pattern or without it."""
    return pattern is not None and any(pattern.match(name + end) for end in ("", PurePath(pattern.name).suffix))
