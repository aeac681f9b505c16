"""What a domain looks like from outside: its sources, what they sent, what waits for somebody."""

from __future__ import annotations

from typing import Any

from trivium.engine.delivery import has_rows
from trivium.model.domain import Domain
from trivium.model.source import Source
from trivium.ports import Account, Store


def status(domain: Domain, store: Store) -> dict[str, Any]:
    """Figures of one domain; times are naive and UTC.

    `tail` is the number of commits that the master does not hold yet. A source's account is that of the readings
    that count. `again`: how often it sent bytes that were known.
    """
    figures = store.control.status()
    deliveries = store.control.deliveries().to_pylist()
    waiting = store.control.quarantine().select(["source"]).to_pylist()
    findings = store.control.findings().to_pylist()
    return {
        "domain": domain.name,
        **figures,
        "tail": figures["commit"] - figures["consolidated"],
        "sources": [
            _source(
                source,
                [row for row in deliveries if row["source"] == source.name],
                sum(row["source"] == source.name for row in waiting),
            )
            for source in domain.sources
        ],
        "held": [row for row in deliveries if row["state"] == "held"],
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
        "sources": [_source(source, [], 0) for source in domain.sources],
        "held": [],
        "findings": [],
    }


def _source(source: Source, deliveries: list[dict[str, Any]], waiting: int) -> dict[str, Any]:
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
    }
