"""Small files taken together come out as they do one by one: records, origins, accounts, rejects, to the byte."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.soak import SOAK
from tests.stores import MEMORY
from trivium.adapters.objects.folder import RawFolder
from trivium.adapters.stores.duckdb import DuckDBStore
from trivium.channels.batch import Loaded, load_file
from trivium.channels.bundle import Small, load_bundle
from trivium.engine.canonical import lines
from trivium.engine.reading import ReadingError
from trivium.errors import RefusedDelivery
from trivium.model.domain import Domain
from trivium.model.entity import Entity, Field, Key
from trivium.model.formats import Csv, JsonFile
from trivium.model.source import Batch, Into
from trivium.model.terms import Manifest
from trivium.ports import Store

pytestmark = pytest.mark.timeout(0 if SOAK else 900, method="thread")

FEWER = settings(max_examples=settings.default.max_examples // 5 if settings.default else 10)
"""Each example makes two stores."""

NOW = datetime(2026, 3, 20, 9, 30, tzinfo=UTC)


class Sale(Entity):
    day: Key[date]
    shop: Key[str] = Field(pattern="^[A-C]$")
    line: Key[int]
    amount: Decimal = Field(max_digits=6, decimal_places=2)
    kind: Literal["sold", "returned"] | None = None


class Item(Entity):
    item: Key[str]
    shop: str
    amount: Decimal = Field(max_digits=6, decimal_places=2)


INTO = {"day": "business_date", "shop": "shop"}
COMPLETE = Batch(
    "complete", files="c_{shop}_{business_date}_r{revision}.csv", cut_off="business_date 20:00 Europe/Paris",
    asserts=("day", "shop"), max_gone="50%", ignore="kind = 'total'", reject_limit="2 or 60%",
    format=Csv(separator=";", decimal=",", nulls=("-",)), into=[Into(Sale, columns=INTO)],
)  # fmt: skip
BELIEVED = Batch(
    "believed", files="b_{shop}_{n}.csv", event_time="at", manifest=Manifest("*.json", cut_off="at"),
    totals={"amount": "amount", "lines": "1"}, ignore="item = 'c'", into=[Into(Item, columns={"shop": "shop"})],
)  # fmt: skip
PLAIN = Batch("plain", files="p_{shop}_{n}.csv", event_time="at", into=[Into(Item, columns={"shop": "shop"})])
LINES = Batch("lines", files="l_{n}.ndjson", event_time="at", format=JsonFile(), into=[Into(Item)])
TOLD = Batch(
    "told", files="t_{shop}_{business_date}_r{revision}.ndjson", cut_off="business_date 20:00 Europe/Paris",
    asserts=("day", "shop"), max_gone="50%", ignore="kind = 'total'", manifest=Manifest("*.json"),
    totals={"amount": "amount", "lines": "1"}, format=JsonFile(), into=[Into(Sale, columns=INTO)],
)  # fmt: skip
SHOP = Domain("shop", [Sale, Item], [COMPLETE, BELIEVED, PLAIN, LINES, TOLD])

ENDS = st.sampled_from(["\n", "\r\n"])
CELLS = st.sampled_from(["1,50", "2,25", "-", "", "x", "1234567,00", '"3,00"', '"a;""b"', "é", "9,999"])
ROWS = st.tuples(
    st.sampled_from(["1", "2", "3", "4", "", "z"]), CELLS, st.sampled_from(["sold", "returned", "", "total", "gone"])
)
EVENTS = st.tuples(
    st.sampled_from(["a", "b", "c", ""]), st.sampled_from(["1.50", "2", "x", ""]),
    st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2099-01-01T00:00:00Z", "soon"]),
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn, header: str, rows: st.SearchStrategy[Any], separator: str) -> bytes:
    end = draw(ENDS)
    body = [separator.join(row) for row in draw(st.lists(rows, max_size=5))]
    body += draw(st.lists(st.sampled_from(["", "torn", f"1{separator}2{separator}3{separator}4"]), max_size=1))
    odd = [header + separator + "more", header + separator, header + separator + header, header + separator + "\udce9"]
    text = end.join([draw(st.sampled_from([header] * 6 + odd)), *body])
    closing = draw(st.sampled_from([end, "", '"', "\0", end + end, "\r"]))
    return (text + closing).encode("utf-8", "surrogateescape")


WHOLE = '{{"item": "{0}", "shop": "{1}", "amount": {2}, "at": "{3}"}}'


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    row = st.tuples(*[st.sampled_from(["a", "b", "c", None, 1])] * 2, EVENTS)
    found = [
        draw(st.sampled_from([WHOLE, '{{"item": "{0}"}}', "torn"]))
        .format(item, shop, event[1] or "null", event[2])
        for item, shop, event in draw(st.lists(row, max_size=5))
    ]  # fmt: skip
    text = draw(st.sampled_from(["\n", "\n\n"])).join(found)
    return (draw(st.sampled_from(["", "", "["])) + text + draw(st.sampled_from(["\n", "", " "]))).encode()


SOLD = '{{"line": {0}, "amount": {1}, "kind": "{2}"{3}}}'


@st.composite
def sold(draw: st.DrawFn) -> bytes:
    """Sales; a member of the very name that the file's name gives goes before it."""
    row = st.tuples(
        st.sampled_from(["1", "2", "3", "null"]), st.sampled_from(["1.50", "2", '"x"', "1234567.5"]),
        st.sampled_from(["sold", "returned", "total", "gone"]),
        st.sampled_from([""] * 5 + [', "shop": "C"', ', "business_date": null', ', "more": 1.50']),
    )  # fmt: skip
    found = [draw(st.sampled_from([SOLD, SOLD, SOLD, "torn"])).format(*one) for one in draw(st.lists(row, max_size=5))]
    return "\n".join(found).encode()


