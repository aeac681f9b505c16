"""Packed files as what is in them: gzip, zstd, zip. Told by their first bytes, bounded by what they unpack to."""

from __future__ import annotations

import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, Final, Protocol, cast

import pyarrow as pa

from trivium.engine.reading.cutting import ByteSource
from trivium.engine.reading.errors import ReadingError, UnpacksTooFar
from trivium.engine.reading.spooling import Ahead, spooled
from trivium.model.sizes import size_words

UNPACKS_TO: Final = 10 * 10**9
"""Bytes that a packed file may unpack to where nothing else is said."""

GZIP, ZSTD, ZIPS = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", (b"PK\x03\x04", b"PK\x05\x06")
_HEAD = 4
_WORKBOOK = "[Content_Types].xml"
_SHOWN_NAME = 80
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of packing a member: of the others a piece may unpack to any size at once, before it can be counted."""
_DIRECTORY_BYTES: Final = 8 << 20
"""The most that the directory of a zip may have: each of its members takes ten times as much memory as it has there."""


class Unpacked(ByteSource, Protocol):
    """A stream to be closed when it is not wanted any more; that leaves the one that it is made of open."""

    def close(self) -> None: ...


def unpacked(stream: ByteSource, most: int = UNPACKS_TO, *, workbook: bool = False) -> Unpacked:
    """The bytes of a stream, or what they unpack to: at most `most` bytes. `workbook`: a zip that is one stays packed.

    Raises ReadingError, at the beginning or while it is read, where more comes out, where a zip has not exactly one
    file, and where what is packed is damaged or cut off.
    """
    inner = Ahead(stream)
    head = inner.peek(_HEAD)
    if head.startswith(GZIP):
        return _Bounded(cast(BinaryIO, gzip.GzipFile(fileobj=cast(BinaryIO, inner))), inner, most, "gzip")
    if head == ZSTD:
        file: Any = inner
        packed = pa.PythonFile(file, "r")
        return _Bounded(cast(BinaryIO, pa.CompressedInputStream(packed, "zstd")), inner, most, "zstd")
    if head in ZIPS:
        return _unzipped(inner, most, workbook)
    return inner


class _Bounded:
    """What a stream unpacks to, which may be no more than `most` bytes."""

    def __init__(self, stream: BinaryIO, packed: Ahead, most: int, kind: str, opened: ExitStack | None = None) -> None:
        self._stream, self._packed, self._most, self._kind = stream, packed, most, kind
        self._given = 0
        self._opened = ExitStack() if opened is None else opened

    def close(self) -> None:
        self._stream.close()
        self._opened.close()

    def read(self, size: int, /) -> bytes:
        # One byte more than may come, so that the bound is seen to be passed.
        wanted = min(size, self._most - self._given + 1)
        with _told(self._kind, self._packed):
            part = self._stream.read(wanted)
            if not part:
                while self._packed.read(1 << 16):  # whoever gives the packed bytes wants to see them read to the end
                    pass
        self._given += len(part)
        if self._given > self._most:
            raise too_large(f"{self._packed.passed:,} bytes of it", self._most)
        return part


DAMAGES: Final = (
    EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error,
    KeyError, OverflowError,
)  # fmt: skip
"""What is raised of packed bytes that are damaged."""


@contextmanager
def _told(kind: str, packed: Ahead) -> Iterator[None]:
    try:
        yield
    except DAMAGES as error:
        if packed.failed is not None:
            raise packed.failed from None  # the bytes could not be read at all: that says who gives them
        raise ReadingError(
            f"what is packed by {kind} is damaged or cut off: {str(error) or type(error).__name__}",
            cure="nothing of it was taken; have it sent again, whole",
        ) from error


def too_large(what: str, most: int) -> UnpacksTooFar:
    """`what`: so many bytes of the packed file."""
    return UnpacksTooFar(
        f"{what} unpack to more than {size_words(most)}, the most that this source's files may",
        cure="look whether it is a file of the source; if it is, declare more, such as unpacks_to='100 GB'",
    )


def _unzipped(inner: Ahead, most: int, workbook: bool) -> Unpacked:
    with ExitStack() as opened:
        return _member(opened, inner, most, workbook)


def _member(opened: ExitStack, inner: Ahead, most: int, workbook: bool) -> Unpacked:
    file = opened.enter_context(spooled(inner))
    with _told("zip", inner):
        check_directory(file)
        archive = opened.enter_context(zipfile.ZipFile(file))
        members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith("__MACOSX/")]
    names = [one.filename for one in members]
    if workbook and is_workbook(names):
        opened.pop_all()
        file.seek(0)
        return file
    if len(members) != 1:
        shown = ", ".join(map(_shown, names[:3])) + (", …" if len(names) > 3 else "")
        holds = f"{len(names)} files ({shown})" if names else "no file"
        cure = "pack each file by itself"
        if _WORKBOOK in names:
            cure = "that is a workbook: declare format='excel'"
        raise ReadingError(f"the zip holds {holds}, and must hold exactly one", cure=cure)
    (member,) = members
    if member.flag_bits & 1:
        raise ReadingError(f"{_shown(member.filename)} in the zip has a password", cure="send it without")
    if member.file_size > most:
        raise too_large(f"the {member.compress_size:,} bytes of {_shown(member.filename)}", most)
    _check_method(member)
    with _told("zip", inner):
        return _Bounded(cast(BinaryIO, archive.open(member)), inner, most, "zip", opened.pop_all())


def _shown(name: str) -> str:
    return name if len(name) <= _SHOWN_NAME else name[:_SHOWN_NAME] + "…"


def _check_method(member: zipfile.ZipInfo) -> None:
    if member.compress_type not in _METHODS:
        method = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA"}.get(member.compress_type)
        raise ReadingError(
            f"{_shown(member.filename)} in the zip is packed by {method or f'method {member.compress_type}'}",
            cure="pack it by deflate, the usual method",
        )


def check_directory(file: BinaryIO) -> None:
    """Raises ReadingError where a zip has so many files that their names alone would fill the memory."""
    size = file.seek(0, 2)
    file.seek(max(size - (1 << 16) - 22, 0))
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    # All ones say that the true figure stands in the record before it, which only a directory of 4 GB needs.
    if at >= 0 and len(tail) >= at + 22 and struct.unpack_from("<I", tail, at + 12)[0] > _DIRECTORY_BYTES:
        raise ReadingError(
            f"the zip holds so many files that their names come to more than {size_words(_DIRECTORY_BYTES)}",
            cure="pack each file by itself",
        )


def is_workbook(names: list[str]) -> bool:
    """Whether a zip with these members is a workbook: of Excel, or an OpenDocument."""
    return _WORKBOOK in names or {"mimetype", "content.xml"} <= set(names)


def check_workbook_size(file: BinaryIO, most: int) -> None:
    """Raises ReadingError where all that is in a zip is more than `most` bytes, whatever its directory says."""
    check_directory(file)
    with zipfile.ZipFile(file) as archive:
        left = most
        for member in archive.infolist():
            _check_method(member)
            member.file_size = 1 << 62  # so that no directory that says too little ends the reading before its time
            with archive.open(member) as part:
                while data := part.read(1 << 20):
                    left -= len(data)
                    if left < 0:
                        raise too_large("the parts of the workbook", most)
    file.seek(0)
