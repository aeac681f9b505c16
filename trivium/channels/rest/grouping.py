"""Group commit: requests that wait at the same moment are judged together and share one commit."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pyarrow as pa

from trivium.channels.rest.bodies import Unreadable, explain, is_no_json
from trivium.channels.rest.replies import Reply, answer_of, given_again, reply_of, with_commit
from trivium.channels.rest.requests import KeyReused, Request, TooBusy
from trivium.engine.judge.handfuls import HandfulJudge, parts_of
from trivium.engine.judge.parts import Judged, only_parts
from trivium.engine.verdict import PART
from trivium.errors import AlreadyTaken, as_told
from trivium.model.domain import Domain
from trivium.model.instants import instant_of
from trivium.model.source import Source
from trivium.ports import Handful, Store

MOST_WAITING: Final = 2_000
"""Requests."""
MOST_BYTES: Final = 32 << 20
"""Of the bodies that wait."""
_MOST_TOGETHER: Final = 512
_MOST_BYTES_TOGETHER: Final = 4 << 20
_GATHERING: Final = 0.02
"""Seconds at most, about what a commit takes."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: Request
    reply: Future[Reply]


@dataclass(frozen=True, slots=True)
class _Group:
    """Requests that were judged, and what they come to."""

    waiting: Sequence[_Waiting]
    handful: Handful
    replies: Sequence[Reply]


