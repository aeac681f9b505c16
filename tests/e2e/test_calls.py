"""The road of calls, from outside: a real service, a real socket."""

from __future__ import annotations

import gzip
import http.client
import itertools
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest

from tests.running.caller import CSV, JSON, NDJSON, Caller
from tests.running.place import Place

APP = Path(__file__).parents[1] / "running" / "counter.py"
AT = "2026-03-01T10:00:00Z"
_names = itertools.count()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Place.of(tmp_path_factory.mktemp("counter"), APP) as made:
        yield made


@pytest.fixture(scope="module")
def counter(place: Place) -> Iterator[Caller]:
    running, caller = place.serve()
    yield caller
    running.stop()


def fresh() -> str:
    """A key that no other test has."""
    return f"O{next(_names)}"


def order(key: str, status: str = "placed", **more: Any) -> dict[str, Any]:
    return {"order_id": key, "status": status, "total": "1.50", "at": AT, **more}


def explained(counter: Caller, key: str) -> Any:
    """Who said what of an order's status."""
    found = counter.get(f"/v1/explain/counter/order/{key}").document["attributes"]
    return next(one for one in found if one["attribute"] == "status")


def figures(document: Any) -> list[int]:
    return [document[name] for name in ("received", "accepted", "rejected", "ignored")]


def test_a_record_is_durable_and_readable_at_the_answer(counter: Caller) -> None:
    key = fresh()
    answer = counter.post("till", order(key))
    assert (answer.status, answer.headers["content-type"]) == (200, JSON)
    assert figures(answer.document) == [1, 1, 0, 0]
    assert list(answer.document) == [
        "received", "accepted", "rejected", "ignored", "commit", "delivery", "rejects",
    ]  # fmt: skip
    found = counter.record("order", key)
    assert (found.status, found.document["status"], found.document["total"]) == (200, "placed", "1.50")
    (note,) = [
        a for a in counter.get(f"/v1/explain/counter/order/{key}").document["attributes"] if a["attribute"] == "status"
    ]
    assert (note["winner"]["source"], note["winner"]["place"]) == ("till", 1)
    assert note["winner"]["delivery"] == answer.document["delivery"]


def test_an_array_of_which_one_is_bad(counter: Caller) -> None:
    good, other = fresh(), fresh()
    answer = counter.post("till", [order(good), order(fresh(), total="1.555", status="lost"), order(other)])
    assert answer.status == 207
    assert figures(answer.document) == [3, 2, 1, 0]
    (reject,) = answer.document["rejects"]
    assert reject["item"] == 2
    assert {(reason["field"], reason["value"]) for reason in reject["reasons"]} == {
        ("status", "lost"),
        ("total", "1.555"),
    }
    assert counter.record("order", good).status == counter.record("order", other).status == 200


def test_where_all_are_bad_it_is_a_problem_with_every_reason(counter: Caller) -> None:
    answer = counter.post("till", order(fresh(), at="soon"))
    assert (answer.status, answer.headers["content-type"]) == (422, "application/problem+json")
    assert figures(answer.document) == [0 + 1, 0, 1, 0]
    assert answer.document["rejects"][0]["reasons"][0]["rule"] == "event_time"


def test_no_record_at_all_is_an_account_too(counter: Caller) -> None:
    for body, media in ((b"[]", JSON), (b" [ ] ", JSON), (b"", NDJSON), (b"\n\n", NDJSON)):
        answer = counter.post("till", body, media)
        assert (answer.status, figures(answer.document)) == (200, [0, 0, 0, 0])


def test_records_a_line(counter: Caller) -> None:
    keys = [fresh() for _ in range(3)]
    lines = [json.dumps(order(key)) for key in keys]
    answer = counter.post("till", "\n".join([lines[0], "", "{broken", lines[1], lines[2]]), NDJSON)
    assert (answer.status, figures(answer.document)) == (207, [4, 3, 1, 0])
    assert [(r["item"], r["reasons"][0]["rule"]) for r in answer.document["rejects"]] == [(3, "json")]
    assert all(counter.record("order", key).status == 200 for key in keys)


