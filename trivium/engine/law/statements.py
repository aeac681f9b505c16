"""Renders the law's statements for one entity on one engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, Literal

import jinja2

from trivium.model.domain import Domain
from trivium.model.entity import EntityShape
from trivium.model.survivorship import (
    DEFAULT_PRECEDENCE,
    MAX_EVENT_TIME,
    PRECEDENCE_BITS,
    TIME_BITS,
    LifePolicy,
    Policy,
)
from trivium.model.types import ColumnType

Engine = Literal["duckdb", "postgres"]

_HERE: Final = Path(__file__).parent
_KINDS: Final = {
    "str": "text", "int": "bigint", "float": "double", "bool": "boolean", "date": "date",
    "datetime": "timestamp", "time": "time", "uuid": "text", "json": "text", "list": "text",
}  # fmt: skip
_POSTGRES: Final = {"double": "double precision"}


def quote(name: str) -> str:
    """An SQL identifier, quoted."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """An SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


def stated(group: str) -> str:
    """The column that says whether a statement states a group."""
    return f"{group}__stated"


def assertion_parts(domain: Domain, entity: str) -> tuple[tuple[str, ...], ...]:
    """The parts of the key that sources assert for an entity, each combination once, in sorted order.

    An assertion keeps its combination in the column `_parts`, as names joined by commas.
    """
    found = {route.asserts for s in domain.sources for route in s.routes if route.shape.name == entity}
    found |= {s.asserts for s in domain.sources for route in s.routes[:1] if route.shape.name == entity}
    return tuple(sorted(parts for parts in found if parts))


def neutral_type(type_: ColumnType) -> str:
    """The engine-neutral type that keeps values of a declared type."""
    if type_.kind == "decimal":
        return f"decimal({type_.max_digits},{type_.decimal_places})"
    return _KINDS[type_.kind]


def sql_type(type_: ColumnType) -> str:
    """The type, as DuckDB and PostgreSQL both call it."""
    kind = neutral_type(type_)
    return _POSTGRES.get(kind, kind)


@dataclass(frozen=True, slots=True)
class Trial:
    """An unpublished load, taken for the reading of its delivery that counts."""

    load_no: int
    source: str
    delivery: str


@dataclass(frozen=True, slots=True)
class Alone:
    """One source by itself, as if no other had ever said anything; or one delivery of it."""

    source: str
    delivery: str | None = None


def won_reading(group: str) -> str:
    """The column that says which reading the winner of a group is from."""
    return f"{group}__reading"


def won_place(group: str) -> str:
    """The column that says at which place of its delivery the winner of a group stands."""
    return f"{group}__place"


