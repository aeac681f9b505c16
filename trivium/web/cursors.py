"""Cursors: where a page ends, as a text that the caller hands back and does not read.

A cursor checks itself: one that was cut, put together by hand, or made for another query is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from trivium.web.problems import BadParameter

CURSOR: Final = "[A-Za-z0-9_-]{16,}"
"""What a cursor looks like, as a regular expression."""
_DIGEST: Final = 9
_ANOTHER: Final = "the `next` of an answer to the same query"


def cursor_text(query: Sequence[Any], position: Sequence[Any]) -> str:
    """The cursor of a position in the answer to a query; both JSON values."""
    body = json.dumps(list(position), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(_digest(query, body) + body).decode().rstrip("=")


def cursor_position(query: Sequence[Any], text: str, name: str = "cursor") -> list[Any]:
    """The position again; raises BadParameter for what is no cursor of this query."""
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        if whole[:_DIGEST] != _digest(query, whole[_DIGEST:]):
            raise BadParameter(name, text, _ANOTHER)
        found: list[Any] = json.loads(whole[_DIGEST:])
    except (binascii.Error, ValueError):
        raise BadParameter(name, text, _ANOTHER) from None
    return found


def next_link(query: bytes, name: str, cursor: str) -> str:
    """The header Link to what follows: the same query with another cursor."""
    parts = [part for part in query.split(b"&") if part and part.partition(b"=")[0] != name.encode()]
    told = quote(b"&".join([*parts, f"{name}={cursor}".encode()]), safe="%&=+,;:@/?!$'()*")
    return f'<?{told}>; rel="next"'


def _digest(query: Sequence[Any], body: bytes) -> bytes:
    asked = json.dumps(list(query), ensure_ascii=True, default=str).encode()
    return hashlib.blake2b(body, digest_size=_DIGEST, key=hashlib.blake2b(asked, digest_size=64).digest()).digest()
