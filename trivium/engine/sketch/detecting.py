"""Which format a file most likely has, by its first bytes."""

from __future__ import annotations

import codecs
import dataclasses
import io
import json
import re
from contextlib import closing
from typing import Any, BinaryIO, Final

from trivium.engine.reading import HeaderError, ReadingError, SheetError, read, read_csv
from trivium.engine.reading.encoding import is_padded
from trivium.engine.reading.spooling import Ahead
from trivium.engine.reading.transcoding import Transcoded
from trivium.engine.reading.unpacking import unpacked
from trivium.model.encodings import UTF8
from trivium.model.formats import Csv, Excel, Format, JsonFile, Parquet

SAMPLE_BYTES: Final = 4 << 20

_SEPARATORS: Final = ",;\t|"
_NUMBER: Final = re.compile(r"[+-]?[0-9][0-9.,:/ -]*")
_MARKS: Final = {
    codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
_DEPTH: Final = 4
_SKIPPED: Final = 3
_FITS: Final = 0.9
_LOOKED_AT: Final = 64 << 10  # bytes by which the dialect is told


def detect(file: BinaryIO) -> tuple[Format, bytes, bool]:
    """The format, the beginning of the file unpacked and as UTF-8 (nothing of a format without text), and whether that
    is all of it. Raises ReadingError where the file is packed and damaged."""
    file.seek(0)
    with closing(unpacked(file, workbook=True)) as opened:
        return _told(file, Ahead(opened))


def _told(file: BinaryIO, stream: Ahead) -> tuple[Format, bytes, bool]:
    head = stream.peek(8)
    if head.startswith(b"PAR1"):
        return Parquet(), b"", True
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _excel(file), b"", True
    start = stream.peek(SAMPLE_BYTES)
    encoding = _encoding(start, whole=len(start) < SAMPLE_BYTES)
    text, whole = _text(start, encoding), len(start) < SAMPLE_BYTES
    if text.lstrip()[:1] in (b"{", b"["):
        found: Format = _json(text, whole)
    else:
        found = _csv(text[:_LOOKED_AT], len(text) <= _LOOKED_AT)
    assert isinstance(found, Csv | JsonFile)
    return dataclasses.replace(found, encoding=encoding), text, whole


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


def _csv(text: bytes, whole: bool) -> Csv:
    if not whole:
        text = text[: max(text.rfind(b"\n"), text.rfind(b"\r")) + 1] or text
    comment = "#" if re.search(rb"\A[^\n]*\n?#|\A#", text[:200]) else None
    found = [best for separator in _SEPARATORS if (best := _best(text, separator, comment)) is not None]
    # Of several that fit, as the decimal comma of a column does, the one with the most cells.
    form = max(found, key=lambda one: (one[0] >= _FITS, one[1] if one[0] >= _FITS else one[0]))[2] if found else Csv()
    names = _names(text, form)
    if names and (len(set(names)) < len(names) or any(not name or _NUMBER.fullmatch(name) for name in names)):
        if not names[-1] and len(set(names)) == len(names) and all(names[:-1]) and len(names) > 1:
            return form  # every line ends with a separator
        form = dataclasses.replace(form, header=False, columns=[f"column_{n}" for n in range(1, len(names) + 1)])
    return form


def _best(text: bytes, separator: str, comment: str | None) -> tuple[float, int, Csv] | None:
    """The share of records that fit, their cells, and the dialect: the simplest that fits, else that of the most."""
    quotes = ('"', "'", None) if b"'" in text else ('"', None)
    tried = []
    for skip in range(_SKIPPED + 1):
        for quote in quotes:
            form = Csv(separator=separator, quote=quote, comment=comment, skip=skip)
            share, columns = _score(text, form)
            if columns > 1 and share >= _FITS:
                return share, columns, form
            if columns > 1:
                tried.append((share, columns, form))
    return max(tried, key=lambda one: one[:2]) if tried else None


def _score(text: bytes, form: Csv) -> tuple[float, int]:
    """Which share of the records has as many cells as the first one, and how many these are."""
    names = _names(text, form)
    if not names or len(names) < 2:
        return 0.0, len(names)
    columns = [str(number) for number in range(len(names))]
    try:
        chunks = list(read_csv(io.BytesIO(text), dataclasses.replace(form, columns=columns)))
    except ReadingError:
        return 0.0, len(names)
    sound = sum(chunk.table.num_rows for chunk in chunks)
    received = sum(chunk.received for chunk in chunks)
    return sound / received if received else 0.5, len(names)


def _names(text: bytes, form: Csv) -> list[str]:
    """The cells of the first record; none where it cannot be told into cells."""
    columns = ["0"]
    try:
        read_csv(io.BytesIO(text), dataclasses.replace(form, columns=columns))
    except HeaderError as error:
        if error.count is None:
            return []
        columns = [str(number) for number in range(error.count)]
    except ReadingError:
        return []
    try:
        for chunk in read_csv(io.BytesIO(text), dataclasses.replace(form, header=False, columns=columns)):
            if chunk.table.num_rows:
                return [cell or "" for cell in chunk.table.slice(0, 1).to_pylist()[0].values()]
    except ReadingError:
        pass
    return []
