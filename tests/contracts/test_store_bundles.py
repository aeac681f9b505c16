"""Bundles: many deliveries published in one commit come out as if they had come one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from tests.worlds.lab import Lab, delivery, put
from tests.worlds.rows import Claim, Rejected
from trivium.errors import AlreadyTaken
from trivium.ports import Account, Bundle, Verdict

NAMES = ["a", "b", "c"]


def parts(lab: Lab, *verdicts: Verdict) -> Verdict:
    """One verdict of several, each row with the part that it is of."""

    def joined(tables: list[pa.Table | None]) -> pa.Table | None:
        there = [
            table.append_column("_part", pa.array([n] * table.num_rows, pa.int64()))
            for n, table in enumerate(tables)
            if table is not None
        ]
        return pa.concat_tables(there) if there else None

    found: dict[str, Any] = {}
    for kind in ("statements", "assertions", "mentions"):
        names = {name for verdict in verdicts for name in getattr(verdict, kind)}
        tables = {name: joined([getattr(verdict, kind).get(name) for verdict in verdicts]) for name in names}
        found[kind] = {name: table for name, table in tables.items() if table is not None}
    return Verdict(Account(), **found, rejected=joined([verdict.rejected for verdict in verdicts]))


def opened(lab: Lab, *verdicts: Verdict) -> Bundle:
    bundle = lab.store.history.open_bundle("events", len(verdicts))
    bundle.append(parts(lab, *verdicts))
    return bundle


def three(lab: Lab) -> tuple[Verdict, ...]:
    return tuple(lab.verdict([put(("O1",), n, status="paid"), put((f"K{n}",), n, status="open")]) for n in (1, 2, 3))


def deliveries() -> list[tuple[object, Account]]:
    return [(delivery(name, digest=name * 2), Account(2, 2, 0, 0)) for name in NAMES]


def test_they_are_visible_at_once_and_each_is_a_delivery_of_its_own(lab: Lab) -> None:
    bundle = opened(lab, *three(lab))
    assert lab.alive() == []
    published = bundle.publish(deliveries())  # type: ignore[arg-type]
    assert len({one.commit for one in published}) == 1
    assert [one.load_no for one in published] == list(bundle.load_nos)
    assert lab.alive() == [("K1",), ("K2",), ("K3",), ("O1",)]
    rows = lab.store.control.deliveries().to_pylist()
    assert [(row["delivery"], row["state"], row["received"], row["commit_no"]) for row in rows] == [
        (name, "counts", 2, published[0].commit) for name in NAMES
    ]
    told = lab.store.reader.statements("order", ("O1",)).to_pylist()
    assert sorted(row["delivery"] for row in told) == NAMES


def test_one_of_them_is_retracted_and_revised_like_any_other(lab: Lab) -> None:
    opened(lab, *three(lab)).publish(deliveries())  # type: ignore[arg-type]
    lab.store.control.consolidate()
    lab.store.control.retract("events", "b", None)
    assert lab.alive() == [("K1",), ("K3",), ("O1",)]
    lab.send([put(("K9",), 5, status="open")], "c", 2, "zz")
    assert lab.alive() == [("K1",), ("K9",), ("O1",)]


def test_what_was_said_before_or_is_held_is_heard(lab: Lab) -> None:
    lab.send([put(("K1",), 1, status="open")], "a")
    held = lab.load([put(("K2",), 1, status="open")])
    held.hold(delivery("b"), Account(1, 1, 0, 0), held.gone())
    assert lab.store.history.unheard("events", ["a", "b", "c", "d"]) == {"c", "d"}
    assert lab.store.history.unheard("office", ["a"]) == {"a"}
    assert lab.store.history.unheard("events", []) == set()


def test_nothing_of_it_is_published_where_one_was_heard_meanwhile(lab: Lab) -> None:
    bundle = opened(lab, *three(lab))
    lab.send([put(("K7",), 1, status="open")], "b")
    with pytest.raises(AlreadyTaken):
        bundle.publish(deliveries())  # type: ignore[arg-type]
    bundle.abandon()
    assert lab.alive() == [("K7",)]
    assert lab.store.control.status()["loading"] == []
    assert lab.store.control.status()["entities"]["order"]["statements"] == 1


def test_abandoned_it_leaves_nothing(lab: Lab) -> None:
    bundle = opened(lab, *three(lab))
    bundle.abandon()
    bundle.abandon()
    assert lab.store.control.status()["entities"]["order"]["statements"] == 0
    assert lab.store.control.status()["loading"] == []


def test_rejects_belong_to_their_own_delivery(lab: Lab) -> None:
    bad = lab.verdict([put(("K1",), 1, status="open"), Rejected()])
    bundle = opened(lab, three(lab)[0], bad)
    bundle.publish([(delivery("a"), Account(2, 2, 0, 0)), (delivery("b"), Account(2, 1, 1, 0))])
    rows = lab.store.control.quarantine().to_pylist()
    assert [(row["delivery"], row["load_no"]) for row in rows] == [("b", bundle.load_nos[1])]


def test_what_they_would_end_is_counted_together(lab: Lab) -> None:
    lab.send({"order_line": [put(("O1", 1), 1), put(("O2", 1), 1), put(("O3", 1), 1)]}, "before")
    ends = [
        lab.verdict({"order_line": [put((order, 2), 9)]}, [Claim((("order_id", order),), 9)]) for order in ("O1", "O2")
    ]
    bundle = opened(lab, *ends)
    assert bundle.gone().gone == 2
    bundle.abandon()


def test_a_reading_keeps_what_the_delivery_said_of_itself(lab: Lab) -> None:
    one = replace(delivery("a", None), by="somebody")
    opened(lab, three(lab)[0]).publish([(one, Account(2, 2, 0, 0))])
    row = lab.store.control.deliveries().to_pylist()[0]
    assert (row["revision"], row["attempt"], row["kind"], row["by"], row["file"]) == (
        1,
        1,
        "first",
        "somebody",
        one.file,
    )
