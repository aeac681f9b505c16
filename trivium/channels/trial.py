"""A file judged and nothing kept: what would be accepted, and why not the rest."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trivium.channels.batch import Counted, Progress, chunks, file_name, microseconds, verdicts
from trivium.engine.judge import Judge
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account


@dataclass(frozen=True, slots=True)
class Tried:
    """`rejects` are the first rejected records: `place`, `line`, `raw`, `reasons` and so on, see `Verdict`.

    `unread`, `absent`: as of `Judged`.
    """

    delivery: str
    revision: int | None
    file: str
    account: Account
    rejects: tuple[dict[str, Any], ...]
    unread: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


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
    name = file_name(source, path)
    account = Account()
    rejects: list[dict[str, Any]] = []
    judge = Judge(domain, source, arrived_at=microseconds(now), captured=name.captured)
    try:
        with path.open("rb") as stream:
            counted = Counted(stream)
            said = verdicts(judge, chunks(source, counted), lambda received: progress(counted.done, received))
            for verdict in said:
                account += verdict.account
                if verdict.rejected is not None:
                    rejects += verdict.rejected.slice(0, most - len(rejects)).to_pylist()
    except OSError as error:
        raise RefusedDelivery(
            f"{path} cannot be read: {error.strerror}", hint="give the path of a readable file"
        ) from error
    finally:
        judge.close()
    return Tried(name.delivery, name.revision, str(path), account, tuple(rejects), judge.unread, judge.absent)