def test_csv(counter: Caller) -> None:
    key = fresh()
    answer = counter.post("till", f"order_id,status,total,at,version\n{key},paid,2.50,{AT},1\nX,lost,1,{AT},1\n", CSV)
    assert (answer.status, figures(answer.document)) == (207, [2, 1, 1, 0])
    assert counter.record("order", key).document["status"] == "paid"


def test_csv_that_cannot_be_read(counter: Caller) -> None:
    for body in ("", "\r\n", " " * 300_000):
        empty = counter.post("till", body, CSV)
        assert (empty.status, empty.document["detail"]) == (400, "the body is empty")
    other = counter.post("till", f"id,status,total,at\nX,paid,1,{AT}\n", CSV)
    assert (other.status, "which the body has not; its header: id, status" in other.document["detail"]) == (400, True)
    open_quote = f'order_id,status,total,at,note\nX,paid,1,{AT},"a\nY,paid,1,{AT},b\n'
    torn = counter.post("till", open_quote, CSV)
    at = [torn.document["line"], open_quote[torn.document["offset"]]]
    assert (torn.status, at, "the file" in torn.document["detail"]) == (400, [2, '"'], False)


def test_several_entities_and_what_is_ignored(counter: Caller) -> None:
    key = fresh()
    lines = [{"line": 1, "pieces": 2}, {"line": 2, "pieces": 1}]
    answer = counter.post("phone", [order(key, lines=lines), order(fresh(), test=True)])
    assert (answer.status, figures(answer.document)) == (200, [2, 1, 0, 1])
    assert counter.record("line", f"{key},2").document["pieces"] == 1
    counter.post("phone", order(key, lines=lines[:1], at="2026-03-01T11:00:00Z"))
    assert (counter.record("line", f"{key},1").status, counter.record("line", f"{key},2").status) == (200, 410)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_packed_bodies(counter: Caller, packing: str) -> None:
    key = fresh()
    raw = json.dumps(order(key)).encode()
    packed = gzip.compress(raw) if packing == "gzip" else pa.compress(raw, codec="zstd", asbytes=True)
    assert counter.post("till", packed, Content_Encoding=packing).status == 200
    assert counter.record("order", key).status == 200
    wrong = counter.post("till", packed)
    assert (wrong.status, "Content-Encoding" in wrong.document["detail"]) == (400, True)
    assert counter.post("till", raw, Content_Encoding=packing).status == 400
    assert counter.post("till", packed[:-6], Content_Encoding=packing).status == 400
    assert counter.post("till", raw, Content_Encoding="br").status == 415


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "the body is empty"),
        (b'{"order_id": "x",', "at line 1, column 18"),
        (b'{"order_id": "x"} {}', "Extra data"),
        (b"[{}, nonsense]", "the body is no JSON"),
        (b'[{"a": 1}', "the body is no JSON"),
        (b'{"a": NaN}', "NaN is no JSON value"),
        (b'"text"', "must be a JSON object"),
        (b"42", "must be a JSON object"),
        (b'{"a": "\xff"}', "byte 0xff at offset 7"),
        (b"[" * 100_000, "the body is"),
        (b'\xff\xfe{\x00}\x00', "no UTF-8"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(counter: Caller, body: bytes, told: str) -> None:
    answer = counter.post("till", body)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json"), answer.body
    assert told in answer.document["detail"]


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ('{"order_id": "x", "order_id": "y", "status": "paid", "total": "1", "at": "%s"}', "duplicate"),
        ('{"order_id": "x", "status": "paid", "total": 1e400, "at": "%s"}', "range"),
        ('{"order_id": "x", "status": "paid", "total": {"a": 1}, "at": "%s"}', "type"),
        ('{"order_id": null, "status": "paid", "total": "1", "at": "%s"}', "missing"),
        ("[]", "object"),
        ('{"a":' * 50_000 + "1" + "}" * 50_000, "missing"),
    ],
)
def test_a_record_that_cannot_be_taken_does_no_harm_to_others(counter: Caller, record: str, rule: str) -> None:
    key = fresh()
    bad = record % AT if "%s" in record else record
    answer = counter.post("till", f"[{json.dumps(order(key))}, {bad}]")
    assert (answer.status, figures(answer.document)) == (207, [2, 1, 1, 0]), answer.body
    assert counter.record("order", key).status == 200


