"""What a domain looks like from outside: its sources, what they sent, what waits for somebody."""

from __future__ import annotations

import datetime as dt
from typing import Any

from trivium.engine.delivery import has_rows
from trivium.engine.expected import KINDS, Outlook
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account, Store
from trivium.service.expecting import outlooks
from trivium.service.seen import seen


def status(domain: Domain, store: Store, *, now: dt.datetime) -> dict[str, Any]:
    """Figures of one domain at `now`; times are naive and UTC, or microseconds.

    `tail` is the number of commits that the master does not hold yet. A source's account is that of the readings that
    count. `files` are those that the service has seen, by source. Of a source with a calendar `expected` has the `next`
    deadline, and how many findings of each kind are open. `again`: how often it sent
    bytes that were known.
    """
    figures = store.control.status()
    rows = store.control.deliveries()
    deliveries, expected = rows.to_pylist(), outlooks(domain, lambda _: rows, store.ledger, now=now, most=0)
    waiting = store.control.quarantined()
    findings = store.control.findings().to_pylist()
    return {
        "domain": domain.name,
        **figures,
        "tail": figures["commit"] - figures["consolidated"],
        "sources": [
            _source(
                source,
                [row for row in deliveries if row["source"] == source.name],
                waiting.get(source.name, 0),
                expected.get(source.name),
            )
            for source in domain.sources
        ],
        "held": [row for row in deliveries if row["state"] == "held"],
        "files": seen(store.ledger),
        "findings": findings,
    }


def absent(domain: Domain, where: str) -> dict[str, Any]:
    """The same of a domain that has no store yet."""
    return {
        "domain": domain.name,
        "store": None,
        "would_be": where,
        "commit": 0,
        "consolidated": 0,
        "tail": 0,
        "entities": {shape.name: {"statements": 0, "master": 0, "incomplete": 0} for shape in domain.shapes},
        "loading": [],
        "sources": [_source(source, [], 0, None) for source in domain.sources],
        "held": [],
        "files": {},
        "findings": [],
    }


def _source(source: Source, deliveries: list[dict[str, Any]], waiting: int, expected: Outlook | None) -> dict[str, Any]:
    counting = [row for row in deliveries if row["state"] == "counts" and has_rows(row["kind"])]
    account = Account()
    for row in counting:
        account += Account.of(row)
    return {
        "source": source.name,
        "channel": source.channel,
        "deliveries": len(counting),
        "last_arrival": max((row["arrived_at"] for row in deliveries if row["state"] != "held"), default=None),
        "account": account,
        "quarantine": waiting,
        "held": sum(row["state"] == "held" for row in deliveries),
        "again": sum({(row["delivery"], row["digest"]): row["again"] for row in deliveries}.values()),
        "expected": None if expected is None else _expected(expected),
    }


def _expected(outlook: Outlook) -> dict[str, Any]:
    following = outlook.next
    return {
        "next": following and {"day": following.day, "due": following.due, "awaited": following.awaited},
        **{kind: outlook.total.get(kind, 0) for kind in KINDS},
    }
