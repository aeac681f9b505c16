"""From a source's declaration to the plan of a route: which raw value each attribute is taken from."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from trivium.engine.judge.attribute import Attribute, judged
from trivium.engine.judge.expressing import Expressing
from trivium.engine.judge.kinds import NULL
from trivium.engine.judge.route import RoutePlan, Stated
from trivium.engine.judge.scopes import Member, Scope
from trivium.engine.judge.stages import Stage, Stages
from trivium.engine.law.statements import text
from trivium.errors import DeclarationError
from trivium.model.domain import Domain
from trivium.model.durations import duration_words
from trivium.model.entity import Column, Entity, Group
from trivium.model.expressions import Demand, Expression
from trivium.model.source import Route, Source
from trivium.model.survivorship import MAX_EVENT_TIME
from trivium.model.types import ColumnType, Kind, split_optional

_SHOWN_CELLS: Final = 4
_SHOWN_LENGTH: Final = 100  # characters of each


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of time beside the records, in microseconds since 1970: the latest event time that the source
    may send now, and the instant of the delivery's cut-off, if there is one: numbers, or the columns that have them."""

    latest: int | str
    cut_off: int | str | None


@dataclass(frozen=True, slots=True)
class _Raw:
    """Where an attribute comes from. `constant`: it reads no column, so that it says nothing by itself."""

    member: Member
    demands: tuple[Demand, ...] = ()
    constant: bool = False


