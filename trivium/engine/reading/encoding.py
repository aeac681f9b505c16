"""What a file of text has to be: UTF-8 by now, whatever it was when it was sent, and packed no more."""

from __future__ import annotations

import codecs

from trivium.engine.reading.errors import ReadingError

BOM = b"\xef\xbb\xbf"
SNIFFED_BYTES = 8


_OTHER = {
    b"\x1f\x8b": ("packed by gzip, twice", "pack it once"),
    b"PK\x03\x04": ("a zip in what was packed, or a workbook", "pack it once; or declare format='excel'"),
    b"\x28\xb5\x2f\xfd": ("packed by zstd, twice", "pack it once"),
    b"PAR1\x15": ("Parquet", "declare format='parquet'"),
    b"\xd0\xcf\x11\xe0": ("an old workbook (.xls), or one with a password", "declare format='excel'"),
}


def check_is_text(head: bytes) -> None:
    """Raises ReadingError if a file that begins with these bytes is none of text, or is UTF-16: by its mark, or for
    every second byte is NUL, as in a text of mostly ASCII."""
    for magic, (what, cure) in _OTHER.items():
        if head.startswith(magic):
            raise ReadingError(f"the file is {what}; its source is declared as one of text", cure=cure)
    if is_padded(head) or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReadingError("the file is UTF-16", cure="declare encoding='utf-16', or have it sent as UTF-8")


def is_padded(head: bytes) -> bool:
    """Whether every second byte is NUL."""
    halves = head[0::2], head[1::2]
    return len(head) >= SNIFFED_BYTES and any(not any(one) and all(other) for one, other in (halves, halves[::-1]))
