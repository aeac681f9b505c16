"""Raw input in a folder of this machine, compressed, by the SHA-256 of its bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from trivium.errors import StoreError, UsageError

_PIECE = 8 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class RawFolder:
    """See `ports.RawInput`. Each content is one file, `ab/abcd….zst`, written aside and renamed when whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """See `ports.RawInput`."""
        digest, size = hashlib.sha256(), 0
        aside = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(prefix=".incoming-", dir=self._folder)
            with os.fdopen(handle, "wb") as file, pa.CompressedOutputStream(file, "zstd") as out:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
            path = self._path(digest.hexdigest())
            path.parent.mkdir(exist_ok=True)
            _sync(aside)
            Path(aside).replace(path)
            _sync(path.parent)
        except OSError as error:
            raise StoreError(
                f"raw input cannot be kept in {self._folder}: {error.strerror or error}",
                hint="nothing was taken",
            ) from error
        finally:
            if aside:
                with contextlib.suppress(OSError):
                    Path(aside).unlink()
        return digest.hexdigest(), size

    def open(self, digest: str) -> BinaryIO:
        """See `ports.RawInput`."""
        path = self._path(digest)
        try:
            return cast(BinaryIO, pa.input_stream(str(path), compression="zstd"))
        except FileNotFoundError as error:
            raise UsageError(
                f"the raw input {digest[:12]}… is no longer kept",
                hint="a source says by keep_raw how long it is",
            ) from error

    def forget(self, digests: Sequence[str]) -> int:
        """See `ports.RawInput`."""
        paths = [path for path in map(self._path, digests) if path.exists()]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise UsageError(f"{digest!r} is not the digest of raw input", hint="64 hexadecimal digits")
        return self._folder / digest[:2] / f"{digest}.zst"


def _sync(path: Path | str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