class Mapper:
    """Makes the plans of one source's routes."""

    def __init__(self, domain: Domain, source: Source, clock: Clock, expressing: Expressing) -> None:
        self._classes = {entity.shape.name: entity for entity in domain.entities}
        self._source, self._clock, self._expressing = source, clock, expressing
        self._hidden = _hidden(source)
        self.absent: dict[str, None] = {}
        """The columns that optional attributes are mapped to and the delivery has not, so that they are not stated."""

    def plan(
        self,
        route: Route,
        relation: str,
        scope: Scope,
        *,
        record: Scope | None = None,
        where: Sequence[str] = (),
        position: str = "0",
    ) -> RoutePlan:
        """How one record, or one item of its list, states the route's entity.

        `scope` is what the route reads, `record` what the source's own expressions do, where that is another.
        """
        stages, record = Stages(), record or scope
        when = [self._expressing.condition(route.when, scope)] if route.when else []
        return RoutePlan(
            shape=route.shape,
            stages=stages,
            relation=relation,
            where=(*where, *when),
            keys=tuple(self._key(stages, route, column, scope) for column in route.shape.keys),
            groups=tuple(self._group(stages, route, group, scope) for group in route.groups),
            at=self._at(stages, route.event_time, scope, record),
            sequence=self._sequence(stages, route.sequence, scope, record),
            deleted=self._deleted(stages, route, scope),
            scope=self._source.asserts,
            position=position,
        )

    def claim(
        self, route: Route, relation: str, scope: Scope, record: Scope, *, where: Sequence[str] = ()
    ) -> RoutePlan:
        """How one record asserts to be complete for a part of the key, whose items `scope` reads.

        When that was and under which condition the record must say by itself: the route's own event time, sequence
        and `when` count where they read `record.NAME` alone.
        """
        stages = Stages()
        when = [self._expressing.condition(route.when, scope)] if route.when and _of_record(route.when) else []
        return RoutePlan(
            shape=route.shape,
            stages=stages,
            relation=relation,
            where=(*where, *when),
            keys=tuple(self._key(stages, route, key, scope) for key in route.shape.keys if key.name in route.asserts),
            groups=(),
            at=self._at(stages, _of_record(route.event_time), scope, record),
            sequence=self._sequence(stages, _of_record(route.sequence), scope, record),
            deleted=None,
        )

    def scope(self, route: Route, relation: str, scope: Scope) -> RoutePlan:
        """The parts of the key that the route asserts, of no time."""
        stages = Stages()
        keys = tuple(self._key(stages, route, key, scope) for key in route.shape.keys if key.name in route.asserts)
        return RoutePlan(route.shape, stages, relation, (), keys, (), "0", None, None)

    def _deleted(self, stages: Stages, route: Route, scope: Scope) -> str | None:
        if route.delete is None:
            return None
        return stages.add(Stage.TEXT, self._expressing.condition(route.delete, scope), "deleted")

    def _key(self, stages: Stages, route: Route, column: Column, scope: Scope) -> Attribute:
        raw = self._raw(route, column, scope)
        if raw is None:
            raw = _Raw(Member(scope.text(column.name)))  # which names the column that is not there
        absent = f"NOT {raw.member.present}" if raw.member.present else None
        return judged(
            stages, column, raw.member, zone=self._source.zone, null_ok="false", absent=absent, demands=raw.demands
        )

    def _raw(self, route: Route, column: Column, scope: Scope) -> _Raw | None:
        expression = route.columns.get(column.name)
        if expression is None:
            member = scope.default(column)
            return _Raw(member) if member else None
        return self._expressed(expression, scope, column.type.kind)

    def _expressed(self, expression: Expression, scope: Scope, kind: Kind | None = None) -> _Raw:
        if isinstance(expression.tree, exp.Column):
            name = expression.columns[0]
            member = scope.named(name, kind)
            if member is not None:
                # Renamed and not computed: in JSON it keeps its kind.
                return _Raw(member)
        read = [scope.named(name) for name in expression.columns]
        presents = dict.fromkeys(member.present for member in read if member and member.present)
        always = any(member and member.present is None for member in read) or bool(expression.ordinals)
        return _Raw(
            Member(
                self._expressing.text(expression, scope, kind),
                present=f"({' OR '.join(presents)})" if presents and not always else None,
                cells=self._cells(expression, scope),
            ),
            self._expressing.demands(expression, scope),
            constant=not presents and not always,
        )

    def _cells(self, expression: Expression, scope: Scope) -> str | None:
        """SQL that says what is in the cells that an expression reads, but for those that are sensitive."""
        names = [name for name in expression.columns if not _is_among(name, self._hidden)][:_SHOWN_CELLS]
        said = []
        for name in names:
            cell = f"left(ltrim(({scope.text(name)})::VARCHAR, chr(1)), {_SHOWN_LENGTH})"
            said.append(f"{text(f'{name} is ')} || coalesce({text(chr(39))} || {cell} || {text(chr(39))}, 'empty')")
        return f"concat(', where ', concat_ws(' and ', {', '.join(said)}))" if said else None

    def _lacking(self, route: Route, group: Group, scope: Scope) -> list[str]:
        """The columns to which the group is mapped, if all that tells anything of it is not there; else none.

        Then an optional group is not stated, as one that is not mapped. What is computed, or lacks a part only, is
        refused when it is read.
        """
        lacking = []
        for column in group.columns:
            expression = route.columns.get(column.name)
            if expression is None:
                if scope.default(column) is not None:
                    return []
            elif isinstance(expression.tree, exp.Column):
                if scope.named(expression.columns[0]) is not None:
                    return []
                lacking.append(expression.columns[0])
            elif expression.columns or expression.ordinals:
                return []
        return lacking

    def _group(self, stages: Stages, route: Route, group: Group, scope: Scope) -> Stated:
        if not group.required and (lacking := self._lacking(route, group, scope)):
            self.absent.update(dict.fromkeys(lacking))
            return Stated(group, "false", ())
        found = [(column, self._raw(route, column, scope)) for column in group.columns]
        raws = [(column, raw) for column, raw in found if raw is not None]
        if not raws:
            return Stated(group, "false", ())
        if not group.facet:
            ((column, raw),) = raws
            when = raw.member.present or "true"
            null_ok = "true" if column.nullable else "false" if when == "true" else f"NOT {when}"
            attribute = judged(stages, column, raw.member, zone=self._source.zone, null_ok=null_ok, demands=raw.demands)
            return Stated(group, when, (attribute,))
        return self._facet(stages, route, group, raws, scope)

    def _facet(
        self, stages: Stages, route: Route, group: Group, raws: list[tuple[Column, _Raw]], scope: Scope
    ) -> Stated:
        whole = scope.whole(group.name) if any(c.name not in route.columns for c, _ in raws) else None
        telling = [raw.member for _, raw in raws if not raw.constant]
        presents = list(dict.fromkeys(member.present for member in telling if member.present))
        when, broken = "true", None
        if whole is not None:
            mapped = [raw.member.present for c, raw in raws if c.name in route.columns and raw.member.present]
            when = f"({' OR '.join([f'{whole} IS NOT NULL', *mapped])})"
            broken = f"({when} AND {whole} IS DISTINCT FROM {NULL} AND NOT ({' AND '.join(presents)}))"
        elif presents and all(member.present for member in telling):
            when = f"({' OR '.join(presents)})"
            broken = f"({when} AND NOT ({' AND '.join(presents)}))" if len(presents) > 1 else None
        if len(raws) < len(group.columns):
            broken = when
        own = _own_nullable(self._classes[route.shape.name], group)
        optional = own is not None
        empty = " AND ".join(f"({member.text}) IS NULL" for member in telling) or "false"
        attributes = []
        for column, raw in raws:
            member = raw.member
            if raw.constant and (optional or when != "true"):
                # A constant beside nothing: the facet is null, or not stated, as a whole.
                member = dataclasses.replace(member, text=f"CASE WHEN {empty} THEN NULL ELSE {member.text} END")
            attributes.append(
                judged(stages, column, member, zone=self._source.zone, null_ok="false", demands=raw.demands)
            )
        nothing = "(" + " AND ".join(f"{a.text} IS NULL" for a in attributes) + ")"
        settled = []
        for attribute in attributes:
            if own.get(attribute.column.name, False) if own is not None else attribute.column.nullable:
                null_ok = "true"
            elif optional:
                null_ok = nothing
            else:
                null_ok = "false" if when == "true" else f"NOT {when}"
            settled.append(dataclasses.replace(attribute, null_ok=null_ok))
        return Stated(group, when, tuple(settled), broken, label=text(group.name))

    def _at(self, stages: Stages, own: Expression | None, scope: Scope, record: Scope) -> Attribute | str:
        expression, scope = (own, scope) if own else (self._source.event_time, record)
        if expression is None:
            if self._clock.cut_off is None:
                cure = "give the source an event_time, or read the route's from the record: record.NAME"
                raise DeclarationError(self._source.where, "an assertion without an event time", cure=cure)
            return str(self._clock.cut_off)
        raw, name = self._expressed(expression, scope, "datetime"), _name(expression, "event_time")
        return judged(
            stages,
            Column("event_time", name, ColumnType("datetime"), nullable=False),
            raw.member,
            zone=self._source.zone,
            null_ok="false",
            demands=raw.demands,
            rule="event_time",
            bounds=[
                ("event_time", f"{{v}} BETWEEN 0 AND {MAX_EVENT_TIME}", "between the years 1970 and 3111"),
                (
                    "future",
                    f"({{v}} <= {self._clock.latest} OR {{v}} > {MAX_EVENT_TIME})",
                    f"at most {duration_words(self._source.max_ahead)} ahead of its arrival",
                ),
            ],
        )

    def _sequence(self, stages: Stages, own: Expression | None, scope: Scope, record: Scope) -> Attribute | None:
        expression, scope = (own, scope) if own else (self._source.sequence, record)
        if expression is None:
            return None
        raw, name = self._expressed(expression, scope, "int"), _name(expression, "sequence")
        return judged(
            stages,
            Column("sequence", name, ColumnType("int"), nullable=True),
            raw.member,
            zone=None,
            null_ok="true",
            demands=raw.demands,
            rule="sequence",
            bounds=[("sequence", "{v} >= 0", "a whole number of 0 or more")],
        )


