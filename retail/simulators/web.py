"""The web: documents that editors and suppliers upload, and what visitors click."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

from retail.simulators.paper import TORN, Bad
from retail.simulators.scribe import Scribe
from retail.simulators.world import Record, World, offset, seconds, utc

_BAD_UPLOADS: Final = (
    Bad("kind", "hologram"),
    Bad("size", -1),
    Bad("sha256", "0xdeadbeef"),
    Bad("tags", "red, blue"),
    Bad("title", None),
    Bad("language", "english"),
    TORN,
)

_BAD_CLICKS: Final = (
    Bad("click_id", "42"),
    Bad("kind", "stare"),
    Bad("page", "https://elsewhere.example/"),
    Bad("position", "first"),
    Bad("occurred_at", "2099-01-01T00:00:00Z"),
    Bad("session_id", None),
    TORN,
)

_TERMS: Final = ("bougie parfumée", "lampe 100% coton", 'écran 24"', "cadeau, noël", "mug\tbleu")


def tell_documents(world: World, scribe: Scribe) -> list[Record]:
    """Writes a day's uploads; the documents that were meant."""
    chance = world.chance("web-documents")
    meant: list[Record] = []
    told: list[Record] = []
    for number in range(world.many(250)):
        kind, media_type = chance.choice(
            (("image", "image/jpeg"), ("image", "image/webp"), ("manual", "application/pdf"), ("page", "text/html"))
        )
        uploaded_at = world.at(7) + seconds(chance.uniform(0, 12 * 3600))
        document: Record = {
            "document_id": f"D{number:05}",
            "title": f"{chance.choice(world.products).name} ({number})",
            "kind": kind,
            "language": chance.choice(("fr", "en", "de")),
            "media_type": media_type,
            "size": chance.randrange(1_000, 9_000_000),
            "sha256": hashlib.sha256(f"{world.seed}/{number}".encode()).hexdigest(),
            "product_id": chance.choice(world.products).id if chance.random() < 0.8 else None,
            "tags": sorted(chance.sample(("new", "sale", "outdoor", "kids", "gift"), chance.randrange(4))),
            "properties": {"camera": {"iso": chance.choice((100, 400))}, "rotated": False} if kind == "image" else None,
            "uploaded_by": f"editor{chance.randrange(1, 9)}@example.org",
            "uploaded_at": utc(uploaded_at),
        }
        told.append(document | {"version": 1, "changed_at": offset(uploaded_at)})
        later = {
            "document_id": document["document_id"],
            "version": 2,
            "changed_at": offset(uploaded_at + seconds(1_800)),
        }
        luck = chance.random()
        if luck < 0.15:
            document["tags"], document["title"] = [*document["tags"], "checked"], f"{document['title']}, checked"
            told.append(later | {"tags": document["tags"], "title": document["title"]})
        if luck > 0.97:
            told.append(later | {"removed": True})
        else:
            meant.append(document)
    scribe.stream("content-upload", "web/documents_{}.ndjson", told, _BAD_UPLOADS, files=2)
    return meant


def tell_clicks(world: World, scribe: Scribe) -> list[Record]:
    """Writes a day's clicks; those of visitors that were meant, and robots' too, which are not."""
    chance = world.chance("web-clicks")
    meant: list[Record] = []
    told: list[Record] = []
    for _ in range(world.many(4_000)):
        kind = chance.choices(("view", "search", "add_to_cart", "purchase"), (70, 18, 9, 3))[0]
        product = chance.choice(world.products).id if kind != "search" else None
        click: Record = {
            "click_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "session_id": f"{chance.getrandbits(40):010x}",
            "kind": kind,
            "page": f"/p/{product}" if product else "/search",
            "product_id": product,
            "search_terms": None if product else chance.choice(_TERMS),
            "position": chance.randrange(1, 40) if chance.random() < 0.4 else None,
            "device": chance.choices(("phone", "tablet", "desktop"), (60, 10, 30))[0],
            "occurred_at": utc(world.at(0, 1) + seconds(chance.uniform(0, 23.9 * 3600))),
        }
        if chance.random() < 0.05:
            told.append(click | {"agent": "robot"})
        else:
            told.append(click | {"agent": "browser"} if chance.random() < 0.5 else click)
            meant.append(click)
    robots = {"ignored": lambda record: record.get("agent") == "robot"}
    scribe.stream("web-clicks", "web/clicks_{}.ndjson", told, _BAD_CLICKS, files=world.many(2), **robots)
    return meant
