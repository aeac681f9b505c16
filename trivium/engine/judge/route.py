"""One route of a source: how its records state an entity, as two statements of SQL.

`statements` gives a row for every statement, good or not; `reasons` says what is wrong with those that are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trivium.engine.judge.attribute import Attribute
from trivium.engine.judge.digest import EMPTY, Content, digest
from trivium.engine.judge.stages import Stages
from trivium.engine.law.statements import neutral_type, quote, stated, text
from trivium.model.entity import Column, EntityShape, Group, NamedRule


@dataclass(frozen=True, slots=True)
class Stated:
    """A group that a route can state. `when`: SQL of whether it does. `broken`: SQL of a facet not whole."""

    group: Group
    when: str
    attributes: tuple[Attribute, ...]
    broken: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """What is needed to judge a route. `relation`: what it reads; `where`: the rows of it that state something.
    `view`: SQL of the relation, where it is not made beforehand. In its column `_ok` it says which rows are sound in
    themselves, in `_ignored` which are ignored, in `_names` which names may be there twice.

    `at` and `sequence` are attributes, or SQL of a number. `deleted`: SQL of whether it is a delete. `scope`: the keys
    that say for what an assertion of the whole delivery holds. `position`: SQL of an item's place in its list.
    """

    shape: EntityShape
    stages: Stages
    relation: str
    where: tuple[str, ...]
    keys: tuple[Attribute, ...]
    groups: tuple[Stated, ...]
    at: Attribute | str
    sequence: Attribute | None
    deleted: str | None
    scope: tuple[str, ...] = ()
    position: str = "0"
    view: str | None = None

    def statements(self) -> str:
        """A row for every statement: the columns of the history, `_row`, `_ok`, and where it has documents `_look`:
        whether they must be looked into for members that are there twice. Of a view every row is given, and `_says`
        whether it states something, so that it is read once."""
        by_name = {a.column.name: a for s in self.groups for a in s.attributes}
        keys = {a.column.name: a for a in self.keys}
        columns = [f"{self._kept(column, keys.get(column.name))} AS {quote(column.name)}" for column in self.shape.keys]
        columns += [
            f"{self._living(self._kept(column, by_name.get(column.name)))} AS {quote(column.name)}"
            for column in self.shape.columns
        ]
        when = {s.group.name: s.when for s in self.groups}
        for group in self.shape.groups:
            holds = when.get(group.name, "false")
            if self.deleted and holds != "false":
                holds = f"(NOT {self.deleted} AND {holds})"
            columns.append(f"{holds} AS {quote(stated(group.name))}")
        columns += [
            f"{self._at}::BIGINT AS _at",
            f"{f'coalesce({self.sequence.final}, -1)' if self.sequence else '-1'}::BIGINT AS _seq",
            f"{f'CASE WHEN {self.deleted} THEN 1 ELSE 0 END' if self.deleted else '0'}::SMALLINT AS _kind",
            f"{self._digest} AS _digest",
            "_place",
            "_row",
        ]
        if self.documents:
            columns.append(f"{' OR '.join(f'has_members({a.value})' for a in self.documents)} AS _look")
        if self.view is None:
            return self.stages.select([*columns, f"{self._ok} AS _ok"], self.relation, where=self.where)
        says = " AND ".join(self.where) or "true"
        columns += [
            "_ignored",
            "_names",
            f"{says} AS _says",
            f"_ok AND CASE WHEN {says} THEN {self._ok} ELSE true END AS _ok",
        ]
        return self.stages.select(columns, self.view)

    def reasons(self) -> str:
        """A row for every statement: `_row`, `_place`, `_pos`, `reasons` (JSON texts), the key columns, `_key` (whether
        it could be read), `_scope` (the scope) and `_at`."""
        found = ",\n    ".join(self._reasons())
        keys = {a.column.name: a for a in self.keys}
        readable = [a.good for a in self.keys if a.good]
        scope = [a.good for a in self.keys if a.column.name in self.scope and a.good]
        columns = ["_row", "_place", f"{self.position} AS _pos"]
        columns += [
            f"{self._kept(column, keys.get(column.name))} AS {quote(column.name)}" for column in self.shape.keys
        ]
        columns += [
            f"{' AND '.join(readable) or 'true'} AS _key",
            f"{' AND '.join(scope) or 'true'} AS _scope",
            f"{self._at}::BIGINT AS _at",
            f"list_filter([{found}], lambda r: r IS NOT NULL) AS reasons",
        ]
        return self.stages.select(columns, self.relation, where=self.where)

    @property
    def documents(self) -> list[Attribute]:
        """The attributes that are kept as JSON."""
        return [a for s in self.groups for a in s.attributes if a.document]

    def _kept(self, column: Column, attribute: Attribute | None) -> str:
        if attribute is None:
            return f"NULL::{neutral_type(column.type)}"
        return attribute.final

    def _living(self, value: str) -> str:
        if self.deleted is None or value.startswith("NULL::"):
            return value
        return f"CASE WHEN {self.deleted} THEN NULL ELSE {value} END"

    @property
    def _at(self) -> str:
        return self.at if isinstance(self.at, str) else self.at.value

    @property
    def _digest(self) -> str:
        content = digest([Content(s.group.name, s.when, s.attributes) for s in self.groups])
        return f"CASE WHEN {self.deleted} THEN {EMPTY} ELSE {content} END" if self.deleted else content

    @property
    def _ok(self) -> str:
        always = [a.good for a in self._always if a.good]
        asked = [a.good for s in self.groups for a in s.attributes if a.good]
        asked += [f"NOT {s.broken}" for s in self.groups if s.broken]
        asked += [f"NOT {self._breaks(rule)}" for rule in self._rules]
        if self.deleted and asked:
            asked = [f"CASE WHEN {self.deleted} THEN true ELSE {' AND '.join(asked)} END"]
        return " AND ".join(always + asked) or "true"

    @property
    def _always(self) -> list[Attribute]:
        return [*self.keys, *(a for a in (self.at, self.sequence) if isinstance(a, Attribute))]

    def _reasons(self) -> list[str]:
        unless = self.deleted or "false"
        found = [reason for a in self._always for reason in a.reasons()]
        for s in self.groups:
            if s.broken:
                message = (
                    f"{s.group.name} must be stated whole ({', '.join(c.path for c in s.group.columns)}) or left out; "
                    "correct it at its source and send the record again"
                )
                found.append(
                    f"CASE WHEN NOT {unless} AND {s.broken} THEN reason('facet', {s.label}, NULL, {text(message)}) END"
                )
            skip = unless if s.broken is None else f"({unless} OR {s.broken})"
            found += [reason for a in s.attributes for reason in a.reasons(skip)]
        by_path = self._by_path()
        for rule in self._rules:
            read = [by_path[path] for path in rule.expression.columns]
            sound = " AND ".join(a.good for a in read if a.good) or "true"
            field = " || ', ' || ".join(a.label for a in read)
            shown = ", ".join(
                f"{text(a.column.path + '=' if len(read) > 1 else '')} || coalesce({a.shown}, 'null')" for a in read
            )
            message = (
                f"{rule.description or rule.expression.text} must hold; "
                "correct the record at its source and send it again"
            )
            found.append(
                f"CASE WHEN NOT {unless} AND {sound} AND {self._breaks(rule)} "
                f"THEN reason({text(rule.name)}, {field}, concat_ws(', ', {shown}), {text(message)}) END"
            )
        return found or ["NULL"]

    @property
    def _rules(self) -> Sequence[NamedRule]:
        known = {s.group.name for s in self.groups if s.when != "false"}
        return [rule for rule in self.shape.rules if known.issuperset(rule.groups) and rule.expression.columns]

    def _breaks(self, rule: NamedRule) -> str:
        """SQL, never NULL: the rule is false for what is stated."""
        by_path = self._by_path()
        sql = rule.expression.sql(lambda path: by_path[path].final)
        whens = {s.when for s in self.groups if s.group.name in rule.groups} - {"true"}
        return f"coalesce({''.join(f'{when} AND ' for when in sorted(whens))}NOT TRY({sql}), false)"

    def _by_path(self) -> dict[str, Attribute]:
        attributes = [*self.keys, *(a for s in self.groups for a in s.attributes)]
        return {path: a for a in attributes for path in (a.column.path, a.column.name)}
