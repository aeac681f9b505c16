"""A request with a large body, or one of CSV: judged as it is read, in a load of its own."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pyarrow as pa

from trivium.channels.appending import Appending
from trivium.channels.batch import abandoned_on_failure
from trivium.channels.judging import Judging
from trivium.channels.raw import fingerprint, kept_meanwhile
from trivium.channels.rest.bodies import TooMuch, Unreadable, is_no_json
from trivium.channels.rest.replies import MOST_REJECTS, Reply, answer_of, given_again, reply_of, with_commit
from trivium.channels.rest.requests import Sent
from trivium.channels.rest.whole import check_begins, digest_unpacked
from trivium.engine.places import line_of
from trivium.engine.reading import ReadingError
from trivium.engine.reading.errors import UnpacksTooFar
from trivium.errors import AlreadyTaken, RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.files import FileName
from trivium.model.formats import Csv, Format, JsonFile
from trivium.model.source import Source
from trivium.ports import RawInput, Store


def take_upload(store: Store, raw: RawInput, domain: Domain, source: Source, sent: Sent, path: Path) -> Reply:
    """Takes the body that lies in a file, unpacked. Durable when it returns; whatever it raises, nothing is visible.

    Raises Unreadable where the body is not in its form, TooMuch where it unpacks too far, KeyReused where its key came
    with another body.
    """
    digest, size = fingerprint(path)
    source = as_sent(source, sent.media)
    try:
        identity = None if sent.key is None else sent.identity(digest_unpacked(path, digest, source.unpacks_to))
        if sent.media in ("application/json", "text/csv"):  # of lines there may be none
            check_begins(path, source.unpacks_to, json=sent.media == "application/json")
    except ReadingError as refused:
        raise _unreadable(refused) from refused
    delivery = sent.delivery(source, digest, size, archived=source.keep_raw is not None)
    if (known := _answered(store, source, sent, identity)) is not None:
        return known
    rejects: list[dict[str, Any]] = []
    try:
        with kept_meanwhile(delivery, raw, path, only_taken=True) as (stream, wait_until_kept):
            load = store.history.open(source.name)
            with abandoned_on_failure(load):
                name = FileName(delivery.name, None, {})
                with Judging(domain, source, delivery, name, stream) as judging, Appending(load) as appending:
                    for verdict in judging:
                        if verdict.rejected is not None:
                            _check_whole(sent, verdict.rejected)
                        if verdict.rejected is not None and len(rejects) < MOST_REJECTS:
                            rejects += verdict.rejected.slice(0, MOST_REJECTS - len(rejects)).to_pylist()
                        appending.append(verdict)
                    appending.finish()
                    reply = reply_of(delivery.name, judging.account, rejects)
                wait_until_kept()
                answer = None if identity is None else answer_of(sent, identity, reply)
                published = load.publish(delivery, judging.account, answer)
    except AlreadyTaken:
        known = _answered(store, source, sent, identity)
        if known is None:
            raise
        return known
    except UnpacksTooFar as refused:
        raise TooMuch(refused.message, hint="send it in several requests; nothing of it was taken") from refused
    except (RefusedDelivery, ReadingError) as refused:
        raise _unreadable(refused) from refused
    return with_commit(reply, published.commit)


def _unreadable(refused: RefusedDelivery | ReadingError) -> Unreadable:
    """What the readers of files have to say, as of a body."""
    message = refused.message.replace("the file", "the body")
    if isinstance(refused, ReadingError):
        return Unreadable(message, line=refused.line, offset=refused.offset)
    return Unreadable(f"{message}; {refused.hint}" if refused.hint else message)


def _check_whole(sent: Sent, rejected: pa.Table) -> None:
    """Raises Unreadable where an element of a JSON value is none, so that the whole is none."""
    if sent.media != "application/json":
        return
    lost = is_no_json(rejected)
    if lost.num_rows:
        raise Unreadable(f"the body is no JSON: its element in line {line_of(lost['place'][0].as_py())} is none")


def as_sent(source: Source, media: str) -> Source:
    """The source as it reads bodies of this media type."""
    form: Format = Csv() if media == "text/csv" else JsonFile()
    return dataclasses.replace(source, format=form, terms=dataclasses.replace(source.terms, empty="zero"))


def _answered(store: Store, source: Source, sent: Sent, identity: str | None) -> Reply | None:
    if sent.key is None or identity is None:
        return None
    found = store.history.answered(source.name, [sent.key]).get(sent.key)
    return None if found is None else given_again(found, identity)