def named(form: str) -> st.SearchStrategy[str]:
    return st.builds(
        form.format, st.sampled_from("ABD"),
        st.sampled_from(["2026-03-01", "2026-03-02", "2026-13-01", "2026-12-01"]), st.integers(1, 2),
    )  # fmt: skip


COMPLETES = st.dictionaries(
    named("c_{}_{}_r{}.csv"),
    tables("line;amount;kind", ROWS, ";"), min_size=2, max_size=7,
)  # fmt: skip
PLAINS = st.dictionaries(
    st.builds("p_{}_{}.csv".format, st.sampled_from("AB"), st.integers(1, 4)),
    tables("item,amount,at", EVENTS, ","), min_size=2, max_size=6,
)  # fmt: skip
TOLDS = st.dictionaries(named("t_{}_{}_r{}.ndjson"), sold(), min_size=2, max_size=7)
DOCUMENTS = st.dictionaries(st.builds("l_{}.ndjson".format, st.integers(1, 6)), documents(), min_size=2, max_size=6)


@contextmanager
def opened(folder: Path, name: str) -> Iterator[tuple[Store, RawFolder]]:
    store = DuckDBStore(folder / f"{name}.duckdb", SHOP, threads=1)
    store.control.prepare()
    try:
        yield store, RawFolder(folder / f"{name}.raw")
    finally:
        store.control.close()


def alone(store: Store, raw: RawFolder, source: Any, path: Path) -> str:
    try:
        return load_file(store, raw, SHOP, source, path, now=NOW).outcome
    except (RefusedDelivery, ReadingError) as error:
        return f"refused: {error.message}"


def picture(store: Store, raw: RawFolder, names: list[str]) -> dict[str, Any]:
    """All that can be seen of a store but the numbers of loads and commits, which are given in the order of arrival."""
    origins = ("source", "delivery", "revision", "file", "line", "byte_offset", "raw", "reasons", "due", "keyless")
    told = (
        "source",
        "delivery",
        "revision",
        "state",
        "received",
        "accepted",
        "rejected",
        "ignored",
        "digest",
        "manifest",
        "archived",
    )
    found: dict[str, Any] = {
        "deliveries": [{n: row[n] for n in told} for row in store.control.deliveries().to_pylist()],
        "quarantine": sorted(
            ([str(row[n]) for n in origins] for row in store.control.quarantine().to_pylist()), key=str
        ),
    }
    for shape in SHOP.shapes:
        batches = list(store.reader.records(shape.name, ordered=True))
        found[shape.name] = list(lines(shape, batches))
        statements = []
        keys = {tuple(row[k.name] for k in shape.keys) for batch in batches for row in batch.to_pylist()}
        for key in sorted(keys):
            for kind in (store.reader.statements, store.reader.assertions):
                rows = kind(shape.name, key).drop_columns(["commit_no", "reading_no"]).to_pylist()
                statements += sorted(str({n: v for n, v in row.items() if "load" not in n}) for row in rows)
        found[f"{shape.name} statements"] = statements
    for row in store.control.deliveries().to_pylist():
        raw.open(row["digest"]).close()
    return found