class Grouping:
    """Takes the requests of one source, in a thread of its own, which judges a group and commits it: the more wait, the
    larger are the groups. Judging one while another is committed made them smaller, and what a group costs is next to
    the same whatever its size: on two cores it took half as many requests.

    A reply is there when everything of its request is durable. Requests of a key that was answered are answered the
    same again, also while the first of them is under way. Nothing of a request whose reply is an error was taken, but
    where a StoreError says that this is not known; sent again with its key it is taken once.
    """

    def __init__(self, store: Store, domain: Domain, source: Source) -> None:
        self._store, self._domain, self._source = store, domain, source
        self._waiting: deque[_Waiting] = deque()
        self._bytes = self._last = 0
        self._keys: dict[str, tuple[str, Future[Reply]]] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=f"group {source.name}", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it takes nothing any more, though nobody has closed it."""
        return not self._thread.is_alive()

    @property
    def waiting(self) -> int:
        """How many requests wait to be judged."""
        return len(self._waiting)

    def submit(self, request: Request) -> Future[Reply]:
        """The reply to come. Raises TooBusy where too many wait, KeyReused where the key is under way with another
        body."""
        with self._changed:
            # One look: the first of a key is answered, and its key let go of, in the thread of the group.
            if request.sent.key is not None and (first := self._keys.get(request.sent.key)) is not None:
                identity, reply = first
                if identity != request.identity:
                    raise KeyReused(request.sent.key)
                return _twin(reply)
            if self._closing:
                raise TooBusy("the service is ending", seconds=5)
            if len(self._waiting) >= MOST_WAITING or self._bytes + len(request.raw) > MOST_BYTES:
                raise TooBusy(f"{len(self._waiting):,} requests to {self._source.name} wait already")
            reply = Future()
            if request.sent.key is not None:
                self._keys[request.sent.key] = (request.identity, reply)
                reply.add_done_callback(lambda _, key=request.sent.key: self._keys.pop(key, None))  # type: ignore[misc]
            self._waiting.append(_Waiting(request, reply))
            self._bytes += len(request.raw)
            self._changed.notify()
        return reply

    def close(self) -> None:
        """Answers what waits, and ends. New requests are too many from now on."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _next(self) -> list[_Waiting]:
        """The requests of the next group; none when all is done."""
        with self._changed:
            while not self._waiting and not self._closing:
                self._changed.wait()
            self._gather()
            group, size = list[_Waiting](), 0
            while self._waiting and len(group) < _MOST_TOGETHER and size < _MOST_BYTES_TOGETHER:
                group.append(self._waiting.popleft())
                size += len(group[-1].request.raw)
            self._bytes -= size
            self._last = len(group)
            return group

    def _gather(self) -> None:
        """Callers who were just answered often have more to say: waits for as many as they were, but not for long."""
        expected = min(len(self._waiting) + self._last, _MOST_TOGETHER) if self._last > 1 else 0
        until = time.monotonic() + _GATHERING
        while len(self._waiting) < expected and not self._closing and (left := until - time.monotonic()) > 0:
            self._changed.wait(left)

    def _work(self) -> None:
        """A thread."""
        try:
            with HandfulJudge(self._domain, self._source, lines=True) as judge:
                while group := self._next():
                    try:
                        self._take(judge, self._unanswered(group))
                    except Exception as error:  # noqa: BLE001 - those who wait are told, whatever it is
                        _fail(group, error)
        except Exception as error:  # noqa: BLE001 - the judge could not be made: who waits is told
            with self._changed:
                self._closing, left = True, list(self._waiting)
                self._waiting.clear()
            _fail(left, error)

    def _take(self, judge: HandfulJudge, waiting: Sequence[_Waiting]) -> None:
        """Judges requests and commits them; where judging fails, each by itself, so that one does no harm to others."""
        try:
            group = self._group(judge, waiting) if waiting else None
        except Exception:
            if len(waiting) == 1:
                raise
            for one in waiting:
                try:
                    self._take(judge, [one])
                except Exception as error:  # noqa: BLE001 - who waits is told, whatever it is
                    _fail([one], error)
            return
        if group is not None:
            self._commit(group)

    def _unanswered(self, group: Sequence[_Waiting]) -> list[_Waiting]:
        """Those that were not answered before; the others are, as they were then."""
        keys = [one.request.sent.key for one in group if one.request.sent.key is not None]
        answered = self._store.history.answered(self._source.name, keys) if keys else {}
        left = []
        for one in group:
            found = answered.get(one.request.sent.key) if one.request.sent.key is not None else None
            if found is None:
                left.append(one)
                continue
            try:
                one.reply.set_result(given_again(found, one.request.identity))
            except KeyReused as error:
                one.reply.set_exception(error)
        return left

    def _group(self, judge: HandfulJudge, waiting: Sequence[_Waiting]) -> _Group | None:
        bodies = [one.request.body for one in waiting]
        part, _ = parts_of([len(body.records) for body in bodies])
        values = pa.array([record for body in bodies for record in body.records], pa.binary())
        place = np.fromiter((place for body in bodies for place in body.places), dtype=np.int64, count=len(part))
        judged = judge.judge(
            values, part, place, count=len(waiting), arrived_at=instant_of(waiting[-1].request.sent.arrived_at)
        )
        kept = self._readable(waiting, judged)
        source, verdict = self._source, judged.verdict
        replies, told, answers = [], [], []
        rejects = _rejects(judged)
        for number in kept:
            request = waiting[number].request
            reply = reply_of(request.sent.id, judged.accounts[number], rejects.get(number, ()))
            replies.append(reply)
            told.append((request.sent.delivery(source, request.digest, len(request.raw)), judged.accounts[number]))
            if request.sent.key is not None:
                answers.append(answer_of(request.sent, request.identity, reply))
        if not kept:
            return None
        verdict = verdict if len(kept) == len(waiting) else only_parts(verdict, kept, len(waiting))
        raws = [waiting[number].request.raw for number in kept] if source.keep_raw is not None else []
        return _Group([waiting[number] for number in kept], Handful(verdict, told, (), answers, raws), replies)

    def _readable(self, waiting: Sequence[_Waiting], judged: Judged) -> list[int]:
        """The numbers of the requests whose bodies can be read; the others are answered."""
        rejected = judged.verdict.rejected
        parts = [] if rejected is None else np.unique(is_no_json(rejected)[PART].to_numpy()).tolist()
        lost = {number for number in parts if waiting[number].request.body.whole}
        for number in lost:
            try:
                explain(waiting[number].request.raw, "the body is no JSON")
            except Unreadable as error:
                waiting[number].reply.set_exception(error)
        return [number for number in range(len(waiting)) if number not in lost]

    def _commit(self, group: _Group) -> None:
        try:
            published = self._store.history.take(self._source.name, group.handful)
        except AlreadyTaken:
            self._ask_again(group.waiting)
        except BaseException as error:  # noqa: BLE001 - those who wait are told, whatever it is
            _fail(group.waiting, error)
        else:
            for one, reply, told in zip(group.waiting, group.replies, published, strict=True):
                one.reply.set_result(with_commit(reply, told.commit))

    def _ask_again(self, waiting: Sequence[_Waiting]) -> None:
        """Another process answered one of the keys meanwhile: what it answered is found when they come to their turn
        again."""
        with self._changed:
            self._waiting.extendleft(reversed(waiting))
            self._bytes += sum(len(one.request.raw) for one in waiting)


def _rejects(judged: Judged) -> dict[int, list[dict[str, Any]]]:
    """The rejected records of each request that has any, in their order."""
    found: dict[int, list[dict[str, Any]]] = {}
    if judged.verdict.rejected is not None:
        for row in judged.verdict.rejected.select([PART, "place", "reasons"]).to_pylist():
            found.setdefault(row[PART], []).append(row)
    return found


def _twin(first: Future[Reply]) -> Future[Reply]:
    """The reply to come for a request that is the same as one under way."""
    twin: Future[Reply] = Future()

    def tell(done: Future[Reply]) -> None:
        error = done.exception()
        if error is None:
            twin.set_result(replace(done.result(), again=True))
        else:
            twin.set_exception(error)

    first.add_done_callback(tell)
    return twin


def _fail(waiting: Sequence[_Waiting], error: BaseException) -> None:
    told = as_told(error)
    for one in waiting:
        if not one.reply.done():
            one.reply.set_exception(told)
