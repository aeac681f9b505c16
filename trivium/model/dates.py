"""Formats of dates and instants: what a text must look like to be read by one.

strptime alone guesses: it passes over spaces, takes one digit for two and two for a year of four. So a text is held
to a pattern first, in which every part of the format has exactly the digits that it says.
"""

from __future__ import annotations

import re
from typing import Final

from trivium.errors import DeclarationError

_PART: Final = re.compile(r"%-?.?|[^%]", re.DOTALL)
_TWO, _ONE_OR_TWO, _LETTERS = "[0-9]{2}", "[0-9]{1,2}", "[A-Za-z]+"
PARTS: Final = {
    "%Y": "[0-9]{4}", "%G": "[0-9]{4}", "%y": _TWO,
    **{f"%{part}": _TWO for part in "mdHIMS"},
    **{f"%-{part}": _ONE_OR_TWO for part in "mdHIMS"},
    "%j": "[0-9]{3}", "%-j": "[0-9]{1,3}", "%f": "[0-9]{1,6}",
    "%b": _LETTERS, "%B": _LETTERS, "%a": _LETTERS, "%A": _LETTERS, "%p": "[AaPp][Mm]",
    "%z": "[+-][0-9]{2}(:?[0-9]{2})?",
    "%U": _ONE_OR_TWO, "%W": _ONE_OR_TWO, "%V": _ONE_OR_TWO, "%u": "[1-7]", "%w": "[0-6]",
    "%%": "%",
}  # fmt: skip
"""Every part that a format may have, as a regular expression (RE2)."""
_YEARS: Final = ("%Y", "%y", "%G")


def pattern_of(format: str, where: str, example: str) -> str:
    """The regular expression (RE2) that all of a text in this format matches, and a text with other digits does not.

    Refuses a format with a part that is not known, and one without a year, which strptime would make up.
    """
    parts = _PART.findall(format)
    for part in parts:
        if part.startswith("%") and part not in PARTS:
            cure = f"parts of a format: {' '.join(PARTS)}; {example}"
            raise DeclarationError(where, f"{part!r} in the format {format!r} is not known", cure=cure)
    if all(part == "%%" or not part.startswith("%") for part in parts):
        raise DeclarationError(where, f"no part of a date is in the format {format!r}", cure=example)
    if not any(part in _YEARS for part in parts):
        cure = f"a year has to be there, as %Y, such as by concat(column, ' 2026'); {example}"
        raise DeclarationError(where, f"no year is in the format {format!r}", cure=cure)
    return "".join(PARTS.get(part) or re.escape(part) for part in parts)
