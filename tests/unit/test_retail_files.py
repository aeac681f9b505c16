"""The weeks of files that the simulators send, and their checker, without the product."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import holidays
import pytest

from retail.files import checker
from retail.files.business import days, stores_open
from retail.files.contents import Plan
from retail.files.dealing import planned
from retail.files.meant import write_meant
from retail.files.sender import NotTaken, Sender
from retail.files.sending import Sending
from retail.sales import sales

MONTH = Plan(dt.date(2025, 11, 1), 30, 12, seed=1)
KINDS = {
    "late", "twice", "torn", "lines", "totals", "corrected", "missing", "encoding", "order", "header", "link", "name",
    "alone", "half", "repeated", "day off",
}  # fmt: skip


@pytest.fixture(scope="module")
def meant(tmp_path_factory: pytest.TempPathFactory) -> checker.Meant:
    folder = tmp_path_factory.mktemp("meant")
    told, sent = planned(MONTH)
    write_meant(folder, MONTH, told, sent)
    return checker.Meant.read(folder)


def test_every_mischief_is_done_to_one_file_in_a_hundred(meant: checker.Meant) -> None:
    assert meant.mischief.keys() == KINDS
    assert min(meant.mischief.values()) >= 0.01 * len(meant.sent)
    assert len(meant.plan["odd"]) == 6, "one of 12 stores on each day off"
    assert Counter(one["kind"] for one in meant.sent)["plain"] > 0.5 * len(meant.sent)


def test_a_seed_makes_the_same_files() -> None:
    small = Plan(dt.date(2025, 11, 3), 2, 3, seed=4)
    assert planned(small) == planned(small)
    assert planned(small)[1] != planned(Plan(small.first, 2, 3, seed=5))[1]


def test_no_name_comes_twice_in_a_wave(meant: checker.Meant) -> None:
    times = Counter((one["wave"], one["folder"], one["name"]) for one in meant.sent)
    assert max(times.values()) == 1


def test_the_simulators_know_the_business_days_that_are_declared() -> None:
    (source,) = (one for one in sales.sources if one.name == "sod-end-of-day")
    assert source.calendar is not None
    for day in days(dt.date(2025, 8, 1), 140):
        assert stores_open(day) == source.calendar.is_open(day), day
    french = holidays.country_holidays("FR", years=range(2020, 2035))
    for day in days(dt.date(2020, 1, 1), 5400):
        assert day.weekday() == 6 or stores_open(day) == (day not in french), day


def sending(wave: int, name: str, content: bytes = b"a", **more: Any) -> Sending:
    return Sending(wave, "some", "some", name, "plain", name, 1, more.pop("fate", "loaded"), content, **more)


def test_a_day_begins_when_the_files_of_the_day_before_are_taken(tmp_path: Path) -> None:
    sender = Sender(tmp_path, [sending(0, "a.csv", beside=(("a.csv.done", b""),)), sending(1, "a.csv", b"b")])
    waves = sender.waves()
    assert next(waves) == 0
    assert {path.name for path in (tmp_path / "some").iterdir()} == {"a.csv", "a.csv.done"}
    with pytest.raises(NotTaken, match=r"a\.csv"):
        sender.wait(0.1)
    (tmp_path / "some/a.csv").unlink()
    sender.wait(0.1)
    assert next(waves) == 1
    assert (tmp_path / "some/a.csv").read_bytes() == b"b"


def test_what_cannot_be_taken_is_not_waited_for(tmp_path: Path) -> None:
    strange = sending(0, "strange.csv", fate="unexpected")
    alone = sending(0, "alone.csv", beside=(("alone.csv.done", b""),), beside_wave=2)
    sender = Sender(tmp_path, [strange, alone])
    waves = sender.waves()
    for number in (0, 1):
        assert next(waves) == number
        sender.wait(0.1)
    assert next(waves) == 2
    assert (tmp_path / "some/alone.csv.done").exists()
    assert [path.name for path in sender.lying()] == ["alone.csv"]


def readings(meant: checker.Meant) -> list[dict[str, Any]]:
    account = ("received", "accepted", "rejected", "ignored")
    return [one | {"account": {name: one[name] for name in account}} for one in meant.readings()]


def test_the_checker_sees_a_wrong_account(meant: checker.Meant) -> None:
    found = readings(meant)
    assert checker.compare_readings(meant, found).perfect
    found[3]["account"]["rejected"] += 1
    compared = checker.compare_readings(meant, found)
    assert [name for name, attribute in compared.attributes.items() if attribute.wrong] == ["rejected"]


def test_the_checker_sees_a_finding_too_few(meant: checker.Meant) -> None:
    found = [one for one in meant.findings() for _ in range(one["count"])]
    assert {one["kind"] for one in found} == {"overdue", "unexpected", "unconfirmed", "repeated"}
    assert checker.compare_findings(meant, found).perfect
    assert not checker.compare_findings(meant, found[1:]).perfect


def test_the_checker_sees_a_file_that_lies_elsewhere(meant: checker.Meant, tmp_path: Path) -> None:
    for one in meant.lying():
        path = tmp_path / one["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(one.get("says", ""))
    assert checker.compare_files(meant, tmp_path).perfect
    reason = next(tmp_path.rglob("*.reason.txt"))
    reason.write_text("because")
    next(tmp_path.glob("sod/done/*_r1.csv")).rename(tmp_path / "sod/lost.csv")
    compared = checker.compare_files(meant, tmp_path)
    assert (len(compared.missing), len(compared.extra)) == (1, 1)
    assert len(compared.attributes["says"].wrong) == 1


def test_the_highest_revision_counts_and_what_was_said_last_holds(meant: checker.Meant) -> None:
    sold = {(one["store_id"], one["business_date"]) for one in meant.records("sale")}
    loaded = {one["delivery"] for one in meant.sent if one["source"] == "sod-end-of-day" and one["fate"] == "loaded"}
    assert {",".join(one) for one in sold} == loaded
    assert len({one["order_id"] for one in meant.records("order")}) == len(meant.records("order")) > 300
