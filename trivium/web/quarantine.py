"""`GET /v1/quarantine`: the rejected records that wait, with every reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivium.service.documents import record_document
from trivium.web import shown
from trivium.web.listed import CURSOR, DOMAIN, FORMATS, LIMIT, SOURCE, Row, paged
from trivium.web.operation import Asked, Member, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.places import Place

REJECTED: Final = (
    Member("domain", "text", "The domain."),
    Member("id", "text", "The name of the record here: LOAD:PLACE."),
    Member("source", "text", "The source that sent it."),
    Member("delivery", "text", "The delivery that it is of."),
    Member("revision", "integer", "The revision of the delivery."),
    Member("file", "text", "The name that the delivery came by."),
    Member("place", "integer", "Its place in it: the record of a file, the item of a request, the offset of an event."),
    Member("line", "integer", "The line on which it begins, of a file that has lines.", always=False),
    Member("byte_offset", "integer", "The byte at which it begins.", always=False),
    Member("state", "text", "open, mended, retried, dropped or superseded."),
    Member("by", "text", "Who decided on it.", always=False),
    Member("arrived_at", "instant", "When the delivery arrived."),
    Member("due", "instant", "When it is taken again by itself.", always=False),
    Member("keyless", "boolean", "Whether its key, or one of its keys, could not be read."),
    Member("commit", "integer", "The commit of the delivery."),
    Member("resolved_commit", "integer", "The commit that closed it.", always=False),
    Member("reasons", "list", "Every reason: rule, field, value, message."),
    Member("masked", "boolean", "Whether its raw input is hidden from this caller, for it may hold what is sensitive."),
    Member("raw", "text", "The raw record, if it is UTF-8.", always=False),
    Member("raw_base64", "text", "Its bytes, if it is not.", always=False),
    Member("mended_raw", "text", "What it was mended to.", always=False),
    Member("mended_raw_base64", "text", "The same, if it is not UTF-8.", always=False),
)


def _quarantine(asked: Asked) -> Reply:
    def page(place: Place, behind: Sequence[Any] | None, most: int) -> list[Row]:
        rows: list[Row] = (
            place.take()
            .store.control.quarantine(
                asked.values["source"],
                closed=asked.values["closed"],
                newest=True,
                behind=None if behind is None else (behind[0], behind[1]),
                most=most,
            )
            .to_pylist()
        )
        return rows

    def document(place: Place, row: Row) -> Row:
        row = shown.rejected(asked.caller, place.domain, row)
        told = record_document(row) | {"masked": row["masked"]}
        return told | ({"raw": None} if row["masked"] else {})

    return paged(asked, "records", REJECTED, page, lambda row: [row["load_no"], row["place"]], document)


QUARANTINE = Operation(
    name="quarantine",
    path="/v1/quarantine",
    about="The rejected records that wait for somebody, those of the newest delivery first.",
    scope="operate",
    handle=_quarantine,
    parameters=(
        DOMAIN,
        SOURCE,
        Parameter("closed", "boolean", "Also those that were decided on, or that count no more.", usual=False),
        LIMIT,
        CURSOR,
    ),
    formats=FORMATS,
    rows="records",
    members=REJECTED,
    answers={200: Told("A page of rejected records, and in `next` where the following begins.", "rejected", ("Link",))},
)
