"""A folder of this machine."""

from __future__ import annotations

import datetime as dt
import errno
import os
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import watchfiles
from watchfiles._rust_notify import WatchfilesRustInternalError

from trivium.adapters.inboxes.names import REASON, encoded, file_changed, free_names, is_long
from trivium.errors import FileChanged, InboxError, RefusedDelivery
from trivium.ports import Entry, Outcome

_NO_LINKS: Final = (errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS)
_LEAVING: Final = ".leaving"
_SOON: Final = 50
"""Milliseconds in which events are gathered before they are told."""
_DEAF: Final = 0.1
"""Seconds between two tries to watch."""


class LocalInbox:
    """See `ports.Inbox`. Names are joined as text: where thousands wait, making a Path of each takes as long as what is
    done with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.url = str(self._folder)
        self._ended: set[str] = set()
        self._called: dict[str, str] = {}  # names that are no UTF-8, by how they are written out

    def entries(self) -> list[Entry]:
        """See `ports.Inbox`."""
        found, called = [], {}
        try:
            with os.scandir(self._folder) as listing:
                for item in listing:
                    try:
                        name = _written_out(item.name)
                        entry = _entry(name, item.stat(follow_symlinks=False))
                    except FileNotFoundError:  # taken away since it was listed
                        continue
                    if entry is None:
                        continue
                    if name != item.name:
                        called[name] = item.name
                        entry = replace(entry, never="its name is no UTF-8")
                    found.append(entry)
        except OSError as error:
            raise self._failed("be listed", error) from error
        self._called = called
        return found

    @contextmanager
    def fetched(self, entry: Entry, beside: Sequence[str] = ()) -> Iterator[Path]:
        """See `ports.Inbox`. It is the file itself."""
        path = f"{self.url}/{entry.name}"
        try:
            now = _entry(entry.name, os.lstat(path))
        except FileNotFoundError:
            now = None
        except OSError as error:
            raise self._failed("be read", error) from error
        if now is None or now.never or now.mark != entry.mark:
            raise file_changed(path)
        for name in beside:
            if os.path.islink(f"{self.url}/{name}"):
                raise RefusedDelivery(
                    f"{name} beside it is a symbolic link, which may lead anywhere", hint="send the file itself"
                )
        yield Path(path)

    def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
        """See `ports.Inbox`."""
        folder, path = f"{self.url}/{outcome}", f"{self.url}/{self._called.get(name, name)}"
        try:
            Path(folder).mkdir(exist_ok=True)
            if folder not in self._ended:
                _end_moves(Path(folder))
                self._ended.add(folder)
            for free in free_names(name):
                target = f"{folder}/{free}"
                if reason is not None and _is_taken(target, path):
                    continue  # what lies beside it is not ours to write
                beside = f"{target}{REASON}"
                if reason is not None:
                    Path(beside).write_bytes(encoded(reason))
                try:
                    if _moved(path, target, mark):
                        return target
                except (FileChanged, OSError):
                    if reason is not None:
                        Path(beside).unlink(missing_ok=True)
                    raise
        except FileNotFoundError as error:
            if mark is not None and self._folder.is_dir():
                raise file_changed(path) from error
            raise self._failed(f"give {name} away into {outcome}/", error) from error
        except OSError as error:
            raise self._failed(f"give {name} away into {outcome}/", error) from error
        raise AssertionError("there is always a name that is free")

    def watch(self, changed: Callable[[], None], stop: threading.Event) -> None:
        """See `ports.Inbox`."""
        try:
            while not stop.is_set():
                # A name that is no UTF-8 ends it; watched anew, the folder tells of the next ones.
                with suppress(WatchfilesRustInternalError):
                    for _ in watchfiles.watch(
                        self._folder, watch_filter=None, stop_event=stop, debounce=_SOON, step=_SOON, recursive=False,
                        rust_timeout=500, raise_interrupt=False,
                    ):  # fmt: skip
                        changed()
                changed()
                stop.wait(_DEAF)
        except (OSError, RuntimeError) as error:  # watchfiles tells some of the system's errors as its own
            raise InboxError(f"{self.url} cannot be watched: {error}", hint="it is listed from time to time") from error

    def close(self) -> None:
        """See `ports.Inbox`."""

    def _failed(self, what: str, error: OSError) -> InboxError:
        missing = error.errno == errno.ENOENT
        hint = "make the folder, or name another inbox by --inbox or TRIVIUM_INBOX" if missing else None
        return InboxError(f"{self.url} cannot {what}: {error.strerror}", hint=hint or "mend the cause; it goes on then")


def _entry(name: str, about: os.stat_result) -> Entry | None:
    """None of what is no file: a folder, a pipe."""
    changed = dt.datetime.fromtimestamp(about.st_mtime, dt.UTC)
    mark = _mark(about)
    if stat.S_ISLNK(about.st_mode):
        return Entry(name, mark, 0, changed, "it is a symbolic link, which may lead anywhere")
    return Entry(name, mark, about.st_size, changed) if stat.S_ISREG(about.st_mode) else None


def _written_out(name: str) -> str:
    """A name as text: bytes in it that are none are written as `\\xff`."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _mark(about: os.stat_result) -> str:
    return f"{about.st_size}-{about.st_mtime_ns}-{about.st_ino}"


def _is_taken(target: str, path: str) -> bool:
    """Whether another file has that name."""
    try:
        return not os.path.samestat(os.lstat(path), os.lstat(target))
    except FileNotFoundError:
        return False


def _moved(path: str, target: str, mark: str | None) -> bool:
    """Moves a file to a name that nobody has; False where somebody has it.

    A second name is given before the first is taken away: `rename` alone would overwrite. Killed between the two, the
    file has both, and the next call takes away the first.
    """
    if is_long(os.path.basename(path)):  # there is no room for the name that it has in between
        return _renamed(path, target, mark)
    try:
        os.link(path, target, follow_symlinks=False)
    except FileExistsError:
        if not os.path.samestat(os.lstat(path), os.lstat(target)):
            return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _renamed(path, target, mark)
    if mark is not None and _mark(os.lstat(target)) != mark:
        os.unlink(target)
        raise file_changed(path)
    _name_taken_away(path, target)
    return True


def _name_taken_away(path: str, target: str) -> None:
    """Takes away the first of two names, unless its sender has just given it to another file: that keeps it."""
    aside = f"{os.path.dirname(target)}/.{os.path.basename(path)}{_LEAVING}"
    os.replace(path, aside)
    if not os.path.samestat(os.lstat(aside), os.lstat(target)):
        _put_back(aside, path)
    os.unlink(aside)


def _put_back(aside: str, path: str) -> None:
    with suppress(FileExistsError):  # there is a yet newer one, which its sender put in the place of this
        os.link(aside, path, follow_symlinks=False)


def _end_moves(folder: Path) -> None:
    """Ends what a process was killed in while it took a name away: what has no other name goes back."""
    with os.scandir(folder) as listing:
        left = [Path(item.path) for item in listing if item.name.endswith(_LEAVING)]
    for aside in left:
        with suppress(FileNotFoundError):  # another process is ending it
            if aside.lstat().st_nlink == 1:
                _put_back(str(aside), str(folder.parent / aside.name[1 : -len(_LEAVING)]))
            aside.unlink()


def _renamed(path: str, target: str, mark: str | None) -> bool:
    """The same where a file can have one name only: the new one is taken by an empty file first."""
    if mark is not None and _mark(os.lstat(path)) != mark:
        raise file_changed(path)
    try:
        Path(target).touch(exist_ok=False)
    except FileExistsError:
        return False
    os.replace(path, target)
    return True
