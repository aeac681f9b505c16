"""Several domains in one process, and keys that open some of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.stores import Place
from tests.web.front import Front
from tests.worlds.lab import Lab, put
from tests.worlds.rows import Rejected
from tests.worlds.shop import source
from trivium.engine.keys import Grants
from trivium.model.domain import Domain, View
from trivium.model.entity import Entity, Field, Key, Rule
from trivium.service.keys import make_key
from trivium.web.outlines import OUTLINES


class Member(Entity):
    """Who belongs to the club."""

    member_id: Key[str]
    name: str = Field(sensitive=True)
    town: str

    has_a_name = Rule("name <> town")


class Visit(Entity):
    """When a guest came."""

    visit_id: Key[str]
    guest: str


CLUB = Domain("club", [Member], [source("door", Member)], [
    View("names", "SELECT town, max(name) AS name FROM member GROUP BY 1 ORDER BY 1"),
])  # fmt: skip
DESK = Domain("desk", [Visit], [source("book", Visit)])


@pytest.fixture
def club(place: Place) -> Iterator[Lab]:
    lab = Lab(place, CLUB)
    yield lab
    lab.store.control.close()


@pytest.fixture
def desk(stores: Any, tmp_path: Any, club: Lab) -> Iterator[Lab]:
    lab = Lab(club.place if stores.shared else stores.new(), DESK)
    yield lab
    lab.store.control.close()


def test_lists_go_through_all_domains(club: Lab, desk: Lab) -> None:
    for n in range(3):
        club.send([put((f"{n}",), n, name="ann", town="york"), Rejected(("x",))], f"c{n}", source="door")
        desk.send([put((f"{n}",), n, guest="bob"), Rejected(("x",))], f"d{n}", source="book")
    with Front.over(club, beside=[desk]) as front:
        for limit in (1, 2, 3, 4, 100):
            for name, rows in (("deliveries", "deliveries"), ("quarantine", "records"), ("accounts", "accounts")):
                path, found = f"/v1/{name}?limit={limit}", []
                while path:
                    got = front.get(path)
                    found += [(row["domain"], row["delivery"]) for row in got.json[rows]]
                    path = f"/v1/{name}" + got.headers["Link"][1:].partition(">")[0] if "Link" in got.headers else ""
                assert found == [("club", f"c{n}") for n in (2, 1, 0)] + [("desk", f"d{n}") for n in (2, 1, 0)]
        of_desk = front.get("/v1/deliveries?domain=desk").json["deliveries"]
        assert [row["delivery"] for row in of_desk] == ["d2", "d1", "d0"]
        assert {row["domain"] for row in front.get("/v1/sources").json["sources"]} == {"club", "desk"}
        assert front.get("/v1/records/desk/visit/0").json["guest"] == "bob"
        assert front.problem("/v1/records/desk/member/0", 404)["known"] == ["visit"]


def test_what_is_sensitive_is_shown_to_those_who_may_see_it(club: Lab, desk: Lab) -> None:
    club.send([put(("1",), 1, name="ann", town="york"), Rejected(("x",), raw=b"secret")], "d", source="door")
    club.send([put(("2",), 1, name="york", town="york")], "e", source="door")

    def key(**grants: Any) -> dict[str, str]:
        token, _ = make_key({"club": club.store}, "one", Grants(**grants), by=None, now=dt.datetime.now(dt.UTC))
        return {"Authorization": f"Bearer {token}"}

    all_of_it, some = key(read=("*",), operate=True, sensitive=True), key(read=("*",), operate=True)
    reader, viewer = key(read=("*",)), key(read=("names",))
    token, _ = make_key({"desk": desk.store}, "two", Grants(operate=True), by=None, now=dt.datetime.now(dt.UTC))
    desks = {"Authorization": f"Bearer {token}"}
    with Front.over(club, beside=[desk], keys=True) as front:
        member = "/v1/records/club/member"
        for path, told in (
            *((f"{member}{rest}", "ann") for rest in ("/1", "", "?format=csv", "?limit=all&format=ndjson")),
            *((f"/v1/{rest}", "ann") for rest in ("changes/club/member", "explain/club/member/1")),
            ("/v1/changes/club/member?format=csv", "ann"),
            ("/v1/quarantine", "secret"),
            ("/v1/findings?computed=true&kind=breach", "name=york"),
        ):
            whole, masked = front.get(path, **all_of_it), front.get(path, **some)
            assert (whole.status, masked.status) == (200, 200), path
            assert told in whole.text, path
            assert told not in masked.text, path
        for who, raw in ((all_of_it, "secret"), (some, None)):
            (record,) = front.get("/v1/quarantine", **who).json["records"]
            assert (record["raw"], record["masked"]) == (raw, raw is None)
        desk.send([Rejected(("y",), raw=b"plain")], "g", source="book")
        (record,) = front.get("/v1/quarantine?domain=desk", **desks).json["records"]
        assert (record["raw"], record["masked"]) == ("plain", False), "nothing there is sensitive"
        assert front.get("/v1/reports/club/names", **all_of_it).json["rows"] == [{"town": "york", "name": "york"}]
        assert front.get("/v1/reports/club/names", **some).json["rows"] == [{"town": "york", "name": None}]
        for query in ("name=ann", "name.ge=a", "name.null=false", "order=name", "order=town,-name"):
            assert front.get(f"/v1/records/club/member?{query}", **all_of_it).status == 200
            assert front.get(f"/v1/records/club/member?{query}", **some).status == 403, query
        assert front.get("/v1/deliveries?domain=desk", **some).status == 403
        both = front.get("/v1/deliveries?domain=club&source=book", **all_of_it)
        assert (both.status, both.json["deliveries"]) == (200, []), "it is of another domain"
        assert front.get("/v1/deliveries?source=nobody", **all_of_it).status == 400
        assert {row["domain"] for row in front.get("/v1/deliveries", **some).json["deliveries"]} == {"club"}
        assert front.get("/v1/deliveries", **reader).status == 403
        assert front.get("/v1/records/club/member", **viewer).status == 403
        assert front.get("/v1/reports/club/names", **viewer).status == 200
        assert front.get("/v1/instances").status == 401


SECRET = "zanzibar-secret"


def test_no_operation_shows_what_is_sensitive_to_those_who_may_not_see_it(club: Lab, desk: Lab) -> None:
    """Every operation that reads, in every form it has, also one that will be declared later."""
    club.send([put(("1",), 1, name=SECRET, town="york"), Rejected(("x",), raw=SECRET.encode())], "d", source="door")
    club.send([put(("1",), 2, name=f"{SECRET}-2", town="york")], "e", source="door")
    club.send([put(("2",), 1, name="york", town="york"), put(("3",), 1, name=f"{SECRET}-3", town="hull")], "f",
              source="door")  # fmt: skip
    grants = Grants(read=("member", "names"), operate=True)
    token, _ = make_key({"club": club.store}, "one", grants, by=None, now=dt.datetime.now(dt.UTC))
    names = {"domain": "club", "entity": "member", "view": "names", "key": "1", "name": "names"}
    asked = 0
    with Front.over(club, beside=[desk], keys=True) as front:
        for outline in OUTLINES:
            if outline.method != "GET":
                continue
            path = re.sub(r"\{(\w+)[^}]*\}", lambda found: names[found[1]], outline.path)
            for query in ("", "?format=ndjson", "?format=csv", "?computed=true", "?written=true&computed=true"):
                got = front.get(f"{path}{query}", Authorization=f"Bearer {token}")
                assert SECRET not in got.text, f"{path}{query}: {got.text[:2_000]}"
                asked += got.status == 200
            for header in ("text/html", "text/csv"):
                assert SECRET not in front.get(path, header, Authorization=f"Bearer {token}").text, path
        for query in (f"name={SECRET}", f"town={SECRET}&name.in={SECRET}"):
            refused = front.get(f"/v1/records/club/member?{query}", Authorization=f"Bearer {token}")
            assert refused.status == 403
    assert asked > len(OUTLINES)
