"""`GET /v1/sources`: how every source stands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from trivium.engine.expected import Outlook
from trivium.ports import Sum
from trivium.service.documents import account_document, expected_document, instant
from trivium.service.expecting import outlooks
from trivium.service.status import expected_figures
from trivium.web.listed import DOMAIN, FORMATS, SOURCE, Row, asked_places, listed
from trivium.web.operation import Asked, Member, Operation, Reply, Told
from trivium.web.parameters import Parameter
from trivium.web.places import Place

STANDING: Final = (
    Member("domain", "text", "The domain."),
    Member("source", "text", "The source."),
    Member("channel", "text", "batch, rest or events."),
    Member("state", "text", "running, starting, standing by, failing or off; of REST that of the store.", always=False),
    Member("since", "instant", "Since when it stands so.", always=False),
    Member("why", "text", "Why it does not run.", always=False),
    Member("deliveries", "integer", "Deliveries that count; null, as all figures, if the store is away.", always=False),
    Member("account.received", "integer", "Records received by them.", always=False),
    Member("account.accepted", "integer", "Records accepted.", always=False),
    Member("account.rejected", "integer", "Records rejected.", always=False),
    Member("account.ignored", "integer", "Records ignored.", always=False),
    Member("last_arrival", "instant", "When something arrived last.", always=False),
    Member("quarantine", "integer", "Rejected records that are open.", always=False),
    Member("held", "integer", "Deliveries that wait for somebody.", always=False),
    Member("again", "integer", "How often known bytes came again.", always=False),
    Member("lag", "list", "Of a source of events, for each partition: part, position (the next offset to read), end, "
           "behind (how many are not read yet) and seconds (the age of the oldest of them).", always=False),
    Member("expected", "object", "With ?expected=true, of a source with a calendar: the next deadline, and how many "
           "files are overdue, missing, early and unexpected.", always=False),
)  # fmt: skip


def _sources(asked: Asked) -> Reply:
    rows = [
        row
        for place in asked_places(asked)
        for row in _of_domain(place, asked)
        if asked.values["source"] in (None, row["source"])
    ]
    return listed(asked, "sources", STANDING, rows)


def _of_domain(place: Place, asked: Asked) -> list[Row]:
    standings = {one.part: one for one in place.standings()}
    opened, lags = place.opened(), place.lags()
    sums = quarantined = outlook = None
    if opened is not None:
        control = opened.store.control
        sums, quarantined = control.sums(), control.quarantined()
        if asked.values["expected"]:
            outlook = outlooks(place.domain, control.deliveries, opened.store.ledger, now=asked.now, most=0)
    rows = []
    for source in place.domain.sources:
        standing = standings.get(source.name) or standings.get("store")
        row: Row = {
            "domain": place.domain.name,
            "source": source.name,
            "channel": source.channel,
            "state": standing and standing.state,
            "since": standing and instant(standing.since.replace(microsecond=0)),
            "why": standing and standing.why,
        }
        sent = None if sums is None else sums.get(source.name, Sum())
        row |= {
            "deliveries": sent and sent.deliveries,
            "account": sent and account_document(sent.account),
            "last_arrival": sent and instant(sent.last_arrival),
            "quarantine": None if quarantined is None else quarantined.get(source.name, 0),
            "held": sent and sent.held,
            "again": sent and sent.again,
            "lag": _lag(lags[source.name]) if source.name in lags else None,
            "expected": _expected(outlook, source.name),
        }
        rows.append(row)
    return rows


def _expected(found: Mapping[str, Outlook] | None, source: str) -> dict[str, Any] | None:
    outlook = None if found is None else found.get(source)
    return None if outlook is None else expected_document(expected_figures(outlook))


def _lag(lags: Any) -> list[dict[str, Any]]:
    now, found = time.time(), []
    for part, lag in sorted(lags.items(), key=lambda one: (one[0].topic, one[0].partition)):
        found.append(
            {
                "part": str(part),
                "position": lag.position,
                "end": lag.end,
                "behind": lag.behind,
                "seconds": None if lag.behind is None else round(lag.age(now), 3),
            }
        )
    return found


SOURCES = Operation(
    name="sources",
    path="/v1/sources",
    about="Every source: whether it runs, what it sent in sum, what of it waits, how far behind it is.",
    scope="operate",
    handle=_sources,
    parameters=(
        DOMAIN,
        SOURCE,
        Parameter("expected", "boolean", "Also which files are expected; it reads all their deliveries.", usual=False),
    ),
    formats=FORMATS,
    rows="sources",
    members=STANDING,
    answers={200: Told("All sources.", "sources")},
)
