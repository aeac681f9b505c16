"""Content: documents, images and what visitors of the web shop do. Little of it has a shape, all of it a key."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from trivium import Domain, Entity, Events, Field, Into, Json, Key, Rest


class Document(Entity):
    """Something to look at: its bytes lie elsewhere, found by their hash."""

    document_id: Key[str] = Field(min_length=1)
    title: str = Field(min_length=1, max_length=200)
    kind: Literal["image", "manual", "leaflet", "page"]
    language: str = Field(pattern="^[a-z]{2}$")
    media_type: str = Field(pattern="^[a-z]+/[a-z0-9.+-]+$")
    size: int = Field(ge=0, description="bytes")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    product_id: str | None = None
    tags: list[str]
    properties: Json | None = Field(None, description="what the camera or the author's tool knew of it")
    uploaded_by: str = Field(sensitive=True)
    uploaded_at: datetime


class Click(Entity):
    """One thing that one visitor did."""

    click_id: Key[UUID]
    session_id: str = Field(sensitive=True)
    kind: Literal["view", "search", "add_to_cart", "purchase"]
    page: str = Field(pattern="^/")
    product_id: str | None = None
    search_terms: str | None = Field(None, max_length=500)
    position: int | None = Field(None, ge=1, description="place in the list that was clicked")
    device: Literal["phone", "tablet", "desktop"]
    occurred_at: datetime


content = Domain(
    "content",
    entities=[Document, Click],
    sources=[
        Rest(
            "content-upload",
            description="What an editor or a supplier uploaded; later only what changed.",
            event_time="changed_at",
            sequence="version",
            into=[Into(Document, delete="removed = 'true'")],
        ),
        Events(
            "web-clicks",
            description="Clicks from the web shop; robots are no visitors.",
            topic="web.clicks",
            event_time="occurred_at",
            ignore="agent = 'robot'",
            into=[Into(Click)],
        ),
    ],
)
