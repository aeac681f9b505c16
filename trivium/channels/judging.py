"""A delivery judged piece by piece, and as a whole: whether it keeps what its source and its sender say of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, BinaryIO, Final

from trivium.channels.ahead import Ahead
from trivium.channels.manifests import promise_of
from trivium.engine.judge import Judge
from trivium.engine.promise import (
    Promise,
    bytes_otherwise,
    contradicted,
    rows_otherwise,
    totals_otherwise,
)
from trivium.engine.reading import ByteSource, EmptyError, LastLine, RawChunk, read
from trivium.engine.trailer import trailer_missing, trailer_promise
from trivium.engine.verdict import Total, summed
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.files import FileName
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Account, Delivery, Verdict

Progress = Callable[[int, int], None]
"""Told after each piece how many bytes of the file are read, and how many records were received."""

_SHOWN_REJECTS: Final = 5


class Judging:
    """The verdicts on the pieces of a delivery, then on the delivery. Iterate it once, within its block.

    Raises RefusedDelivery at the latest before the last verdict where the delivery as a whole is not to be believed.
    `progress` is told of a piece when the next one is asked for. When all is judged: `account`, `unread` and `absent`
    as of `Judge`, and `remarks`, findings of their kind and detail.
    """

    def __init__(
        self,
        domain: Domain,
        source: Source,
        delivery: Delivery,
        name: FileName,
        stream: BinaryIO,
        progress: Progress = lambda done, received: None,
    ) -> None:
        self._source, self._name, self._progress = source, name, progress
        self._promise = promise_of(source, delivery, name)
        self._last: LastLine | None = None
        self._counted = Counted(stream)
        self._hollow = not delivery.size
        self._totals: dict[str, Total] = {}
        self._rejects: list[dict[str, Any]] = []
        self.account = Account()
        self.remarks: tuple[tuple[str, str], ...] = ()
        with ExitStack() as opened:
            asserted_at = None if self._promise is None else self._promise.cut_off
            self._judge = opened.enter_context(
                Judge(
                    domain, source, arrived_at=instant_of(delivery.arrived_at), captured=name.captured,
                    asserted_at=asserted_at,
                )
            )  # fmt: skip
            self._pieces = opened.enter_context(Ahead(self._read()))
            self._opened = opened.pop_all()

    @property
    def unread(self) -> tuple[str, ...]:
        return self._judge.unread

    @property
    def absent(self) -> tuple[str, ...]:
        return self._judge.absent

    def __iter__(self) -> Iterator[Verdict]:
        received = 0
        for chunk in self._pieces:
            verdict = self._judge.judge(chunk)
            self._add(verdict)
            received += verdict.account.received
            yield verdict
            self._progress(self._counted.done, received)
        self._check(received)
        if self._last is not None:
            trailer = Verdict(Account(received=1, ignored=1))
            self.account += trailer.account
            yield trailer
        yield self._judge.finish()

    def __enter__(self) -> Judging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def _read(self) -> Iterator[RawChunk]:
        """The records; none of a file that holds nothing, which is for `_check` to believe or not."""
        try:
            return chunks(self._source, self._counted, self._without_trailer if self._source.terms.trailer else None)
        except EmptyError:
            self._hollow = True
            return iter(())

    def _without_trailer(self, stream: ByteSource) -> ByteSource:
        trailer = self._source.terms.trailer
        self._last = LastLine(stream, hashed=trailer is not None and trailer.hashed)
        return self._last

    def _add(self, verdict: Verdict) -> None:
        """Takes a verdict into account, and refuses the delivery where what follows cannot save it."""
        terms, account = self._source.terms, verdict.account
        self.account += account
        self._totals = summed(self._totals, verdict.totals)
        if terms.unknown == "refuse" and self.unread:
            raise RefusedDelivery(
                f"nothing reads {'column' if len(self.unread) == 1 else 'columns'} {', '.join(self.unread)}, and "
                f"{self._source.name} refuses what it does not know",
                hint="have the file sent as it was agreed, or read the column, or declare unknown='note'",
                details={"rule": "unknown_column", "columns": list(self.unread)},
            )
        if terms.reject_limit is None:
            return
        if verdict.rejected is not None:
            self._rejects += verdict.rejected.slice(0, _SHOWN_REJECTS - len(self._rejects)).to_pylist()
        if terms.reject_limit.certainly(self.account.rejected):
            raise self._too_many(so_far=True)

    def _check(self, received: int) -> None:
        """Refuses the delivery where what came is not what was promised or agreed."""
        terms = self._source.terms
        promises = [promise for promise in (self._promise, self._trailer()) if promise is not None]
        remarks = []
        for promise in promises:
            wrong, unconfirmed = totals_otherwise(promise, self._totals)
            wrong = rows_otherwise(promise, received) + wrong
            if wrong:
                raise contradicted(promise, wrong)
            remarks += [("unconfirmed", told) for told in unconfirmed]
        judged = self.account.accepted + self.account.rejected
        if not judged and terms.empty != "zero" and all(promise.rows != 0 for promise in promises):
            raise self._nothing()
        if terms.reject_limit is not None and terms.reject_limit.exceeded(self.account.rejected, judged):
            raise self._too_many(so_far=False)
        self.remarks = tuple(remarks)

    def _trailer(self) -> Promise | None:
        """What the trailer promises, when all before it was read."""
        declared, last = self._source.terms.trailer, self._last
        if declared is None or last is None:
            return None
        while last.read(1 << 20):  # blank lines that the reader of the records left
            pass
        if last.line is None:
            hollow = self._hollow and self._source.terms.empty != "zero"
            raise self._nothing() if hollow else trailer_missing(declared, None, None)
        promise = trailer_promise(declared, last, self._source.terms.totals, self._name.captured)
        wrong = bytes_otherwise(promise, last.before or "", 0)
        if wrong:
            raise contradicted(promise, wrong)
        return promise

    def _nothing(self) -> RefusedDelivery:
        if self._hollow:
            rule, told = "empty", "the file is empty"
        elif not self.account.received:
            rule, told = "no_records", "the file has no records"
        else:
            ignored = self.account.ignored
            told = f"{ignored:,} that {'is' if ignored == 1 else 'are'} ignored"
            rule, told = "no_records", f"the file has no records but {told}"
        return RefusedDelivery(
            told,
            hint="have it sent whole; where a file without records says that there are none, declare empty='zero'",
            details={"rule": rule},
        )

    def _too_many(self, *, so_far: bool) -> RefusedDelivery:
        account, limit = self.account, self._source.terms.reject_limit
        assert limit is not None
        judged = account.accepted + account.rejected
        share = "" if so_far else f" ({100 * account.rejected / judged:.1f}%)"
        told = [_told(row) for row in self._rejects]
        records, are = ("record", "is") if judged == 1 else ("records", "are")
        rejects = [{"line": row["line"], "reasons": json.loads(row["reasons"])} for row in self._rejects]
        return RefusedDelivery(
            f"{account.rejected:,} of {'the first ' * so_far}{judged:,} {records}{share} {are} rejected, more than "
            f"reject_limit allows: {limit.text}",
            hint="\n".join(["nothing of it was taken; correct it at its source and send it again. The first:", *told]),
            details={
                "rule": "reject_limit", "limit": limit.text, "account": _document(account), "whole": not so_far,
                "rejects": rejects,
            },
        )  # fmt: skip


def chunks(
    source: Source, stream: ByteSource, between: Callable[[ByteSource], ByteSource] | None = None
) -> Iterator[RawChunk]:
    """The records of a stream in the source's format. `between`: see `read`."""
    return read(source.format, stream, unpacks_to=source.unpacks_to, between=between)


class Counted:
    """A stream, with how many bytes of it were read: of the file as it lies there, whatever it unpacks to."""

    def __init__(self, stream: ByteSource) -> None:
        self._stream = stream
        self.done = 0

    def read(self, size: int, /) -> bytes:
        part = self._stream.read(size)
        self.done += len(part)
        return part


def _told(row: Mapping[str, Any]) -> str:
    """A rejected record in one line: where it stands, which rules it broke, with which values."""
    reasons = [
        f"{reason['rule']}{'' if reason['field'] is None else ' ' + reason['field']}"
        f"{'' if reason['value'] is None else ' ' + repr(reason['value'])}: {reason['message']}"
        for reason in json.loads(row["reasons"])
    ]
    return f"line {row['line']}: {'; '.join(reasons)}"


def _document(account: Account) -> dict[str, int]:
    return {
        "received": account.received, "accepted": account.accepted, "rejected": account.rejected,
        "ignored": account.ignored,
    }  # fmt: skip
