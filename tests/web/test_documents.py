"""The OpenAPI documents and the page of them, as they are served."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tests.web.front import Front
from tests.worlds.lab import Lab, put
from tests.worlds.rows import Rejected
from trivium.engine.keys import Grants
from trivium.service.keys import make_key

PATHS = ["/openapi.json", "/swagger.json"]


@pytest.mark.parametrize("path", PATHS)
def test_a_document_has_a_tag(front: Front, path: str) -> None:
    whole = front.get(path)
    assert (whole.status, whole.headers["Content-Type"]) == (200, "application/json")
    assert "/v1/records/shop/order/{order_id}" in whole.json["paths"]
    again = front.get(path, **{"If-None-Match": whole.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", whole.headers["ETag"])
    assert front.get(path, method="HEAD").headers["ETag"] == whole.headers["ETag"]


def test_whoever_has_a_key_may_read_them(lab: Lab) -> None:
    token, _ = make_key({"shop": lab.store}, "one", Grants(send=("till",)), by=None, now=dt.datetime.now(dt.UTC))
    with Front.over(lab, keys=True) as front:
        for path in (*PATHS, "/docs"):
            refused = front.get(path)
            assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="trivium"')
            assert front.get(path, Authorization=f"Bearer {token}").status == 200
        told = front.get("/openapi.json", Authorization=f"Bearer {token}").json
    assert told["paths"]["/v1/accounts"]["get"].get("security", told["security"]) == [{"key": []}]
    assert told["paths"]["/healthz"]["get"]["security"] == []


def test_the_page_has_all_of_it_and_loads_nothing_from_elsewhere(front: Front) -> None:
    page, document = front.get("/docs"), front.get("/openapi.json").json
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    for path, methods in document["paths"].items():
        for one in methods.values():
            assert f'id="{one["operationId"]}"' in page.text, path
    targets = set(re.findall(r'id="([^"]+)"', page.text))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= targets
    for link in re.findall(r'(?:href|src)="(/[^"#]+)"', page.text):
        assert link == "/" or front.get(link).status == 200, link
    assert not re.findall(r'(?:href|src)="https?:', page.text)


def test_every_row_of_a_list_has_every_member(front: Front, lab: Lab) -> None:
    lab.send([put(("1",), 1, status="paid"), Rejected(("x",), raw=b"secret")], "d")
    described = front.get("/openapi.json").json["components"]["schemas"]
    (delivery,) = front.get("/v1/deliveries").json["deliveries"]
    assert delivery.keys() == described["deliveries.row"]["properties"].keys()
    assert delivery["gone"] is None
    (record,) = front.get("/v1/quarantine").json["records"]
    assert record.keys() == described["quarantine.row"]["properties"].keys()
    assert (record["raw"], record["raw_base64"]) == ("secret", None)


def test_no_store_is_asked_for_a_text_with_a_nul(front: Front) -> None:
    for path in ("deliveries?delivery=", "accounts?delivery=a", "findings?kind=", "quarantine?source="):
        problem = front.problem(f"/v1/{path}%00", 400)
        assert problem["allowed"] == "a text without NUL"


def test_a_number_is_read_however_it_is_written(front: Front) -> None:
    for text in ("0", "0.0", "1e-05", "1E-5", "0.00001"):
        assert front.get(f"/v1/changes/shop/order?wait={text}").status == 200, text
    for text in ("1e", "-1", "61", "1e9", "nan", "inf", "."):
        assert front.problem(f"/v1/changes/shop/order?wait={text}", 400)["parameter"] == "wait"
