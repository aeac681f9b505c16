"""docs/files.md: every line of its table is walked through with real files, and every case has its line."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_shop import Shop, shop

__all__ = ["shop"]

PAGE = (Path(__file__).parents[2] / "docs/files.md").read_text()
DOMAIN = """
from datetime import date
from decimal import Decimal

from trivium import Batch, Csv, Domain, Entity, Field, Into, Key, Manifest


class Sale(Entity):
    store: Key[int]
    day: Key[date]
    item: Key[str]
    amount: Decimal | None = Field(None, max_digits=10, decimal_places=2)
    note: str | None = None


WORDS = dict(files="sales_{store}_{day}.csv", cut_off="day 20:00 UTC", asserts=("store", "day"), into=[Into(Sale)],
             max_gone="100%")
sales = Domain("sales", entities=[Sale], sources=[Batch("sales", **WORDS | dict(DECLARED))])
"""
NAME = "sales_7_2026-03-02"
HEADER, A, B, BAD = "item,note,amount\n", "a,,1.50\n", "b,,2.50\n", "c,,x\n"
FULL = HEADER + A + B


@dataclass(frozen=True)
class Line:
    situation: str
    declared: str
    outcome: str
    finding: str | None
    rule: str | None
    code: int
    seen: str


def lines() -> dict[str, Line]:
    found = {}
    for text in PAGE.splitlines():
        cells = [cell.strip() for cell in text.strip("|").split("|")]
        if len(cells) != 5 or not cells[3].isdigit():
            continue
        situation, declared, outcome, code, seen = cells
        finding, rule = re.search(r"finding `(\w+)`", outcome), re.search(r"\(`(\w+)`\)", outcome)
        line = Line(
            situation, declared.strip("`"), re.split(r"\W", outcome)[0], finding and finding[1], rule and rule[1],
            int(code), seen.strip("`"),
        )  # fmt: skip
        assert situation not in found, situation
        found[situation] = line
    return found


LINES = lines()


@dataclass(frozen=True)
class Walk:
    """A shop in the middle of a case."""

    shop: Shop

    def file(self, text: str, name: str = NAME, manifest: object = None) -> str:
        """A file, with the manifest that is said (a text, or JSON values)."""
        if manifest is not None:
            said = manifest if isinstance(manifest, str) else json.dumps(manifest)
            self.shop.write(f"{name}.manifest.json", said)
        return self.shop.write(f"{name}.csv", text)

    def before(self, text: str, name: str = NAME, manifest: object = None) -> None:
        """A file that was loaded before."""
        self.shop.run("load", "shop.py", "sales", self.file(text, name, manifest))


def simple(text: str, name: str = NAME, manifest: object = None) -> Callable[[Walk], str]:
    return lambda walk: walk.file(text, name, manifest)


def after(*files: tuple[Any, ...]) -> Callable[[Walk], str]:
    """The last of some files, when the others were loaded."""

    def go(walk: Walk) -> str:
        for one in files[:-1]:
            walk.before(*one)
        return walk.file(*files[-1])

    return go


def without_manifest(walk: Walk) -> str:
    walk.before(FULL, manifest={"rows": 2})
    (walk.shop.folder / f"{NAME}.manifest.json").unlink()
    return f"{NAME}.csv"


NEXT, R1, R2 = "sales_7_2026-03-03", f"{NAME}_r1", f"{NAME}_r2"
# Of one revision the greater digest counts, whichever comes first.
SHA = hashlib.sha256(FULL.encode()).hexdigest()

CASES: dict[str, Callable[[Walk], str]] = {
    "a new file": simple(FULL),
    "a name that is none of the source's": simple(FULL, "sale_7"),
    "no date in its name": simple(FULL, "sales_7_monday"),
    "a date so far ahead that it cannot be meant": simple(FULL, "sales_7_2999-03-02"),
    "there is no such file": lambda walk: f"{NAME}.csv",
    "the same bytes again": after((FULL,), (FULL,)),
    "the same bytes again, after others": after((FULL,), (HEADER + A,), (FULL,)),
    "yesterday's name with today's content": after((FULL,), (HEADER + A,)),
    "a higher revision": after((FULL, R1), (HEADER + A, R2)),
    "a lower revision, after the higher one": after((FULL, R2), (HEADER + A, R1)),
    "one revision with two contents": after((FULL, R1), (HEADER + A, R1)),
    "a higher revision by its manifest": after(
        (FULL, NAME, {"rows": 2, "revision": 1}), (HEADER + A, NAME, {"rows": 1, "revision": 2})
    ),
    "a lower revision by its manifest": after(
        (FULL, NAME, {"rows": 2, "revision": 2}), (HEADER + A, NAME, {"rows": 1, "revision": 1})
    ),
    "name and manifest give two revisions": simple(FULL, R1, {"revision": 3}),
    "a file of 0 bytes": after((FULL,), ("",)),
    "nothing but blank lines": after((FULL,), ("\n\r\n\n",)),
    "a header only": after((FULL,), (HEADER,)),
    "nothing but ignored records": after((FULL,), (HEADER + "TOTAL,,4.00\n",)),
    "a file of 0 bytes, and the source says what it means": after((FULL,), ("", NEXT)),
    "a header only, and the source says what it means": after((FULL,), (HEADER, NEXT)),
    "a header only, and its manifest says 0 rows": after((FULL, NAME, {"rows": 2}), (HEADER, NEXT, {"rows": 0})),
    "a header and a trailer that says 0 rows": after((FULL + "T;2\n",), (HEADER + "T;0\n", NEXT)),
    "a needed column is missing": simple("note,amount\nx,1.50\n"),
    "an optional column is missing": simple("item,amount\na,1.50\n"),
    "an unknown column": simple("item,colour,amount\na,red,1.50\n"),
    "an unknown column, and the source refuses it": simple("item,colour,amount\na,red,1.50\n"),
    "a column twice": simple("item,amount,item\na,1.50,b\n"),
    "the manifest agrees": simple(
        FULL, NAME,
        {"rows": 2, "sha256": SHA.upper(), "size": len(FULL), "totals": {"amount": 4.0}, "file": f"{NAME}.csv"},
    ),
    "the manifest is not there": simple(FULL),
    "the manifest is not there, the same bytes again": without_manifest,
    "the manifest is half a text": simple(FULL, NAME, '{"rows": 2'),
    "the manifest is no object": simple(FULL, NAME, "[2]"),
    "the manifest says nothing": simple(FULL, NAME, {"file": f"{NAME}.csv"}),
    "the manifest lacks what is declared": simple(FULL, NAME, {"rows": 2}),
    "the manifest has no number where one belongs": simple(FULL, NAME, {"rows": "two"}),
    "the manifest of another file": simple(FULL, NAME, {"rows": 2, "file": "sales_8_2026-03-02.csv"}),
    "the manifest has another number of rows": simple(FULL, NAME, {"rows": 3}),
    "the manifest has another size": simple(FULL, NAME, {"size": 1}),
    "the manifest has another hash": simple(FULL, NAME, {"sha256": "0" * 64}),
    "the manifest has another total": simple(FULL, NAME, {"rows": 2, "totals": {"amount": "5.00"}}),
    "another total, but a record cannot be read for it": simple(
        HEADER + A + BAD, NAME, {"rows": 2, "totals": {"amount": "5.00"}}
    ),
    "the trailer agrees": simple(FULL + "T;2;4\n"),
    "the trailer writes its total as the format does": simple("item;note;amount\na;;1,50\nb;;2,50\nT;2;4,00\n"),
    "the trailer writes its total otherwise": simple("item;note;amount\na;;1,50\nb;;2,50\nT;2;4.00\n"),
    "the trailer is not there: the file was cut off": simple(FULL),
    "the trailer has another number of rows": simple(FULL + "T;3\n"),
    "the trailer has another total": simple(FULL + "T;2;5.01\n\n"),
    "the trailer of another file": simple(FULL + "T;8;2"),
    "some records are rejected": simple(HEADER + A + BAD),
    "all records are rejected": simple(HEADER + BAD),
    "as many rejects as are allowed": simple(HEADER + A + BAD),
    "more rejects than are allowed": simple(HEADER + A + BAD + BAD.replace("c", "d")),
    "a greater part of rejects than is allowed": simple(HEADER + A + BAD),
    "it would end more than is allowed": after((FULL,), (HEADER + A, NEXT)),
    "cut off within quotes, lines behind it": simple(HEADER + A + 'b,"a note,2.50\nc,,1.50\n'),
    "cut off within quotes in its last line": simple(HEADER + A + 'b,"a no'),
    "a record with a cell too many": simple(HEADER + A + "b,,2.50,9\n"),
}  # fmt: skip


def test_every_line_has_a_case_and_every_case_its_line() -> None:
    assert list(LINES) == list(CASES)


@pytest.mark.parametrize("situation", CASES)
def test_what_becomes_of_it(situation: str, shop: Shop) -> None:
    line = LINES[situation]
    shop.write("shop.py", DOMAIN.replace("DECLARED", line.declared))
    file = CASES[situation](Walk(shop))
    before = picture(shop)

    if line.outcome in ("loaded", "refused"):
        tried = shop.run("load", "shop.py", "sales", file, "--dry-run", code=line.code * (line.outcome == "refused"))
        assert ("REFUSED" in tried.out) == (line.outcome == "refused")
        assert picture(shop) == before
    told = shop.run("load", "shop.py", "sales", file, code=line.code)
    assert line.seen in " ".join(told.out.split())
    sign = {"loaded": "✗" if line.code else "✓", "known": "=", "held": "!", "refused": "✗"}[line.outcome]
    assert told.out.startswith(sign)

    findings = [one["kind"] for one in shop.json("findings", "shop.py")["findings"] if one["kind"] != "tie"]
    assert (line.finding in findings) if line.finding else (not findings or line.outcome == "known")
    if line.outcome == "refused":
        assert picture(shop) == before
        (document,) = shop.json("load", "shop.py", "sales", file, code=line.code)["files"]
        assert document["outcome"] == "refused"
        assert document["error"].get("rule") == line.rule
        if line.rule == "contradicted":
            assert {"figure", "declared", "found", "difference"} == set(document["error"]["figures"][0])
        if line.rule == "reject_limit":
            assert document["error"]["rejects"][0]["line"] == 3
            assert document["error"]["rejects"][0]["reasons"][0]["value"] == "x"
    if line.outcome == "known":
        (source,) = shop.json("status", "shop.py")["domains"][0]["sources"]
        assert source["again"] == 1


def picture(shop: Shop) -> tuple[str, Any]:
    """What holds, and what is known of the source's deliveries."""
    if not (shop.folder / "trivium-data").exists():
        return "", []
    exported = shop.run("export", "shop.py", "sale").out
    return exported, shop.json("deliveries", "shop.py", "list", "--all")["deliveries"]
