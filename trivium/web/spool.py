"""Where large bodies lie while they are taken: files that are gone when nobody wants them, also after a crash."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from trivium.adapters.objects.aside import aside, sweep_asides
from trivium.web.problems import Busy

_PREFIX: Final = "trivium-body-"


class NoRoom(Busy):
    """The disk takes no more of a body. Nothing of it is kept, and the same call succeeds when there is room."""

    def __init__(self) -> None:
        super().__init__("the disk of the service has no room for the body; nothing of it was taken", seconds=5)


@dataclass(frozen=True, slots=True)
class Spooled:
    """A file that is being written."""

    file: IO[bytes]
    path: Path


class Spool:
    """Files in a folder, which is made if it is missing; without one in the system's. Any thread may use it."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = Path(tempfile.gettempdir()) if folder is None else folder

    def write(self, spooled: Spooled | None, pieces: Sequence[bytes]) -> Spooled:
        """Appends to a file, or to a new one. Raises NoRoom, the file gone."""
        try:
            spooled = spooled or self._made()
            for piece in pieces:
                spooled.file.write(piece)
            spooled.file.flush()
        except OSError as error:
            if spooled is not None:
                self.remove(spooled)
            raise NoRoom from error
        return spooled

    def remove(self, spooled: Spooled) -> None:
        """Removes a file, whatever is still to be written of it. Idempotent."""
        with suppress(OSError):
            spooled.path.unlink()
        with suppress(OSError):
            spooled.file.close()

    def sweep(self) -> None:
        """Removes what processes left that were killed."""
        sweep_asides(self._folder, _PREFIX)

    def _made(self) -> Spooled:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, path = aside(self._folder, _PREFIX)
        return Spooled(os.fdopen(handle, "wb"), path)
