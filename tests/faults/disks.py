"""A disk so small that it can be filled."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Disk:
    """A file system of its own, in memory."""

    folder: Path

    @property
    def used(self) -> int:
        """Bytes that its files take, without what only fills it."""
        found = os.statvfs(self.folder)
        filled = self._ballast.stat().st_size if self._ballast.exists() else 0
        return (found.f_blocks - found.f_bfree) * found.f_frsize - filled

    def leave(self, room: int) -> None:
        """Fills it but for so many bytes."""
        self.empty()
        found = os.statvfs(self.folder)
        size = found.f_bavail * found.f_frsize - room
        assert size > 0, "the disk is too small for that much room"
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def empty(self) -> None:
        """Makes room again."""
        self._ballast.unlink(missing_ok=True)

    @property
    def _ballast(self) -> Path:
        return self.folder / "ballast"


@contextmanager
def small_disk(size: str) -> Iterator[Disk]:
    """A tmpfs of `size`, which everybody may enter. Where this process may not mount, the test is skipped: the one
    whose files may not grow finds much the same, and runs everywhere."""
    folder = Path(tempfile.mkdtemp(prefix="trivium-disk-"))
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    finally:
        folder.rmdir()
