"""A disk that is full while the service is called: callers are told to come again, nothing half done is left, and the
same calls succeed when there is room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.disks import Disk, small_disk
from tests.running import counter as counter_app
from tests.running.caller import NDJSON, Answer, Caller
from tests.running.place import Place

APP = Path(counter_app.__file__)
LINES = 12_000
"""Of a large body: 2.5 MB, which take three times as much in the store."""


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    with small_disk("96m") as made:
        yield made


@pytest.fixture
def service(disk: Disk, tmp_path: Path) -> Iterator[Caller]:
    """Its store, its raw input and the bodies that it takes lie on the disk."""
    folder = disk.folder / tmp_path.name
    with Place.of(tmp_path, APP, f"{folder}/{{domain}}.duckdb", TRIVIUM_RAW=f"{folder}/raw") as place:
        running, caller = place.serve()
        yield caller
        disk.empty()
        running.stop()


def record(number: int) -> str:
    note = f"{number:0200}"  # packed it is small, in the store too: the key is not
    return json.dumps({"order_id": f"{hash((number, 'o')):x}", "status": "paid", "total": "1.00",
                       "at": "2026-03-01T10:00:00Z", "note": note})  # fmt: skip


def large() -> str:
    return "\n".join(map(record, range(LINES)))


def told_to_come_again(answer: Answer) -> None:
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json"), answer.body
    assert int(answer.headers["retry-after"]) > 0
    assert answer.document["hint"]


def deliveries(service: Caller) -> list[int]:
    return [one["account"]["accepted"] for one in service.get("/v1/deliveries").document["deliveries"]]


def left(disk: Disk) -> list[Path]:
    """What is on the disk and should not be."""
    return [*disk.folder.rglob("trivium-body-*"), *disk.folder.rglob(".incoming-*")]


@pytest.mark.parametrize("room", [0, 1 << 20, 3 << 20, 6 << 20], ids=["none", "half", "body", "more"])
def test_a_large_body(service: Caller, disk: Disk, room: int) -> None:
    """There is room for none of it, for half of it, for it and not for what is kept of it."""
    assert service.post("till", record(1)).status == 200
    disk.leave(room)
    told_to_come_again(service.post("till", large(), NDJSON, key="large"))
    assert left(disk) == []
    assert service.get("/readyz").status == 200
    disk.empty()
    assert deliveries(service) == [1]
    answer = service.post("till", large(), NDJSON, key="large")
    assert (answer.status, answer.document["accepted"]) == (200, LINES)
    assert "idempotent-replayed" not in answer.headers
    assert sorted(deliveries(service)) == [1, LINES]
    assert left(disk) == []


def test_small_ones(service: Caller, disk: Disk) -> None:
    """They are taken as long as the log of the store has room; who was told 200 is in it, who was not is not."""
    disk.leave(256 << 10)
    taken, refused = 0, None
    while refused is None:
        body = "\n".join(record(number) for number in range(taken * 200, taken * 200 + 200))
        answer = service.post("till", body, NDJSON, key=f"k{taken}")
        if answer.status == 200:
            taken += 1
        else:
            told_to_come_again(answer)
            refused = body
        assert taken < 500
    disk.empty()
    again = service.post("till", refused, NDJSON, key=f"k{taken}")
    assert (again.status, again.document["accepted"]) == (200, 200)
    assert deliveries(service) == [200] * (taken + 1)
