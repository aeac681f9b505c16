"""Names under which files are put away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final

from trivium.errors import FileChanged

REASON = ".reason.txt"
_LONGEST: Final = 220
"""Bytes of a name to which something can still be put, of the 255 that a name may have."""
_ENDING: Final = 20


def is_long(name: str) -> bool:
    """Whether nothing more can be put to a name."""
    return len(name.encode("utf-8", "surrogateescape")) > _LONGEST


def shortened(name: str) -> str:
    """The name; of one that is long its beginning, what tells it from others that begin so, and its ending."""
    if not is_long(name):
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > _ENDING or not ending.isascii():
        stem, ending = name, ""
    told = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    room = _LONGEST - len(told) - len(ending) - 2
    return f"{stem.encode('utf-8', 'replace')[:room].decode('utf-8', 'ignore')}-{told}{dot and '.'}{ending}"


def encoded(reason: str) -> bytes:
    """The bytes of a reason; whatever it quotes, it can be written."""
    return reason.encode("utf-8", "backslashreplace")


def free_names(name: str) -> Iterator[str]:
    """The name itself, `shortened`, then `orders.2.csv`, `orders.3.csv` and so on for `orders.csv`."""
    name = shortened(name)
    yield name
    stem, dot, rest = name.partition(".")
    number = 2
    while True:
        yield f"{stem}.{number}{dot}{rest}"
        number += 1


def file_changed(where: str) -> FileChanged:
    """The error where a file is gone, or is another than the one that was seen."""
    return FileChanged(f"{where} is no longer what was seen of it", hint="nothing was taken; it is looked at again")


def why_never(name: str) -> str | None:
    """Why a file of this name, which a server of others may have made up, must not be touched."""
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        return "its name leads out of its folder"
    return None
