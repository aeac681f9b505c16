"""What a settled file takes with it out of its folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from trivium.adapters.inboxes.local import LocalInbox
from trivium.channels.intake import put_away
from trivium.channels.sensor import Whole
from trivium.engine.sighting import Sighting
from trivium.errors import FileChanged, InboxError
from trivium.ports import Entry, Outcome

NOW = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
FILE, MANIFEST = "a_1.csv", "a_1.csv.manifest.json"


def lying(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def loaded(folder: Path, inbox: LocalInbox) -> Whole:
    for name in (FILE, MANIFEST):
        (folder / name).write_text(name)
    there = {entry.name: entry for entry in inbox.entries()}
    file: Entry = there[FILE]
    sighting = Sighting("s", f"{inbox.url}/{FILE}", file.mark, file.size, "loaded", NOW, NOW)
    return Whole(file, sighting, (there[MANIFEST],))


def test_its_manifest_goes_with_it(tmp_path: Path) -> None:
    inbox = LocalInbox(tmp_path)
    moved = put_away(inbox, loaded(tmp_path, inbox))
    assert moved.moved_to == str(tmp_path / "done" / FILE)
    assert lying(tmp_path) == {f"done/{FILE}", f"done/{MANIFEST}"}


def test_a_manifest_that_came_since_is_that_of_the_next_file(tmp_path: Path) -> None:
    inbox = LocalInbox(tmp_path)
    whole = loaded(tmp_path, inbox)
    (tmp_path / "new").write_text("of the next one")
    (tmp_path / "new").rename(tmp_path / MANIFEST)
    put_away(inbox, whole)
    assert lying(tmp_path) == {f"done/{FILE}", MANIFEST}
    (tmp_path / FILE).write_text("the next one")
    with pytest.raises(FileChanged):
        put_away(inbox, whole)
    assert lying(tmp_path) == {f"done/{FILE}", FILE, MANIFEST}


def test_a_file_that_cannot_be_moved_stays_without_its_manifest(tmp_path: Path) -> None:
    """The other way round, the next file of the name would seem whole."""

    class Stuck(LocalInbox):
        def settle(self, name: str, outcome: Outcome, mark: str | None = None, *, reason: str | None = None) -> str:
            if name == FILE:
                raise InboxError("it is stuck", hint="wait")
            return super().settle(name, outcome, mark, reason=reason)

    inbox = Stuck(tmp_path)
    with pytest.raises(InboxError):
        put_away(inbox, loaded(tmp_path, inbox))
    assert lying(tmp_path) == {FILE, f"done/{MANIFEST}"}