@dataclass(frozen=True)
class Law:
    """The statements of the law for one entity.

    `schema` is the store's schema, `sources` the store's number of each source with its precedence.
    """

    shape: EntityShape
    engine: Engine
    schema: str
    sources: Mapping[int, int]
    assertions: Sequence[tuple[str, ...]]

    def fold(
        self,
        *,
        commit: int | str,
        only: str | None = None,
        few: bool = False,
        rows: str | None = None,
        as_of: int | None = None,
        policy: LifePolicy | None = None,
        keyed: bool = False,
        part: tuple[int, int] | None = None,
        trial: Trial | None = None,
        alone: Alone | None = None,
    ) -> str:
        """The fold of every key; of those in the relation `only` (DuckDB; `few`: what is said of them fits into
        memory), or whose statements are in `rows` (PostgreSQL, see `rows_of`); of the one given by parameters
        (`keyed`); or of one part of so many, by hash. `trial`: as if an unpublished load counted. `alone`: as if nobody
        else had spoken; with `won_reading` and `won_place` of each group."""
        life = policy or self.shape.policy
        groups = [
            {
                "name": group.name,
                "policy": group.policy or life,
                "stated": stated(group.name),
                "won": f"{group.name}__won",
                "reading": won_reading(group.name),
                "place": won_place(group.name),
                "columns": [column.name for column in group.columns],
                "required": group.required,
            }
            for group in self.shape.groups
        ]
        policies = list(dict.fromkeys([life, *(str(group["policy"]) for group in groups)]))
        return self.render(
            "fold", commit=commit, only=only, rows=rows, as_of=as_of, life=life, policies=policies, groups=groups,
            keyed=keyed, about=keyed or few or rows is not None, part=part, trial=trial, alone=alone,
            told=groups if alone else [],
        )  # fmt: skip

    def rows_of(self, keys: str) -> str:
        """Every statement of the keys in a relation (PostgreSQL)."""
        return self.render("rows_of", only=keys)

    def touched(self, *, after: int | str, commit: int | str) -> str:
        """The keys that may have changed between two commits."""
        return self.render("touched", after=after, commit=commit, loads=None)

    def changed_until(self, *, after: int, commit: int, most: int) -> str:
        """How many commits touch keys, and that up to which so many rows, or more, do."""
        return self.render("changed_until", after=after, commit=commit, most=most)

    def changed(self, *, after: int, until: int, commit: int, behind: str | None, several: bool, most: int) -> str:
        """The keys that were touched between `after` and `until`, in the order of commit and key; see the statement.
        With `behind`, a condition on a key, of the commit next to `after` those for which it holds. `several`: more
        than one commit touches keys after it."""
        return self.render(
            "changed", after=after, until=until, commit=commit, behind=behind, several=several, most=most
        )

    def those(self, *, asked: str, fold: str) -> str:
        """The records of a fold in the order of the keys in a relation."""
        return self.render("those", asked=asked, fold=fold)

    def touched_by(self, loads: Sequence[int]) -> str:
        """The keys that these loads state or cover."""
        listed = ", ".join(map(str, loads))
        array = f"[{listed}]" if self.engine == "duckdb" else f"ARRAY[{listed}]::bigint[]"
        return self.render("touched", after=0, commit=0, loads=array)

    def preview(self, *, before: str, after: str) -> str:
        """How two folds of the same keys differ."""
        return self.render("preview", before=before, after=after)

    def gone(self, *, loads: Sequence[int], current: str) -> str:
        """How many living records of `current` these unpublished loads would end, and how many their scopes hold."""
        return self.render("gone", loads=", ".join(map(str, loads)), current=current, life=self.shape.policy)

    def ties(self, *, commit: int | str, most: int, loads: Sequence[int] = (), spoken: str | None = None) -> str:
        """At most so many ranks at which living statements of a key differ, with their total; with `loads`, of those
        ranks only at which these loads speak. `spoken`: a relation that holds at least their keys and event times, to
        look nowhere else."""
        return self.render(
            "ties", commit=commit, most=most, loads=", ".join(map(str, loads)), life=self.shape.policy, spoken=spoken
        )

    def spoken(self, loads: Sequence[int]) -> str:
        """The keys of which these loads speak, with the event times; repeated as often as they are."""
        history = f"{quote(self.schema)}.{quote(f'{self.shape.name}__history')}"
        keys = ", ".join(quote(key.name) for key in self.shape.keys)
        return f"SELECT {keys}, _at FROM {history} WHERE _load IN ({', '.join(map(str, loads))})"

    def keyed(self, alias: str | None = None, parts: Sequence[str] | None = None) -> str:
        """The condition that a row is about the key given by the parameters `k1`, `k2` …, or about these `parts`
        of it."""
        before = f"{alias}." if alias else ""
        given = {
            key.name: f"{parameter(self.engine, f'k{index}')}::{sql_type(key.type)}"
            for index, key in enumerate(self.shape.keys, 1)
        }
        same = [f"{before}{quote(name)} = {value}" for name, value in given.items() if parts is None or name in parts]
        if self.engine == "postgres" and parts is None:
            same.append(f"{key_hash([f'{before}{quote(name)}' for name in given])} = {key_hash(given.values())}")
        return " AND ".join(same)

    def stamp(self, alias: str, policy: Policy) -> str:
        """The rank of the rows called `alias` under a policy, as SQL: see `model.survivorship.stamp`."""
        by_precedence: dict[int, list[int]] = {}
        for number, precedence in self.sources.items():
            by_precedence.setdefault(precedence, []).append(number)
        if len(by_precedence) > 1:
            common = max(by_precedence, key=lambda p: len(by_precedence[p]))
            cases = " ".join(
                f"WHEN {number} THEN {precedence}"
                for number, precedence in sorted(self.sources.items())
                if precedence != common
            )
            rank = f"(CASE {alias}._source {cases} ELSE {common} END)::BIGINT"
        else:
            rank = f"{next(iter(by_precedence), DEFAULT_PRECEDENCE)}::BIGINT"
        if policy == "priority":
            return f"(({rank} * {1 << TIME_BITS}) + {alias}._at)"
        time = f"({MAX_EVENT_TIME} - {alias}._at)" if policy == "first" else f"{alias}._at"
        return f"({time} * {1 << PRECEDENCE_BITS} + {rank})"

    def render(self, name: str, **values: Any) -> str:
        """The statement called `name`; the functions above give those that take values a type."""
        return render(
            self.engine,
            name,
            self.schema,
            stamp=self.stamp,
            this_key=self.keyed,
            **{"trial": None, "alone": None, "as_of": None, "about": False} | values,
            entity=self.shape.name,
            keys=[key.name for key in self.shape.keys],
            columns=[column.name for column in self.shape.columns],
            types={c.name: sql_type(c.type) for c in self.shape.columns},
            assertions=self.assertions,
        )


