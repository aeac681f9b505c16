"""Files without a date in their names: the same bytes each morning have come each morning."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from trivium import Batch, Domain, Entity, Into, Key
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.channels.batch import load_file
from trivium.ports import Sighting
from trivium.service.expecting import outlooks


class Tag(Entity):
    tag_id: Key[str]
    text: str


tags = Domain(
    "tags",
    [Tag],
    [Batch("printer", files="tags.csv", into=[Into(Tag)], event_time="at", zone="UTC", expected_by="08:00")],
)


def test_bytes_that_were_known_have_come(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("tag_id,text,at\nA,now,2026-02-01T11:00:00Z\n")
    store, raw = DuckDBStore(tmp_path / "tags.duckdb", tags), RawFolder(tmp_path / "raw")
    store.control.prepare()
    try:

        def overdue(now: dt.datetime) -> list[str]:
            found = outlooks(tags, store.control.deliveries, store.ledger, now=now, most=10)
            return [one.subject for one in found["printer"].open]

        first, second, third = (dt.datetime(2026, 3, day, 7, tzinfo=dt.UTC) for day in (2, 3, 4))
        noon = dt.timedelta(hours=5)
        assert load_file(store, raw, tags, tags.sources[0], file, now=first).outcome == "loaded"
        assert overdue(second + noon) == ["2026-03-03"]
        assert load_file(store, raw, tags, tags.sources[0], file, now=second).outcome == "known"
        assert overdue(second + noon) == []
        assert overdue(third + noon) == ["2026-03-04"]
        seen = Sighting("printer", "in/tags.csv", "3", 9, "known", third, third, delivery="tags.csv")
        store.ledger.write([seen])
        assert overdue(third + noon) == []
    finally:
        store.control.close()