def test_media_types_and_charsets(counter: Caller) -> None:
    body = order(fresh())
    answer = counter.post("till", body, "application/xml")
    assert (answer.status, JSON in answer.headers["accept-post"]) == (415, True)
    assert counter.post("till", body, "application/json; charset=latin-1").status == 415
    assert counter.post("till", body, 'application/json; charset="UTF-8"').status == 200
    assert counter.ask("POST", "/v1/in/till", b"{}").status == 415


def test_sources_that_are_not_called(counter: Caller) -> None:
    answer = counter.post("nobody", {})
    assert (answer.status, "till" in answer.document["hint"]) == (404, True)
    assert counter.post("night", {}).status == 405
    assert "/docs" in counter.get("/v1").document["hint"]
    assert counter.ask("PUT", "/v1/in/till").status == 405
    assert counter.ask("POST", "/v1/in/till?x=1", b"{}", {"Content-Type": JSON}).status == 400


def test_a_key_is_answered_once(counter: Caller) -> None:
    key, body = fresh(), order(fresh())
    first, again = counter.post("till", body, key=key), counter.post("till", body, key=key)
    assert (first.status, first.body) == (again.status, again.body)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    other = counter.post("till", order(fresh()), key=key)
    assert (other.status, other.headers["content-type"]) == (409, "application/problem+json")
    bad = counter.post("till", order(fresh(), status="lost"), key=fresh())
    assert bad.status == 422
    assert counter.post("phone", body, key=key).status == 200  # keys are a source's own
    assert counter.post("till", body, key="with space").status == 400
    assert counter.post("till", body, key="k" * 256).status == 400


def test_a_key_belongs_to_what_was_asked_and_not_to_the_body_alone(counter: Caller) -> None:
    key, name = fresh(), fresh()
    csv = f"order_id,status,total,at,version\n{name},placed,1.50,{AT},1\n"
    assert counter.post("till", csv, CSV, key=key).status == 200
    assert counter.post("till", csv, NDJSON, key=key).status == 409
    key = fresh()
    assert counter.post("phone", {**order(name), "lines": [{"line": 1, "pieces": 1}]}).status == 200
    first = counter.ask("DELETE", f"/v1/in/phone/order/{name}?event_time={AT}", headers={"Idempotency-Key": key})
    other = counter.ask("DELETE", f"/v1/in/phone/order/{name}x?event_time={AT}", headers={"Idempotency-Key": key})
    assert (first.status, other.status) == (200, 409)


def test_a_body_packed_anew_is_the_same_body(counter: Caller) -> None:
    key = fresh()
    lines = "\n".join(json.dumps(order(fresh(), note="x" * 200)) for _ in range(2_000)).encode()
    first, again = (
        counter.post("till", gzip.compress(lines, mtime=when), NDJSON, key=key, Content_Encoding="gzip")
        for when in (1, 2)
    )
    plain = counter.post("till", lines, NDJSON, key=key)
    assert [first.status, again.status, plain.status] == [200, 200, 200]
    assert first.document["delivery"] == again.document["delivery"] == plain.document["delivery"]


@pytest.mark.parametrize("body", ["[{},]", "[,{}]", "[,]", "null", "1", "", " ", "{} {}"])
def test_a_body_that_is_no_json_is_none_however_large_it_is(counter: Caller, body: str) -> None:
    body = body.replace("{}", json.dumps(order(fresh())))
    for padded in (body, body + " " * 300_000):
        answer = counter.post("till", padded)
        assert (answer.status, "received" in answer.document) == (400, False), padded[:50]


