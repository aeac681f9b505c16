"""What a file has to be: text, in an encoding that can be read as it is."""

from __future__ import annotations

import codecs

from trivium.engine.reading.errors import ReadingError

UTF8 = "utf-8"
BOM = b"\xef\xbb\xbf"
SNIFFED_BYTES = 8


# What stateful and escaping encodings would take for something else than its ASCII characters.
_TRAPS = bytes(range(128)).replace(b"\\", b"") + rb"\n\x41\u0041 +AGE- ~{VJ~} " + b"\x1b$B$\x22\x1b(B \x0eA\x0f"


_PACKED = {
    b"\x1f\x8b": ("compressed by gzip", "unpack it first: gunzip -c in.csv.gz > out.csv"),
    b"PK\x03\x04": ("a zip archive, or a workbook such as .xlsx, which is one", "unpack it first, or save it as CSV"),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "unpack it first: zstd -d in.csv.zst"),
}


def check_is_text(head: bytes) -> None:
    """Raises ReadingError if a file that begins with these bytes is packed, or is UTF-16: by its mark, or for every
    second byte is NUL, as in a text of mostly ASCII."""
    for magic, (what, cure) in _PACKED.items():
        if head.startswith(magic):
            raise ReadingError(f"the file is {what}; Trivium reads plain text", cure=cure)
    halves = head[0::2], head[1::2]
    padded = len(head) >= SNIFFED_BYTES and any(not any(one) and all(other) for one, other in (halves, halves[::-1]))
    if padded or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        cure = "convert it, such as by `iconv -f UTF-16 -t UTF-8`, or have it sent as UTF-8"
        raise ReadingError("the file is UTF-16; Trivium reads UTF-8", cure=cure)


def checked_encoding(name: str) -> str:
    """The encoding under Python's name for it. Raises ReadingError.

    UTF-8, or one in which every ASCII byte stands for itself wherever it stands: in these alone separators,
    quotes and line ends can be found without decoding, and offsets are those of the file as it was sent.
    """
    problem = "cannot be read as it is"
    try:
        found = codecs.lookup(name).name
        if found in (UTF8, "utf-8-sig"):
            return UTF8
        if _is_ascii_throughout(found):
            return found
    except LookupError:
        problem = "is not known"
    except ValueError:
        pass
    cure = "declare utf-8, or one with a byte a character such as cp1252 or iso8859-15, or convert the file"
    raise ReadingError(f"the encoding {name!r} {problem}", cure=cure)


def _is_ascii_throughout(name: str) -> bool:
    if _TRAPS.decode(name, "replace") != _TRAPS.decode("ascii"):
        return False
    texts = [(bytes([byte]) + b"A").decode(name, "replace") for byte in range(128, 256)]
    return all(len(text) == 2 and text[1] == "A" for text in texts)
