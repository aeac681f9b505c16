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
    try:
        found = [
            parse(text, "sketch", exact=True).columns
            for text in (column, f"trim({column})", f"{column} = 'a' or 'a' = {column}", f"ordinal({column})")
        ]
    except DeclarationError:
        return False
    return all(columns == (column,) for columns in found)
