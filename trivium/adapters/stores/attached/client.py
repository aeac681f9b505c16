"""The side of the command: a store whose every call is answered by the service that holds it."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

from trivium.adapters.stores.attached.address import declared, socket_path
from trivium.errors import StoreBusy, StoreError
from trivium.model.domain import Domain
from trivium.ports import (
    Account,
    Answer,
    Bundle,
    Change,
    Control,
    Delivery,
    Gone,
    History,
    Ledger,
    Load,
    Mend,
    Preview,
    Published,
    Reader,
    Store,
    Turn,
    Verdict,
)  # fmt: skip


def attached(path: Path, domain: Domain) -> Store | None:
    """The store of this file, through the service that holds it; None where none answers. Raises StoreBusy where it
    holds it by another declaration."""
    try:
        _Line(path, domain).close()
    except (FileNotFoundError, ConnectionError):
        return None
    return AttachedStore(path, domain)


class AttachedStore:
    """See `ports.Store`. Each call has a connection of its own, each load one for its life."""

    def __init__(self, path: Path, domain: Domain) -> None:
        self.history = cast(History, _History(path, domain))
        self.reader = cast(Reader, _Reader("reader", path, domain))
        self.control = cast(Control, _Control("control", path, domain))
        self.ledger = cast(Ledger, _Ledger("ledger", path, domain))


class _Line:
    """A connection to the service."""

    def __init__(self, path: Path, domain: Domain) -> None:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(socket_path(path))
        except OSError:
            line.close()
            raise
        self._connection = Connection(line.detach())
        self._connection.send(declared(domain))
        self._value()

    def ask(self, port: str, method: str, *args: Any, **kwargs: Any) -> Any:
        self._send(port, method, args, kwargs)
        return self._value()

    def each(self, port: str, method: str, *args: Any, **kwargs: Any) -> Iterator[Any]:
        self._send(port, method, args, kwargs)
        while True:
            kind, value = self._receive()
            if kind == "end":
                return
            yield value

    def close(self) -> None:
        self._connection.close()

    def _send(self, port: str, method: str, args: Any, kwargs: Any) -> None:
        try:
            self._connection.send((port, method, args, kwargs))
        except OSError as error:
            raise _gone() from error

    def _value(self) -> Any:
        return self._receive()[1]

    def _receive(self) -> tuple[str, Any]:
        try:
            kind, value = self._connection.recv()
        except (EOFError, OSError) as error:
            raise _gone() from error
        if kind == "error":
            raise value
        return kind, value


class _Port:
    """A port, call by call."""

    def __init__(self, port: str, path: Path, domain: Domain) -> None:
        self._port, self._path, self._domain = port, path, domain

    def __getattr__(self, method: str) -> Any:
        if method.startswith("_"):
            raise AttributeError(method)

        def ask(*args: Any, **kwargs: Any) -> Any:
            line = self._line()
            try:
                return line.ask(self._port, method, *args, **kwargs)
            finally:
                line.close()

        return ask

    def _line(self) -> _Line:
        try:
            return _Line(self._path, self._domain)
        except (FileNotFoundError, ConnectionError) as error:
            raise _gone() from error


class _Control(_Port):
    def prepare(self) -> list[Change]:
        """The service has prepared it, for the same declaration."""
        return []

    def close(self) -> None:
        """Nothing is held between calls."""


class _Ledger(_Port):
    def turn(self, source: str) -> Turn:
        raise StoreBusy(f"the service that holds the store takes the files of {source}", hint="stop it first")


class _Reader(_Port):
    def records(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return self._each("records", *args, **kwargs)

    def chosen(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return self._each("chosen", *args, **kwargs)

    def view(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return self._each("view", *args, **kwargs)

    def alone(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        return self._each("alone", *args, **kwargs)

    def _each(self, method: str, *args: Any, **kwargs: Any) -> Iterator[Any]:
        line = self._line()
        try:
            yield from line.each("reader", method, *args, **kwargs)
        finally:
            line.close()


class _History(_Port):
    def __init__(self, path: Path, domain: Domain) -> None:
        super().__init__("history", path, domain)

    def open(self, source: str) -> Load:
        line = self._line()
        try:
            return _Load(line, line.ask("history", "open", source))
        except BaseException:
            line.close()
            raise

    def open_bundle(self, source: str, count: int) -> Bundle:
        line = self._line()
        try:
            return _Bundle(line, line.ask("history", "open_bundle", source, count))
        except BaseException:
            line.close()
            raise


class _Load:
    """See `ports.Load`. Its connection is its life: where it ends, the service abandons the load."""

    def __init__(self, line: _Line, load_no: int) -> None:
        self._line, self.load_no = line, load_no

    def append(self, verdict: Verdict) -> None:
        self._line.ask("load", "append", verdict)

    def gone(self) -> Gone:
        return cast(Gone, self._line.ask("load", "gone"))

    def preview(self, delivery: Delivery) -> list[Preview]:
        return cast("list[Preview]", self._line.ask("load", "preview", delivery))

    def publish(self, delivery: Delivery, account: Account, answer: Answer | None = None) -> Published:
        return cast(Published, self._last("publish", delivery, account, answer))

    def publish_mend(self, mend: Mend, account: Account) -> Published:
        return cast(Published, self._last("publish_mend", mend, account))

    def hold(self, delivery: Delivery, account: Account, gone: Gone) -> None:
        self._last("hold", delivery, account, gone)

    def abandon(self) -> None:
        with suppress(OSError, StoreError):  # the service does it by itself when the connection ends
            self._line.ask("load", "abandon")
        self._line.close()

    def _last(self, method: str, *args: Any) -> Any:
        found = self._line.ask("load", method, *args)
        self._line.close()
        return found


class _Bundle:
    """See `ports.Bundle`. The same."""

    def __init__(self, line: _Line, load_nos: Sequence[int]) -> None:
        self._load = _Load(line, load_nos[0])
        self.load_nos = load_nos

    def append(self, verdict: Verdict) -> None:
        self._load.append(verdict)

    def gone(self) -> Gone:
        return self._load.gone()

    def publish(self, deliveries: Sequence[tuple[Delivery, Account]]) -> list[Published]:
        return cast("list[Published]", self._load._last("publish", deliveries))

    def abandon(self) -> None:
        self._load.abandon()


def _gone() -> StoreError:
    return StoreError(
        "the service that held the store has gone", hint="whether it was kept is not known; the same call finds out"
    )
