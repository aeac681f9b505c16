"""What a `Field` says of its attribute."""

from __future__ import annotations

import pytest

from trivium import DeclarationError, Entity, Facet, Field, Key


class Money(Facet):
    """An amount of money."""

    amount: int
    currency: str


class Parcel(Entity):
    """A parcel."""

    number: Key[int]
    weight: int = Field(gt=0)
    remark: str | None = Field(description="required, though it may be null")
    shelf: str | None = Field(None, pattern="^[A-Z]$", description="optional")
    value: Money | None = Field(None, sensitive=True)


def test_only_a_default_of_none_makes_an_attribute_optional() -> None:
    assert {group.name: group.required for group in Parcel.shape.groups} == {
        "weight": True,
        "remark": True,
        "shelf": False,
        "value": False,
    }


def test_an_optional_attribute_keeps_what_else_its_field_says() -> None:
    shelf, value = Parcel.shape.column("shelf"), Parcel.shape.column("value.amount")
    assert shelf is not None
    assert (shelf.type.pattern, shelf.description, shelf.nullable) == ("^[A-Z]$", "optional", True)
    assert value is not None
    assert value.sensitive


def test_other_defaults_are_refused() -> None:
    with pytest.raises(DeclarationError, match="has the default 0"):
        Field(0, ge=0)


def test_none_needs_a_type_that_allows_it() -> None:
    with pytest.raises(DeclarationError, match="type does not allow it"):

        class Broken(Entity):
            """No remark."""

            number: Key[int]
            remark: str = Field(None)
