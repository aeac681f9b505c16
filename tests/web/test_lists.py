"""What came in and how it stands: deliveries, accounts, sources, quarantine, findings, instances."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.front import Front
from tests.worlds.lab import delivery, put
from tests.worlds.rows import Rejected
from trivium.engine.handful import Finding
from trivium.ports import Account, Gone, Handful
from trivium.web.deliveries import ACCOUNT, DELIVERY, SOURCE_ACCOUNT
from trivium.web.findings import FINDING
from trivium.web.instances import INSTANCE
from trivium.web.operation import Member
from trivium.web.quarantine import REJECTED
from trivium.web.sources import STANDING

A, B = ("a",), ("b",)
LISTS = {
    "deliveries": DELIVERY,
    "accounts": ACCOUNT,
    "sources": STANDING,
    "quarantine": REJECTED,
    "findings": FINDING,
    "instances": INSTANCE,
}


def fill(front: Front) -> None:
    lab = front.lab
    lab.send([put(A, 1, status="on"), Rejected(B, raw=b"\xff\n"), Rejected(B)], "day 1")
    lab.send([put(A, 2, status="on")], "day 1", 2, "bb")
    lab.send([put(A, 3, status="on"), Rejected(B)], "day 2", source="files")
    odd = [Finding("gap", f"part {n}", "it lacks something") for n in range(3)]
    sent = [(delivery("call"), Account(1, 1))]
    lab.store.history.take("events", Handful(lab.verdict([put(A, 4, status="on")]), sent, findings=odd))
    lab.load([put(A, 3, status="on")]).hold(delivery("waits"), Account(1, 1), Gone(0, 1))


def rows(front: Front, path: str, name: str) -> Iterator[dict[str, Any]]:
    """All rows, page by page."""
    while True:
        got = front.get(path)
        assert got.status == 200, got.body
        yield from got.json[name]
        if got.json["next"] is None:
            return
        path = path.partition("?")[0] + got.headers["Link"][1:].partition(">")[0]


def paths(row: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, value in row.items():
        if isinstance(value, dict) and before + name not in ("expected",):
            yield from paths(value, f"{before}{name}.")
        else:
            yield before + name


@pytest.mark.parametrize("name", LISTS)
def test_rows_have_the_members_that_are_declared_in_every_form(front: Front, name: str) -> None:
    for filled in (False, True):
        if filled:
            fill(front)
        found = front.get(f"/v1/{name}").json
        listed = found["records" if name == "quarantine" else name]
        assert found["next"] is None
        told = front.get(f"/v1/{name}", "application/x-ndjson").text.splitlines()
        table = list(csv.reader(io.StringIO(front.get(f"/v1/{name}?format=csv").text)))
        assert len(listed) == len(told) == len(table) - 1
        assert table[0] == [member.path for member in LISTS[name]]
        if name != "instances":
            assert [json.loads(line) for line in told] == listed
        members: dict[str, Member] = {member.path: member for member in LISTS[name]}
        for row in listed:
            assert set(paths(row)) <= members.keys() | {"account", "lag", "expected"}
            for path, member in members.items():
                value: Any = row
                for part in path.split("."):
                    value = value.get(part) if value is not None else None
                assert not (member.always and value is None), (path, row)
    assert listed


def test_deliveries(front: Front) -> None:
    fill(front)
    path = "/v1/deliveries"
    every = [("waits", "held"), ("call", "counts"), ("day 2", "counts"), ("day 1", "counts"), ("day 1", "superseded")]
    for limit in (1, 2, 100):
        assert [(row["delivery"], row["state"]) for row in rows(front, f"{path}?limit={limit}", "deliveries")] == every
    first = next(rows(front, f"{path}?delivery=day%202", "deliveries"))
    assert first["account"] == {"received": 2, "accepted": 1, "rejected": 1, "ignored": 0}
    assert (first["domain"], first["source"], first["commit"], first["archived"]) == ("shop", "files", 3, True)
    assert [row["delivery"] for row in rows(front, f"{path}?source=files", "deliveries")] == ["day 2"]
    assert [row["delivery"] for row in rows(front, f"{path}?state=superseded", "deliveries")] == ["day 1"]
    assert [row["gone"] for row in rows(front, f"{path}?state=held", "deliveries")] == [0]


def test_accounts(front: Front) -> None:
    fill(front)
    for row in rows(front, "/v1/accounts?limit=2", "accounts"):
        account = row["account"]
        assert account["received"] == account["accepted"] + account["rejected"] + account["ignored"]
    by_source = front.get("/v1/accounts?by=source").json["accounts"]
    assert [(row["source"], row["deliveries"], *row["account"].values()) for row in by_source] == [
        ("events", 2, 2, 2, 0, 0), ("files", 1, 2, 1, 1, 0),
    ]  # fmt: skip
    table = front.get("/v1/accounts?by=source&format=csv").text.splitlines()
    assert table[0] == ",".join(member.path for member in SOURCE_ACCOUNT)
    assert table[1] == "shop,events,2,2,2,0,0"


def test_sources(front: Front) -> None:
    fill(front)
    found = {row["source"]: row for row in front.get("/v1/sources").json["sources"]}
    assert list(found) == ["events", "files", "lines"]
    events = found["events"]
    figures = ("channel", "deliveries", "quarantine", "held", "again", "last_arrival")
    assert [events[name] for name in figures] == ["events", 2, 0, 1, 0, "2026-03-02T09:30:00Z"]
    assert (found["files"]["quarantine"], found["lines"]["deliveries"]) == (1, 0)
    assert found["lines"]["account"] == {"received": 0, "accepted": 0, "rejected": 0, "ignored": 0}
    assert [row["source"] for row in front.get("/v1/sources?source=files&expected=true").json["sources"]] == ["files"]
    front.away = True
    away = front.get("/v1/sources").json["sources"]
    assert [(row["deliveries"], row["account"]) for row in away] == [(None, None)] * 3
    assert front.get("/v1/deliveries").status == 503


def test_quarantine(front: Front) -> None:
    fill(front)
    found = list(rows(front, "/v1/quarantine?limit=1", "records"))
    assert [(row["source"], row["delivery"], row["state"]) for row in found] == [("files", "day 2", "open")]
    assert found[0]["reasons"][0]["rule"]
    every = list(rows(front, "/v1/quarantine?closed=true&limit=2", "records"))
    assert [(row["delivery"], row["state"]) for row in every] == [
        ("day 2", "open"), ("day 1", "superseded"), ("day 1", "superseded"),
    ]  # fmt: skip
    raw = next(row for row in every if row["raw"] is None)
    assert base64.b64decode(raw["raw_base64"]) == b"\xff\n"


def test_findings(front: Front) -> None:
    fill(front)
    for limit in (1, 100):
        found = list(rows(front, f"/v1/findings?limit={limit}", "findings"))
        assert [(row["kind"], row["subject"]) for row in found] == [("gap", f"part {n}") for n in range(3)]
    assert list(rows(front, "/v1/findings?kind=tie", "findings")) == []
    front.lab.send([put(A, 9, status="on")], "x")
    front.lab.send([put(A, 9, status="off")], "y")
    (tie,) = front.get("/v1/findings?computed=true&kind=tie").json["findings"]
    assert (tie["subject"], tie["commit"], tie["source"]) == ("order a", None, "events")
    assert tie["hint"]


def test_what_is_wrong_with_a_query(front: Front) -> None:
    for path, parameter in (
        ("/v1/deliveries?state=lost", "state"), ("/v1/deliveries?source=nobody", "source"),
        ("/v1/quarantine?domain=nowhere", "domain"), ("/v1/accounts?by=day", "by"),
        ("/v1/findings?cursor=abc", "cursor"), ("/v1/sources?limit=1", "limit"), ("/v1/instances?x=1", "x"),
    ):  # fmt: skip
        assert front.problem(path, 400)["parameter"] == parameter
    fill(front)
    cursor = front.get("/v1/deliveries?limit=1").json["next"]
    assert front.problem(f"/v1/deliveries?cursor={cursor}&source=files", 400)["parameter"] == "cursor"


def test_instances(front: Front) -> None:
    (row,) = front.get("/v1/instances").json["instances"]
    assert row["domains"] == ["shop"]
