"""Values that several domains speak of."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from trivium import Facet, Field


class Price(Facet):
    """An amount is nothing without its currency: both change together."""

    amount: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217")


class Validity(Facet):
    """From the first instant to the last at which something holds."""

    starts_at: datetime
    ends_at: datetime


class Address(Facet):
    """Where a parcel goes: a street of one town with the post code of another is nobody's."""

    name: str = Field(min_length=1, sensitive=True)
    street: str = Field(min_length=1, sensitive=True)
    postcode: str = Field(min_length=3, max_length=10)
    city: str = Field(min_length=1)
    country: str = Field(pattern="^[A-Z]{2}$", description="ISO 3166")
