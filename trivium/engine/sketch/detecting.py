"""Which format a file most likely has, by its first bytes."""

from __future__ import annotations

import codecs
import dataclasses
import io
import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from trivium.engine.reading import SheetError, read
from trivium.engine.reading.encoding import is_padded
from trivium.engine.reading.spooling import Ahead
from trivium.engine.reading.transcoding import Transcoded
from trivium.engine.reading.unpacking import unpacked
from trivium.engine.sketch.dialect import told_dialect
from trivium.model.encodings import UTF8
from trivium.model.formats import Excel, Format, JsonFile, Parquet

SAMPLE_BYTES: Final = 4 << 20

_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_DEPTH: Final = 4


@dataclass(frozen=True, slots=True)
class Detected:
    """`text`: the beginning of the file unpacked and as UTF-8, without `last`; nothing of a format without text.
    `whole`: that is all of it. `last`: its last line, where that is most likely a trailer. `remarks`: what is a guess
    in the format."""

    format: Format
    text: bytes = b""
    whole: bool = True
    last: bytes | None = None
    remarks: tuple[str, ...] = ()


def detect(file: BinaryIO) -> Detected:
    """The format, and the beginning of the file. Raises ReadingError where the file is packed and damaged."""
    file.seek(0)
    with closing(unpacked(file, workbook=True)) as opened:
        return _told(file, Ahead(opened))


def _told(file: BinaryIO, stream: Ahead) -> Detected:
    head = stream.peek(8)
    if head.startswith(b"PAR1"):
        return Detected(Parquet())
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Detected(_excel(file))
    start = stream.peek(SAMPLE_BYTES)
    encoding = _encoding(start, whole=len(start) < SAMPLE_BYTES)
    text, whole = _text(start, encoding), len(start) < SAMPLE_BYTES
    if text.lstrip()[:1] in (b"{", b"["):
        return Detected(dataclasses.replace(_json(text, whole), encoding=encoding), text, whole)
    told = told_dialect(text, whole)
    if told.last is not None:
        text = text[: text.rindex(told.last)]
    return Detected(dataclasses.replace(told.form, encoding=encoding), text, whole, told.last, told.remarks)


def _encoding(start: bytes, *, whole: bool) -> str:
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return name
    if is_padded(start[:8]):
        return "utf-16-be" if start[:1] == b"\0" else "utf-16-le"
    try:
        codecs.getincrementaldecoder(UTF8)().decode(start, whole)
    except UnicodeDecodeError:
        try:
            start.decode("cp1252")
        except UnicodeDecodeError:
            return "iso8859-1"
        return "cp1252"
    return UTF8


def _text(start: bytes, encoding: str) -> bytes:
    if encoding == UTF8:
        return start.removeprefix(codecs.BOM_UTF8)
    stream, parts = Transcoded(io.BytesIO(start), encoding), []
    while part := stream.read(SAMPLE_BYTES):
        parts.append(part)
    return b"".join(parts).removeprefix(codecs.BOM_UTF8)


def _excel(file: BinaryIO) -> Format:
    file.seek(0)
    try:
        next(iter(read(Excel(), file)))
    except SheetError:
        return Excel(sheet=1)
    return Excel()


def _json(text: bytes, whole: bool) -> JsonFile:
    """One of which the whole is an object around a list of objects has an envelope."""
    first = text.lstrip().partition(b"\n")[0]
    if text.lstrip().startswith(b"[") or not whole or (_is_object(first) and text.strip() != first.strip()):
        return JsonFile()
    try:
        path = _list_in(json.loads(text))
    except (ValueError, RecursionError):
        return JsonFile()
    return JsonFile(records=path)


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _list_in(value: Any, depth: int = 0) -> str | None:
    """The path of the nearest list of objects, of several as near the longest."""
    if not isinstance(value, dict) or depth == _DEPTH:
        return None
    lists: list[tuple[int, str]] = [
        (len(member), name)
        for name, member in value.items()
        if isinstance(member, list) and member and all(isinstance(item, dict) for item in member)
    ]
    if lists:
        return max(lists)[1]
    deeper = ((name, _list_in(member, depth + 1)) for name, member in value.items())
    return next((f"{name}.{path}" for name, path in deeper if path is not None), None)
