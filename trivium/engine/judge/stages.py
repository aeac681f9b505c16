"""Expressions in stages: each is computed once, and what comes later reads it by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

from trivium.engine.law.statements import quote

_NAME = re.compile(r'[a-z_][a-z0-9_]*|"[^"]+"')


class Stage(IntEnum):
    """What is computed after what: a stage reads the ones before it."""

    TEXT = 0
    VALUE = 1
    PLAIN = 2
    CHECKED = 3


class Stages:
    """The columns of one statement, by stage. The same SQL in the same stage is one column.

    DuckDB would share equal expressions by itself, but not those inside CASE, AND and OR, where checks live.
    """

    def __init__(self) -> None:
        self._stages: list[dict[str, str]] = [{} for _ in Stage]

    def add(self, stage: Stage, sql: str, hint: str) -> str:
        """The name under which later stages read `sql`; `hint` is a good part of it."""
        if _NAME.fullmatch(sql):
            return sql
        columns = self._stages[stage]
        if sql not in columns:
            taken = set(columns.values())
            name = f"{stage.name.lower()}_{hint}"
            while name in taken:
                name += "_"
            columns[sql] = name
        return quote(columns[sql])

    def select(self, columns: Sequence[str], relation: str, *, where: Sequence[str] = ()) -> str:
        """The statement that gives `columns`, computed over the rows of `relation` that hold `where`."""
        # Conditions read the relation itself, so that what they leave out is not computed.
        body = relation if not where else f"(SELECT * FROM {relation} WHERE {' AND '.join(where)})"
        for stage in self._stages:
            if stage:
                parts = ",\n    ".join(f"{sql} AS {quote(name)}" for sql, name in stage.items())
                body = f"(\nSELECT *,\n    {parts}\nFROM {body})"
        return f"SELECT {', '.join(columns)}\nFROM {body}"
