"""`POST /v1/in/SOURCE` and `DELETE /v1/in/SOURCE/ENTITY/KEY`: records in. The answer comes when they are durable."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Final

from starlette.types import Receive, Scope, Send

from trivium.channels.rest import FORMS, KeyReused, Reply, Sent, TooBusy, TooMuch, Unreadable, read_body, request_id
from trivium.engine.plain import instant_text
from trivium.errors import UsageError
from trivium.model.source import Source
from trivium.web.access import Caller, Gate, Need, require
from trivium.web.answering import reply_of, send_whole
from trivium.web.arriving import Arrivals, Arrived, TooLarge, Vanished
from trivium.web.crew import Crew
from trivium.web.keys import key_of
from trivium.web.operation import Outline, Told
from trivium.web.operation import Reply as Answer
from trivium.web.parameters import Parameter, read_query
from trivium.web.places import Place, Places
from trivium.web.problems import MEDIA, Bad, BadParameter, Busy, Failed, NotAllowed, Problem, Unknown, problem_of

_PACKINGS: Final = ("identity", "gzip", "zstd")
_ONCE: Final = ("authorization", "content-type", "content-encoding", "idempotency-key")
_KEY: Final = r"^[\x21-\x7e]{1,255}$"
_ON_LOOP: Final = 16 << 10
"""Bytes of a body whose records are found on the event loop: handing it to a thread would take longer."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False)
MOST_BYTES: Final = 10 << 30
"""Of a body, as sent."""


class Conflict(Problem):
    """The idempotency key came with another request."""

    status = 409


class Unsupported(Problem):
    """The body is of a media type, or packed in a way, that is not taken."""

    status = 415


class TooMany(Problem):
    """More requests wait than may."""

    status = 429

    def __init__(self, error: TooBusy) -> None:
        super().__init__(error.message, hint=error.hint, headers={"Retry-After": str(error.seconds)})


