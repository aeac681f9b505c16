"""Passwords in texts that people read. Pure."""

from __future__ import annotations

import re
from typing import Final

_IN_URL: Final = re.compile(r"(?P<before>://[^\s/:@]*:)\S+@")
_IN_WORDS: Final = re.compile(r"(?P<before>\bpassword\s*=\s*)('[^']*'|[^\s&']+)", re.IGNORECASE)


def masked(text: str) -> str:
    """The text with the password of every URL and connection string in it struck out: up to the last `@` of a URL, for
    a password may hold one."""
    text = _IN_URL.sub(lambda found: f"{found['before']}***@", text)
    return _IN_WORDS.sub(lambda found: f"{found['before']}***", text)
