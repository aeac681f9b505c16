"""Parameters of operations: declared beside them, read here, and told in the OpenAPI documents from the same place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import unquote_to_bytes

from trivium.engine.plain import parse_instant
from trivium.errors import UsageError
from trivium.web.problems import Bad, BadParameter

Kind = Literal["text", "integer", "number", "boolean", "instant"]

_NUMBER: Final = re.compile(r"[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?")
_TRUTHS: Final = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query, or of a header.

    `least`, `most` bound a number, `choices` a text; `words` are texts that are allowed besides. `pattern` is what a
    text looks like, which who reads it looks into. `usual` is the value where none is given; `must`: one is. `of`: it
    is a list of the entity's attributes, as `order` has them.
    """

    name: str
    kind: Kind
    about: str
    usual: Any = None
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    example: str | None = None
    pattern: str | None = None
    must: bool = False
    of: Literal["attributes"] | None = None

    @property
    def allowed(self) -> str:
        """What it can be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        told = {
            "text": "a text",
            "integer": "a whole number",
            "number": "a number",
            "boolean": "true or false",
            "instant": "a time such as 2026-03-02T09:00:00Z",
        }[self.kind]
        if self.most is not None:
            told += f" from {self.least or 0:g} to {self.most:g}"
        return " or ".join([told, *self.words])

    def read(self, text: str) -> Any:
        """The value of a text; raises BadParameter."""
        if text in self.words:
            return text
        if self.kind == "text" and "\0" in text:  # no store has one, and PostgreSQL does not take one
            raise BadParameter(self.name, text, "a text without NUL")
        found = self._read(text)
        if found is None or (self.choices and found not in self.choices):
            raise BadParameter(self.name, text, self.allowed)
        if self.most is not None and not (self.least or 0) <= found <= self.most:
            raise BadParameter(self.name, text, self.allowed)
        return found

    def _read(self, text: str) -> Any:
        match self.kind:
            case "integer":
                return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None
            case "number":
                return float(text) if _NUMBER.fullmatch(text) else None
            case "boolean":
                return _TRUTHS.get(text)
            case "instant":
                try:
                    return parse_instant(_with_sign(text))
                except UsageError:
                    return None
            case _:
                return text


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked: the values of the declared parameters, and the texts of `others`."""

    values: Mapping[str, Any]
    others: Mapping[str, str] = field(default_factory=dict)


def read_query(raw: bytes, declared: Sequence[Parameter], *, others: bool) -> Query:
    """The query of a request. Raises Bad for what is no query, and for a parameter that is given twice or, unless
    `others` may come, is not declared."""
    known = {one.name: one for one in declared}
    values = {one.name: one.usual for one in declared}
    given: dict[str, str] = {}
    for part in raw.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        text = _decoded(name)
        if text in given:
            raise BadParameter(text, _decoded(value), "it can be given once")
        given[text] = _decoded(value)
        if text in known:
            values[text] = known[text].read(given[text])
        elif not others:
            raise BadParameter(text, None, f"the parameters are {', '.join(known) or 'none'}")
    return Query(values, {name: text for name, text in given.items() if name not in known})


def _decoded(raw: bytes) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise Bad("the query is no percent-encoded UTF-8", hint="encode what is not ASCII as UTF-8 bytes") from None


def _with_sign(text: str) -> str:
    """The + of `…+01:00`, which a query has as a space."""
    return f"{text[:-6]}+{text[-5:]}" if len(text) > 6 and text[-6] == " " else text
