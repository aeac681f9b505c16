"""The forms of answers, and which of them a caller is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from trivium.web.problems import BadParameter, NotAcceptable

Format = Literal["json", "ndjson", "csv"]

MEDIA: Final[Mapping[Format, str]] = {
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
}
_NAMES: Final[Mapping[str, Format]] = {
    "application/json": "json",
    "application/x-ndjson": "ndjson",
    "application/ndjson": "ndjson",
    "application/jsonl": "ndjson",
    "text/csv": "csv",
}
_RANGES: Final[Mapping[str, tuple[Format, ...]]] = {
    "*/*": ("json", "ndjson", "csv"),
    "application/*": ("json", "ndjson"),
    "text/*": ("csv",),
}


def chosen(offered: Sequence[Format], accept: str | None, asked: str | None) -> Format:
    """The form of an answer: what ?format= names, else what Accept likes best, else the first that is offered.

    Raises BadParameter or NotAcceptable where there is no such form.
    """
    if asked is not None:
        for one in offered:
            if one == asked:
                return one
        raise BadParameter("format", asked, f"one of {', '.join(offered)}")
    if accept is None or not accept.strip():
        return offered[0]
    liking = _liking(accept)
    best = max(offered, key=lambda one: liking.get(one, 0.0))  # of equals the first
    if liking.get(best, 0.0) > 0:
        return best
    media = [MEDIA[one].partition(";")[0] for one in offered]
    raise NotAcceptable(f"nothing here comes as {accept[:200]}", hint=f"there is {', '.join(media)}", available=media)


def _liking(accept: str) -> dict[Format, float]:
    """How much each form is liked, from 0 to 1: what names it most closely counts (RFC 9110, 12.5.1)."""
    found: dict[Format, tuple[int, float]] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        much = _quality(parameters)
        formats: tuple[Format, ...] = (_NAMES[name],) if name in _NAMES else _RANGES.get(name, ())
        closeness = 2 if name in _NAMES else 0 if name == "*/*" else 1
        for one in formats:
            if (closeness, much) > found.get(one, (-1, 0.0)):
                found[one] = (closeness, much)
    return {one: much for one, (_, much) in found.items()}


def _quality(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
