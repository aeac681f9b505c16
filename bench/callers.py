"""Callers that each send one sale a request and wait for its answer.

`python -m bench.callers URL CALLERS SECONDS FIRST [RATE]`: sales of the numbers from FIRST on; RATE, requests a second
of all together, or as many as can be.

Prints as JSON how many a second were answered, and how long they waited. Written on bare connections: what a client
library does for a request would be measured too, on the cores that the server needs.
"""

from __future__ import annotations

import asyncio
import collections
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit


def sale(number: int) -> bytes:
    """A sale that nobody else sends."""
    return json.dumps(
        {
            "business_date": "2025-12-31", "store_id": f"S{number % 400:04}", "receipt": f"C{number // 4:09}",
            "line": number % 4 + 1, "product_id": f"P{number % 80000:06}", "quantity": 1, "unit_price": "1.99",
            "total": "1.99", "currency": "EUR", "payment": "card", "sold_at": "2025-12-31T09:00:00Z",
        }
    ).encode()  # fmt: skip


class _Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, office: _Office) -> None:
        self._office, self._got = office, b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        body = sale(self._office.next())
        self._sent = time.perf_counter()
        self._transport.write(self._office.head % len(body) + body)

    def data_received(self, data: bytes) -> None:
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._got[:end].lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._got) >= end + 4 + length:
            status, self._got = int(self._got[9:12]), self._got[end + 4 + length :]
            if self._office.answered(status, time.perf_counter() - self._sent):
                asyncio.get_running_loop().call_later(self._office.pause(), self._send)
            else:
                self._transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        self._office.left()


class _Office:
    """What the callers know together."""

    def __init__(self, url: str, first: int, callers: int, until: float, rate: float | None) -> None:
        parts = urlsplit(url)
        self._there, self._rate, self._turn = callers, rate, time.perf_counter()
        self.empty = asyncio.Event()
        self.head = (
            f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n"
        ).encode()
        self._number, self._until = first, until
        self.waited: list[float] = []
        self.statuses: collections.Counter[int] = collections.Counter()

    def pause(self) -> float:
        """Seconds until the next request is due."""
        if self._rate is None:
            return 0
        self._turn = max(self._turn + 1 / self._rate, time.perf_counter() - 1)
        return max(0, self._turn - time.perf_counter())

    def left(self) -> None:
        """A caller has gone."""
        self._there -= 1
        if not self._there:
            self.empty.set()

    def next(self) -> int:
        self._number += 1
        return self._number

    def answered(self, status: int, seconds: float) -> bool:
        """Takes note; whether to go on."""
        self.statuses[status] += 1
        self.waited.append(seconds)
        return time.perf_counter() < self._until


async def call(url: str, callers: int, seconds: float, first: int, rate: float | None = None) -> dict[str, Any]:
    """What so many callers find in so many seconds."""
    parts, begun = urlsplit(url), time.perf_counter()
    office = _Office(url, first, callers, begun + seconds, rate)
    loop = asyncio.get_running_loop()
    for _ in range(callers):
        await loop.create_connection(lambda: _Caller(office), parts.hostname or "", parts.port or 80)
    await office.empty.wait()
    taken = time.perf_counter() - begun
    waited = sorted(office.waited)
    assert set(office.statuses) == {200}, f"answered {dict(office.statuses)}"
    return {
        "rows": len(waited), "seconds": taken, "rate": len(waited) / taken, "p50": waited[len(waited) // 2],
        "p99": waited[len(waited) * 99 // 100], "worst": waited[-1],
    }  # fmt: skip


if __name__ == "__main__":
    import uvloop

    at, callers, seconds, first, *rate = sys.argv[1:]
    print(json.dumps(uvloop.run(call(at, int(callers), float(seconds), int(first), *map(float, rate)))))
