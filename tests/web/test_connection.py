"""What a connection bears: heads and rests that never end, offers of other protocols, nonsense behind good requests."""

from __future__ import annotations

import socket
import time

import pytest

from tests.servers.tools import wait_until
from tests.web.front import Front
from tests.web.lines import heard, speaking
from tests.worlds.lab import Lab, put
from trivium.web import connection

ORDER = b"GET /v1/records/shop/order/a HTTP/1.1\r\nHost: x\r\n"


ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def order(front: Front) -> Front:
    front.lab.send([put(("a",), 1, status="on")])
    return front


def statuses(told: bytes) -> list[int]:
    """Of the answers, in their order."""
    return [int(part[:3]) for part in told.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (ORDER + b"\r\n", b"\r\n"),
        (ORDER + b"\r\n", b"GET /v1/rec"),
        (ORDER + b"Content-Length: 100\r\n\r\n", b"x"),
        (ORDER + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\n"),
        (b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n", b"x"),
    ],
)
def test_what_follows_an_answer_has_an_end(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, first: bytes, then: bytes
) -> None:
    monkeypatch.setattr(connection, "_SLOWEST_HEAD", 0.5)
    with Front.over(lab, connections=1) as front:
        with speaking(front) as line:
            line.sendall(first)
            assert line.recv(65536).startswith(b"HTTP/1.1 404")
            line.sendall(then)
            begun = time.monotonic()
            assert heard(line) == b""
            assert time.monotonic() - begun < 20
        wait_until(lambda: _asks(front), "there is room again")


def _asks(front: Front) -> bool:
    with speaking(front) as line:
        line.sendall(ORDER + b"Connection: close\r\n\r\n")
        return heard(line).startswith(b"HTTP/1.1 404")


def test_a_rest_that_comes_to_its_end_leaves_the_connection_as_it_was(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_SLOWEST_HEAD", 0.5)
    with Front.over(lab) as front, speaking(front) as line:
        line.sendall(ORDER + b"Content-Length: 2\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 404")
        line.sendall(b"x")
        line.sendall(b"y")
        line.settimeout(1.5)
        with pytest.raises(TimeoutError):  # it is not cut off
            line.recv(1)
        line.settimeout(30)
        line.sendall(ORDER + b"Connection: close\r\n\r\n")
        assert statuses(heard(line)) == [404]


def test_an_offer_of_another_protocol_is_passed_over(order: Front) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    inner = ORDER + b"\r\n"
    with speaking(order) as line:
        line.sendall(ORDER + offer + b"Content-Length: %d\r\n\r\n" % len(inner))
        line.sendall(inner)  # the body, which is no request of its own
        line.sendall(ORDER + offer + b"\r\n" + ORDER + b"Connection: close\r\n\r\n")
        assert statuses(heard(line)) == [200, 200, 200]
    with speaking(order) as line:
        line.sendall((ALIVE + offer + b"\r\n") * 500 + ALIVE + b"Connection: close\r\n\r\n")
        assert statuses(heard(line)) == [200] * 501


def test_who_asks_for_a_tunnel_gets_none(order: Front) -> None:
    with speaking(order) as line:
        line.sendall(b"CONNECT shop:1 HTTP/1.1\r\nHost: x\r\n\r\n" + ORDER + b"\r\n")
        line.shutdown(socket.SHUT_WR)
        assert len(statuses(heard(line))) <= 1


def test_nonsense_is_told_after_what_was_asked_before_it(order: Front) -> None:
    for nonsense in (b"}\r\n\r\n", b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"y" * 400_000):
        for many in (1, 3):
            with speaking(order) as line:
                line.sendall((ORDER + b"\r\n") * many + nonsense)
                found = statuses(heard(line))
                assert (found[:-1], found[-1] in (400, 431)) == ([200] * many, True), (nonsense[:10], found)


def test_a_broken_body_behind_good_requests(order: Front) -> None:
    broken = ORDER + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
    with speaking(order) as line:
        line.sendall(ORDER + b"\r\n" + broken)
        assert statuses(heard(line)) == [200, 400]


def test_many_requests_in_one_packet_are_no_long_head(front: Front) -> None:
    for many in (2_100, 5_000):
        with speaking(front) as line:
            torn = ALIVE + b"Connection: close\r\n\r\n"
            line.sendall((ALIVE + b"\r\n") * many + torn[:-2])
            line.sendall(torn[-2:])
            assert statuses(heard(line)) == [200] * (many + 1)


def test_a_second_head_is_bounded_as_the_first(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_LONGEST_HEAD", 1_000)
    with Front.over(lab) as front, speaking(front) as line:
        for _ in range(20):  # more than that in sum
            line.sendall(ORDER + b"X: " + b"y" * 500 + b"\r\n\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 404")
        line.sendall(ORDER + b"X: " + b"y" * 1_000 + b"\r\n\r\n" + ORDER + b"\r\n")
        assert statuses(heard(line)) == [431]


def test_a_long_answer_by_the_old_version(lab: Lab) -> None:
    lab.send([put((f"{n:05}",), 1, status="on", note="x" * 100) for n in range(5_000)])
    with Front.over(lab) as front:
        for limit, status in ((3, b"200"), ("all", b"505")):
            with speaking(front) as line:
                line.sendall(f"GET /v1/records/shop/order?limit={limit} HTTP/1.0\r\n\r\n".encode())
                told = heard(line)
            assert told.startswith(b"HTTP/1.1 " + status), told[:100]
            assert b"chunked" not in told
