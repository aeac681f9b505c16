"""Declarations that say which word was meant where one is not known."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, TypeVar, cast

from trivium.errors import DeclarationError

Made = TypeVar("Made", bound=Callable[..., Any])


def checked(making: Made) -> Made:
    """A function or class whose keywords a person writes: an unknown one is refused, and the nearest is named."""
    if isinstance(making, type):
        init = making.__dict__["__init__"]
        setattr(making, "__init__", _checked(init, making.__name__, first=1))  # noqa: B010 - mypy: it is a method
        return making
    return cast(Made, _checked(making, making.__name__, first=0))


def _checked(function: Callable[..., Any], name: str, *, first: int) -> Callable[..., Any]:
    known = list(inspect.signature(function).parameters)[first:]

    @functools.wraps(function)
    def call(*args: Any, **words: Any) -> Any:
        for word in words:
            if word not in known:
                given = args[first:]
                shown = f"{name}({given[0]!r}, …)" if given and isinstance(given[0], str) else f"{name}(…)"
                near = get_close_matches(word, known, 1)
                meant = f"{near[0]} is meant?" if near else "leave it out;"
                raise DeclarationError(shown, f"has no {word!r}", cure=f"{meant} its words: {', '.join(known)}")
        return function(*args, **words)

    return call
