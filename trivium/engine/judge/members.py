"""The members of a JSON record, and of the items of its lists, as columns: each level is parsed once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from trivium.engine.judge.kinds import NULL, OBJECT, TEXT
from trivium.engine.judge.scopes import Member
from trivium.engine.law.statements import text
from trivium.errors import DeclarationError
from trivium.model.entity import Column
from trivium.model.types import Kind

_DOCUMENTS = ("json", "list")

_Parts: TypeAlias = tuple[str, ...]


class JsonScope:
    """The members of one level of JSON. Asking for one has it extracted: see `extraction`.

    `prefix` tells its columns from those of other levels. `outer`: for the items of a list, the record that holds
    it, whose members are `record.NAME` and whose are the key's parts `asserts`. `item`: SQL of what a person calls
    the item. What `captured` has, as SQL, stands in for a member that is not there.
    """

    def __init__(
        self,
        prefix: str,
        captured: Mapping[str, str],
        where: str,
        *,
        outer: JsonScope | None = None,
        asserts: _Parts = (),
        item: str | None = None,
    ) -> None:
        self._prefix, self._captured, self._where = prefix, captured, where
        self._outer, self._asserts, self._item = outer, asserts, item
        self._texts, self._kinds = _Fields(f"{prefix}texts", "VARCHAR"), _Fields(f"{prefix}kinds", "JSON")
        self._text: dict[_Parts, str] = {}
        self._kind: dict[_Parts, str] = {}
        self._document: dict[_Parts, str] = {}
        self._list: dict[_Parts, str] = {}
        self._objects: list[_Parts] = [()]

    def text(self, name: str) -> str:
        member = self.named(name)
        return f"plain_text({member.text}, {member.kind})"

    def named(self, name: str, kind: Kind | None = None) -> Member:
        if self._outer is not None and name.startswith("record."):
            return self._outer.named(name.removeprefix("record."), kind)
        found, parts = self.kind(name), self._parts(name)
        value = self._text.setdefault(parts, f"{self._prefix}x{len(self._text)}")
        document = None
        if kind in _DOCUMENTS:
            document = self._document.setdefault(parts, f"{self._prefix}d{len(self._document)}")
        label = f"{self._item} || {text('.' + name)}" if self._item else None
        if name in self._captured:
            value = f"CASE WHEN {found} IS NULL THEN {self._captured[name]} ELSE {value} END"
            return Member(value, None, f"coalesce({found}, {TEXT})", document, label)
        return Member(value, f"({found} IS NOT NULL)", found, document, label)

    def default(self, column: Column) -> Member:
        if self._outer is not None and column.name in self._asserts:
            return self._outer.default(column)
        return self.named(column.path, column.type.kind)

    def whole(self, facet: str) -> str:
        self._objects.append(self._parts(facet))
        return self.kind(facet)

    def kind(self, name: str) -> str:
        """The column with the kind of a member, NULL where it is not there."""
        return self._kind.setdefault(self._parts(name), f"{self._prefix}t{len(self._kind)}")

    def listed(self, name: str) -> str:
        """The column with the JSON text of a member whose items are read, NULL where it is null or not there."""
        self.kind(name)
        return self._list.setdefault(self._parts(name), f"{self._prefix}l{len(self._list)}")

    def extraction(self, document: str) -> list[str]:
        """SQL of columns that `columns` reads. `document` is a column of this level's JSON."""
        for parts in self._text:
            self._texts.take(parts)
        for parts in self._kind:
            if parts not in self._inside:
                self._kinds.take(parts)
        # Of several paths the document is read once, of one without a path somewhat faster.
        paths = f", [{', '.join(text(_path(parts)) for parts in self._objects)}]" if len(self._objects) > 1 else ""
        return [
            *self._texts.extraction(document),
            *self._kinds.extraction(document),
            f"json_keys({document}{paths}) AS {self._prefix}names",
        ]

    def columns(self, document: str) -> list[str]:
        """The members of this level, out of what `extraction` gave beside the column `document`."""
        found = [f"{self._texts.take(parts)} AS {name}" for parts, name in self._text.items()]
        inside = self._inside
        for parts, name in self._kind.items():
            if parts in inside:
                filled = " OR ".join(f"{self._kinds.take(one)} IS NOT NULL" for one in inside[parts])
                known, kind = (
                    f"{filled} THEN {OBJECT}",
                    f"ascii(json_extract({document}, {text(_path(parts))})::VARCHAR)",
                )
            else:
                value, kind = f"{self._kinds.take(parts)}::VARCHAR", str(NULL)
                known = f"{value} IS NOT NULL THEN ascii({value})"
            found.append(f"CASE WHEN {known} WHEN {self._is_there(parts, document)} THEN {kind} END AS {name}")
        for parts, name in self._document.items():
            found.append(f"marked_document({self._kinds.take(parts)}::VARCHAR) AS {name}")
        found += [f"{self._kinds.take(parts)}::VARCHAR AS {name}" for parts, name in self._list.items()]
        return found

    @property
    def names(self) -> list[str]:
        """The names of what `columns` gives."""
        return [*self._text.values(), *self._kind.values(), *self._document.values(), *self._list.values()]

    def doubted(self, document: str) -> str:
        """SQL over what `extraction` and `columns` gave: the names of the members of each object of this level, as a
        JSON text, or NULL where none can be there twice."""
        sure = [
            f"has_each_once({self._names(number)}, {self._known(parts, document)})"
            for number, parts in enumerate(self._objects)
        ]
        names = f"{self._prefix}names" if len(self._objects) > 1 else f"[{self._prefix}names]"
        return f"CASE WHEN {' AND '.join(sure)} THEN NULL ELSE to_json({names})::VARCHAR END"

    def twice(self, doubted: str) -> str:
        """SQL over a column of what `doubted` gave: the first member that an object has twice, or NULL."""
        cases = []
        for number, parts in enumerate(self._objects, 1):
            names = f"from_json({doubted}, '[[\"VARCHAR\"]]')[{number}]"
            shown = f"{text(''.join(f'{part}.' for part in parts))} || repeated({names})[1]"
            cases.append(f"WHEN has_twice({names}) THEN {shown}")
        return f"(CASE {' '.join(cases)} END)"

    def unknown(self, doubted: str) -> str:
        """SQL over a column of what `doubted` gave: the first member of which nothing reads anything, or NULL. Asked
        when everything else was."""
        cases = []
        for number, parts in enumerate(self._objects, 1):
            read = {path[len(parts)] for path in self._kind if len(path) > len(parts) and path[: len(parts)] == parts}
            names = f"from_json({doubted}, '[[\"VARCHAR\"]]')[{number}]"
            listed = ", ".join(map(text, sorted(read)))
            found = f"list_filter({names}, lambda name: name NOT IN ({listed}))" if read else names
            shown = f"{text(''.join(f'{part}.' for part in parts))} || {found}[1]"
            cases.append(f"WHEN len({found}) > 0 THEN {shown}")
        return f"(CASE {' '.join(cases)} END)"

    def _known(self, parts: _Parts, document: str) -> str:
        """SQL of how many of the members that are asked for an object has."""
        there: dict[_Parts, str] = {}
        for path in self._kind:
            if len(path) > len(parts) and path[: len(parts)] == parts:
                member = path[: len(parts) + 1]
                name = self._kind.get(member)
                there[member] = f"{name} IS NOT NULL" if name else self._is_there(member, document)
        return " + ".join(f"({held})::INTEGER" for held in there.values()) or "0"

    def _is_there(self, parts: _Parts, document: str) -> str:
        """SQL of whether there is a member, which may be null."""
        if parts[:-1] in self._objects:
            return f"list_contains({self._names(self._objects.index(parts[:-1]))}, {text(parts[-1])})"
        return f"json_type({document}, {text(_path(parts))}) IS NOT NULL"

    def _names(self, number: int) -> str:
        """SQL of the names of the members of an object of this level."""
        return f"{self._prefix}names[{number + 1}]" if len(self._objects) > 1 else f"{self._prefix}names"

    @property
    def _inside(self) -> dict[_Parts, list[_Parts]]:
        """The objects of which nothing is read but their members, with these."""
        read = {**self._text, **self._document, **self._list}
        return {
            parts: inside
            for parts in self._objects[1:]
            if parts not in read
            and (inside := [one for one in read if len(one) > len(parts) and one[: len(parts)] == parts])
        }

    def _parts(self, name: str) -> _Parts:
        """The members on the way to one; `a.b` is nested."""
        if '"' in name or "\\" in name:
            raise DeclarationError(self._where, f"reads {name!r}", cure="names without quotes and backslashes")
        return tuple(name.split("."))