def render(engine: Engine, name: str, schema: str, **values: Any) -> str:
    """The statement `name` of an engine, for the store in `schema`."""
    template = _templates(engine).get_template(f"{name}.sql")
    return template.render(s=quote(schema), p=partial(parameter, engine), **values)


def key_hash(columns: Iterable[str]) -> str:
    """PostgreSQL's hash of a key, as SQL: what its indexes find a key by, whatever its length."""
    return f"hash_record_extended(ROW({', '.join(columns)}), 0)"


def parameter(engine: Engine, name: str) -> str:
    """How an engine's driver writes a bound parameter."""
    return f"${name}" if engine == "duckdb" else f"%({name})s"


@cache
def _templates(engine: Engine) -> jinja2.Environment:
    # What engines say alike stands in `common`; one that says it in another way has a file of that name.
    loader = jinja2.FileSystemLoader([_HERE / engine, _HERE / "common"])
    # SQL, not HTML: identifiers go through `q`, texts through `text`, numbers are ours
    environment = jinja2.Environment(loader=loader, undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701
    environment.filters |= {
        "q": quote,
        "text": text,
        "cols": _columns,
        "same": _same,
        "key_hash": lambda names, alias: key_hash(f"{alias}.{quote(name)}" for name in names),
        "all_stated": lambda groups: " AND ".join(quote(g["stated"]) for g in groups) or "true",
        "lacks": lambda groups: _lacks(groups, lambda g: f"{quote(g['stated'])} IS NOT TRUE"),
        "lacks_won": lambda groups: _lacks(groups, lambda g: f"{quote(g['won'])} IS NULL"),
    }
    return environment


def _columns(names: Sequence[str], alias: str | None = None) -> str:
    return ", ".join(f"{alias}.{quote(name)}" if alias else quote(name) for name in names)


def _same(names: Sequence[str], left: str, right: str) -> str:
    return " AND ".join(f"{left}.{quote(name)} = {right}.{quote(name)}" for name in names)


def _lacks(groups: Sequence[dict[str, Any]], missing: Any) -> str:
    cases = [f"CASE WHEN {missing(group)} THEN {text(group['name'])} END" for group in groups if group["required"]]
    if not cases:
        return "''"
    # PostgreSQL passes at most 100 arguments to a function.
    some = [f"concat_ws(',', {', '.join(cases[at : at + 90])})" for at in range(0, len(cases), 90)]
    if len(some) == 1:
        return some[0]
    parts = [f"nullif({one}, '')" for one in some]
    return f"concat_ws(',', {', '.join(parts)})"
