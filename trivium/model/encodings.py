"""Encodings of text files: which can be read, under one name each."""

from __future__ import annotations

import codecs
from typing import Final

from trivium.errors import DeclarationError

UTF8: Final = "utf-8"
WIDE: Final = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"})
"""Encodings with two or four bytes a character. The first and fourth go by the mark at the file's beginning."""

_SEVERAL: Final = frozenset({
    "big5", "big5hkscs", "cp932", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030", "gb2312", "gbk", "johab",
    "shift_jis", "shift_jisx0213",
})  # fmt: skip
# What stateful and escaping encodings would take for something else than its ASCII characters: there a record that is
# damaged would change how those behind it are read.
_TRAPS: Final = bytes(range(128)).replace(b"\\", b"") + rb"\n\x41\u0041 +AGE- ~{VJ~} " + b"\x1b$B$\x22\x1b(B \x0eA\x0f"


def checked_encoding(name: str, where: str) -> str:
    """The encoding under Python's name for it.

    UTF-8, UTF-16, UTF-32, one with a byte a character that has ASCII in its place (latin-1, cp1252 and so on), or
    one of the East Asian ones without states.
    """
    problem = "cannot be read a record at a time"
    try:
        found = codecs.lookup(name).name
        if found in (UTF8, "utf-8-sig"):
            return UTF8
        if found in WIDE or found in _SEVERAL or _is_ascii_throughout(found):
            return found
    except LookupError:
        problem = "is not known"
    except (ValueError, TypeError):
        pass
    cure = "such as 'utf-8', 'utf-16', 'latin-1' or 'cp1252'; or convert the file before it comes here"
    raise DeclarationError(where, f"the encoding {name!r} {problem}", cure=cure)


def _is_ascii_throughout(name: str) -> bool:
    if _TRAPS.decode(name, "replace") != _TRAPS.decode("ascii"):
        return False
    texts = [(bytes([byte]) + b"A").decode(name, "replace") for byte in range(128, 256)]
    return all(len(text) == 2 and text[1] == "A" for text in texts)
