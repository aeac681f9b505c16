"""Bare connections to a server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.web.front import Front


@contextmanager
def speaking(front: Front) -> Iterator[socket.socket]:
    """A bare connection."""
    with socket.create_connection(front.address, timeout=30) as line:
        yield line


def heard(line: socket.socket) -> bytes:
    """Everything until the server ends it."""
    found = b""
    while True:
        try:
            piece = line.recv(65536)
        except ConnectionResetError:
            return found
        if not piece:
            return found
        found += piece