def test_what_decides_about_a_request_comes_once(counter: Caller) -> None:
    for name, values in (("Content-Type", (JSON, NDJSON)), ("Idempotency-Key", ("a", "b"))):
        connection = http.client.HTTPConnection(urlsplit(counter.url).netloc, timeout=30)
        with closing(connection):
            connection.putrequest("POST", "/v1/in/till")
            for header, value in {"Content-Type": JSON, "Content-Length": "2"}.items():
                if header != name:
                    connection.putheader(header, value)
            for value in values:
                connection.putheader(name, value)
            connection.endheaders(b"{}")
            answer = connection.getresponse()
            assert (answer.status, b"twice" in answer.read()) == (400, True), name


def test_a_length_beyond_all_bounds_is_refused_before_the_body(counter: Caller) -> None:
    connection = http.client.HTTPConnection(urlsplit(counter.url).netloc, timeout=5)
    with closing(connection):
        connection.putrequest("POST", "/v1/in/till")
        connection.putheader("Content-Type", JSON)
        connection.putheader("Content-Length", "99999999999999")
        connection.endheaders()
        assert connection.getresponse().status == 413


def test_the_first_hour_of_all_is_no_time(counter: Caller) -> None:
    at = "0001-01-01T00:00:00%2B14:00"
    assert counter.ask("DELETE", f"/v1/in/till/order/{fresh()}?event_time={at}").status == 400
    assert counter.get(f"/v1/explain/counter/order/x?as_of={at}").status == 400


def test_a_key_whose_records_were_rejected_is_answered_the_same_again(counter: Caller) -> None:
    key, body = fresh(), [order(fresh()), order(fresh(), status="lost")]
    first, again = counter.post("till", body, key=key), counter.post("till", body, key=key)
    assert (first.status, again.status) == (207, 207)
    assert first.document == again.document


@pytest.mark.parametrize("large", [False, True])
def test_twins_that_race_have_one_answer(counter: Caller, large: bool) -> None:
    key, name = fresh(), fresh()
    body = [order(name, note="x" * 100 if large else None) for _ in range(3_000 if large else 1)]
    start = threading.Barrier(6)

    def send(_: int) -> tuple[int, bytes, bool]:
        start.wait()
        while True:
            answer = counter.post("till", body, key=key)
            if answer.status != 429:
                return answer.status, answer.body, "idempotent-replayed" in answer.headers

    with ThreadPoolExecutor(6) as threads:
        told = list(threads.map(send, range(6)))
    assert [again for *_, again in told].count(False) == 1, "one was the first"
    answers = {(status, document) for status, document, _ in told}
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 200
    status = explained(counter, name)
    assert len({said["delivery"] for said in [status["winner"], *status["losers"]]}) == 1


def test_many_at_once_share_commits(counter: Caller) -> None:
    keys = [fresh() for _ in range(300)]
    with ThreadPoolExecutor(32) as threads:
        answers = list(threads.map(lambda key: counter.post("till", order(key)), keys))
    assert {answer.status for answer in answers} == {200}
    commits = [answer.document["commit"] for answer in answers]
    assert len(set(commits)) < len(commits)
    assert all(counter.record("order", key).status == 200 for key in keys)


def test_a_large_upload_is_one_account(counter: Caller) -> None:
    keys = [fresh() for _ in range(5_000)]
    body = "\n".join(json.dumps(order(key, note="x" * 80)) for key in keys) + "\n{}\n"
    answer = counter.post("till", body, NDJSON)
    assert (answer.status, figures(answer.document)) == (207, [5_001, 5_000, 1, 0])
    assert answer.document["rejects"][0]["item"] == 5_001
    assert counter.record("order", keys[-1]).status == 200
    elements = ",".join(json.dumps(order(key, note="x" * 80)) for key in keys)
    assert counter.post("till", f"[{elements},{{]").status == 400
    torn = counter.post("till", f"[{elements}")
    assert (torn.status, torn.document["line"], torn.document["offset"] > 300_000) == (400, 1, True), torn.body
    assert counter.post("till", f'[{elements},{{"a":}}]').status == 400
    packed = gzip.compress(("\n".join([json.dumps(order(keys[0]))] * 20_000)).encode())
    answer = counter.post("till", packed, NDJSON, Content_Encoding="gzip")
    assert figures(answer.document) == [20_000, 20_000, 0, 0]


