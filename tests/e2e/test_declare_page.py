"""docs/declare.md: every word of a declaration is on it, and its example does what it says."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import trivium
from tests.e2e.test_readme import blocks, run
from trivium import Batch, Domain, Entity, Events, Expected, Field, Into, Manifest, Reconcile, Rest, Rule, View
from trivium.model.expressions import FUNCTION_NAMES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "declare.md").read_text()


def section(name: str) -> str:
    """The text under a heading, down to the next one of its rank."""
    found = re.search(rf"^(#+) {name}\n(.*?)(?=^\1 |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[2]


@pytest.mark.parametrize(
    ("thing", "where"),
    [
        (Domain, "Domain"), (Entity.__init_subclass__, "Entity"), (Field, "Field"), (Rule, "Rule"), (View, "View"),
        (Batch, "Sources"), (Rest, "Sources"), (Events, "Sources"), (Into, "Into"), (Expected, "Expected"),
        (Manifest, "Manifest"),
        (Reconcile, "Reconcile"),
    ],
    ids=lambda one: one if isinstance(one, str) else one.__name__,
)  # fmt: skip
def test_every_keyword_has_its_line(thing: Any, where: str) -> None:
    lines = [line.split("|")[1] for line in section(where).splitlines() if line.startswith("| ")]
    told = {word for line in lines for word in re.findall(r"`(\w+)", line)}
    assert set(inspect.signature(thing).parameters) <= told


def test_every_public_name_and_every_function_is_there() -> None:
    names = set(trivium.__all__) - {"DeclarationError", "Source", "TriviumError"}
    functions = set(re.findall(r"[a-z_]+(?=[,;(]|$)", FUNCTION_NAMES)) - {"text", "format", "column"}
    assert [word for word in sorted(names | functions) if not re.search(rf"\b{word}\b", PAGE)] == []
    assert {"lpad", "ordinal", "upper"} <= functions


def test_every_default_of_a_source_is_there() -> None:
    table = section("Sources")
    for kind in (Batch, Rest, Events):
        for name, parameter in inspect.signature(kind).parameters.items():
            if isinstance(parameter.default, str | int):
                rows = [row.split("|") for row in table.splitlines() if re.match(rf"\| .*`{name}`", row)]
                (row,) = [row for row in rows if len(rows) == 1 or kind.__name__ in row[2]]
                assert str(parameter.default) in row[3], name


def test_the_example_does_what_it_says(tmp_path: Path) -> None:
    printed, ran = "", 0
    for info, body in blocks(DOCS / "declare.md"):
        name = re.search(r"file=(\S+)", info)
        if name:
            (tmp_path / name[1]).write_text(body)
        elif info == "sh":
            for line in body.splitlines():
                printed = run(shlex.split(line)[1:], tmp_path)
                ran += 1
        elif info == "text":
            assert [line.rstrip() for line in printed.splitlines()] == body.splitlines()
    assert ran == 4


def test_every_link_leads_somewhere() -> None:
    headings = [line.lower() for line in PAGE.splitlines() if line.startswith("#")]
    anchors = {re.sub(r"[^a-z -]", "", line).strip().replace(" ", "-") for line in headings}
    for page, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", PAGE):
        assert not page or (DOCS / page).exists(), page
        assert page or anchor in anchors, anchor
