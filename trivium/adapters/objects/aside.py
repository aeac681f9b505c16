"""Files that are written aside, and that nobody wants once the process that writes them is gone.

Whoever writes one holds a lock on it, which the system takes back from a process that is killed. So it can be told what
may be removed, though other processes may be writing in the same folder.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import suppress
from pathlib import Path


def aside(folder: Path, prefix: str) -> tuple[int, Path]:
    """A new file in a folder, open for writing and locked as long as it is open, and its path. Raises OSError."""
    while True:
        handle, path = tempfile.mkstemp(prefix=prefix, dir=folder)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if os.fstat(handle).st_nlink:
                return handle, Path(path)
        except BaseException:
            os.close(handle)
            Path(path).unlink(missing_ok=True)
            raise
        os.close(handle)  # swept before it was locked


def sweep_asides(folder: Path, prefix: str) -> None:
    """Removes the files that processes left which are gone."""
    for path in folder.glob(f"{prefix}*"):
        with suppress(OSError), path.open("rb") as file:  # somebody writes it, or it is not ours to remove
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
