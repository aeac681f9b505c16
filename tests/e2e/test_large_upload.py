"""An upload that is much larger than the memory that it may take: one account, at flat memory."""

from __future__ import annotations

import gzip
import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from tests.running import counter as counter_app
from tests.running.caller import NDJSON, Answer, Caller
from tests.running.place import Place, Running
from tests.servers.tools import wait_until
from tests.soak import SOAK

APP = Path(counter_app.__file__)
MEGABYTES: Final = 1_000 if SOAK else 300
CEILING: Final = 1_000
"""Megabytes of memory that the process takes at most for one body, whatever its size: what the store and one judge may
have, the interpreter with its libraries, and what allocators keep. Most of it is filled by the first hundred megabytes;
to hold the larger body whole would be too much. Alone some 650; more where a fold runs beside."""
LINES: Final = 5_000
"""Of a piece, which is one megabyte."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with Place.of(tmp_path, APP) as made:
        yield made


@pytest.fixture
def running(place: Place) -> Iterator[Running]:
    running = place.run()
    yield running
    running.stop()


@pytest.fixture
def service(running: Running) -> Caller:
    caller = running.caller()
    wait_until(lambda: caller.get("/readyz").status == 200, "it is ready")
    return caller


def piece(number: int) -> bytes:
    """Five thousand orders, a line each."""
    head = f'{{"order_id": "{number}-'
    more = '", "status": "paid", "total": "12.50", "at": "2026-03-01T10:00:00Z", "note": "'
    return b"".join(f'{head}{n}{more}{n * 7919:0105}"}}\n'.encode() for n in range(LINES))


def sent(service: Caller, megabytes: int) -> Answer:
    """The answer to a body that is made while it is sent, in chunks and without a length."""
    connection = http.client.HTTPConnection(urlsplit(service.url).netloc, timeout=600)
    try:
        pieces = (piece(number) for number in range(megabytes))
        connection.request("POST", "/v1/in/till", pieces, {"Content-Type": NDJSON}, encode_chunked=True)
        found = connection.getresponse()
        return Answer(found.status, dict(found.getheaders()), found.read())
    finally:
        connection.close()


def peak(running: Running) -> int:
    """Megabytes of memory that the process had at most."""
    status = Path(f"/proc/{running.command.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) >> 10


@pytest.mark.slow
def test_a_large_body_is_one_account_at_flat_memory(place: Place, running: Running, service: Caller) -> None:
    begun = time.monotonic()
    answer = sent(service, MEGABYTES)
    print(f"{MEGABYTES} MB in {time.monotonic() - begun:.1f} s, peak {peak(running)} MB")
    assert (answer.status, answer.document["accepted"]) == (200, MEGABYTES * LINES), answer.body
    assert peak(running) < CEILING
    newest = service.get("/v1/deliveries?limit=1").document["deliveries"][0]
    assert (newest["delivery"], newest["account"]["received"]) == (answer.document["delivery"], MEGABYTES * LINES)
    assert list(place.folder.rglob("trivium-body-*")) == []


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_body_that_unpacks_too_far(place: Place, service: Caller, packing: str) -> None:
    """What it unpacked to so far is gone, in the store and on the disk."""
    body = piece(0) * 12
    packed = gzip.compress(body, 1) if packing == "gzip" else pa.compress(body, codec="zstd", asbytes=True)
    answer = service.post("packed", packed, NDJSON, Content_Encoding=packing)
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json"), answer.body
    assert answer.document["hint"]
    assert service.get("/v1/deliveries").document["deliveries"] == []
    assert service.get("/v1/records/counter/order").document["records"] == []
    assert [*place.folder.rglob("trivium-body-*"), *place.folder.rglob("*.zst")] == []
    assert service.post("packed", piece(0), NDJSON).document["accepted"] == LINES
