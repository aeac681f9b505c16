"""The bytes of a file, the same each time they are read: to name it, to keep it, to judge it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO, cast

from trivium.errors import FileChanged, RefusedDelivery, TriviumError
from trivium.ports import Delivery, RawInput


def fingerprint(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file; refused where it changes while it is read."""
    with _unchanged(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


def digest_of(data: bytes) -> str:
    """SHA-256 of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def content(path: Path, most: int) -> bytes:
    """The bytes of a file of at most so many; refused where it changes while it is read."""
    with _unchanged(path) as file:
        return file.read(most)


@contextmanager
def _unchanged(path: Path) -> Iterator[BufferedReader]:
    """The file, which is read to its end within."""
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            yield file
            size, after = file.tell(), os.fstat(file.fileno())
    except FileNotFoundError as error:
        raise FileChanged(f"{path} is gone", hint="put it back, or give the path of a file that is there") from error
    except OSError as error:
        raise RefusedDelivery(
            f"{path} cannot be read: {error.strerror}", hint="give the path of a readable file"
        ) from error
    if size != after.st_size or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _changed(path, "whole")


@contextmanager
def opened(delivery: Delivery, raw: RawInput, path: Path) -> Iterator[BinaryIO]:
    """The bytes of a delivery: from what was kept, else from where the file lies. Refused at their end if they are not
    the bytes that the delivery was."""
    stream: Any = _Kept(raw.open(delivery.digest), delivery) if delivery.archived else _lying(path, delivery)
    try:
        yield stream
    finally:
        stream.close()


@contextmanager
def kept_meanwhile(
    delivery: Delivery, raw: RawInput, path: Path, *, only_taken: bool = False
) -> Iterator[tuple[BinaryIO, Callable[[], None]]]:
    """The file's bytes where it lies, while another thread keeps them if the delivery says so; and what waits until
    they are kept, durably. Call that before anything of the delivery is published: it raises what keeping raised.
    `only_taken`: where it is not called, nothing is kept."""
    stop, wanted = threading.Event(), threading.Event()
    if not only_taken:
        wanted.set()
    stream = _Same(_reopened(path), delivery.digest, _changed(path, "whole"))
    with ThreadPoolExecutor(1, "keep") as thread:
        keeping = thread.submit(_keep, delivery, raw, path, stop, wanted) if delivery.archived else None

        def wait_until_kept() -> None:
            wanted.set()
            if keeping is not None:
                keeping.result()

        try:
            yield cast(BinaryIO, stream), wait_until_kept
        finally:
            stop.set()  # nobody waits for it any more, or it is done
            wanted.set()
            stream.close()


def _keep(delivery: Delivery, raw: RawInput, path: Path, stop: threading.Event, wanted: threading.Event) -> None:
    stream = _Wanted(_reopened(path), delivery.digest, _changed(path, "whole"), stop, wanted)
    try:
        raw.keep(cast(BinaryIO, stream))
    finally:
        stream.close()


class _Same:
    """Bytes that are read again: `otherwise` is raised at their end if they are no longer what was hashed."""

    def __init__(self, stream: BinaryIO, digest: str, otherwise: TriviumError) -> None:
        self._stream, self._digest, self._otherwise = stream, digest, otherwise
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._hash.update(piece)
        if not piece and self._hash.hexdigest() != self._digest:
            raise self._otherwise
        return piece

    def readinto(self, buffer: Any) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()


class _Wanted(_Same):
    """The same that end when they are `wanted`, and not before. `stop` ends them early, as if they could not be
    read."""

    def __init__(
        self, stream: BinaryIO, digest: str, otherwise: TriviumError, stop: threading.Event, wanted: threading.Event
    ) -> None:
        super().__init__(stream, digest, otherwise)
        self._stop, self._wanted = stop, wanted

    def read(self, size: int = -1) -> bytes:
        piece = super().read(size)
        if not piece:
            self._wanted.wait()
        if self._stop.is_set():
            raise InterruptedError("the file is not wanted any more")
        return piece


class _Kept(_Same):
    """Raw input as it was kept."""

    def __init__(self, stream: BinaryIO, delivery: Delivery) -> None:
        self._damaged = RefusedDelivery(
            f"the raw input kept of {delivery.name} of {delivery.source} is damaged: {delivery.digest[:12]}… is not "
            "what its bytes come to",
            hint="nothing was taken of it; put the raw folder back from a copy, or send the file as a new revision",
        )
        super().__init__(stream, delivery.digest, self._damaged)

    def read(self, size: int = -1) -> bytes:
        try:
            return super().read(size)
        except OSError as error:  # it cannot be unpacked
            raise self._damaged from error


def _lying(path: Path, delivery: Delivery) -> _Same:
    return _Same(_reopened(path), delivery.digest, _changed(path, "as it was"))


def _reopened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise FileChanged(f"{path} is gone and cannot be read again", hint="put the file back") from error
    except OSError as error:
        raise RefusedDelivery(f"{path} cannot be read again: {error.strerror}", hint="put the file back") from error


def _changed(path: Path, wanted: str) -> FileChanged:
    return FileChanged(
        f"{path} is no longer what was read of it first", hint=f"nothing of it was taken; load it when it is {wanted}"
    )
