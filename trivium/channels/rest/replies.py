"""What a request is answered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from trivium.channels.rest.requests import KeyReused, Sent
from trivium.engine.places import line_of
from trivium.ports import Account, Answer, Answered

MOST_REJECTS: Final = 100
"""Of one answer; the others are in the quarantine with them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request whose records were judged. `status` is HTTP's: 200 where all were accepted or ignored,
    207 where some were rejected, 422 where all that were judged were. `again`: it was given before, and is given
    again."""

    status: int
    document: dict[str, Any]
    again: bool = False


def reply_of(delivery: str, account: Account, rejects: Sequence[Mapping[str, Any]]) -> Reply:
    """The answer, but for the commit. `rejects`: rows of a verdict's `rejected`, the first of them."""
    document: dict[str, Any] = {
        "received": account.received,
        "accepted": account.accepted,
        "rejected": account.rejected,
        "ignored": account.ignored,
        "delivery": delivery,
        "rejects": [
            {"item": line_of(row["place"]), "reasons": json.loads(row["reasons"])} for row in rejects[:MOST_REJECTS]
        ],
    }
    if account.rejected > len(document["rejects"]):
        document["rejects_not_shown"] = account.rejected - len(document["rejects"])
    status = 200 if not account.rejected else 207 if account.accepted else 422
    return Reply(status, document)


def with_commit(reply: Reply, commit: int) -> Reply:
    """The answer, when it is known in which commit."""
    figures = ("received", "accepted", "rejected", "ignored")
    told = {name: reply.document[name] for name in figures} | {"commit": commit}
    return Reply(reply.status, told | reply.document, reply.again)


def given_again(answered: Answered, identity: str) -> Reply:
    """The answer that was given to a request with this key. Raises KeyReused where that was another one."""
    if answered.answer.digest != identity:
        raise KeyReused(answered.answer.key)
    reply = Reply(answered.answer.status, json.loads(answered.answer.text), again=True)
    return with_commit(reply, answered.commit)


def answer_of(sent: Sent, identity: str, reply: Reply) -> Answer:
    """The answer as it is kept for the key of a request."""
    assert sent.key is not None
    return Answer(sent.key, identity, reply.status, json.dumps(reply.document), sent.arrived_at)
