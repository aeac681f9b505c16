"""A key in a path."""

from __future__ import annotations

from typing import Any

from trivium.engine.plain import parse_key
from trivium.errors import UsageError
from trivium.model.entity import EntityShape
from trivium.web.problems import BadParameter


def key_of(shape: EntityShape, raw: str) -> tuple[Any, ...]:
    """The values of a key as it stands in a path, not decoded; raises BadParameter."""
    try:
        return parse_key(shape, raw)
    except UsageError as error:
        raise BadParameter("key", raw, error.hint or error.message) from None
