"""Declarations for tests, and what the reference needs to know of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tests.reference import Column, EntitySpec, Group, Policy, Source
from trivium.model.domain import Domain
from trivium.model.entity import Column as ShapeColumn
from trivium.model.entity import Entity, EntityShape, Facet, Field, Key
from trivium.model.source import Events, Into
from trivium.model.survivorship import LifePolicy

SOURCES = ("alpha", "beta", "gamma")
GROUPS = ("status", "note", "price", "grade")


class Price(Facet):
    """An amount that means nothing without its currency."""

    currency: str | None
    amount: Decimal | None = Field(max_digits=12, decimal_places=2)


@dataclass(frozen=True)
class Declared:
    """A declaration of the entity `thing`, as far as it may change under a store that holds data.

    `policies` and `required` are by group: those not named follow the entity and are optional.
    """

    policy: LifePolicy = "latest"
    policies: tuple[tuple[str, Policy], ...] = ()
    required: frozenset[str] = frozenset({"status"})
    precedences: tuple[int, ...] = (10, 10, 20)

    def domain(self) -> Domain:
        thing = self.thing()
        sources = [
            Events(
                name,
                topic=name,
                event_time="at",
                precedence=precedence,
                into=[Into(thing, asserts=parts) for parts in ("shop", "item", ("shop", "item"))],
            )
            for name, precedence in zip(SOURCES, self.precedences, strict=True)
        ]
        return Domain("lab", [thing], sources)

    def thing(self) -> type[Entity]:
        """The entity. Its groups are not in the order of their names, which is that of the digest."""
        types: dict[str, Any] = {
            "shop": Key[str],
            "item": Key[int],
            "status": str | None,
            "note": str | None,
            "price": Price,
            "grade": int | None,
        }
        thing: type[Entity] = type("Thing", (Entity,), {"__annotations__": types}, survivorship=self.policy)
        own = dict(self.policies)
        thing.shape = replace(
            thing.shape,
            groups=tuple(
                replace(group, policy=own.get(group.name), required=group.name in self.required)
                for group in thing.shape.groups
            ),
        )
        return thing

    def sources(self) -> tuple[Source, ...]:
        return tuple(Source(*each) for each in zip(SOURCES, self.precedences, strict=True))


def spec_of(shape: EntityShape) -> EntitySpec:
    """A declared entity as the reference knows it."""
    groups = [
        Group(
            group.name,
            tuple(column_of(column) for column in group.columns),
            group.policy,
            group.required,
            group.facet,
        )
        for group in shape.groups
    ]
    return EntitySpec(shape.name, tuple(column_of(key) for key in shape.keys), tuple(groups), shape.policy)


def column_of(column: ShapeColumn) -> Column:
    member = column.path.split(".")[-1]
    return Column(member, column.type.kind, column.type.decimal_places or 0)
