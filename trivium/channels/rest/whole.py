"""A body that lies in a file, looked at as a whole before it is judged."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path
from typing import Final

from trivium.channels.rest.bodies import NEITHER, SPACE, TooMuch, Unreadable
from trivium.engine.reading.encoding import BOM
from trivium.engine.reading.errors import UnpacksTooFar
from trivium.engine.reading.unpacking import GZIP, ZSTD, unpacked

_PIECE: Final = 1 << 20


def digest_unpacked(path: Path, digest: str, most: int) -> str:
    """The SHA-256, in hex, of what the body unpacks to, so that it is the same however it was packed; `digest` where it
    is not packed. Raises TooMuch beyond `most` bytes."""
    with path.open("rb") as file:
        if not file.read(4).startswith((GZIP, ZSTD)):
            return digest
        file.seek(0)
        found = hashlib.sha256()
        try:
            with closing(unpacked(file, most)) as stream:
                while piece := stream.read(_PIECE):
                    found.update(piece)
        except UnpacksTooFar as refused:
            raise TooMuch(refused.message, hint="send it in several requests; nothing of it was taken") from refused
    return found.hexdigest()


def check_begins(path: Path, most: int, *, json: bool) -> None:
    """Raises Unreadable where the body has no byte but space, or as `json` is neither an object nor an array by its
    first."""
    with path.open("rb") as file, closing(unpacked(file, most)) as stream:
        while piece := stream.read(_PIECE):
            if found := piece.lstrip(SPACE):
                if json and found[:1] not in b"[{" and not found.startswith(BOM):
                    raise Unreadable(NEITHER)
                return
    raise Unreadable("the body is empty")
