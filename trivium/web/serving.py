"""uvicorn in a thread of this process."""

from __future__ import annotations

import logging
import socket
import threading
import time
from typing import Any, Final

import uvicorn

from trivium.errors import TriviumError, UsageError
from trivium.web.application import Application
from trivium.web.connection import bounded

_BACKLOG: Final = 1024
_LAST: Final = 1.0
"""Seconds that a server takes to end once nobody waits for it any more."""


class Serving:
    """The application at an address, from `start` to `stop`. Port 0: any that is free."""

    def __init__(self, application: Application, host: str, port: int, *, connections: int = 2000) -> None:
        self._application, self._host, self._port = application, host, port
        self._connections = connections
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    def start(self) -> None:
        """Returns when it answers; raises UsageError where the address is not to be had."""
        listening = _listening(self._host, self._port)
        host, port = listening.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what it has to say, callers are told
        config = uvicorn.Config(
            self._application.asgi, http=bounded(self._connections), loop="uvloop", ws="none", lifespan="on",
            log_config=None, access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=75,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, args=(self._server, listening), name="http", daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.005)
        if not self._server.started:
            raise TriviumError("the HTTP server did not begin", hint="this is a defect of Trivium")

    def stop(self, seconds: float = 6.0) -> None:
        """Takes no more requests, and returns when those in flight are answered, at the latest after so many seconds:
        what is left is cut off. Idempotent."""
        if self._server is None or self._thread is None:
            return
        until = time.monotonic() + seconds
        self._application.drain()
        self._server.config.timeout_graceful_shutdown = max(1, round(seconds))
        self._server.should_exit = True
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(_LAST)
        self._application.close(max(until - time.monotonic(), 0.0) + _LAST)

    @property
    def hangs(self) -> bool:
        """Whether a thread is at work still though it was stopped, as on a store that does not answer. The process may
        be ended all the same: nothing that is read is lost."""
        return (self._thread is not None and self._thread.is_alive()) or self._application.hangs

    def _run(self, server: uvicorn.Server, listening: socket.socket) -> None:
        try:
            server.run([listening])
        finally:
            listening.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refused(host, port, error) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from error
    return listening


def _refused(host: str, port: int, error: OSError) -> UsageError:
    what: Any = error.strerror or error
    return UsageError(f"cannot listen at {host}:{port}: {what}", hint="another process may have it: name another port")
