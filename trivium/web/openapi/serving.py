"""`GET /openapi.json` and `GET /swagger.json`: the documents, made when they are first asked for."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Sequence
from typing import Any, Final

from trivium.model.domain import Domain
from trivium.web.openapi.document import Version, document
from trivium.web.operation import Outline, Told
from trivium.web.records import IF_NONE_MATCH
from trivium.web.release import release

_ANSWERS: Final = {
    200: Told("The document.", "openapi", ("ETag",)),
    304: Told("It is the one that If-None-Match names.", headers=("ETag",)),
}


def _outline(name: str, path: str, about: str) -> Outline:
    return Outline(
        name=name, path=path, about=about, scope="known", headers=(IF_NONE_MATCH,), answers=_ANSWERS,
        problems=(401, 500, 503), media=("application/json",), browser=True,
    )  # fmt: skip


OPENAPI: Final = _outline("openapi", "/openapi.json", "This service as OpenAPI 3.1.")
SWAGGER: Final = _outline("swagger", "/swagger.json", "This service as OpenAPI 2.0, as far as that has the words.")


class Documents:
    """The documents of a service that serves these domains, each made once. `to_anybody`: it asks nobody for a key. May
    be used by many threads."""

    def __init__(self, outlines: Sequence[Outline], domains: Sequence[Domain], *, to_anybody: bool) -> None:
        self._outlines, self._domains, self._open = outlines, domains, to_anybody
        self.made = functools.cache(self._made)
        self.text = functools.cache(self._text)

    def _made(self, version: Version) -> dict[str, Any]:
        """The document as JSON values."""
        return document(self._outlines, self._domains, version, release=release(), to_anybody=self._open)

    def _text(self, version: Version) -> tuple[bytes, str]:
        """The document as JSON, and its tag."""
        body = (json.dumps(self.made(version), ensure_ascii=False, indent=1) + "\n").encode()
        return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