def test_a_delete_is_a_statement_like_any_other(counter: Caller) -> None:
    key = fresh()
    counter.post("till", order(key))
    answer = counter.delete("till", "order", key, "2026-03-01T09:00:00Z")  # before it was placed
    assert (answer.status, figures(answer.document)) == (200, [1, 1, 0, 0])
    assert counter.record("order", key).status == 200
    assert counter.delete("till", "order", key, "2026-03-01T12:00:00Z").status == 200
    assert counter.record("order", key).status == 410
    assert counter.post("till", order(key, at="2026-03-01T13:00:00Z")).status == 200
    assert counter.record("order", key).status == 200


def test_deletes_that_cannot_be(counter: Caller) -> None:
    assert counter.ask("DELETE", "/v1/in/till/order/O1").status == 400
    assert counter.delete("till", "order", "O1", "yesterday").status == 400
    assert counter.delete("till", "nothing", "O1", AT).status == 404
    assert counter.delete("till", "line", "O1,1", AT).status == 404
    assert counter.delete("phone", "line", "O1", AT).status == 400
    assert counter.delete("till", "order", "O1", "2999-01-01T00:00:00Z").status == 422


def test_what_was_rejected_is_in_quarantine_with_its_bytes(counter: Caller, place: Place) -> None:
    key = fresh()
    answer = counter.post("till", order(key, status="lost"))
    listing = place.start("quarantine", str(place.app), "list", "--source", "till", "--json")
    assert listing.ended()
    found = json.loads(listing.text)["records"]
    (record,) = [one for one in found if one["delivery"] == answer.document["delivery"]]
    assert json.loads(record["raw"])["order_id"] == key
    assert not record["keyless"]
    words = ["quarantine", str(place.app), "mend", record["id"], "--raw", json.dumps(order(key, status="sent"))]
    command = place.start(*words)
    assert command.ended()
    assert command.code == 0, command.text
    assert counter.record("order", key).document["status"] == "sent"


def test_an_explanation_names_what_was_rejected_of_a_living_record(counter: Caller) -> None:
    key = fresh()
    counter.post("till", order(key))
    answer = counter.post("till", order(key, status="lost", at="2026-03-01T11:00:00Z"))
    assert answer.status == 422
    records = counter.get("/v1/quarantine?source=till").document["records"]
    (record,) = [one for one in records if one["delivery"] == answer.document["delivery"]]
    found = counter.get(f"/v1/explain/counter/order/{key}").document
    assert (found["state"], found["quarantine"]) == ("alive", {"naming": [record["id"]], "of_sources": {}})
    answer = counter.post("till", order(key, order_id=None))
    records = counter.get("/v1/quarantine?source=till").document["records"]
    assert [one["keyless"] for one in records if one["delivery"] == answer.document["delivery"]] == [True]


@pytest.mark.parametrize("large", [False, True])
def test_a_request_is_replayed(counter: Caller, place: Place, large: bool) -> None:
    key = fresh()
    body = json.dumps(order(key), indent=2)
    if large:
        body = "\n".join([json.dumps(order(key, note="x" * 100))] * 3_000)
    answer = counter.post("till", body, NDJSON if large else JSON)
    command = place.start("replay", str(place.app), "till", answer.document["delivery"], "--yes", "--json")
    assert command.ended()
    assert command.code == 0, command.text
    (told,) = json.loads(command.text)["deliveries"]
    assert told["before"] == told["after"]
    assert told["before"]["accepted"] == (3_000 if large else 1)
    assert counter.record("order", key).status == 200


def test_a_called_delete_is_replayed(counter: Caller, place: Place) -> None:
    key = f"{fresh()},/%"
    counter.post("till", order(key))
    answer = counter.delete("till", "order", key.replace("%", "%25").replace(",", "%2C").replace("/", "%2F"), AT)
    command = place.start("replay", str(place.app), "till", answer.document["delivery"], "--yes", "--json")
    assert command.ended()
    assert command.code == 0, command.text
    (told,) = json.loads(command.text)["deliveries"]
    assert told["after"]["accepted"] == 1
