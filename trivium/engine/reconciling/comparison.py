"""Two sides of an entity, compared record by record in SQL: what a file says, and what another source said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Literal

import pyarrow as pa

from trivium.engine.judge.session import Session
from trivium.engine.law.statements import quote, won_place, won_reading
from trivium.engine.plain import key_text, plain
from trivium.engine.tables import alone, arrow_schema
from trivium.model.entity import Column, EntityShape, Group
from trivium.model.source import Source
from trivium.model.survivorship import PRECEDENCE_BITS, TIME_BITS

MOST: Final = 1000
"""So many records that one side alone has, and so many values that differ, as many of each attribute, are listed of
each entity."""

Side = Literal["file", "other"]
_SIDES: Final[tuple[Side, ...]] = ("file", "other")


@dataclass(frozen=True, slots=True)
class Compared:
    """`summary`: the whole counts and sums of an entity. `differences`: at most MOST of each kind, by key; `where` of a
    side is its (reading, place), None where nothing is stated there."""

    summary: dict[str, Any]
    differences: list[dict[str, Any]]


def compared_groups(shape: EntityShape, file: Source, other: Source) -> list[Group]:
    """The groups of an entity that both sources may state."""
    stated = [
        {group.name for route in source.routes if route.shape.name == shape.name for group in route.groups}
        for source in (file, other)
    ]
    return [group for group in shape.groups if all(group.name in names for names in stated)]


class Comparison:
    """Takes both sides, as `Reader.alone` gives them, then tells how they differ. Its memory is bounded.

    `within`: SQL over the entity's columns; records of the other side alone for which it does not hold are left out.
    """

    def __init__(
        self, shape: EntityShape, groups: Sequence[Group], totals: Sequence[Column], within: str | None
    ) -> None:
        self._shape, self._groups, self._totals, self._within = shape, groups, totals, within
        self._columns = [(group, column) for group in groups for column in group.columns]
        self._session = Session(threads=1)
        for side in _SIDES:
            self._session.show("batch", arrow_schema(alone(shape)).empty_table())
            self._session.run(f"CREATE TABLE {quote(side)} AS FROM batch")

    def __enter__(self) -> Comparison:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._session.close()

    def take(self, side: Side, batches: Iterable[pa.RecordBatch]) -> None:
        """One side, whole."""
        for batch in batches:
            self._session.show("batch", pa.Table.from_batches([batch]))
            self._session.run(f"INSERT INTO {quote(side)} FROM batch")

    def last_event_time(self) -> int | None:
        """The greatest event time of a record that the file says to be, in microseconds."""
        time = (
            f"_stamp & {(1 << TIME_BITS) - 1}" if self._shape.policy == "priority" else f"_stamp >> {PRECEDENCE_BITS}"
        )
        found: int | None = self._session.row(f"SELECT max({time}) FROM file")[0]
        return found

    def compare(self) -> Compared:
        """How they differ. A record is on a side if it lives there; an attribute that the file does not state is not
        compared, and one that nobody stated is null."""
        self._session.run(self._pair())
        figures = self._figures()
        differences = [*self._only("file"), *self._only("other")]
        most = max(1, MOST // max(1, len(figures["attributes"])))
        for group, column in self._columns:
            if column.path in figures["attributes"]:
                differences += self._differing(group, column, most)
        return Compared(figures, differences)

    def _pair(self) -> str:
        """Joins the sides; what both leave out is left out."""
        keys = [quote(key.name) for key in self._shape.keys]
        same = " AND ".join(f"f.{key} = o.{key}" for key in keys)
        names = [column.name for column in alone(self._shape).columns if quote(column.name) not in keys]
        joined = ", ".join(f"coalesce(f.{key}, o.{key}) AS {key}" for key in keys)
        sides = ", ".join(f"{of[0]}.{quote(name)} AS {_at(of, name)}" for of in _SIDES for name in names)
        scoped = f"(SELECT *, ({self._within}) IS TRUE AS _within FROM other)" if self._within else "other"
        kept = f" AND (f.{keys[0]} IS NOT NULL OR o._within)" if self._within else ""
        return (
            f"CREATE TABLE pair AS SELECT {joined}, {sides} FROM file AS f FULL JOIN {scoped} AS o ON {same} "
            f"WHERE (f._alive OR o._alive){kept}"
        )

    def _figures(self) -> dict[str, Any]:
        file, other = (f"({_at(side, '_alive')} IS TRUE)" for side in _SIDES)
        differing = [self._differs(group, column) for group, column in self._columns]
        conditions = [
            file, other, f"{file} AND NOT {other}", f"{other} AND NOT {file}", " OR ".join(differing) or "false",
            *differing,
        ]  # fmt: skip
        counts = self._session.row(
            f"SELECT {', '.join(f'count(*) FILTER (WHERE {condition})' for condition in conditions)} FROM pair"
        )
        sums: dict[str, dict[str, Any]] = {side: {} for side in _SIDES}
        for total in self._totals:
            told = ", ".join(
                f"sum({self._value(side, total)}) FILTER (WHERE {alive})"
                for side, alive in zip(_SIDES, (file, other), strict=True)
            )
            for side, value in zip(_SIDES, self._session.row(f"SELECT {told} FROM pair"), strict=True):
                sums[side][total.path] = None if value is None else format(value, "f") if _exact(total) else value
        attributes = zip((column.path for _, column in self._columns), counts[5:], strict=True)
        return {
            "entity": self._shape.name,
            "records": {"file": counts[0], "other": counts[1]},
            "sums": sums,
            "only_in_file": counts[2],
            "only_there": counts[3],
            "differing": counts[4],
            "attributes": {path: number for path, number in attributes if number},
        }

    def _value(self, side: Side, column: Column) -> str:
        return quote(column.name) if column in self._shape.keys else _at(side, column.name)

    def _differs(self, group: Group, column: Column) -> str:
        """Whether both sides have the record, and the file states another value. What the other side never stated is
        as good as null: a file that says null differs from nothing, one that has a value tells something new."""
        both = f"{_at('file', '_alive')} AND {_at('other', '_alive')}"
        stated = f"{_at('file', won_reading(group.name))} IS NOT NULL"
        return f"({both} AND {stated} AND {_at('file', column.name)} IS DISTINCT FROM {_at('other', column.name)})"

    def _only(self, side: Side) -> Iterator[dict[str, Any]]:
        """The records that one side alone has, with where the first thing said of them stands."""
        other: Side = "other" if side == "file" else "file"
        told = {
            of: ", ".join(_at(side, name(group.name)) for group in self._shape.groups) or "NULL::BIGINT"
            for of, name in (("reading", won_reading), ("place", won_place))
        }
        rows = self._rows(
            f"coalesce({told['reading']}, NULL) AS _reading, coalesce({told['place']}, NULL) AS _place",
            f"{_at(side, '_alive')} AND {_at(other, '_alive')} IS NOT TRUE",
        )
        what = "only_in_file" if side == "file" else "only_there"
        for row in rows:
            where = None if row["_reading"] is None else (row["_reading"], row["_place"])
            yield self._difference(row, what, None, {side: {"value": None, "where": where}, other: None})

    def _differing(self, group: Group, column: Column, most: int) -> Iterator[dict[str, Any]]:
        names = (column.name, won_reading(group.name), won_place(group.name))
        told = ", ".join(f"{_at(side, name)}" for side in _SIDES for name in names)
        for row in self._rows(told, self._differs(group, column), most):
            sides = {}
            for side in _SIDES:
                value, reading, place = (row[_name(side, name)] for name in names)
                where = None if reading is None else (reading, place)
                sides[side] = {"value": plain(column, value), "where": where}
            yield self._difference(row, "differs", column.path, sides)

    def _rows(self, told: str, condition: str, most: int = MOST) -> list[dict[str, Any]]:
        keys = ", ".join(quote(key.name) for key in self._shape.keys)
        sql = f"SELECT {keys}, {told} FROM pair WHERE {condition} ORDER BY {keys} LIMIT {most}"
        found: list[dict[str, Any]] = self._session.arrow(sql).to_pylist()
        return found

    def _difference(
        self, row: dict[str, Any], what: str, attribute: str | None, sides: dict[Side, Any]
    ) -> dict[str, Any]:
        key = key_text(self._shape, [row[part.name] for part in self._shape.keys])
        return {"entity": self._shape.name, "key": key, "what": what, "attribute": attribute} | {
            side: sides[side] for side in _SIDES
        }


def _name(side: Side, column: str) -> str:
    return f"{side}:{column}"


def _at(side: Side, column: str) -> str:
    return quote(_name(side, column))


def _exact(column: Column) -> bool:
    return column.type.kind == "decimal"
