"""Handfuls: small deliveries that are written and published in one transaction, with what comes with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest

from tests.contracts.test_store_bundles import parts
from tests.worlds.lab import Lab, delivery, put
from tests.worlds.rows import Rejected
from trivium.errors import AlreadyTaken, Outrun
from trivium.ports import Account, Answer, Finding, Handful, Position, Published, Verdict

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NOTHING = Verdict(Account())


def answer(key: str, digest: str = "d") -> Answer:
    return Answer(key, digest, 200, '{"accepted": 1, "said": "it\'s \\"so\\""}', NOW)


def handful(
    lab: Lab,
    *names: str,
    positions: Sequence[Position] = (),
    answers: Sequence[Answer] = (),
    bodies: Sequence[bytes] = (),
    findings: Sequence[Finding] = (),
) -> Handful:
    verdicts = [lab.verdict([put((f"K{name}",), 1, status="open")]) for name in names]
    told = [(delivery(name, digest=name * 2), Account(1, 1, 0, 0)) for name in names]
    return Handful(parts(lab, *verdicts), told, positions, answers, bodies, findings)


def take(lab: Lab, taken: Handful) -> list[Published]:
    return lab.store.history.take("events", taken)


def test_deliveries_of_a_handful_are_deliveries_like_any_other(lab: Lab) -> None:
    published = take(lab, handful(lab, "a", "b"))
    assert len({one.commit for one in published}) == 1
    assert lab.alive() == [("Ka",), ("Kb",)]
    rows = lab.store.control.deliveries().to_pylist()
    assert [(row["delivery"], row["state"], row["received"], row["reading_no"]) for row in rows] == [
        ("a", "counts", 1, published[0].load_no),
        ("b", "counts", 1, published[1].load_no),
    ]
    lab.store.control.consolidate()
    lab.store.control.retract("events", "a", None)
    assert lab.alive() == [("Kb",)]
    lab.store.control.restore("events", "a", None)
    lab.send([put(("K9",), 5, status="open")], "b", 2, "zz")
    assert lab.alive() == [("K9",), ("Ka",)]


def test_commits_of_handfuls_and_loads_are_numbered_together(lab: Lab) -> None:
    first = take(lab, handful(lab, "a"))[0]
    second = lab.send([put(("K7",), 1, status="open")], "x")
    third = take(lab, handful(lab, "b"))[0]
    assert [first.commit, third.commit] == [second.commit - 1, second.commit + 1]
    assert lab.store.control.status()["commit"] == third.commit


def test_a_rejected_record_of_one_is_in_quarantine(lab: Lab) -> None:
    bad = parts(lab, lab.verdict([put(("K1",), 1, status="open")]), lab.verdict([Rejected()]))
    told = [(delivery("a"), Account(1, 1, 0, 0)), (delivery("b"), Account(1, 0, 1, 0))]
    published = take(lab, Handful(bad, told))
    rows = lab.store.control.quarantine().to_pylist()
    assert [(row["delivery"], row["load_no"]) for row in rows] == [("b", published[1].load_no)]


def test_positions_move_with_what_was_read(lab: Lab) -> None:
    assert lab.store.history.positions("events") == {}
    take(lab, handful(lab, "a", positions=[Position("t/0", None, 10), Position("t/1", None, 3)]))
    take(lab, handful(lab, "b", positions=[Position("t/0", 10, 12)]))
    assert lab.store.history.positions("events") == {"t/0": 12, "t/1": 3}
    assert lab.store.history.positions("office") == {}


@pytest.mark.parametrize("before", [None, 9, 11])
def test_who_was_outrun_takes_nothing(lab: Lab, before: int | None) -> None:
    take(lab, handful(lab, "a", positions=[Position("t/0", None, 10)]))
    late = handful(lab, "b", positions=[Position("t/1", None, 5), Position("t/0", before, 20)], answers=[answer("k")])
    with pytest.raises(Outrun):
        take(lab, late)
    assert lab.store.history.positions("events") == {"t/0": 10}
    assert lab.store.history.answered("events", ["k"]) == {}
    assert lab.alive() == [("Ka",)]
    assert lab.store.control.status()["entities"]["order"]["statements"] == 1
    take(lab, handful(lab, "b", positions=[Position("t/0", 10, 20)]))
    assert lab.alive() == [("Ka",), ("Kb",)]


def test_a_position_moves_without_a_delivery_and_what_is_odd_is_told(lab: Lab) -> None:
    take(lab, handful(lab, "a", positions=[Position("t/0", None, 10)]))
    before = lab.store.control.status()["commit"]
    lost = Finding("lost", "t/0", "the messages 10 to 19 were gone before they were read")
    assert take(lab, Handful(NOTHING, [], [Position("t/0", 10, 20)], findings=[lost])) == []
    assert lab.store.history.positions("events") == {"t/0": 20}
    assert lab.store.control.status()["commit"] == before
    (found,) = lab.store.control.findings().to_pylist()
    assert (found["kind"], found["source"], found["subject"], found["detail"]) == (
        "lost", "events", "t/0", lost.detail,
    )  # fmt: skip


def test_an_answer_is_kept_with_the_commit_it_tells_of(lab: Lab) -> None:
    (published,) = take(lab, handful(lab, "a", answers=[answer("k"), answer("l")]))
    found = lab.store.history.answered("events", ["k", "never"])
    assert {key: (one.answer, one.commit) for key, one in found.items()} == {"k": (answer("k"), published.commit)}
    assert lab.store.history.answered("office", ["k"]) == {}
    assert lab.store.history.answered("events", []) == {}


def test_a_key_is_answered_once(lab: Lab) -> None:
    take(lab, handful(lab, "a", answers=[answer("k")]))
    with pytest.raises(AlreadyTaken):
        take(lab, handful(lab, "b", "c", answers=[answer("l"), answer("k", "other")]))
    assert lab.alive() == [("Ka",)]
    assert lab.store.history.answered("events", ["k", "l"]).keys() == {"k"}
    assert lab.store.history.answered("events", ["k"])["k"].answer.digest == "d"


def test_a_load_keeps_its_answer_too(lab: Lab) -> None:
    load = lab.load([put(("K1",), 1, status="open")])
    published = load.publish(delivery("big"), Account(1, 1, 0, 0), answer("k"))
    assert lab.store.history.answered("events", ["k"])["k"].commit == published.commit
    twin = lab.load([put(("K2",), 1, status="open")])
    with pytest.raises(AlreadyTaken):
        twin.publish(delivery("twin", digest="t"), Account(1, 1, 0, 0), answer("k"))
    twin.abandon()
    assert lab.alive() == [("K1",)]


def test_bodies_are_kept_by_reading(lab: Lab) -> None:
    take(lab, handful(lab, "a", "b", bodies=[b'{"a": "\x00\xff"}', b""]))
    assert lab.store.history.body("events", "a", "aa") == b'{"a": "\x00\xff"}'
    assert lab.store.history.body("events", "b", "bb") == b""
    assert lab.store.history.body("events", "a", "bb") is None
    assert lab.store.history.body("office", "a", "aa") is None


def test_what_is_old_is_forgotten(lab: Lab) -> None:
    take(lab, handful(lab, "a", bodies=[b"x"], answers=[answer("k")]))
    history, control = lab.store.history, lab.store.control
    assert control.forget("events", answers=NOW, bodies=None) == 0
    assert control.forget("office", answers=NOW + dt.timedelta(days=9999), bodies=NOW + dt.timedelta(days=9999)) == 0
    assert history.answered("events", ["k"])
    assert control.forget("events", answers=NOW + dt.timedelta(seconds=1), bodies=None) == 1
    assert history.answered("events", ["k"]) == {}
    assert history.body("events", "a", "aa") == b"x"
    assert control.forget("events", answers=NOW, bodies=NOW + dt.timedelta(days=9999)) == 1
    assert history.body("events", "a", "aa") is None


def test_what_was_taken_outlives_the_store(lab: Lab) -> None:
    take(lab, handful(lab, "a", positions=[Position("t/0", None, 10)], answers=[answer("k")], bodies=[b"x"]))
    lab.reopen()
    assert lab.alive() == [("Ka",)]
    assert lab.store.history.positions("events") == {"t/0": 10}
    assert lab.store.history.answered("events", ["k"])
    (again,) = take(lab, handful(lab, "b", positions=[Position("t/0", 10, 11)]))
    assert again.load_no > 1
