"""A prefix of a bucket of Google Cloud Storage.

By Google's own library: what speaks to all buckets (obstore) lists this one's in a way that no server which can be run
here understands, so it could not be proven.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from google.api_core.exceptions import ClientError, GoogleAPIError, NotFound, PreconditionFailed
from google.api_core.retry import Retry, if_transient_error
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Client
from requests import RequestException

from trivium.adapters.inboxes.names import REASON, encoded, file_changed, free_names, why_never
from trivium.errors import InboxError, UsageError
from trivium.ports import Entry, Outcome

_RETRY: Final = Retry(predicate=if_transient_error, initial=0.2, maximum=2.0, timeout=5.0)
_PATIENCE: Final = (10, 300)
"""Seconds to wait for a connection, and for each answer."""


class GcsInbox:
    """See `ports.Inbox`. Credentials are Google's own: GOOGLE_APPLICATION_CREDENTIALS, or those of the machine.

    An object is there whole or not at all, and each of its contents has a generation. It is moved by a copy to a name
    that none has, and then removed; killed between the two, it is there twice, and found to be known.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._bucket, _, folder = self.url.removeprefix("gs://").partition("/")
        if not self._bucket:
            raise UsageError(f"{url} names no bucket", hint="such as gs://bucket/folder")
        self._prefix = f"{folder}/" if folder else ""
        self._client: Any = None
        self._making = threading.Lock()

    def entries(self) -> list[Entry]:
        """See `ports.Inbox`."""
        with self._told("be listed"):
            found = list(
                self._storage().list_blobs(
                    self._bucket, prefix=self._prefix, delimiter="/", timeout=_PATIENCE, retry=_RETRY
                )
            )
        return [self._entry(blob) for blob in found if blob.name != self._prefix]

    @contextmanager
    def fetched(self, entry: Entry, beside: Sequence[str] = ()) -> Iterator[Path]:
        """See `ports.Inbox`. It is a copy in a folder of its own, for as long as it is used."""
        with tempfile.TemporaryDirectory(prefix="trivium-inbox-") as folder:
            path = Path(folder) / entry.name
            try:
                with self._told("be read", absent_too=False):
                    self._fetch(entry.name, path, int(entry.mark))
                    self._check_same(entry.name, entry.mark)
            except (NotFound, PreconditionFailed) as error:
                raise file_changed(f"{self.url}/{entry.name}") from error
            for name in beside:
                with suppress(NotFound), self._told("be read", absent_too=False):
                    self._fetch(name, Path(folder) / name, None)
            yield path

    def _fetch(self, name: str, path: Path, generation: int | None) -> None:
        # Raw: a content that is kept compressed is read as it was sent.
        self._blob(name).download_to_filename(
            str(path), raw_download=True, if_generation_match=generation, timeout=_PATIENCE, retry=_RETRY
        )

    def _check_same(self, name: str, mark: str) -> None:
        """Once more, for servers that pass over conditions."""
        blob = self._blob(name)
        blob.reload(timeout=_PATIENCE, retry=_RETRY)
        if str(blob.generation) != mark:
            raise file_changed(f"{self.url}/{name}")

    def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
        """See `ports.Inbox`."""
        same = None if mark is None else int(mark)
        with self._told(f"give {name} away into {outcome}/"):
            if mark is not None:
                try:
                    self._check_same(name, mark)
                except NotFound as error:
                    raise file_changed(f"{self.url}/{name}") from error
            bucket = self._storage().bucket(self._bucket)
            for free in free_names(name):
                target = f"{self._prefix}{outcome}/{free}"
                if bucket.blob(target).exists(timeout=_PATIENCE, retry=_RETRY):
                    continue
                beside = bucket.blob(f"{target}{REASON}")
                if reason is not None:
                    kind = "text/plain; charset=utf-8"
                    beside.upload_from_string(encoded(reason), kind, timeout=_PATIENCE, retry=_RETRY)
                with suppress(PreconditionFailed):  # somebody has taken the name
                    bucket.copy_blob(
                        self._blob(name), bucket, target, source_generation=same, if_generation_match=0,
                        timeout=_PATIENCE, retry=_RETRY,
                    )  # fmt: skip
                    self._remove(name, same, [bucket.blob(target), *([] if reason is None else [beside])])
                    return f"{self.url}/{outcome}/{free}"
        raise AssertionError("there is always a name that is free")

    def _remove(self, name: str, same: int | None, copies: list[Any]) -> None:
        try:
            self._blob(name).delete(if_generation_match=same, timeout=_PATIENCE, retry=_RETRY)
        except PreconditionFailed as error:
            for copy in copies:
                copy.delete(timeout=_PATIENCE, retry=_RETRY)
            raise file_changed(f"{self.url}/{name}") from error

    def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
        """See `ports.Inbox`. A bucket cannot tell."""

    def close(self) -> None:
        """See `ports.Inbox`."""
        with self._making:
            client, self._client = self._client, None
            if client is not None:
                client.close()

    def _storage(self) -> Any:
        with self._making:
            if self._client is None:
                self._client = Client(project="none")  # a bucket is found without one
            return self._client

    def _blob(self, name: str) -> Any:
        return self._storage().bucket(self._bucket).blob(self._prefix + name)

    def _entry(self, blob: Any) -> Entry:
        name = str(blob.name).rsplit("/", 1)[-1]
        return Entry(name, str(blob.generation), int(blob.size), blob.updated, why_never(name))

    @contextmanager
    def _told(self, what: str, *, absent_too: bool = True) -> Iterator[None]:
        """Errors of the library as errors of the inbox; `absent_too`: that something is not there is one of them."""
        try:
            yield
        except PreconditionFailed:
            raise
        except NotFound as error:
            if not absent_too:
                raise
            raise self._failed(what, error) from error
        except (GoogleAPIError, ClientError, GoogleAuthError, RequestException, OSError) as error:
            raise self._failed(what, error) from error

    def _failed(self, what: str, error: Exception) -> InboxError:
        told = str(error).strip().splitlines()
        return InboxError(
            f"{self.url} cannot {what}: {told[0] if told else type(error).__name__}",
            hint="look at the bucket's name and the credentials; it goes on when they are right",
        )
