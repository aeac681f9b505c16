"""Records that waited for their time come in by themselves; raw input is kept as long as its source says."""

from __future__ import annotations

import datetime as dt
import io
import os
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


def kept(raw: RawFolder, text: bytes, age: dt.timedelta) -> str:
    """A content that was kept so long before NOW."""
    digest, _ = raw.keep(io.BytesIO(text))
    at = (NOW - age).timestamp()
    os.utime(next(raw._folder.glob(f"*/{digest}.zst")), (at, at))
    return digest


def test_raw_input_that_no_delivery_names_goes_after_a_day(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("tag_id,text,at\nA,now,2026-03-01T11:00:00Z\n")
    store, raw = DuckDBStore(tmp_path / "tags.duckdb", tags), RawFolder(tmp_path / "raw", "tags")
    store.control.prepare()
    try:
        load_file(store, raw, tags, tags.sources[0], file, now=NOW)
        (row,) = store.control.deliveries().to_pylist()
        named = kept(raw, file.read_bytes(), dt.timedelta(days=5))
        assert named == row["digest"]
        old = kept(raw, b"refused", dt.timedelta(hours=25))
        new = kept(raw, b"under way", dt.timedelta(hours=23))
        half = tmp_path / "raw/.incoming-killed"
        half.touch()
        os.utime(half, (0, 0))
        assert keep_up(Opened(tags, store, raw), now=NOW).forgotten == 1
        assert not half.exists()
        for digest in (named, new):
            raw.open(digest).close()
        with pytest.raises(UsageError, match="no longer kept"):
            raw.open(old)
        assert sorted(path.suffix for path in (tmp_path / "raw").glob("??/*")) == [".zst", ".zst"]
    finally:
        store.control.close()


def test_what_is_kept_again_while_a_sweep_looks_is_spared(tmp_path: Path) -> None:
    raw = RawFolder(tmp_path, "tags")
    digest = kept(raw, b"again", dt.timedelta(days=3))

    def needed() -> set[str]:
        raw.keep(io.BytesIO(b"again"))  # a load that began after the folder was looked at, and is not published yet
        return set()

    assert raw.sweep(NOW - dt.timedelta(days=1), needed) == 0
    raw.open(digest).close()


@pytest.mark.parametrize("other", ["another store", None], ids=["another store's", "nobody's known"])
def test_a_folder_that_others_use_is_not_swept(tmp_path: Path, other: str | None) -> None:
    theirs = kept(RawFolder(tmp_path, other), b"theirs", dt.timedelta(days=3))
    raw = RawFolder(tmp_path, "tags")
    kept(raw, b"ours", dt.timedelta(days=3))
    assert raw.sweep(NOW, set) == 0
    raw.open(theirs).close()


def test_a_folder_of_before_there_were_marks_is_not_swept(tmp_path: Path) -> None:
    raw = RawFolder(tmp_path, "tags")
    kept(raw, b"before", dt.timedelta(days=3))
    for mark in tmp_path.glob(".used-by-*"):
        mark.unlink()
    kept(raw, b"now", dt.timedelta(days=3))
    assert raw.sweep(NOW, set) == 0


def keys(store: DuckDBStore) -> list[str]:
    return [row["tag_id"] for batch in store.reader.records("tag", ordered=True) for row in batch.to_pylist()]


def test_raw_input_that_cannot_be_forgotten_is_told_and_holds_up_nothing(tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_text("tag_id,text,at\nA,now,2026-03-01T11:00:00Z\n")
    store, raw = DuckDBStore(tmp_path / "tags.duckdb", tags), RawFolder(tmp_path / "raw")
    store.control.prepare()
    opened = Opened(tags, store, raw)
    load_file(store, raw, tags, tags.source("printer"), file, now=NOW)
    (kept,) = (tmp_path / "raw").glob("??/*.zst")
    kept.unlink()
    kept.mkdir()  # no file that could be removed
    later = NOW + dt.timedelta(days=11)
    done = keep_up(opened, now=later)
    assert done.forgotten == 0
    assert [failure for failure in done.failures if "cannot be forgotten" in failure]
    kept.rmdir()
    assert keep_up(opened, now=later).failures == ()
    store.control.close()
