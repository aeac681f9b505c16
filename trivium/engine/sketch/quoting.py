"""A column's name as expressions take it."""

from __future__ import annotations

import re
from functools import cache

from trivium.errors import DeclarationError
from trivium.model.expressions import parse


@cache
def quoted(column: str) -> str:
    """The name as it is where an expression reads it as a column wherever it stands, else in double quotes."""
    if re.fullmatch("[a-z][a-z0-9_]*", column) and _is_plain(column):
        return column
    return '"' + column.replace('"', '""') + '"'


def _is_plain(column: str) -> bool:
    """Whether it is no word of the language."""
    places = ("{0}", "trim({0})", "{0} = 'a' or 'a' = {0}", "ordinal({0})", "case when {0} = 'a' then {0} end")
    try:
        found = [parse(place.format(column), "sketch", exact=True).columns for place in places]
    except DeclarationError:
        return False
    return all(columns == (column,) for columns in found)
