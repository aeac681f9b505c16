"""Small deliveries judged together, group after group, by one plan."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.judge.support import ARRIVED
from trivium import DeclarationError, Domain, Entity, Events, Into, Key
from trivium.engine.judge import Judge, Session
from trivium.engine.judge.declared import check_sources
from trivium.engine.judge.handfuls import HandfulJudge, parts_of
from trivium.engine.judge.parts import Judged
from trivium.engine.reading.again import read_json_again
from trivium.engine.verdict import PART

SECOND = 1_000_000
EIGHT = "2027-01-15T08:00:00Z"
"""What `ARRIVED` is."""


class Item(Entity):
    item: Key[str]
    size: int | None = None
    topic: str | None = None
    trace: str | None = None


class Bit(Entity):
    item: Key[str]
    bit: Key[int]
    topic: str | None = None


NAMES = {"message.key": "m_key", "message.topic": "m_topic", "message.headers.trace": "m_trace"}
COLUMNS = {"item": "message.key", "topic": "message.topic", "trace": "message.headers.trace"}


def shop(*into: Into, **more: Any) -> Domain:
    source = Events("events", topic="t", event_time="at", into=[*into] or [Into(Item)], **more)
    return Domain("shop", entities=[Item, Bit], sources=[source])


def heard(judge: HandfulJudge, groups: list[list[Any]], arrived_at: int = ARRIVED, beside: Any = None) -> Judged:
    records = [one if isinstance(one, bytes) else json.dumps(one).encode() for group in groups for one in group]
    part, place = parts_of([len(group) for group in groups])
    columns = {name: pa.array(values, pa.string()) for name, values in (beside or {}).items()}
    values = pa.array(records, pa.binary())
    return judge.judge(values, part, place, count=len(groups), arrived_at=arrived_at, beside=columns)


def test_each_is_judged_as_by_itself_whatever_came_before() -> None:
    domain = shop(ignore="size = 9")
    session = Session(threads=1)
    groups: list[list[Any]] = [
        [{"item": "a", "at": EIGHT}, {"item": 1, "at": EIGHT}],
        [],
        [{"item": "b", "size": 2.0, "at": EIGHT}, b"{", b"\xff", {"item": "c", "size": 9}, {"item": "d", "at": EIGHT}],
        [{"item": "a", "at": "2099-01-01T00:00:00Z"}],
    ]
    with HandfulJudge(domain, domain.source("events"), session=session) as judge:
        for _ in range(2):
            found = heard(judge, groups)
            for number, group in enumerate(groups):
                raws = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in group]
                with Judge(domain, domain.source("events"), arrived_at=ARRIVED) as alone:
                    verdict = alone.judge(read_json_again(raws))
                assert found.accounts[number] == verdict.account
                assert rows_of(found.verdict.statements.get("item"), number) == rows_of(verdict.statements.get("item"))
                assert rows_of(found.verdict.rejected, number) == rows_of(verdict.rejected)
    session.close()


def rows_of(table: Any, number: int | None = None) -> list[Any]:
    rows = [] if table is None else table.to_pylist()
    rows = [row for row in rows if number is None or row.pop(PART) == number]
    return [{name: value for name, value in row.items() if name not in ("line", "byte_offset")} for row in rows]


@pytest.mark.parametrize("into", [Into(Item), Into(Bit, each="bits", columns={"item": "record.item"}, asserts="item")])
def test_the_clock_goes_on_from_group_to_group(into: Into) -> None:
    domain = shop(into, max_ahead="1 minute")
    record = {"item": "a", "at": "2027-01-15T08:02:00Z", "bits": [{"bit": 1}]}
    with HandfulJudge(domain, domain.source("events")) as judge:
        for ahead in (59, 60, 61, 59):
            account = heard(judge, [[record], [record]], ARRIVED + ahead * SECOND).verdict.account
            assert (account.accepted, account.rejected) == ((2, 0) if ahead >= 60 else (0, 2))
        early = heard(judge, [[record]]).verdict.rejected
    assert early is not None
    assert early["due"].to_pylist() == [ARRIVED + 60 * SECOND]


def test_what_stands_beside_a_record_is_read_where_it_has_no_such_member_itself() -> None:
    domain = shop(Into(Item, columns=COLUMNS))
    records = [
        {"at": EIGHT},
        {"at": EIGHT, "message": {"key": "own", "headers": {"trace": None}}},
        {"at": EIGHT},
        b"\xff",
    ]
    beside = {"m_key": ["a", "b", None, "d"], "m_topic": ["t"] * 4, "m_trace": [None, "x", "y", "z"]}
    with HandfulJudge(domain, domain.source("events"), captured=NAMES, beside=list(NAMES.values())) as judge:
        found = heard(judge, [records[:2], records[2:]], beside=beside)
    rows = [(row["item"], row["topic"], row["trace"]) for row in found.verdict.statements["item"].to_pylist()]
    assert rows == [("a", "t", None), ("own", "t", None)]
    rejected = rows_of(found.verdict.rejected)
    assert [row["place"] for row in rejected] == [1, 2]
    assert [json.loads(row["reasons"])[0]["rule"] for row in rejected] == ["null", "encoding"]


def test_items_of_lists_read_what_stands_beside_their_record() -> None:
    columns = {"item": "record.message.key", "topic": "upper(record.message.topic)"}
    domain = shop(Into(Bit, each="bits", columns=columns, asserts="item", when="record.message.topic is not null"))
    records = [
        {"at": EIGHT, "bits": [{"bit": 1}, {"bit": 2}]},
        {"at": EIGHT, "bits": []},
        {"at": EIGHT, "bits": [{"bit": 1}]},
    ]
    beside = {"m_key": ["a", "b", "c"], "m_topic": ["t", "t", None], "m_trace": [None] * 3}
    with HandfulJudge(domain, domain.source("events"), captured=NAMES, beside=list(NAMES.values())) as judge:
        found = heard(judge, [records], beside=beside)
    assert [(row["item"], row["bit"], row["topic"]) for row in found.verdict.statements["bit"].to_pylist()] == [
        ("a", 1, "T"), ("a", 2, "T"),
    ]  # fmt: skip
    assert found.verdict.assertions["bit"]["item"].to_pylist() == ["a", "b"]


def test_records_numbered_by_their_place_in_a_delivery_are_for_others() -> None:
    with pytest.raises(DeclarationError, match="ordinal"):
        check_sources(shop(Into(Bit, columns={"bit": "ordinal(item)"})))


def test_an_empty_group_is_nothing() -> None:
    domain = shop()
    with HandfulJudge(domain, domain.source("events")) as judge:
        found = heard(judge, [[], []])
    assert [account.received for account in found.accounts] == [0, 0]
    assert found.verdict.rejected is None
    assert not found.verdict.statements