class _Fields:
    """Members taken out of a document all at once, as fields of structs, each of the type `leaf`.

    A struct cannot have a field as a whole and in parts, nor two whose names differ in case only: what has no place
    in one is taken by the next.
    """

    def __init__(self, name: str, leaf: str) -> None:
        self._name, self._leaf = name, leaf
        self._trees: list[dict[str, Any]] = []

    def take(self, parts: _Parts) -> str:
        """SQL of a member."""
        number = next((n for n, tree in enumerate(self._trees) if _put(tree, parts, self._leaf)), None)
        if number is None:
            number = len(self._trees)
            self._trees.append({})
            _put(self._trees[number], parts, self._leaf)
        sql = f"{self._name}{number}"
        for part in parts:
            sql = f"struct_extract({sql}, {text(part)})"
        return sql

    def extraction(self, document: str) -> list[str]:
        """SQL of the structs."""
        return [
            f"from_json({document}, {text(json.dumps(tree, ensure_ascii=False))}) AS {self._name}{number}"
            for number, tree in enumerate(self._trees)
        ]


def _put(tree: dict[str, Any], parts: _Parts, leaf: str) -> bool:
    """Gives a member its place if there is one; it may have it already."""
    part, *others = parts
    if part not in tree and part.lower() in map(str.lower, tree):
        return False
    if not others:
        return bool(tree.setdefault(part, leaf) == leaf)
    inner = tree.get(part, {})
    if inner == leaf or not _put(inner, tuple(others), leaf):
        return False
    tree[part] = inner
    return True


def _path(parts: _Parts) -> str:
    return "$" + "".join(f'."{part}"' for part in parts)
