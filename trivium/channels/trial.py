"""A file judged and nothing kept: what would be accepted, and why not the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.channels.batch import sent
from trivium.channels.judging import Judging, Progress
from trivium.channels.manifests import missing
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account


@dataclass(frozen=True, slots=True)
class Tried:
    """`rejects` are the first rejected records: `place`, `line`, `raw`, `reasons` and so on, see `Verdict`.

    `unread`, `absent`: as of `Judged`. `findings`: what would be found of it as a whole.
    """

    delivery: str
    revision: int | None
    file: str
    account: Account
    rejects: tuple[dict[str, Any], ...]
    unread: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()


def try_file(
    domain: Domain,
    source: Source,
    path: Path,
    *,
    now: dt.datetime,
    most: int,
    progress: Progress = lambda done, received: None,
) -> Tried:
    """Judges a file without a store, with at most `most` of its rejects. Raises as `load_file` does."""
    delivery, name = sent(source, path, now=now, by=None)
    if source.terms.manifest is not None and delivery.manifest is None:
        raise missing(source, path)
    rejects: list[dict[str, Any]] = []
    try:
        with path.open("rb") as stream, Judging(domain, source, delivery, name, stream, progress) as judging:
            for verdict in judging:
                if verdict.rejected is not None:
                    rejects += verdict.rejected.slice(0, most - len(rejects)).to_pylist()
    except OSError as error:
        raise RefusedDelivery(
            f"{path} cannot be read: {error.strerror}", hint="give the path of a readable file"
        ) from error
    return Tried(
        name.delivery, delivery.revision, str(path), judging.account, tuple(rejects), judging.unread, judging.absent,
        tuple(detail for _, detail in judging.remarks),
    )  # fmt: skip
