"""The documents are valid by the specifications of their versions."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV2SpecValidator, OpenAPIV31SpecValidator, validate

from tests.openapi.documents import ODD, made


@pytest.mark.parametrize("to_anybody", [False, True], ids=["keys", "open"])
@pytest.mark.parametrize("app", ["retail", ODD], ids=["retail", "odd"])
def test_both_are_valid(app: str, to_anybody: bool) -> None:
    validate(made(app, "3.1", to_anybody=to_anybody), cls=OpenAPIV31SpecValidator)
    validate(made(app, "2.0", to_anybody=to_anybody), cls=OpenAPIV2SpecValidator)
