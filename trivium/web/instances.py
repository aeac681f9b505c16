"""`GET /v1/instances`: the running processes of the service; for now this one."""

from __future__ import annotations

import os
import socket
import uuid
from typing import Final

from trivium.service.documents import instant
from trivium.service.watching import standing_document
from trivium.web.listed import FORMATS, listed
from trivium.web.operation import Asked, Member, Operation, Reply, Told
from trivium.web.release import release

INSTANCE: Final = (
    Member("instance", "text", "Its name, which no other has."),
    Member("host", "text", "The machine."),
    Member("pid", "integer", "The process."),
    Member("version", "text", "The version of Trivium."),
    Member("seen_at", "instant", "When it was seen last."),
    Member("domains", "list", "The domains that it serves."),
    Member("parts", "list", "How its parts stand: domain, part, state, since, why, attempts."),
)

_NAME: Final = uuid.uuid4().hex


def _instances(asked: Asked) -> Reply:
    row = {
        "instance": _NAME,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "version": release(),
        "seen_at": instant(asked.now.replace(microsecond=0)),
        "domains": [place.domain.name for place in asked.places],
        "parts": [standing_document(one) for place in asked.places for one in place.standings()],
    }
    return listed(asked, "instances", INSTANCE, [row])


INSTANCES = Operation(
    name="instances",
    path="/v1/instances",
    about="The running processes of the service; for now the one that answers.",
    scope="operate",
    handle=_instances,
    formats=FORMATS,
    rows="instances",
    members=INSTANCE,
    answers={200: Told("All instances.", "instances")},
)
