"""The members of a JSON record, and of the items of its lists, as columns: each level is parsed once."""

from __future__ import annotations

from collections.abc import Mapping

from trivium.engine.judge.scopes import Member
from trivium.engine.law.statements import text
from trivium.errors import DeclarationError
from trivium.model.entity import Column
from trivium.model.types import Kind

_DOCUMENTS = ("json", "list")


class JsonScope:
    """The members of one level of JSON. Asking for one has it extracted: see `extraction`.

    `prefix` tells its columns from those of other levels. `outer`: for the items of a list, the record that holds
    it, whose members are `record.NAME` and whose are the key's parts `asserts`. `item`: SQL of what a person calls
    the item. What the file's name gave, as SQL, stands in for a member that is not there.
    """

    def __init__(
        self,
        prefix: str,
        captured: Mapping[str, str],
        where: str,
        *,
        outer: JsonScope | None = None,
        asserts: tuple[str, ...] = (),
        item: str | None = None,
    ) -> None:
        self._prefix, self._captured, self._where = prefix, captured, where
        self._outer, self._asserts, self._item = outer, asserts, item
        self._paths: dict[str, int] = {}
        self._documents: dict[str, int] = {}
        self._objects: dict[str, None] = {"$": None}

    def text(self, name: str) -> str:
        return f"ltrim({self.named(name).text}, chr(1))"

    def named(self, name: str, kind: Kind | None = None) -> Member:
        if self._outer is not None and name.startswith("record."):
            return self._outer.named(name.removeprefix("record."), kind)
        path = self.path(name)
        number = self._paths.setdefault(path, len(self._paths))
        value, found = f"{self._prefix}x{number}", f"{self._prefix}t{number}"
        document = None
        if kind in _DOCUMENTS:
            document = f"{self._prefix}d{self._documents.setdefault(path, len(self._documents))}"
        label = f"{self._item} || {text('.' + name)}" if self._item else None
        if name in self._captured:
            value = f"CASE WHEN {found} IS NULL THEN {self._captured[name]} ELSE {value} END"
            return Member(value, None, f"coalesce({found}, 'VARCHAR')", document, label)
        return Member(value, f"({found} IS NOT NULL)", found, document, label)

    def default(self, column: Column) -> Member:
        if self._outer is not None and column.name in self._asserts:
            return self._outer.default(column)
        return self.named(column.path, column.type.kind)

    def whole(self, facet: str) -> Member:
        self._objects[self.path(facet)] = None
        return self.named(facet)

    def path(self, name: str) -> str:
        """DuckDB's path of a member; `a.b` is nested."""
        if '"' in name or "\\" in name:
            raise DeclarationError(self._where, f"reads {name!r}", cure="names without quotes and backslashes")
        return "$" + "".join(f'."{part}"' for part in name.split("."))

    def extraction(self, document: str) -> str:
        """SQL of one column each: what `columns` reads. `document` is SQL of this level's marked JSON."""
        parts = [f"json_extract_string({document}, {_listed(self._paths)}) AS _texts"] if self._paths else []
        parts += [f"json_type({document}, {_listed(['$', *self._paths])}) AS _kinds"]
        parts += [f"json_keys({document}, {_listed(self._objects)}) AS _names"]
        if self._documents:
            parts += [f"json_extract({document}, {_listed(self._documents)}) AS _documents"]
        return ", ".join(parts)

    def columns(self) -> list[str]:
        """The members of this level, out of what `extraction` gave."""
        p = self._prefix
        found = [f"_texts[{n + 1}] AS {p}x{n}, _kinds[{n + 2}] AS {p}t{n}" for n in self._paths.values()]
        found += [f"_documents[{n + 1}]::VARCHAR AS {p}d{n}" for n in self._documents.values()]
        return found

    def names(self) -> list[str]:
        """The names of what `columns` gives."""
        p = self._prefix
        found = [f"{p}{what}{number}" for number in self._paths.values() for what in "xt"]
        return found + [f"{p}d{number}" for number in self._documents.values()]

    def twice(self) -> str:
        """SQL, out of what `extraction` gave: the first member that an object of this level has twice, or NULL."""
        cases = [
            f"WHEN has_twice(_names[{n}]) THEN {text(_prefix_of(path))} || repeated(_names[{n}])[1]"
            for n, path in enumerate(self._objects, 1)
        ]
        return f"CASE {' '.join(cases)} END"


def _prefix_of(path: str) -> str:
    """`$."a"."b"` as `a.b.`, the root as nothing."""
    return path[2:].replace('"', "") + "." if path != "$" else ""


def _listed(paths: Mapping[str, object] | list[str]) -> str:
    return "[" + ", ".join(map(text, paths)) + "]"
