"""`GET /v1/records/DOMAIN/ENTITY/KEY`: one record as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from trivium.engine.plain import instant_text
from trivium.model.entity import EntityShape
from trivium.ports import Moment
from trivium.service.explaining import explain_key
from trivium.service.opening import Opened
from trivium.web import shown
from trivium.web.formats import MEDIA
from trivium.web.keys import key_of
from trivium.web.operation import Asked, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.problems import Gone, Unknown
from trivium.web.rendering import rendered

AS_OF = Parameter(
    "as_of", "instant", "What held at an instant, of all that is said up to it.", example="2026-03-02T09:00:00Z"
)
IF_NONE_MATCH = Parameter("If-None-Match", "text", "The ETag of an answer that the caller has.")


def _record(asked: Asked) -> Reply:
    place, opened, as_of = asked.place, asked.opened, asked.values["as_of"]
    shape = place.shape(asked.path["entity"])
    key, name = key_of(shape, asked.path["key"]), f"{shape.name} {asked.path['key']}"
    found = list(opened.store.reader.records(shape.name, Moment(as_of), key=key))
    rows = [batch for batch in found if batch.num_rows]
    if not rows:
        raise Unknown(f"nothing that counts was ever said of {name}")
    if not rows[0]["_alive"][0].as_py():
        raise Gone(f"{name} is gone", **_death(opened, shape, key, as_of))
    batches = shown.records(asked.caller, place.domain.name, shape, rows)
    body = b"".join(rendered(shape, batches, asked.format, incomplete=True, gone=False))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in asked.known:
        return Reply(b"", MEDIA[asked.format], 304, headers)
    return Reply(body, MEDIA[asked.format], headers=headers)


def _death(opened: Opened, shape: EntityShape, key: Sequence[Any], as_of: int | None) -> dict[str, Any]:
    """What ended a record: told by what it is, since when, and by whom."""
    for death in explain_key(opened, shape, key, as_of=as_of).deaths:
        if death.why_not is None:
            origin = death.origin
            since = {"what": death.what, "since": instant_text(origin.event_time)}
            return since | {"source": origin.source, "delivery": origin.delivery, "commit": origin.commit}
    return {}  # it lives again, or is unknown, since it was looked up


RECORD = Operation(
    name="record",
    path="/v1/records/{domain}/{entity}/{key}",
    about="A record as it stands. One that is incomplete has what it lacks in `_lacks`.",
    scope="read",
    handle=_record,
    parameters=(AS_OF,),
    headers=(IF_NONE_MATCH,),
    formats=("json", "ndjson", "csv"),
    answers={
        200: Told("The record.", "record", ("ETag",)),
        304: Told("It is the one that If-None-Match names.", headers=("ETag",)),
        404: Told("Nothing that counts was ever said of the key."),
        410: Told("The record is gone: what ended it, since when, and by whom."),
    },
)
