"""Breaches: rules that a master record breaks though no single statement did. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from trivium.engine.judge.session import Session
from trivium.engine.law.statements import quote, text
from trivium.model.entity import EntityShape, NamedRule


@dataclass(frozen=True, slots=True)
class Breach:
    """A living record that breaks a rule. `values`: what the rule reads, by column name."""

    entity: str
    key: tuple[Any, ...]
    rule: str
    values: dict[str, Any]


def breaches(shape: EntityShape, batches: Iterable[pa.RecordBatch]) -> Iterator[Breach]:
    """The breaches among records (see `ports.Reader.records`). Only false breaks a rule, null does not; a rule
    that reads an attribute which the record lacks is not asked."""
    if not shape.rules:
        return
    session = Session(threads=1)
    try:
        for batch in batches:
            session.show("batch", pa.Table.from_batches([batch]))
            for rule in shape.rules:
                for row in session.arrow(_broken(shape, rule)).to_pylist():
                    key = tuple(row.pop(part.name) for part in shape.keys)
                    yield Breach(shape.name, key, rule.name, row)
    finally:
        session.close()


def _broken(shape: EntityShape, rule: NamedRule) -> str:
    """The keys of the records that break a rule, with the columns it reads."""
    read = [column.name for group in shape.groups if group.name in rule.groups for column in group.columns]
    names = ", ".join(quote(name) for name in (*(key.name for key in shape.keys), *read))
    lacking = ", ".join(text(name) for name in rule.groups)
    has = f"NOT list_has_any(string_split(_lacks, ','), [{lacking}]::VARCHAR[])"
    return f"SELECT {names} FROM batch WHERE _alive AND {has} AND TRY({_sql(shape, rule)}) IS FALSE"


def _sql(shape: EntityShape, rule: NamedRule) -> str:
    def column(path: str) -> str:
        found = shape.column(path)
        assert found is not None, "the declaration was checked"
        return quote(found.name)

    return rule.expression.sql(column)
