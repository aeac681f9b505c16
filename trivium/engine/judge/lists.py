"""Lists: JSON arrays, kept as text, whose elements must be of the declared type.

What is kept is the text as it was sent, so an element must be written as its type is written in JSON: numbers bare,
everything else that is not a boolean in quotes.
"""

from __future__ import annotations

from typing import Final

from trivium.engine.law.statements import text
from trivium.model.types import Kind

ELEMENTS: Final[dict[Kind, str]] = {
    "str": "a text",
    "int": "a whole number",
    "decimal": "a plain number of at most 38 digits",
    "float": "a number",
    "bool": "true or false",
    "date": "a text of a date",
    "datetime": "a text of an instant with its offset",
    "time": "a text of a time of day",
    "uuid": "a text of a UUID",
    "json": "a JSON value",
}

# Of an element `e` as text; a bare number begins with the mark.
_FITS: Final[dict[Kind, str]] = {
    "str": "NOT starts_with(e, chr(1))",
    "int": "regexp_full_match(e, '\\x01-?[0-9]+') AND TRY_CAST(e[2:] AS BIGINT) IS NOT NULL",
    "decimal": "regexp_full_match(e, '\\x01-?[0-9]+([.][0-9]+)?') AND length(translate(e, '-.', '')) <= 39",
    "float": "starts_with(e, chr(1)) AND isfinite(TRY_CAST(e[2:] AS DOUBLE))",
    "date": "TRY_CAST(e AS DATE)::VARCHAR = e AND TRY_CAST(e AS DATE) BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    "datetime": "instant(e) IS NOT NULL",
    "time": "regexp_full_match(e, '([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?')",
    "uuid": "regexp_full_match(e, '(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')",
}


def kept_list(document: str, element: Kind | None) -> str:
    """SQL of the array as it is kept; NULL unless `document` (marked JSON) is one whose elements fit."""
    conditions = [f"json_type({document}) = 'ARRAY'"]
    if element not in (None, "json"):
        kind = "BOOLEAN" if element == "bool" else "VARCHAR"
        kinds = f"json_type({document}, '$[*]')"
        conditions.append(f"len(list_filter({kinds}, lambda k: k <> {text(kind)})) = 0")
    if element in _FITS:
        values = f"json_extract_string({document}, '$[*]')"
        conditions.append(f"len(list_filter({values}, lambda e: NOT coalesce({_FITS[element]}, false))) = 0")
    return f"CASE WHEN {' AND '.join(conditions)} THEN kept_document({document}) END"
