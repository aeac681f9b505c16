"""What came in, listed from the newest down, page by page; and in sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.worlds.lab import ARRIVED, Lab, delivery, put
from tests.worlds.rows import Rejected
from trivium.engine.handful import Finding
from trivium.ports import Account, Gone, Handful, Sum

A, B = ("a",), ("b",)


def fill(lab: Lab) -> None:
    """Deliveries in every state."""
    lab.send([put(A, 1, status="on")], "plain")
    lab.send([put(A, 1, status="on"), Rejected(B)], "corrected")
    lab.send([put(A, 2, status="on")], "corrected", 2, "bb")
    lab.send([put(A, 1, status="on")], "retracted", source="files")
    lab.store.control.retract("files", "retracted", "ann")
    lab.send([put(B, 1, status="on")], "back", source="files")
    lab.store.control.retract("files", "back", None)
    lab.store.control.restore("files", "back", None)
    lab.load([put(A, 3, status="on")]).hold(delivery("waits"), Account(1, 1), Gone(0, 1))


def pages(lab: Lab, most: int, **asked: Any) -> Iterator[dict[str, Any]]:
    behind = None
    while rows := lab.store.control.newest(most=most, behind=behind, **asked).to_pylist():
        assert len(rows) <= most
        yield from rows
        behind = rows[-1]["reading_no"]


def told(rows: Any) -> list[tuple[str, str]]:
    return [(row["delivery"], row["state"]) for row in rows]


def test_the_newest_deliveries(lab: Lab) -> None:
    assert told(pages(lab, 5)) == []
    fill(lab)
    every = [
        ("waits", "held"),
        ("back", "counts"), ("back", "taken back"), ("back", "counts"),
        ("retracted", "retracted"), ("retracted", "retracted"),
        ("corrected", "counts"), ("corrected", "superseded"),
        ("plain", "counts"),
    ]  # fmt: skip
    for most in (1, 2, 100):
        assert told(pages(lab, most)) == every
        assert told(pages(lab, most, source="files")) == every[1:6]
        assert told(pages(lab, most, source="events", delivery="corrected")) == every[6:8]
        assert told(pages(lab, most, states=["held", "superseded"])) == [every[0], every[7]]
        assert told(pages(lab, most, states=["counts"])) == [row for row in every if row[1] == "counts"]
        assert told(pages(lab, most, states=["retracted", "taken back"])) == [every[2], *every[4:6]]
    whole = {row["reading_no"]: row for row in lab.store.control.deliveries().to_pylist()}
    assert whole == {row["reading_no"]: row for row in pages(lab, 100)}


def test_sums_are_those_of_what_counts(lab: Lab) -> None:
    assert lab.store.control.sums() == {}
    fill(lab)
    arrived = ARRIVED.replace(tzinfo=None)
    expected = {
        "events": Sum(2, Account(2, 2), arrived, held=1),
        "files": Sum(1, Account(1, 1), lab.store.control.sums()["files"].last_arrival),
    }
    assert lab.store.control.sums() == expected
    assert lab.store.control.sums() == expected
    load = lab.send([put(A, 1, status="on"), Rejected(B)], "more").load_no
    lab.store.history.known(delivery("plain"))
    assert lab.store.control.sums()["events"] == Sum(3, Account(4, 3, 1), arrived, held=1, again=1)
    lab.mend(load, 2, put(B, 1, status="on"))
    assert lab.store.control.sums()["events"].account == Account(5, 4, 1)
    lab.store.control.retract("events", "more", None)
    assert lab.store.control.sums()["events"].account == Account(2, 2)
    lab.store.control.restore("events", "more", None)
    lab.reopen()
    found = lab.store.control.sums()["events"]
    assert (found.deliveries, found.account, found.held, found.again) == (3, Account(5, 4, 1), 1, 1)


def test_the_newest_of_the_quarantine(lab: Lab) -> None:
    def listed(most: int, **asked: Any) -> list[tuple[str, int, str]]:
        found, behind = [], None
        while rows := lab.store.control.quarantine(newest=True, most=most, behind=behind, **asked).to_pylist():
            found += [(row["delivery"], row["place"], row["state"]) for row in rows]
            behind = (rows[-1]["load_no"], rows[-1]["place"])
        return found

    assert listed(5) == []
    load = lab.send([Rejected(A), put(B, 1, status="on"), Rejected(A), Rejected(A)], "z").load_no
    lab.send([Rejected(A)], "old")
    lab.send([put(A, 1, status="on")], "old", 2, "bb")
    lab.send([Rejected(A), Rejected(B)], "a", source="files")
    lab.mend(load, 3, put(A, 5, status="on"))
    for most in (1, 2, 10):
        assert listed(most) == [("a", 1, "open"), ("a", 2, "open"), ("z", 1, "open"), ("z", 4, "open")]
        assert listed(most, source="events") == [("z", 1, "open"), ("z", 4, "open")]
        assert listed(most, closed=True)[2:] == [
            ("old", 1, "superseded"), ("z", 1, "open"), ("z", 3, "mended"), ("z", 4, "open"),
        ]  # fmt: skip
    assert lab.store.control.quarantined() == {"events": 2, "files": 2}


def test_the_newest_findings(lab: Lab) -> None:
    def listed(most: int, **asked: Any) -> list[tuple[int, str, str]]:
        found, behind = [], None
        while rows := lab.store.control.findings(most=most, behind=behind, **asked).to_pylist():
            found += [(row["commit_no"], row["kind"], row["subject"]) for row in rows]
            last = rows[-1]
            behind = (last["commit_no"], last["kind"], last["subject"], last["source"] or "", last["detail"])
        return found

    assert listed(3) == []
    for number, source in ((1, "events"), (2, "files")):
        odd = [Finding("gap", f"s{n}", f"d{n % 2}") for n in (3, 1, 2, 1)]
        sent = [(delivery(f"{number}", source=source), Account(1, 1))]
        lab.store.history.take(source, Handful(lab.verdict([put(A, number, status="on")]), sent, findings=odd))
    every = [(commit, "gap", f"s{n}") for commit in (2, 1) for n in (1, 2, 3)]
    for most in (1, 4, 100):
        assert listed(most) == every
        assert listed(most, source="files") == every[:3]
        assert listed(most, kind="gap", source="events") == every[3:]
        assert listed(most, kind="tie") == []
    assert lab.store.control.findings().num_rows == 8
