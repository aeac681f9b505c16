"""When a file that arrives is whole, so that it may be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from trivium.errors import DeclarationError
from trivium.model.beside import check_pattern
from trivium.model.durations import parse_duration

_STABLE: Final = re.compile(r"stable for (?P<duration>.+)")
_MARKER: Final = re.compile(r"marker (?P<pattern>\S+)")
_PARTS: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Readiness:
    """`renamed`: as soon as it has its name, for its sender writes under another and renames it. `stable`: when it has
    not changed for so many seconds. `marker`: when a file called like `pattern` lies beside it. `manifest`: when its
    manifest does."""

    kind: Literal["renamed", "stable", "marker", "manifest"]
    seconds: int = 0
    pattern: str = ""


def parse_readiness(text: str | None, where: str, *, manifest: bool) -> Readiness:
    """What `ready` declares; without it a manifest says when, or else two seconds without a change."""
    if text is None:
        return Readiness("manifest") if manifest else Readiness("stable", 2)
    if text == "renamed":
        return Readiness("renamed")
    if match := _STABLE.fullmatch(text):
        return Readiness("stable", parse_duration(match["duration"], where))
    if match := _MARKER.fullmatch(text):
        check_pattern(match["pattern"], "the marker", where)
        return Readiness("marker", pattern=match["pattern"])
    raise DeclarationError(
        where,
        f"ready={text!r} is not understood",
        cure="'renamed', 'stable for 10 seconds' or 'marker *.done'; a manifest needs none of them",
    )


def is_under_way(name: str) -> bool:
    """Whether a file of this name is one that its sender is still writing: hidden, or with an ending such as .part."""
    return name.startswith((".", "~")) or name.lower().endswith(_PARTS)
