"""The application into which the hostile files come: a source for each way to read one."""

from __future__ import annotations

from decimal import Decimal

from tests.soak import SOAK
from trivium import Batch, Csv, Domain, Entity, Excel, Field, Into, Json, JsonFile, Key, Parquet, Source

DAY = "2026-03-02"
UNPACKS_TO = "10 GB" if SOAK else "150 MB"


class Line(Entity):
    """Something with a number, a text and a tree."""

    id: Key[str] = Field(max_length=40)
    amount: Decimal | None = Field(None, max_digits=12, decimal_places=2)
    whole: int | None = None
    note: str | None = None
    data: Json | None = None


def _batch(name: str, ending: str, **more: object) -> Source:
    words: dict[str, object] = {"ready": "renamed", "unpacks_to": UNPACKS_TO, **more}
    return Batch(
        name, files=f"{name}/{{what}}_{{day}}.{ending}", cut_off="day 23:00 UTC", into=[Into(Line)],
        **words,  # type: ignore[arg-type]
    )  # fmt: skip


hostile = Domain(
    "hostile",
    entities=[Line],
    sources=[
        _batch("csv", "csv"),
        _batch("wide", "csv", format=Csv(encoding="utf-16")),
        _batch("json", "json", format=JsonFile()),
        _batch("envelope", "json", format=JsonFile(records="data.items")),
        _batch("parquet", "parquet", format=Parquet()),
        _batch("excel", "xlsx", format=Excel()),
        _batch("manifest", "csv", manifest="*.manifest.json", ready="renamed"),
        _batch("marked", "csv", ready="marker *.done"),
    ],
)
