"""Files that lie beside another and speak of it: `*.done`, `*.manifest.json`; `*` stands for the other's name."""

from __future__ import annotations

from pathlib import PurePath

from trivium.errors import DeclarationError
from trivium.model.files import without_packing


def check_pattern(pattern: str, what: str, where: str) -> None:
    """Raises DeclarationError where a pattern cannot name a file beside another."""
    if pattern.count("*") != 1 or "/" in pattern or pattern == "*":
        cure = "one `*` for the name of the file, and more: '*.manifest.json', '*.done'; it lies beside"
        raise DeclarationError(where, f"{what} {pattern!r}", cure=cure)


def names_beside(pattern: str, file_name: str) -> tuple[str, ...]:
    """How the file beside `file_name` may be called, the likeliest first: `*` is its name, with its extension, without
    it, and of a packed file without both."""
    bare = [file_name, PurePath(file_name).stem, PurePath(without_packing(file_name)).stem]
    return tuple(dict.fromkeys(pattern.replace("*", name) for name in bare))


def is_beside(pattern: str, file_name: str) -> bool:
    """Whether a file of this name is one beside another."""
    before, _, behind = pattern.partition("*")
    long_enough = len(file_name) > len(before) + len(behind)
    return long_enough and file_name.startswith(before) and file_name.endswith(behind)
