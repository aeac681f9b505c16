"""docs/http.md is made from the operations, and each operation tells enough of itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.front import Front
from trivium.web.operation import Operation
from trivium.web.outlines import OPERATIONS
from trivium.web.page import reference

PAGE = Path(__file__).parents[2] / "docs" / "http.md"


def test_the_page_is_what_the_operations_say() -> None:
    assert PAGE.read_text().endswith(reference()), "make it anew: python -m trivium.web.page docs/http.md"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_an_operation_says_what_it_is_about(operation: Operation) -> None:
    assert operation.about.endswith(".")
    assert 200 in operation.answers
    for parameter in operation.asked:
        assert re.fullmatch(r"[a-z_]+", parameter.name)
        assert parameter.about.endswith(".")
        if parameter.usual is not None:
            assert parameter.read(str(parameter.usual).lower()) == parameter.usual
        if parameter.example is not None:
            parameter.read(parameter.example)
    assert (operation.rows is None) == (not operation.members)
    for member in operation.members:
        assert member.about.endswith(".")


def test_every_operation_is_served(front: Front) -> None:
    values = {"domain": "shop", "entity": "order", "key": "a", "name": "none"}
    for operation in OPERATIONS:
        got = front.get(operation.path.format(**values))
        assert got.status in operation.answers or got.status == 404, operation.name