class Receiving:
    """Takes records, as an ASGI application. `failed` is told of defects."""

    def __init__(
        self,
        places: Places,
        crew: Crew,
        gate: Gate,
        arrivals: Arrivals,
        failed: Failed,
    ) -> None:
        self._crew, self._gate, self._arrivals, self._failed = crew, gate, arrivals, failed
        self._sources = {source.name: (place, source) for place in places for source in place.domain.sources}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, unless the caller has gone before all of the request was there."""
        try:
            handle = self._delete if scope["method"] == "DELETE" else self._post
            reply = await handle(scope, receive)
        except Vanished:
            return
        except asyncio.CancelledError:  # the service ends before all of the request was there
            await send_whole(reply_of(Busy("the service ends")), send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller is told in our form
            problem = _problem(error)
            if problem.status == 500:
                self._failed(f"{scope['method']} /v1/in", error)
            await send_whole(reply_of(problem), send)
        else:
            await send_whole(_answer(reply), send)

    async def _post(self, scope: Scope, receive: Receive) -> Reply:
        headers = _headers(scope)
        _check_length(headers)
        caller = await self._gate.caller(headers)
        place, source = self._source(scope, caller)
        read_query(scope["query_string"], (), others=False)
        media, packing = _media(headers), _packing(headers)
        key = _key(headers)
        calls = place.receive()
        now = dt.datetime.now(dt.UTC)
        sent = Sent(request_id(now), f"POST /v1/in/{source.name} {media}", now, key, caller.name)
        arrived = Arrived(self._arrivals)
        try:
            await arrived.read(receive, packing=packing, most=MOST_BYTES)
            form = FORMS[media]
            if form is None or arrived.path is not None:
                return await self._crew.do(calls.upload, source, sent, arrived.path or await arrived.filed())
            assert arrived.data is not None
            if len(arrived.data) <= _ON_LOOP:
                body = read_body(arrived.data, form)
            else:
                body = await self._crew.do(read_body, arrived.data, form)
            return await self._crew.result(calls.post(source, sent, arrived.data, body))
        finally:
            await arrived.close()

    async def _delete(self, scope: Scope, receive: Receive) -> Reply:
        headers = _headers(scope)
        caller = await self._gate.caller(headers)
        place, source = self._source(scope, caller)
        path = scope["path_params"]
        shape = place.shape(path["entity"])
        key = key_of(shape, path["key"])
        query = read_query(scope["query_string"], DELETE_PARAMETERS, others=False)
        if query.values["event_time"] is None:
            raise BadParameter("event_time", None, "say when it was deleted: ?event_time=2026-03-02T09:00:00Z")
        now = dt.datetime.now(dt.UTC)
        line = f"DELETE /v1/in/{source.name}/{shape.name}/{path['key']} application/json"
        sent = Sent(request_id(now), line, now, _key(headers), caller.name)
        at = instant_text(query.values["event_time"])
        calls = place.receive()
        return await self._crew.result(calls.delete(source, shape, key, sent, at, query.values["sequence"]))

    def _source(self, scope: Scope, caller: Caller) -> tuple[Place, Source]:
        name = scope["path_params"]["source"]
        if name not in self._sources:
            raise Unknown(f"there is no source {name!r}", self._called())
        place, source = self._sources[name]
        if source.channel != "rest":  # a key to send there is none
            how = "files" if source.channel == "batch" else "events"
            called = ", ".join(self._called())
            raise NotAllowed(f"{name} sends {how}", hint=f"these are called: {called}", headers={"Allow": ""})
        require(caller, Need("send", place.domain.name, name))
        return place, source

    def _called(self) -> list[str]:
        """The sources that are."""
        return sorted(name for name, (_, source) in self._sources.items() if source.channel == "rest")


_EVENT_TIME: Final = Parameter("event_time", "instant", "When it was deleted.", must=True)
_SEQUENCE: Final = Parameter("sequence", "integer", "Its sequence, where the source has one.", most=2**63 - 1)
DELETE_PARAMETERS: Final = (_EVENT_TIME, _SEQUENCE)
_IDEMPOTENCY: Final = Parameter(
    "Idempotency-Key", "text", "A name for this request, of the source's own: the first answer is given again to "
    "whoever comes with it again, for two days. Another body under the same key is a 409.",
    pattern=_KEY,
)  # fmt: skip
_TAKEN: Final = {
    200: Told("All records were accepted, or ignored, and are durable.", "account", ("Idempotent-Replayed",)),
    207: Told("Some records were rejected: `rejects` says which and why.", "account", ("Idempotent-Replayed",)),
    422: Told("All records were rejected, and kept in quarantine.", "refused"),
}
SENDING: Final = Outline(
    name="send",
    method="POST",
    path="/v1/in/{source}",
    about="Takes records in the source's shape: one JSON object, an array, an object a line, or CSV under a header, in "
    "UTF-8, packed by gzip or zstd if `Content-Encoding` says so. The answer comes after the commit: what it says is "
    "durable, and readable.",
    scope="send",
    headers=(_IDEMPOTENCY,),
    answers=_TAKEN,
    problems=(400, 401, 403, 408, 409, 413, 415, 429, 500, 503),
)
DELETING: Final = Outline(
    name="delete",
    method="DELETE",
    path="/v1/in/{source}/{entity}/{key}",
    about="Deletes a record as of an instant: a statement like any other, that an older one does not undo and a newer "
    "one outlives.",
    scope="send",
    parameters=DELETE_PARAMETERS,
    headers=(_IDEMPOTENCY,),
    answers={200: _TAKEN[200], 422: _TAKEN[422]},
    problems=(400, 401, 403, 409, 429, 500, 503),
)


def _media(headers: Mapping[str, str]) -> str:
    given = headers.get("content-type", "")
    media, *parameters = (part.strip().lower() for part in given.split(";"))
    post, taken = {"Accept-Post": ", ".join(FORMS)}, list(FORMS)
    if media not in FORMS:
        what = f"{media[:100]!r} is not taken" if media else "the request has no Content-Type"
        raise Unsupported(what, hint=f"send {', '.join(FORMS)}", headers=post, accepted=taken)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "charset" and value.strip('"') not in ("utf-8", "utf8", "us-ascii"):
            raise Unsupported(f"the charset {value[:100]} is not taken", hint="send UTF-8", headers=post)
    return media


def _packing(headers: Mapping[str, str]) -> str:
    packing = headers.get("content-encoding", "identity").strip().lower()
    if packing not in _PACKINGS:
        known = ", ".join(_PACKINGS)
        raise Unsupported(f"a body packed by {packing[:100]} is not taken", hint=f"send {known}",
                          headers={"Accept-Encoding": known})  # fmt: skip
    return packing


def _headers(scope: Scope) -> dict[str, str]:
    """By their names, in small letters. Of what decides about a request there may be one only, or each who reads it
    could read another."""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name = raw.decode("latin-1")
        if name in found and name in _ONCE:
            raise Bad(f"the header {name} comes twice", hint="send it once")
        found.setdefault(name, value.decode("latin-1"))
    return found


def _check_length(headers: Mapping[str, str]) -> None:
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:30]) > MOST_BYTES:
        raise TooLarge(f"the body has more than {MOST_BYTES:,} bytes", hint="send it in several requests")


def _key(headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key")
    if key is not None and not re.fullmatch(_KEY, key):
        raise Bad("the Idempotency-Key must have 1 to 255 visible ASCII characters", hint="a UUID will do")
    return key


def _problem(error: BaseException) -> Problem:
    """What the caller is told of what went wrong on this road."""
    match error:
        case Unreadable():
            problem = Bad(error.message, hint=error.hint)
            where = {"line": error.line, "column": error.column, "offset": error.offset}
            problem.more = {name: at for name, at in where.items() if at is not None}
            return problem
        case TooMuch():
            return TooLarge(error.message, hint=error.hint)
        case KeyReused():
            return Conflict(error.message, hint=error.hint)
        case TooBusy():
            return TooMany(error)
        case UsageError():
            return Unknown(error.message, hint=error.hint)
        case _:
            return problem_of(error)


def _answer(reply: Reply) -> Answer:
    headers = {"Idempotent-Replayed": "true"} if reply.again else {}
    if reply.status != 422:
        return Answer(_JSON.encode(reply.document).encode(), "application/json", reply.status, headers)
    rejected = reply.document["rejected"]
    problem = Problem(
        f"{'the record was' if rejected == 1 else f'all {rejected:,} records were'} rejected, and kept in quarantine",
        hint="`rejects` has every reason; correct them and send them again, with another Idempotency-Key; those of the "
        "rule `future` are taken by themselves when they are due", **reply.document,
    )  # fmt: skip
    problem.status = 422
    return Answer(problem.body(), MEDIA, 422, headers)
