"""What a manifest says, and when it is none."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from trivium import Manifest
from trivium.engine.manifest import manifest_promise
from trivium.engine.promise import Promise, bytes_otherwise, rows_otherwise, totals_otherwise
from trivium.engine.verdict import Total
from trivium.errors import RefusedDelivery

ANY = Manifest("*.manifest.json")
SHA = "ab" * 32


def promise(text: object, declared: Manifest = ANY, totals: tuple[str, ...] = (), elsewhere: str = "") -> Promise:
    said = text if isinstance(text, str) else json.dumps(text)
    return manifest_promise(said, declared, totals, elsewhere.split(), "manifest", "a.csv")


def test_the_usual_paths() -> None:
    found = promise(
        {"rows": 3, "sha256": SHA.upper(), "size": 9, "revision": 2, "cut_off": "2026-03-02T23:00:00+01:00",
         "file": "a.csv", "totals": {"amount": 12.50, "other": 1}, "sent_by": {"name": "till"}},
        totals=("amount",),
    )  # fmt: skip
    assert found == Promise(
        "manifest", 3, {"amount": Decimal("12.50")}, SHA, 9, 2, 1_772_488_800_000_000
    )  # fmt: skip


def test_declared_paths_and_numbers_as_texts() -> None:
    declared = Manifest("*.m", rows="control.rows", totals={"amount": "control.sums.a"})
    found = promise({"control": {"rows": "0003", "sums": {"a": "-0.10"}}}, declared, ("amount",))
    assert (found.rows, found.totals) == (3, {"amount": Decimal("-0.10")})


def test_a_number_is_read_to_its_last_digit() -> None:
    found = promise('{"totals": {"a": 12345678901234567890123456789012345678.000000000001}}', totals=("a",))
    assert found.totals["a"] == Decimal("12345678901234567890123456789012345678.000000000001")


def test_lines_of_name_and_value() -> None:
    found = promise('rows,2\r\n\r\ncontrol.amount, "7.5"\r\n', Manifest("*.m", totals={"a": "control.amount"}), ("a",))
    assert (found.rows, found.totals) == (2, {"a": Decimal("7.5")})


def test_a_total_may_be_said_by_the_trailer_alone() -> None:
    assert promise({"rows": 1}, totals=("amount",), elsewhere="amount").totals == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("{", "is no JSON"),
        ('{"rows": 1} x', "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is no JSON object"),
        ("a,b,c", "line 1 of the manifest is not `name,value`"),
        ("PK\x03\x04", "line 1 of the manifest is not `name,value`"),
        ("rows,1\0", "holds a NUL byte"),
        ('{"rows": 1, "rows": 2}', "has 'rows' twice"),
        ("rows,1\nrows,2", "has 'rows' twice"),
        ("{}", "says nothing that its source reads"),
        ({"rows": -1}, "rows of the manifest is '-1'"),
        ({"rows": 1.5}, "rows of the manifest is '1.5'"),
        ({"rows": True}, "rows of the manifest is True"),
        ({"rows": None}, "rows of the manifest is None"),
        ({"rows": [1]}, "rows of the manifest is ['1']"),
        ('{"rows": ' + "9" * 5000 + "}", "rows of the manifest is '999"),
        ({"rows": "٣"}, "which is not a whole number"),
        ({"sha256": "abc"}, "which is not a SHA-256"),
        ({"size": "1 kB"}, "which is not a number of bytes"),
        ({"totals": {"amount": "1,50"}}, "totals.amount of the manifest is '1,50', which is not a plain number"),
        ('{"totals": {"amount": NaN}}', "which is not a plain number"),
        ('{"totals": {"amount": 1e400}}', "which is not a plain number"),
        ({"rows": 1}, "has no totals.amount"),
        ({"rows": 1, "totals": 3}, "has no totals.amount"),
        ({"totals": {"amount": 1}, "cut_off": "2026-03-02"}, "which is not an instant"),
        ({"totals": {"amount": 1}, "cut_off": "2026-02-30T00:00:00Z"}, "which is not an instant"),
        ({"totals": {"amount": 1}, "cut_off": "9999-02-28T00:00:00Z"}, "which is not an instant"),
        ({"totals": {"amount": 1}, "file": "b.csv"}, "is that of another file: it names 'b.csv'"),
        ({"totals": {"amount": 1}, "file": [7]}, "which is not a file's name"),
    ],
)
def test_no_manifest(text: object, says: str) -> None:
    with pytest.raises(RefusedDelivery) as refused:
        promise(text, totals=("amount",) if "totals" in f"{text}{says}" else ())
    assert says in refused.value.message
    assert refused.value.hint
    assert refused.value.details == {"rule": "manifest"}
    assert len(refused.value.message) < 300


def test_what_is_declared_has_to_be_there() -> None:
    with pytest.raises(RefusedDelivery, match=r"the manifest has no control\.rows"):
        promise({"rows": 3}, Manifest("*.m", rows="control.rows"))


@pytest.mark.parametrize(
    ("name", "may_be"),
    [
        ("a.csv", ("a.csv.ok", "a.ok")),
        ("a.csv.gz", ("a.csv.gz.ok", "a.csv.ok", "a.ok")),
        ("a", ("a.ok",)),
        ("v1.5.csv", ("v1.5.csv.ok", "v1.5.ok")),
    ],
)
def test_names(name: str, may_be: tuple[str, ...]) -> None:
    assert Manifest("*.ok").names(name) == may_be
    assert all(Manifest("*.ok").is_called(one) for one in may_be)


def test_figures_side_by_side() -> None:
    said = Promise("manifest", rows=3, totals={"a": Decimal("1.50"), "b": Decimal(2)}, size=10, sha256=SHA)
    assert [str(one) for one in rows_otherwise(said, 4)] == ["rows 3 declared, 4 found, difference +1"]
    assert [one.figure for one in bytes_otherwise(said, "cd" * 32, 9)] == ["size", "sha256"]
    wrong, unsure = totals_otherwise(said, {"a": Total(Decimal("1.5000")), "b": Total(Decimal("1.75"))})
    assert ([str(one) for one in wrong], unsure) == (["b 2 declared, 1.75 found, difference -0.25"], [])
    wrong, (unsure_of,) = totals_otherwise(said, {"a": Total(Decimal("1.5"), 4), "b": Total(Decimal(1), 2)})
    assert wrong == []
    assert unsure_of.startswith("b 2 declared, 1 found, difference -1: 2 records could not be read")


def test_figures_without_any_record() -> None:
    wrong, _ = totals_otherwise(Promise("trailer", totals={"a": Decimal(0), "b": Decimal(-3)}), {})
    assert [str(one) for one in wrong] == ["b -3 declared, 0 found, difference +3"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("x" * 200_000, "neither JSON nor lines"),
        ("rows,1\rsize,2", "neither JSON nor lines"),
        ("{" + ",".join(f'"a{n}":1' for n in range(20_000)) + ',"a19999":2}', "'a19999' twice"),
        ("[" * 200_000, "no JSON"),
    ],
)
def test_a_manifest_that_means_harm_is_refused_at_once(said: str, why: str) -> None:
    with pytest.raises(RefusedDelivery, match=why):
        manifest_promise(said, Manifest("*.json"), [], [], "manifest", "a.csv")
