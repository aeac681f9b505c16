"""Records that waited for their time come in by themselves; raw input is kept as long as its source says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from trivium import Batch, Domain, Entity, Into, Key
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.channels.batch import load_file
from trivium.errors import UsageError
from trivium.service.opening import Opened
from trivium.service.upkeep import Upkeep, keep_up

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


class Tag(Entity):
    """A price tag."""

    tag_id: Key[str]
    text: str


tags = Domain(
    "tags",
    [Tag],
    [Batch("printer", into=[Into(Tag)], event_time="at", zone="UTC", max_ahead="1 hour", keep_raw="10 days")],
)


def test_due_records_come_in_and_old_raw_input_goes(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("tag_id,text,at\nA,now,2026-03-01T11:00:00Z\nB,later,2026-03-02T11:00:00Z\nC,bad,\n")
    store, raw = DuckDBStore(tmp_path / "tags.duckdb", tags), RawFolder(tmp_path / "raw")
    store.control.prepare()
    try:
        loaded = load_file(store, raw, tags, tags.sources[0], file, now=NOW)
        assert (loaded.account.accepted, loaded.account.rejected) == (1, 2)
        assert keep_up(Opened(tags, store, raw), now=NOW) == Upkeep(due=0, accepted=0, forgotten=0)

        tomorrow = NOW + dt.timedelta(days=1)
        assert keep_up(Opened(tags, store, raw), now=tomorrow) == Upkeep(due=1, accepted=1, forgotten=0)
        assert keep_up(Opened(tags, store, raw), now=tomorrow) == Upkeep(due=0, accepted=0, forgotten=0)
        assert keys(store) == ["A", "B"]
        (row,) = store.control.deliveries().to_pylist()
        assert (row["received"], row["accepted"], row["rejected"]) == (3, 2, 1)

        assert keep_up(Opened(tags, store, raw), now=NOW + dt.timedelta(days=11)).forgotten == 1
        with pytest.raises(UsageError, match="no longer kept"):
            raw.open(row["digest"])
    finally:
        store.control.close()


def keys(store: DuckDBStore) -> list[str]:
    return [row["tag_id"] for batch in store.reader.records("tag", ordered=True) for row in batch.to_pylist()]
