"""The side of the service: answers the calls of other processes on the store that it holds."""

from __future__ import annotations

import os
import pickle
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from trivium.adapters.stores.attached.address import declared, socket_path
from trivium.errors import StoreBusy, StoreError, TriviumError
from trivium.model.domain import Domain
from trivium.ports import Control, History, Ledger, Load, Reader, Store

_PORTS: Final[dict[str, type[Any]]] = {
    "history": History, "reader": Reader, "control": Control, "ledger": Ledger, "load": Load,
}  # fmt: skip
_OURS: Final = {("control", "close"), ("control", "prepare")}
"""Calls that are not for others: they would change or end what the service works with."""
_LOADING: Final = {"open": "load_no", "open_bundle": "load_nos"}
"""Calls that give something to go on with, and what the other side is told of it."""
_MOST: Final = 64
"""Callers at one time; others wait."""


class Serving:
    """Answers until the block ends. Only processes of the same user are listened to.

    A load belongs to the connection that opened it: where that ends before the load is published, as by a crash of the
    other side, it is abandoned.
    """

    def __init__(self, store: Store, domain: Domain, path: Path) -> None:
        self._store, self._domain = store, domain
        self._path = socket_path(path)
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._room = threading.Semaphore(_MOST)
        self._open: set[Connection] = set()
        self._over = False

    def __enter__(self) -> Serving:
        with suppress(FileNotFoundError):  # of a service that was killed: whoever has the store may take its name
            Path(self._path).unlink()
        try:
            self._listening.bind(self._path)
            Path(self._path).chmod(0o600)
            self._listening.listen(_MOST)
        except OSError as error:
            self._listening.close()
            raise StoreError(f"{self._path} cannot be made: {error.strerror}", hint="mend the cause") from error
        threading.Thread(target=self._listen, daemon=True, name="attached").start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over = True
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes the one that listens
        self._listening.close()
        with suppress(OSError):
            Path(self._path).unlink()
        for connection in list(self._open):
            with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)  # its thread finds the end, and abandons what it had open

    def _listen(self) -> None:
        while not self._over:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            if _user_of(caller) not in (os.getuid(), 0):
                caller.close()
                continue
            self._room.acquire()
            connection = Connection(caller.detach())
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True, name="attached caller").start()

    def _serve(self, connection: Connection) -> None:
        ports: dict[str, Any] = {name: getattr(self._store, name) for name in _PORTS if name != "load"}
        try:
            if self._greet(connection):
                while True:
                    port, method, args, kwargs = connection.recv()
                    self._answer(connection, ports, port, method, args, kwargs)
        except (EOFError, OSError):
            pass
        finally:
            if "load" in ports:
                with suppress(TriviumError):  # what cannot be removed now is swept at the next start
                    ports["load"].abandon()
            self._open.discard(connection)
            connection.close()
            self._room.release()

    def _greet(self, connection: Connection) -> bool:
        if connection.recv() == declared(self._domain):
            connection.send(("value", None))
            return True
        connection.send(
            (
                "error",
                StoreBusy(
                    "a running service holds the store by another declaration",
                    hint="stop it, or start it again with today's declaration",
                ),
            )
        )
        return False

    def _answer(
        self, connection: Connection, ports: dict[str, Any], port: str, method: str, args: Any, kwargs: Any
    ) -> None:
        try:
            if method.startswith("_") or (port, method) in _OURS or not hasattr(_PORTS.get(port), method):
                raise StoreError(f"{port}.{method} is no call for others", hint="use the same version on both sides")
            found = getattr(ports[port], method)(*args, **kwargs)
            if port == "history" and method in _LOADING:
                ports["load"] = found
                found = getattr(found, _LOADING[method])
            if isinstance(found, Iterator):
                for item in found:
                    connection.send(("item", item))
                connection.send(("end", None))
            else:
                connection.send(("value", found))
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - the other side is told whatever it was
            connection.send(("error", _sendable(error)))


def _user_of(caller: socket.socket) -> int:
    """The user whose process is at the other end."""
    if not hasattr(socket, "SO_PEERCRED"):  # no Linux: the permissions of the socket alone decide
        return os.getuid()
    told = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, _ = struct.unpack("3i", told)
    return int(user)


def _sendable(error: Exception) -> TriviumError:
    """The error as the other side can raise it."""
    if isinstance(error, TriviumError):
        with suppress(Exception):
            same = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
            if isinstance(same, type(error)):
                return error
        return StoreError(error.message, hint=error.hint)
    return StoreError(f"unexpected {type(error).__name__} in the service: {error}", hint="this is a defect of Trivium")
