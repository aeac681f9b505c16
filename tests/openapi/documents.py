"""The documents of an application, as a service of it would give them."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from trivium.service.application import load_application
from trivium.web.openapi import Version, document
from trivium.web.outlines import OUTLINES

ODD = str(Path(__file__).with_name("odd.py"))


@functools.cache
def made(app: str, version: Version, *, to_anybody: bool = False) -> Any:
    """The document."""
    return document(OUTLINES, load_application(app).domains, version, release="0", to_anybody=to_anybody)
