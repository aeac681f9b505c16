"""Several files of one source: a refused one does not stop the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from trivium.channels.batch import Loaded, load_file
from trivium.channels.bundle import SMALL_BYTES, Small, grouped, load_bundle
from trivium.channels.trial import Tried, try_file
from trivium.engine.judge.bundle import can_bundle
from trivium.engine.reading import ReadingError
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.service.files import Refused, check_file
from trivium.service.opening import Opened

Following = Callable[[Path, int, int], None]
"""Told which file is under way, how many of its bytes are done and how many records it had so far."""

_REFUSALS = (RefusedDelivery, ReadingError)


def load_all(
    opened: Opened, source: Source, paths: Sequence[Path], *, now: dt.datetime, by: str | None, progress: Following
) -> Iterator[Loaded | Refused]:
    """Loads one file after the other, small ones together; what became of each, as soon as it is durable."""
    for group in _grouped(source, paths):
        progress(group[0], 0, 0)
        small = [Small(path) for path in group]
        together = load_bundle(opened.store, opened.raw, opened.domain, source, small, now=now, by=by)
        for path, loaded in zip(group, together, strict=True):
            progress(path, 0, 0)
            try:
                if loaded is None:
                    check_file(opened.domain, source, path)
                    loaded = load_file(
                        opened.store, opened.raw, opened.domain, source, path, now=now, by=by,
                        progress=_of(path, progress),
                    )  # fmt: skip
                yield loaded
            except _REFUSALS as error:
                yield Refused(str(path), error)


def _grouped(source: Source, paths: Sequence[Path]) -> Iterator[Sequence[Path]]:
    """The files in their order, each alone or small ones together."""
    sizes = {path: path.stat().st_size if path.is_file() else SMALL_BYTES + 1 for path in paths}
    yield from grouped(paths, sizes.__getitem__, together=can_bundle(source))


def try_all(
    domain: Domain, source: Source, paths: Sequence[Path], *, now: dt.datetime, progress: Following, most: int = 5
) -> Iterator[Tried | Refused]:
    """Judges one file after the other and keeps nothing; with at most `most` rejects of each."""
    for path in paths:
        progress(path, 0, 0)
        try:
            check_file(domain, source, path)
            yield try_file(domain, source, path, now=now, most=most, progress=_of(path, progress))
        except _REFUSALS as error:
            yield Refused(str(path), error)


def _of(path: Path, progress: Following) -> Callable[[int, int], None]:
    return lambda done, received: progress(path, done, received)
