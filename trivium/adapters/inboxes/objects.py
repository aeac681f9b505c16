"""A prefix of a bucket: S3 and what speaks like it."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PreconditionError

from trivium.adapters.inboxes.names import REASON, encoded, file_changed, free_names, why_never
from trivium.engine.masking import masked
from trivium.errors import FileChanged, InboxError, UsageError
from trivium.ports import Entry, Outcome

_PIECE: Final = 8 << 20
_CLIENT: Final[Any] = {"connect_timeout": "10s", "timeout": "300s", "allow_http": True}
"""Plain HTTP is spoken where the endpoint that somebody configured begins so, as one on this machine does."""
_NOT_THERE: Final = (NotFoundError, FileNotFoundError)
"""The library raises the second, though it documents the first."""
_RETRIES: Final[Any] = {"max_retries": 2}


class ObjectInbox:
    """See `ports.Inbox`. Credentials, the endpoint and the region come from the provider's own environment variables,
    such as AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL.

    An object is there whole or not at all. It is moved by a copy under a name that none has, and then removed; killed
    between the two, it is there twice, and found to be known.
    """

    def __init__(self, url: str) -> None:
        self.url = masked(url.rstrip("/"))
        try:
            self._store = obstore.store.from_url(url, client_options=_CLIENT, retry_config=_RETRIES)
        except (BaseError, ValueError) as error:
            raise UsageError(
                f"{self.url} is no bucket: {masked(str(error))}", hint="such as s3://bucket/folder"
            ) from error

    def entries(self) -> list[Entry]:
        """See `ports.Inbox`."""
        with self._told("be listed"):
            found = obstore.list_with_delimiter(self._store)["objects"]
        return [_entry(meta) for meta in found]

    @contextmanager
    def fetched(self, entry: Entry, beside: Sequence[str] = ()) -> Iterator[Path]:
        """See `ports.Inbox`. It is a copy in a folder of its own, for as long as it is used."""
        with tempfile.TemporaryDirectory(prefix="trivium-inbox-") as folder:
            path = Path(folder) / entry.name
            tag = entry.mark.partition(" ")[0]
            try:
                with self._told("be read"):
                    self._fetch(entry.name, path, {"if_match": tag} if tag else None)
            except (*_NOT_THERE, PreconditionError) as error:
                raise file_changed(f"{self.url}/{entry.name}") from error
            for name in beside:
                with suppress(*_NOT_THERE), self._told("be read"):
                    self._fetch(name, Path(folder) / name, None)
            yield path

    def _fetch(self, name: str, path: Path, options: Any) -> None:
        found = obstore.get(self._store, name, options=options)
        with path.open("wb") as file:
            for piece in found.stream(min_chunk_size=_PIECE):
                file.write(piece)

    def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
        """See `ports.Inbox`. No copy or removal has a condition: what its sender changes in the moment between the last
        look and the removal is lost."""
        with self._told(f"give {name} away into {outcome}/"):
            self._check_same(name, mark)
            for free in free_names(name):
                target = f"{outcome}/{free}"
                if self._mark(target) is not None:
                    continue
                with suppress(AlreadyExistsError):
                    if reason is not None:
                        obstore.put(self._store, f"{target}{REASON}", encoded(reason))
                    obstore.copy(self._store, name, target)
                    try:
                        self._check_same(name, mark)
                    except FileChanged:
                        obstore.delete(self._store, [target] if reason is None else [target, f"{target}{REASON}"])
                        raise
                    obstore.delete(self._store, name)
                    return f"{self.url}/{target}"
        raise AssertionError("there is always a name that is free")

    def _mark(self, name: str) -> str | None:
        """None where there is none of this name."""
        try:
            return _entry(obstore.head(self._store, name)).mark
        except _NOT_THERE:
            return None

    def _check_same(self, name: str, mark: str | None) -> None:
        if mark is not None and self._mark(name) != mark:
            raise file_changed(f"{self.url}/{name}")

    def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
        """See `ports.Inbox`. A bucket cannot tell."""

    def close(self) -> None:
        """See `ports.Inbox`."""

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Errors of the library as errors of the inbox; what is not there is the caller's to judge."""
        try:
            yield
        except (*_NOT_THERE, PreconditionError, AlreadyExistsError):
            raise
        except (BaseError, OSError) as error:
            told = masked(str(error)).strip().splitlines()
            raise InboxError(
                f"{self.url} cannot {what}: {told[0] if told else type(error).__name__}",
                hint="look at the bucket's name, its endpoint and its credentials; it goes on when they are right",
            ) from error


def _entry(meta: Any) -> Entry:
    name = str(meta["path"]).rsplit("/", 1)[-1]
    changed = meta["last_modified"]
    # The tag alone is the same for equal contents: the second of two that came one after the other is another file.
    # Whole seconds: a listing may be finer than what is told of one object.
    mark = f"{meta['e_tag'] or ''} {meta['size']}-{int(changed.timestamp())}"
    return Entry(name, mark, int(meta["size"]), changed, why_never(name))
