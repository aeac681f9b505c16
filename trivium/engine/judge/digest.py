"""The digest of a statement's canonical content, as SQL over the texts that the checks have made already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from trivium.engine.judge.attribute import Attribute
from trivium.engine.law.statements import text

EMPTY: Final = 169166769918185194
"""The digest of no content: that of a delete."""

_END = "\x1f"


@dataclass(frozen=True, slots=True)
class Content:
    """A group's columns. `stated`: SQL of whether the statement states it."""

    group: str
    stated: str
    attributes: Sequence[Attribute]


def digest(contents: Sequence[Content]) -> str:
    """SQL of the digest. Groups and their columns go by name, so that the order of declaration means nothing."""
    parts: list[str] = []
    for content in sorted(contents, key=lambda content: content.group):
        inside: list[str | _Words] = [_Words(f"{content.group}=")]
        for attribute in sorted(content.attributes, key=lambda attribute: attribute.column.name):
            inside += [*_canonical(attribute), _Words(_END)]
        if content.stated == "true":
            parts += _merged(inside)
        elif content.stated != "false":
            # One by one, so that texts are copied once: what is null is left out.
            parts += [f"CASE WHEN {content.stated} THEN {part} END" for part in _merged(inside)]
    return f"content_digest(concat({', '.join(parts)}))" if parts else str(EMPTY)


class _Words(str):
    """A constant part; what is not one is SQL."""


def _canonical(attribute: Attribute) -> list[str | _Words]:
    parts = attribute.check.canonical(attribute.text, attribute.value, attribute.plain)
    if attribute.null_ok == "false":
        return [*parts]
    if len(parts) == 1:
        return [f"coalesce({parts[0]}::VARCHAR, '~')"]
    return [f"coalesce({' || '.join(parts[:-1])}, '~')", parts[-1]]


def _merged(parts: Sequence[str | _Words]) -> list[str]:
    """The parts as SQL, constants that are neighbours as one."""
    merged: list[str | _Words] = []
    for part in parts:
        if isinstance(part, _Words) and merged and isinstance(merged[-1], _Words):
            merged[-1] = _Words(merged[-1] + part)
        else:
            merged.append(part)
    return [_literal(part) if isinstance(part, _Words) else part for part in merged]


def _literal(words: str) -> str:
    pieces = [text(piece) for piece in words.split(_END)]
    return " || chr(31) || ".join(pieces)
