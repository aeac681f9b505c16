"""`GET /v1/deliveries` and `GET /v1/accounts`: what was sent, the newest first, and what became of its records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from trivium.service.documents import account_document, delivery_document
from trivium.web.listed import (
    CURSOR,
    DOMAIN,
    FORMATS,
    LIMIT,
    SOURCE,
    Page,
    Row,
    asked_places,
    listed,
    paged,
)
from trivium.web.operation import Asked, Member, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.places import Place

_STATES: Final = ("counts", "held", "superseded", "retracted", "taken back")
_DELIVERY: Final = Parameter("delivery", "text", "Of the delivery of this name alone.")
_STATE: Final = Parameter("state", "text", "Those alone that stand so.", choices=_STATES)

_ACCOUNT: Final = (
    Member("account.received", "integer", "Records received: always the sum of the other three."),
    Member("account.accepted", "integer", "Records accepted."),
    Member("account.rejected", "integer", "Records rejected: they are in quarantine."),
    Member("account.ignored", "integer", "What the source declares to be no record of its own."),
)
DELIVERY: Final = (
    Member("domain", "text", "The domain."),
    Member("source", "text", "The source that sent it."),
    Member("delivery", "text", "Its name, without a revision."),
    Member("revision", "integer", "The revision; null of a held one that will be numbered.", always=False),
    Member("attempt", "integer", "The how many-eth reading of the same bytes; null of a held one.", always=False),
    Member("kind", "text", "first, revision, replay, retraction or restored."),
    Member("state", "text", f"{', '.join(_STATES[:-1])} or {_STATES[-1]}."),
    Member("commit", "integer", "The commit that published it; null of a held one.", always=False),
    *_ACCOUNT,
    Member("arrived_at", "instant", "When it arrived."),
    Member("file", "text", "The name that it came by."),
    Member("size", "integer", "Bytes."),
    Member("digest", "text", "SHA-256 of the bytes, in hex."),
    Member(
        "archived", "boolean", "Whether its raw input was archived; the store itself keeps that of a small request."
    ),
    Member("by", "text", "Who had it read, released or retracted, if it was somebody.", always=False),
    Member("again", "integer", "How often the same bytes came once more and changed nothing."),
    Member("last_again", "instant", "When they last did.", always=False),
    Member("manifest", "text", "The text of the manifest that came with it.", always=False),
    Member("gone", "integer", "Of a held one: how many living records it would end.", always=False),
    Member("alive", "integer", "Of a held one: how many living records its scopes hold.", always=False),
)
_OF_ACCOUNT: Final = ("source", "delivery", "revision", "attempt", "kind", "state", "commit", "account")
ACCOUNT: Final = tuple(member for member in DELIVERY if member.path.partition(".")[0] in ("domain", *_OF_ACCOUNT))
SOURCE_ACCOUNT: Final = (
    Member("domain", "text", "The domain."),
    Member("source", "text", "The source."),
    Member("deliveries", "integer", "How many deliveries count."),
    *_ACCOUNT,
)


def _deliveries(asked: Asked) -> Reply:
    state = asked.values["state"]
    return paged(asked, "deliveries", DELIVERY, _page(asked, () if state is None else (state,)), _number, _delivery)


def _accounts(asked: Asked) -> Reply:
    if asked.values["by"] == "source":
        return _by_source(asked)
    return paged(asked, "accounts", ACCOUNT, _page(asked, ()), _number, _account)


def _by_source(asked: Asked) -> Reply:
    rows = []
    for place in asked_places(asked):
        sums = place.take().store.control.sums()
        for source in place.domain.sources:
            if source.name in sums and asked.values["source"] in (None, source.name):
                one = sums[source.name]
                told = {"deliveries": one.deliveries, "account": account_document(one.account)}
                rows.append({"domain": place.domain.name, "source": source.name, **told})
    return listed(asked, "accounts", SOURCE_ACCOUNT, rows)


def _page(asked: Asked, states: Sequence[str]) -> Page:
    def page(place: Place, behind: Sequence[Any] | None, most: int) -> list[Row]:
        rows: list[Row] = (
            place.take()
            .store.control.newest(
                asked.values["source"],
                asked.values["delivery"],
                states=states,
                behind=None if behind is None else behind[0],
                most=most,
            )
            .to_pylist()
        )
        return rows

    return page


def _number(row: Row) -> list[Any]:
    return [row["reading_no"]]


def _delivery(place: Place, row: Row) -> Row:
    return delivery_document(row)


def _account(place: Place, row: Row) -> Row:
    whole = delivery_document(row)
    return {name: whole[name] for name in _OF_ACCOUNT}


DELIVERIES = Operation(
    name="deliveries",
    path="/v1/deliveries",
    about="What was sent, each reading by itself, the newest first.",
    scope="operate",
    handle=_deliveries,
    parameters=(DOMAIN, SOURCE, _DELIVERY, _STATE, LIMIT, CURSOR),
    formats=FORMATS,
    rows="deliveries",
    members=DELIVERY,
    answers={200: Told("A page of deliveries, and in `next` where the following begins.", "deliveries", ("Link",))},
)
ACCOUNTS = Operation(
    name="accounts",
    path="/v1/accounts",
    about="What became of the records received, for every file, request and range of a partition, or for every source "
    "in sum: received = accepted + rejected + ignored.",
    scope="operate",
    handle=_accounts,
    parameters=(
        Parameter(
            "by", "text", "For each delivery, the newest first, or for each source: what counts.",
            usual="delivery", choices=("delivery", "source"),
        ),
        DOMAIN, SOURCE, _DELIVERY, LIMIT, CURSOR,
    ),
    formats=FORMATS,
    rows="accounts",
    members=ACCOUNT,
    others=SOURCE_ACCOUNT,
    answers={200: Told("A page of accounts, and in `next` where the following begins.", "accounts", ("Link",))},
)  # fmt: skip
