"""Sizes as they are declared, `10 GB`, and as they are said again."""

from __future__ import annotations

import re
from typing import Final

from trivium.errors import DeclarationError

_FORM: Final = re.compile(r"([0-9]{1,6}) (KB|MB|GB|TB)")
_UNITS: Final = {"TB": 10**12, "GB": 10**9, "MB": 10**6, "KB": 10**3}


def parse_size(text: str, where: str) -> int:
    """Bytes of `10 GB`; a unit is a thousand of the one before it."""
    match = _FORM.fullmatch(text)
    if match is None or not int(match[1]):
        raise DeclarationError(where, f"{text!r} is not a size", cure="such as '500 MB' or '10 GB'")
    return int(match[1]) * _UNITS[match[2]]


def size_words(size: int) -> str:
    """The size in the greatest unit in which it is whole: `10 GB`, `1500 MB`, `17 bytes`."""
    for unit, one in _UNITS.items():
        if size >= one and size % one == 0:
            return f"{size // one} {unit}"
    return f"{size:,} byte{'s' * (size != 1)}"
