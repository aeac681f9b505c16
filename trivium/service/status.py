"""What a domain looks like from outside: its sources, what they sent, what waits for somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from trivium.engine.expected import KINDS, Outlook
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Store, Sum
from trivium.service.expecting import outlooks
from trivium.service.seen import seen

MOST: Final = 1_000
"""Held deliveries, and findings, that are told one by one: the newest."""


def status(
    domain: Domain, store: Store, *, now: dt.datetime, expected: Mapping[str, Outlook] | None = None
) -> dict[str, Any]:
    """Figures of one domain at `now`; times are naive and UTC, or microseconds.

    `tail` is the number of commits that the master does not hold yet. A source's account is that of the readings that
    count. `files` are those that the service has seen, by source. Of a source with a calendar `expected` has the `next`
    deadline, and how many findings of each kind are open. `again`: how often it sent
    bytes that were known. Who has what is `expected` at `now` hands it in.
    """
    figures, sums = store.control.status(), store.control.sums()
    if expected is None:
        expected = outlooks(domain, store.control.deliveries, store.ledger, now=now, most=0)
    waiting = store.control.quarantined()
    return {
        "domain": domain.name,
        **figures,
        "tail": figures["commit"] - figures["consolidated"],
        "sources": [
            source_figures(source, sums.get(source.name, Sum()), waiting.get(source.name, 0), expected.get(source.name))
            for source in domain.sources
        ],
        "held": store.control.newest(states=["held"], most=MOST).to_pylist(),
        "files": seen(store.ledger),
        "findings": store.control.findings(most=MOST).to_pylist(),
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
        "sources": [source_figures(source, Sum(), 0, None) for source in domain.sources],
        "held": [],
        "files": {},
        "findings": [],
    }


def source_figures(source: Source, sent: Sum, waiting: int, expected: Outlook | None) -> dict[str, Any]:
    """The figures of one source: `waiting` are its records in quarantine."""
    return {
        "source": source.name,
        "channel": source.channel,
        "deliveries": sent.deliveries,
        "last_arrival": sent.last_arrival,
        "account": sent.account,
        "quarantine": waiting,
        "held": sent.held,
        "again": sent.again,
        "expected": None if expected is None else expected_figures(expected),
    }


def expected_figures(outlook: Outlook) -> dict[str, Any]:
    """What is expected of a source next, and how many findings of each kind are open."""
    following = outlook.next
    return {
        "next": following and {"day": following.day, "due": following.due, "awaited": following.awaited},
        **{kind: outlook.total.get(kind, 0) for kind in KINDS},
    }
