"""A folder of a server that speaks SFTP."""

from __future__ import annotations

import datetime as dt
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import paramiko

from trivium.adapters.inboxes.names import REASON, encoded, file_changed, free_names, why_never
from trivium.engine.masking import masked
from trivium.errors import FileChanged, InboxError, UsageError
from trivium.ports import Entry, Outcome

_PATIENCE: Final = 20.0
"""Seconds to wait for an answer."""


class SftpInbox:
    """See `ports.Inbox`. `sftp://user@host:port/folder`: the folder from the root; `/~/folder` from the user's own.

    Keys come from the agent and ~/.ssh, a password from the URL. The server's own key has to be among the known hosts
    of this user: anybody else who answers under its name gets nothing. One connection serves all threads in turn; it is
    made anew after a failure.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = masked(url.rstrip("/"))
        if not parts.hostname:
            raise UsageError(f"{self.url} names no server", hint="such as sftp://user@host/folder")
        self._host, self._port = parts.hostname, parts.port or 22
        self._user = None if parts.username is None else unquote(parts.username)
        self._password = None if parts.password is None else unquote(parts.password)
        self._folder = PurePosixPath(unquote(parts.path).replace("/~/", "", 1) or "/")
        self._turn = threading.RLock()
        self._client: paramiko.SSHClient | None = None
        self._sftp: paramiko.SFTPClient | None = None

    def entries(self) -> list[Entry]:
        """See `ports.Inbox`."""
        with self._connected("be listed") as sftp:
            found = [_entry(item) for item in sftp.listdir_attr(str(self._folder))]
        return [entry for entry in found if entry is not None]

    @contextmanager
    def fetched(self, entry: Entry, beside: Sequence[str] = ()) -> Iterator[Path]:
        """See `ports.Inbox`. It is a copy in a folder of its own, for as long as it is used."""
        with tempfile.TemporaryDirectory(prefix="trivium-inbox-") as folder:
            path = Path(folder) / entry.name
            with self._connected("be read") as sftp:
                self._check_same(sftp, entry.name, entry.mark)
                with suppress(FileNotFoundError):  # then it is not the same below either
                    sftp.get(str(self._folder / entry.name), str(path))
                self._check_same(sftp, entry.name, entry.mark)
                for name in beside:
                    if _is_there(sftp, self._folder / name):
                        sftp.get(str(self._folder / name), str(Path(folder) / name))
            yield path

    def _check_same(self, sftp: paramiko.SFTPClient, name: str, mark: str, at: str = "") -> None:
        """`at`: where the file of this name lies by now."""
        try:
            about = sftp.lstat(at or str(self._folder / name))
        except FileNotFoundError:
            about = None
        if about is not None:
            about.filename = name
        now = None if about is None else _entry(about)
        if now is None or now.mark != mark:
            raise file_changed(f"{self.url}/{name}")

    def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
        """See `ports.Inbox`. A server's rename takes no name that is taken."""
        with self._connected(f"give {name} away into {outcome}/") as sftp:
            if mark is not None:
                self._check_same(sftp, name, mark)
            with suppress(OSError):  # it is there already
                sftp.mkdir(str(self._folder / outcome))
            for free in free_names(name):
                target = self._folder / outcome / free
                if not _is_there(sftp, target):
                    if reason is not None:
                        with sftp.open(f"{target}{REASON}", "w") as file:
                            file.write(encoded(reason))
                    sftp.rename(str(self._folder / name), str(target))
                    if mark is not None:
                        self._check_moved(sftp, name, mark, str(target))
                    return f"{self.url}/{outcome}/{free}"
        raise AssertionError("there is always a name that is free")

    def _check_moved(self, sftp: paramiko.SFTPClient, name: str, mark: str, target: str) -> None:
        """Puts it back where its sender had just given the name to another content."""
        try:
            self._check_same(sftp, name, mark, target)
        except FileChanged:
            sftp.rename(target, str(self._folder / name))
            with suppress(FileNotFoundError):
                sftp.remove(f"{target}{REASON}")
            raise

    def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
        """See `ports.Inbox`. SFTP cannot tell."""

    def close(self) -> None:
        """See `ports.Inbox`."""
        with self._turn:
            client, self._client, self._sftp = self._client, None, None
            if client is not None:
                client.close()

    @contextmanager
    def _connected(self, what: str) -> Iterator[paramiko.SFTPClient]:
        """The connection, for one thread at a time; after an error of it there is none."""
        with self._turn:
            try:
                yield self._sftp or self._connect()
            except paramiko.BadHostKeyException as error:
                self.close()
                raise InboxError(
                    f"{self.url} cannot {what}: the server shows another key than the one known of it",
                    hint="ask its people whether the key is new; then correct ~/.ssh/known_hosts",
                ) from error
            except (OSError, EOFError, paramiko.SSHException) as error:
                self.close()
                told = masked(str(error)).strip() or type(error).__name__
                hint = "look at the folder, the user and the keys; it goes on when they are right"
                if "not found in known_hosts" in told:
                    hint = f"make its key known: ssh-keyscan -p {self._port} {self._host} >> ~/.ssh/known_hosts"
                raise InboxError(f"{self.url} cannot {what}: {told}", hint=hint) from error

    def _connect(self) -> paramiko.SFTPClient:
        client = paramiko.SSHClient()
        client.load_system_host_keys()
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.connect(
                self._host, self._port, self._user, self._password, timeout=_PATIENCE, banner_timeout=_PATIENCE,
                auth_timeout=_PATIENCE, allow_agent=self._password is None, look_for_keys=self._password is None,
            )  # fmt: skip
            sftp = client.open_sftp()
            channel = sftp.get_channel()
            if channel is not None:
                channel.settimeout(_PATIENCE)
        except BaseException:
            client.close()
            raise
        self._client, self._sftp = client, sftp
        return sftp


def _entry(about: paramiko.SFTPAttributes) -> Entry | None:
    """None of what is no file."""
    mode, size, changed_at = about.st_mode or 0, about.st_size or 0, about.st_mtime or 0
    mark, changed = f"{size}-{changed_at}", dt.datetime.fromtimestamp(changed_at, dt.UTC)
    never = why_never(about.filename)
    if stat.S_ISLNK(mode):
        never = "it is a symbolic link, which may lead anywhere"
    elif not stat.S_ISREG(mode):
        return None
    return Entry(about.filename, mark, size, changed, never)


def _is_there(sftp: paramiko.SFTPClient, path: PurePosixPath) -> bool:
    try:
        sftp.lstat(str(path))
    except FileNotFoundError:
        return False
    return True
