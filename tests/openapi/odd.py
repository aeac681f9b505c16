"""An application with every type, bound and kind of source, and with names that are something else somewhere: words of
SQL, of OpenAPI, of our own paths and parameters."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal
from uuid import UUID

from trivium import Batch, Domain, Entity, Events, Facet, Field, Into, Json, Key, Rest, Rule, View


class Sum(Facet):
    """What something costs."""

    amount: Decimal = Field(ge=0, max_digits=6, decimal_places=2)
    unit: Literal["a,b", "50%", "c/d"]


class Everything(Entity):
    """Each type once, bound and unbound.

    And a second paragraph, with `code` and <b>no</b> mark-up.
    """

    text: Key[str]
    number: Key[int] = Field(ge=-5, lt=100)
    day: Key[date]
    price: Key[Decimal] = Field(max_digits=5, decimal_places=2)
    flag: Key[bool]
    at: Key[datetime]
    clock: Key[time]
    ident: Key[UUID]
    select: str = Field(pattern="^[A-Z][a-z]{0,3}$", description="a word of SQL")
    ref: str | None = Field(None, min_length=1, max_length=5)
    level: Literal[1, 2, 3]
    whole: Decimal = Field(gt=0, le=999, max_digits=3, decimal_places=0)
    share: Decimal | None = Field(None, max_digits=2, decimal_places=2)
    ratio: float | None = Field(None, ge=0, lt=1)
    yes: bool | None = None
    born: date | None = Field(None, ge=date(1900, 1, 1))
    seen: datetime | None = None
    opens: time | None = None
    other: UUID | None = None
    anything: Json | None = None
    words: list[str] = Field(min_length=1, max_length=3)
    counts: list[int] | None = None
    days: list[date] | None = None
    sums: list[Decimal] | None = None
    bits: list[bool] | None = None
    rest: list[Json] | None = None
    cost: Sum
    fee: Sum | None = None
    secret: str | None = Field(None, sensitive=True)
    gone: str | None = Field(None, description="called like a parameter of lists")
    incomplete: bool | None = None

    low_is_cheap = Rule("level > 1 or whole < 500", "what is low costs little")


class Gone(Entity, name="gone"):
    """Called like what is left of a record; its key has a name of its own."""

    openapi: Key[str] = Field(min_length=1)
    change: str | None = None


class X(Entity, survivorship="priority"):
    """A single letter."""

    x: Key[int]
    y: str | None = None


records = Domain(
    "records",
    entities=[Everything, Gone, X],
    sources=[
        Rest("in", event_time="at", unknown="refuse", into=[Into(Everything)],
             description="Takes everything, and nothing more."),
        Rest("explain", event_time="when_it_was", sequence="n", ignore="kind = 'test'",
             into=[
                 Into(X, columns={"x": "header.id", "y": "upper(header.name)"}, when="kind <> 'gone'"),
                 Into(Gone, columns={"openapi": "path"}, each="parts.list", delete="removed = 'true'"),
             ]),
        Rest("a-1", event_time="at", into=[Into(X, states=["y"])]),
        Batch("files", files="files_{day}.csv", event_time="at", into=[Into(X)]),
        Events("topic", topic="odd.topic", event_time="at", into=[Into(Gone)]),
    ],
    views=[
        View("all", "SELECT x, y, x * 1.5 AS d, x / 2 AS f, [x] AS l, DATE '2026-03-02' AS day, $name AS name FROM x",
             "Everything of X.", {"name": None}),
        View("some", "SELECT text, secret, cost_amount FROM everything WHERE text = $limit", parameters={"limit": "a"}),
    ],
)  # fmt: skip

bare = Domain("bare", entities=[X], sources=[])
