"""Raw input in a folder of this machine, compressed, by the SHA-256 of its bytes."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa

from trivium.adapters.objects.aside import aside, sweep_asides
from trivium.errors import StoreError, UsageError

_PIECE = 8 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ASIDE = ".incoming-"
_LOCKED = f"{_ASIDE}one-"
"""Such as are locked while they are written; of the many that are written together each is soon whole."""
_SYNCS = 8
"""Files that are waited for at once: a journal takes what comes together together."""
_MARK, _OTHERS = ".used-by-", "others"


class RawFolder:
    """See `ports.RawInput`. Each content is one file, `ab/abcd….zst`, written aside and renamed when whole.

    `owner` says whose raw input this is. Each leaves its mark in the folder, and where there is another's, or that of
    nobody known, nothing is swept: one store does not know what another needs.
    """

    def __init__(self, folder: Path, owner: str | None = None) -> None:
        self._folder = folder
        self._mark = f"{_MARK}{_OTHERS if owner is None else hashlib.sha256(owner.encode()).hexdigest()[:16]}"

    def keep(self, stream: BinaryIO) -> tuple[str, int]:
        """See `ports.RawInput`."""
        digest, size = hashlib.sha256(), 0
        handle, written = -1, None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._leave_mark()
            handle, written = aside(self._folder, _LOCKED)
            with os.fdopen(os.dup(handle), "wb") as file, pa.CompressedOutputStream(file, "zstd") as out:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += len(piece)
                    out.write(piece)
            path = self._path(digest.hexdigest())
            path.parent.mkdir(exist_ok=True)
            os.fsync(handle)
            written.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            if written is not None:
                with contextlib.suppress(OSError):
                    written.unlink()
                os.close(handle)
        return digest.hexdigest(), size

    def keep_all(self, contents: Sequence[tuple[str, bytes]]) -> None:
        """See `ports.RawInput`. All are written before the first is waited for: the disk takes them together."""
        # Of thousands of small files, making a Path of each name is a good part of the time.
        root, own, asides = str(self._folder), secrets.token_hex(8), dict[str, str]()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._leave_mark()
            for number, (digest, content) in enumerate(contents):
                written = asides.setdefault(f"{root}/{_named(digest)}", f"{root}/{_ASIDE}{own}-{number}")
                with open(written, "wb") as file:
                    file.write(pa.compress(content, "zstd", asbytes=True))
            folders = [f"{root}/{first}" for first in {digest[:2] for digest, _ in contents}]
            for folder in folders:
                Path(folder).mkdir(exist_ok=True)
            _sync_all([*asides.values()])
            for path, written in asides.items():
                os.replace(written, path)
            _sync_all(folders)
        except BaseException as error:
            for written in asides.values():
                with contextlib.suppress(OSError):
                    os.unlink(written)
            if isinstance(error, OSError):
                raise self._failed(error) from error
            raise

    def open(self, digest: str) -> BinaryIO:
        """See `ports.RawInput`."""
        path = self._path(digest)
        try:
            return cast(BinaryIO, pa.input_stream(str(path), compression="zstd"))
        except FileNotFoundError as error:
            raise UsageError(
                f"the raw input {digest[:12]}… is no longer kept in {self._folder}",
                hint="either its source keeps it for a time only (keep_raw); or it lies in another folder: "
                "a store of one file has it beside it and both are moved together, any has it where TRIVIUM_RAW says",
            ) from error

    def forget(self, digests: Sequence[str]) -> int:
        """See `ports.RawInput`."""
        paths = [path for path in map(self._path, digests) if path.exists()]
        with self._forgetting():
            for path in paths:
                path.unlink(missing_ok=True)
        return len(paths)

    def clear(self) -> None:
        """See `ports.RawInput`."""
        sweep_asides(self._folder, _LOCKED)

    def sweep(self, before: dt.datetime, needed: Callable[[], Container[str]]) -> int:
        """See `ports.RawInput`."""
        if self._marks() != [self._mark] or self._mark.endswith(_OTHERS):
            return 0
        until, swept = before.timestamp(), 0
        with self._forgetting():
            for path in self._folder.glob(f"{_ASIDE}*"):
                if _older(path, until):
                    path.unlink(missing_ok=True)
            old = [path for path in self._folder.glob("??/*.zst") if _older(path, until)]
        wanted = needed() if old else ()
        with self._forgetting():
            for path in old:
                if path.stem not in wanted:
                    swept += _removed(path, until)
        return swept

    @contextlib.contextmanager
    def _forgetting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"raw input in {self._folder} cannot be forgotten: {error.strerror or error}",
                hint="nothing else is held up; mend the cause, it is tried again",
            ) from error

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(
            f"raw input cannot be kept in {self._folder}: {error.strerror or error}",
            hint="nothing was taken; mend the cause and call again",
        )

    def _leave_mark(self) -> None:
        """Says once that this folder is the owner's; what lies in it without any mark is of nobody known."""
        if not (self._folder / self._mark).exists():
            if not self._marks() and any(self._folder.glob("??/*.zst")):
                (self._folder / f"{_MARK}{_OTHERS}").touch()
            (self._folder / self._mark).touch()

    def _marks(self) -> list[str]:
        return sorted(path.name for path in self._folder.glob(f"{_MARK}*"))

    def _path(self, digest: str) -> Path:
        return self._folder / _named(digest)


def _named(digest: str) -> str:
    """Where a content lies in the folder."""
    if not _DIGEST.fullmatch(digest):
        raise UsageError(f"{digest!r} is not the digest of raw input", hint="64 hexadecimal digits")
    return f"{digest[:2]}/{digest}.zst"


def _older(path: Path, until: float) -> bool:
    try:
        return path.stat().st_mtime < until
    except FileNotFoundError:  # somebody else swept it
        return False


def _removed(path: Path, until: float) -> bool:
    """Removes a content, unless it is kept again at this moment: then it is put back."""
    swept = path.with_suffix(".swept")
    try:
        path.replace(swept)
    except FileNotFoundError:
        return False
    if _older(swept, until):
        swept.unlink()
        return True
    swept.replace(path)
    return False


def _sync_all(paths: Sequence[str]) -> None:
    """Some at a time, for a disk takes together what is waited for together."""

    def some(first: int) -> None:
        for path in paths[first::_SYNCS]:
            _sync(path)

    with ThreadPoolExecutor(_SYNCS, "keep") as threads:
        list(threads.map(some, range(_SYNCS)))


def _sync(path: Path | str) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
