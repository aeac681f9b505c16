"""Kinds of JSON values in SQL: the code of the character that a value begins with. A number begins with its sign or
its first digit, or, where it is marked, as a text does."""

from __future__ import annotations

from typing import Final

OBJECT: Final = ord("{")
ARRAY: Final = ord("[")
TEXT: Final = ord('"')
BOOLEANS: Final = f"({ord('t')}, {ord('f')})"
NULL: Final = ord("n")
