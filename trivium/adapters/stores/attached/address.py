"""Where a service that holds a store answers: a socket beside the store's file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from trivium.engine.evolution import describe, law_fingerprint
from trivium.model.domain import Domain

_LONGEST: Final = 100
"""Bytes that the name of a socket may have everywhere; Linux takes 107."""
_LANGUAGE: Final = "1"
"""Changes whenever the two sides would misunderstand each other."""


def socket_path(store: Path) -> str:
    """The socket of a store's file; where its name is too long for one, in a folder for all of this user."""
    beside = f"{store.resolve()}.sock"
    if len(os.fsencode(beside)) <= _LONGEST:
        return beside
    digest = hashlib.sha256(os.fsencode(beside)).hexdigest()[:32]
    return str(Path(tempfile.gettempdir()) / f"trivium-{os.getuid()}-{digest}.sock")


def declared(domain: Domain) -> tuple[str, str, str]:
    """What both sides must agree on."""
    return _LANGUAGE, describe(domain), law_fingerprint(domain)
