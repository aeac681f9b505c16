"""Names under which files are put away."""

from __future__ import annotations

from collections.abc import Iterator

REASON = ".reason.txt"


def encoded(reason: str) -> bytes:
    """The bytes of a reason; whatever it quotes, it can be written."""
    return reason.encode("utf-8", "backslashreplace")


def free_names(name: str) -> Iterator[str]:
    """The name itself, then `orders.2.csv`, `orders.3.csv` and so on for `orders.csv`."""
    yield name
    stem, dot, rest = name.partition(".")
    number = 2
    while True:
        yield f"{stem}.{number}{dot}{rest}"
        number += 1


def why_never(name: str) -> str | None:
    """Why a file of this name, which a server of others may have made up, must not be touched."""
    if name in ("", ".", "..") or "/" in name or "\\" in name or "\0" in name:
        return "its name leads out of its folder"
    return None
