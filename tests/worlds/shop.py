"""The domain of the contract tests: orders with their lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from trivium.model.domain import Domain
from trivium.model.entity import Entity, Facet, Field, Key
from trivium.model.source import Events, Into, Source


class Price(Facet):
    """An amount of money."""

    amount: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str


class Order(Entity):
    """What a customer asked for."""

    order_id: Key[str]
    status: str
    note: str | None = None
    total: Price = None  # type: ignore[assignment]  # optional: it may be never stated
    paid_at: datetime | None = None


class OrderLine(Entity):
    """One article of an order."""

    order_id: Key[str]
    line: Key[int]
    sku: str


def source(name: str, *entities: type[Entity], asserts: Any = ()) -> Source:
    return Events(name, topic=name, event_time="at", into=[Into(entity, asserts=asserts) for entity in entities])


def shop() -> Domain:
    sources = [
        source("events", Order, OrderLine, asserts="order_id"),
        source("files", Order, OrderLine, asserts="order_id"),
        source("lines", OrderLine, asserts=("order_id", "line")),
    ]
    return Domain("shop", [Order, OrderLine], sources)


def domain_of(entity: type[Entity], name: str = "shop") -> Domain:
    """A domain of one entity, that the source `events` states."""
    return Domain(name, [entity], [source("events", entity)])