def _hidden(source: Source) -> frozenset[str]:
    """The columns that sensitive attributes are taken from, and lists whose items have such."""
    found: set[str] = set()
    for route in source.routes:
        columns = (*route.shape.keys, *(column for group in route.groups for column in group.columns))
        for column in (column for column in columns if column.sensitive):
            expression = route.columns.get(column.name)
            found.update(map(_bare, expression.columns if expression else (column.path, column.name)))
            found.update([route.each] if route.each else [])
    return frozenset(found)


def _is_among(name: str, hidden: frozenset[str]) -> bool:
    """Whether a column is one of these, or a part of one, or has one as its part."""
    name = f"{_bare(name)}."
    return any(name.startswith(f"{other}.") or f"{other}.".startswith(name) for other in hidden)


def _bare(name: str) -> str:
    return name.removeprefix("record.")


def _name(expression: Expression, otherwise: str) -> str:
    return expression.columns[0] if isinstance(expression.tree, exp.Column) else otherwise


def _of_record(expression: Expression | None) -> Expression | None:
    """The expression of a list's items if it reads nothing of the item itself."""
    if expression is None or not all(name.startswith("record.") for name in expression.columns):
        return None
    return expression


def _own_nullable(entity: type[Entity], group: Group) -> dict[str, bool] | None:
    """For an optional facet, which of its members may be null beside others that are not; else None.

    The shape does not tell: it calls every member of an optional facet nullable.
    """
    hints: dict[str, Any] = typing.get_type_hints(entity)
    facet, nullable = split_optional(hints[group.name])
    if not nullable:
        return None
    return {f"{group.name}_{member.name}": member.nullable for member in facet.members}
