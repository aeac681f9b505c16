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
_SECONDS: Final = 2
_PARTS: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp")


@dataclass(frozen=True, slots=True)
class Readiness:
    """`renamed`: as soon as it has its name, for its sender writes under another and renames it. `stable`: when it has
    not changed for so many seconds. `marker`: when a file called like `pattern` lies beside it. `manifest`: when its
    manifest does, and neither has changed for so many seconds."""

    kind: Literal["renamed", "stable", "marker", "manifest"]
    seconds: int = 0
    pattern: str = ""


def parse_readiness(text: str | None, where: str, *, manifest: bool) -> Readiness:
    """What `ready` declares; without it two seconds without a change, of its manifest too where it comes with one."""
    stable: Literal["manifest", "stable"] = "manifest" if manifest else "stable"
    if text is None:
        return Readiness(stable, _SECONDS)
    if text == "renamed":
        return Readiness("renamed")
    if match := _STABLE.fullmatch(text):
        return Readiness(stable, parse_duration(match["duration"], where))
    if match := _MARKER.fullmatch(text):
        check_pattern(match["pattern"], "the marker", where)
        return Readiness("marker", pattern=match["pattern"])
    raise DeclarationError(
        where,
        f"ready={text!r} is not understood",
        cure="'renamed', 'stable for 10 seconds' or 'marker *.done'",
    )


def is_under_way(name: str) -> bool:
    """Whether a file of this name is one that its sender is still writing: hidden, or with an ending such as .part."""
    return name.startswith((".", "~")) or name.lower().endswith(_PARTS)
