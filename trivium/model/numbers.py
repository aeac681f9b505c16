"""How numbers are written: the marks before the decimals and between the thousands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from trivium.errors import DeclarationError

_THOUSANDS: Final = ".,'’ _\u00a0\u202f\u2009"


@dataclass(frozen=True, slots=True)
class Marks:
    """The decimal mark, and the mark between thousands if there is one."""

    decimal: str = "."
    thousands: str | None = None

    def pattern(self, *, exponent: bool = False) -> str:
        """The regular expression (RE2) that all of a number written in this way matches: marks between thousands stand
        at every third digit or nowhere."""
        decimal = re.escape(self.decimal)
        whole = "[0-9]+"
        if self.thousands is not None:
            whole = f"([0-9]{{1,3}}({re.escape(self.thousands)}[0-9]{{3}})+|[0-9]+)"
        power = "([eE][+-]?[0-9]+)?" if exponent else ""
        return f"[+-]?({whole}({decimal}[0-9]+)?|{decimal}[0-9]+){power}"

    def plain(self, text: str) -> str | None:
        """A number written in this way with a point and nothing between its thousands; None if it is none."""
        if self == PLAIN:
            return text
        if not re.fullmatch(self.pattern(), text):
            return None
        return text.replace(self.thousands or "", "").replace(self.decimal, ".")


PLAIN: Final = Marks()


def checked_marks(decimal: object, thousands: object, where: str) -> Marks:
    """The marks, refused where they could not be told apart, or from digits."""
    if decimal not in (".", ","):
        raise DeclarationError(where, f"decimal={decimal!r}", cure="'.' or ','")
    allowed = isinstance(thousands, str) and len(thousands) == 1 and thousands in _THOUSANDS and thousands != decimal
    if thousands is not None and not allowed:
        cure = "'.', ',', ' ', \"'\", '_' or a space that does not break, and not the decimal mark"
        raise DeclarationError(where, f"thousands={thousands!r}", cure=cure)
    return Marks(str(decimal), None if thousands is None else str(thousands))
