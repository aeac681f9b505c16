"""`GET /v1/explain/DOMAIN/ENTITY/KEY`: where every attribute of a record comes from."""

from __future__ import annotations

import json
from dataclasses import asdict

from trivium.engine.explain_document import explanation_document
from trivium.engine.plain import instant_text
from trivium.model.survivorship import LIFE_POLICIES
from trivium.service.explaining import explain_key, waiting_for
from trivium.web import shown
from trivium.web.formats import MEDIA
from trivium.web.keys import key_of
from trivium.web.operation import Asked, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.problems import Unknown
from trivium.web.records import AS_OF


def _explain(asked: Asked) -> Reply:
    place, opened = asked.place, asked.opened
    shape = place.shape(asked.path["entity"])
    key = key_of(shape, asked.path["key"])
    as_of, policy = asked.values["as_of"], asked.values["policy"]
    found = explain_key(opened, shape, key, as_of=as_of, policy=policy)
    found = shown.explanation(asked.caller, place.domain.name, shape, found)
    waiting = waiting_for(opened, shape, key)
    document = explanation_document(shape, key, found) | {
        "quarantine": asdict(waiting),
        "as_of": None if as_of is None else instant_text(as_of),
        "policy": policy,
    }
    if found.state == "unknown":
        name = f"{shape.name} {asked.path['key']}"
        raise Unknown(f"nothing that counts was ever said of {name}", explanation=document)
    return Reply(json.dumps(document, ensure_ascii=False).encode(), MEDIA["json"])


EXPLAIN = Operation(
    name="explain",
    path="/v1/explain/{domain}/{entity}/{key}",
    about="Who won each attribute of a record, when and from where, and who lost it and why.",
    scope="read",
    handle=_explain,
    parameters=(
        AS_OF,
        Parameter("policy", "text", "As if the entity's policy were this one.", choices=LIFE_POLICIES),
    ),
    answers={
        200: Told(
            "The explanation. In its `quarantine`, `naming` has the names (LOAD:PLACE) of the open rejected records "
            "that name the key. Where none does, `of_sources` says by source how many there are of which a key is not "
            "known, so that they may speak of it.",
            "explanation",
        ),
        404: Told("Nothing that counts was ever said of the key; `explanation` has what does not count."),
    },
)
