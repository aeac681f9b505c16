"""Sends files as systems do: under another name first, then renamed; then what says that they are whole."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Final

from retail.files.sending import Sending

_LOOK_EVERY: Final = 0.05


class NotTaken(Exception):
    """A file that should be taken still lies in the inbox; the message names it."""


@dataclass
class Sender:
    """Knows nothing of who takes the files but the folders in which they are put.

    No name is written while a file of that name still lies there, and no day begins while a file of the day before
    does, as far as it can be taken.
    """

    inbox: Path
    sent: Sequence[Sending]
    _awaited: set[Path] = field(default_factory=set)
    _owed: list[tuple[int, Path, str, bytes]] = field(default_factory=list)

    def waves(self) -> Iterator[int]:
        """Sends a wave, and gives its number; the next one when it is asked for."""
        for folder in dict.fromkeys(one.folder for one in self.sent):
            (self.inbox / folder).mkdir(parents=True, exist_ok=True)
        last = max([one.beside_wave or one.wave for one in self.sent], default=-1)
        grouped = {wave: list(some) for wave, some in groupby(self.sent, key=lambda one: one.wave)}
        for wave in range(last + 1):
            for _, path, name, content in (one for one in self._owed if one[0] == wave):
                _put(path.with_name(name), content)
                self._awaited.add(path)
            for one in grouped.get(wave, ()):
                self._send(one)
            yield wave

    def lying(self) -> list[Path]:
        """The files that should be taken and are not yet."""
        return sorted(path for path in self._awaited if path.exists() or path.is_symlink())

    def wait(self, patience: float) -> None:
        """Until nothing lies there that should be taken. Raises NotTaken after so many seconds in which nothing was."""
        until, before = time.monotonic() + patience, -1
        while left := self.lying():
            if len(left) != before:
                until, before = time.monotonic() + patience, len(left)
            if time.monotonic() > until:
                raise NotTaken(f"{len(left)} files are not taken, the first of them {left[0]}")
            time.sleep(_LOOK_EVERY)
        self._awaited.clear()

    def _send(self, one: Sending) -> None:
        folder = self.inbox / one.folder
        path = folder / one.name
        if one.content is None:
            path.symlink_to(folder / "elsewhere" / one.name)
        else:
            _put(path, one.content)
        for name, content in one.beside:
            if one.beside_wave is None:
                _put(folder / name, content)
            else:
                self._owed.append((one.beside_wave, path, name, content))
        if one.fate != "unexpected" and one.beside_wave is None:
            self._awaited.add(path)


def _put(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.rename(path)