def check(source: Any, files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY) as place:
        folder = Path(place)
        paths = []
        for name, content in files.items():
            (folder / name).write_bytes(content)
            if not name.endswith(".json"):
                paths.append(folder / name)
        with opened(folder, "together") as (store, raw):
            found: list[Loaded | None] = load_bundle(store, raw, SHOP, source, [Small(path) for path in paths], now=NOW)
            ways = [
                alone(store, raw, source, path) if one is None else one.outcome
                for path, one in zip(paths, found, strict=True)
            ]
            together = picture(store, raw, list(files))
        order = [p for p, one in zip(paths, found, strict=True) if one] + [
            p for p, one in zip(paths, found, strict=True) if not one
        ]
        with opened(folder, "alone") as (store, raw):
            outcomes = {path: alone(store, raw, source, path) for path in order}
            assert ways == [outcomes[path] for path in paths]
            assert together == picture(store, raw, list(files))


@FEWER
@given(COMPLETES)
def test_complete_files_with_totals_and_rejects(files: dict[str, bytes]) -> None:
    check(COMPLETE, files)


@FEWER
@given(st.data())
def test_files_with_manifests_that_keep_what_they_promise_or_do_not(data: st.DataObject) -> None:
    files = {name.replace("p_", "b_"): content for name, content in data.draw(PLAINS).items()}
    for name, content in list(files.items()):
        lines_ = [line for line in content.decode("latin-1").splitlines()[1:] if line]
        kept = [line.split(",") for line in lines_ if not line.startswith("c,")]
        amounts = [cells[1] for cells in kept if len(cells) == 3 and cells[1] in ("1.50", "2")]
        told = {
            "rows": len(lines_) + data.draw(st.sampled_from([0, 0, 0, 1])),
            "totals": {"amount": str(sum(map(Decimal, amounts))), "lines": len(kept)},
            "at": data.draw(st.sampled_from(["2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "soon"])),
        }
        if data.draw(st.integers(0, 5)):
            files[f"{name}.json"] = json.dumps(told).encode()
    check(BELIEVED, files)


@FEWER
@given(PLAINS)
def test_plain_files(files: dict[str, bytes]) -> None:
    check(PLAIN, files)


@FEWER
@given(DOCUMENTS)
def test_lines_of_json(files: dict[str, bytes]) -> None:
    check(LINES, files)


@FEWER
@given(st.data())
def test_lines_of_json_whose_names_and_manifests_tell_of_them(data: st.DataObject) -> None:
    files = data.draw(TOLDS)
    for name, content in list(files.items()):
        told = [line for line in content.decode().split("\n") if line and '"total"' not in line]
        amounts = [
            Decimal(line.split('"amount": ')[1].split(",")[0]) for line in told if line[0] == "{" and '"x"' not in line
        ]
        rows = len(content.decode().split("\n")) if content else 0
        lines_ = {"rows": rows, "totals": {"amount": str(sum(amounts)), "lines": len(told)}}
        if data.draw(st.integers(0, 5)):
            files[f"{name}.json"] = json.dumps(lines_).encode()
    check(TOLD, files)


def test_sound_files_are_taken_together(tmp_path: Path) -> None:
    """So that the properties above are not about nothing."""
    for n in range(4):
        (tmp_path / f"p_A_{n}.csv").write_text(f"item,amount,at\nx{n},1.50,2026-03-01T00:00:00Z\nbad,x,soon\n")
    for shop in "AB":
        file = tmp_path / f"t_{shop}_2026-03-01_r1.ndjson"
        file.write_text('{"line": 1, "amount": 1.50, "kind": "sold"}\n{"line": "x", "amount": 2}\n')
        told = {"rows": 2, "totals": {"amount": "3.50", "lines": 2}}
        file.with_name(f"{file.name}.json").write_text(json.dumps(told))
    with opened(tmp_path, "t") as (store, raw):
        files = [Small(tmp_path / f"t_{shop}_2026-03-01_r1.ndjson") for shop in "AB"]
        found = load_bundle(store, raw, SHOP, TOLD, files, now=NOW)
        assert [one and one.outcome for one in found] == ["loaded"] * 2
        assert [row["line"] for row in store.control.quarantine().to_pylist()] == [2] * 2
    with opened(tmp_path, "s") as (store, raw):
        files = [Small(tmp_path / f"p_A_{n}.csv") for n in range(4)]
        found = load_bundle(store, raw, SHOP, PLAIN, files, now=NOW)
        assert [one and one.outcome for one in found] == ["loaded"] * 4
        assert len({one.published.commit for one in found if one and one.published}) == 1
        assert [row["line"] for row in store.control.quarantine().to_pylist()] == [3] * 4
