"""What schemathesis is told besides the document; it imports this file in a process of its own. Each exception is for
what no schema can say."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

_LONGEST_WAIT = 0.01

_MADE_BY_ANSWERS = ("cursor", "after")
"""A cursor belongs to the answer that gave it: no text but that one is one, and a 400 is right."""
_EACH_ONCE = ("order",)
"""`a` and `-a` are different items, of which only one can be there."""

_AT_THE_ENDS = ("0001-01-01T", "9999-12-31T")
"""An instant may lie in no year from 1 to 9999 of UTC, though the text of it does."""

_CONDITIONAL = ("/v1/in/explain",)
"""A source whose routes have conditions: of a record that they leave out nothing is read, so that nothing in it can be
of a wrong type."""


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """A long poll waits as long as it is asked to: here for a moment, for nothing is going to change."""
    query: Any = case.query
    with suppress(KeyError, TypeError, ValueError):
        if _LONGEST_WAIT < float(query["wait"]) <= 60:
            query["wait"] = _LONGEST_WAIT


@schemathesis.hook
def filter_failure(context: HookContext, failure: Any, case: Case[Any], response: Response) -> bool:
    """Whether a failure is one."""
    if isinstance(failure, AcceptedNegativeData) and case.operation.path in _CONDITIONAL:
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    if case.media_type == "text/csv":  # that the header names the columns, and each row has as many cells
        return False
    told = json.loads(response.content)
    if str(told.get("value")).startswith(_AT_THE_ENDS):
        return False
    return told.get("parameter") not in (*_MADE_BY_ANSWERS, *_EACH_ONCE)
