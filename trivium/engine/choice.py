"""Which records a reader asks for, in which order, from where on: values, and the SQL they come to. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from trivium.engine.law.statements import Engine, parameter, quote, sql_type
from trivium.model.entity import Column, EntityShape

Sign = Literal["=", "<>", ">=", ">", "<=", "<", "in", "null"]

_LONG: Final = 200
"""Characters of a text by which PostgreSQL's index orders: its entries are bounded, keys are not."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a column has to be. `value` is of the column's type; of `in` a sequence of such, of `null` a truth value.
    Null is not equal to anything, so it is `<>` all, and neither greater nor less."""

    column: str
    sign: Sign
    value: Any


@dataclass(frozen=True, slots=True)
class Order:
    """A column by which records are ordered; null comes last either way."""

    column: str
    down: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Which records: those that fulfil all of `where`; the complete, living ones, unless others are asked for.

    `order` comes before the key, which always decides last, upwards. `after` is a position in that order, the values of
    the columns of `order` and of the key: what follows it is chosen; `until` one up to which, itself included. At most
    `most`, if it is given.
    """

    where: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    after: tuple[Any, ...] | None = None
    until: tuple[Any, ...] | None = None
    most: int | None = None
    incomplete: bool = False
    gone: bool = False

    def terms(self, shape: EntityShape) -> tuple[Order, ...]:
        """The whole order, with the key."""
        named = {order.column for order in self.order}
        return (*self.order, *(Order(key.name) for key in shape.keys if key.name not in named))

    def position(self, shape: EntityShape, row: dict[str, Any]) -> tuple[Any, ...]:
        """The position of a record."""
        return tuple(row[term.column] for term in self.terms(shape))

    def by_key(self, shape: EntityShape) -> bool:
        """Whether the key alone orders, upwards."""
        return self.terms(shape) == tuple(Order(key.name) for key in shape.keys)


class Clauses:
    """The SQL of a choice on one engine. `values` are those of its parameters, as they are bound."""

    def __init__(self, choice: Choice, shape: EntityShape, engine: Engine) -> None:
        self._choice, self._shape, self._engine = choice, shape, engine
        self._columns = {column.name: column for column in (*shape.keys, *shape.columns)}
        self._keys = frozenset(key.name for key in shape.keys)
        self.values: dict[str, Any] = {}

    def records(self) -> str:
        """The condition on a record."""
        found = [self._fulfilled(one) for one in self._choice.where]
        if not self._choice.gone:
            found.append("_alive")
        if not self._choice.incomplete:
            found.append("_lacks = ''")
        return " AND ".join([*found, *self._between()]) or "true"

    def keys(self) -> str:
        """What of it can be said of a key alone, where the key orders: a record whose key does not fulfil it is not
        chosen."""
        found = [self._fulfilled(one) for one in self._choice.where if one.column in self._keys]
        return " AND ".join([*found, *self._between()]) or "true"

    def order(self) -> str:
        """What stands behind ORDER BY."""
        terms = self._choice.terms(self._shape)
        if self._engine == "postgres" and self._choice.by_key(self._shape):
            # the index comes first in it; what is ordered by all of the key is ordered by the beginnings of its texts
            return ", ".join([*indexed(self._shape), *(quote(term.column) for term in terms)])
        return ", ".join(f"{quote(t.column)} {'DESC' if t.down else 'ASC'} NULLS LAST" for t in terms)

    def _fulfilled(self, one: Condition) -> str:
        name, column = quote(one.column), self._columns[one.column]
        if one.sign == "null":
            return f"{name} IS {'' if one.value else 'NOT '}NULL"
        if one.sign == "in":
            return f"{name} IN ({', '.join(self._bound(column, value) for value in one.value)})"
        value = self._bound(column, one.value)
        return f"{name} IS DISTINCT FROM {value}" if one.sign == "<>" else f"{name} {one.sign} {value}"

    def _between(self) -> Iterator[str]:
        """That a record follows `after`, and does not follow `until`."""
        for position, inside in ((self._choice.after, False), (self._choice.until, True)):
            if position is not None:
                terms = self._choice.terms(self._shape)
                bound = [
                    None if value is None else self._bound(self._columns[term.column], value)
                    for term, value in zip(terms, position, strict=True)
                ]
                if self._engine == "postgres" and self._choice.by_key(self._shape):
                    yield from self._compared([str(value) for value in bound], inside)
                else:
                    turned = [Order(term.column, term.down != inside) for term in terms]
                    yield self._follows(list(zip(turned, bound, strict=True)), "true" if inside else "false")

    def _compared(self, bound: list[str], inside: bool) -> Iterator[str]:
        """The same of the key as PostgreSQL finds it by its index."""
        first, names = indexed(self._shape), [quote(key.name) for key in self._shape.keys]
        begins = [
            f"left({value}, {_LONG})" if key.type.kind in _TEXTS else value
            for key, value in zip(self._shape.keys, bound, strict=True)
        ]
        yield f"({', '.join(first)}) {'<=' if inside else '>='} ({', '.join(begins[: len(first)])})"
        yield f"({', '.join(names)}) {'<=' if inside else '>'} ({', '.join(bound)})"

    def _follows(self, terms: list[tuple[Order, str | None]], last: str) -> str:
        if not terms:
            return last
        (term, value), rest = terms[0], self._follows(terms[1:], last)
        name, sign = quote(term.column), "<" if term.down else ">"
        if value is None:
            return f"({name} IS NULL AND {rest})"
        if term.column in self._keys:
            return f"({name} {sign}= {value} AND ({name} {sign} {value} OR {rest}))"
        return f"({name} {sign} {value} OR {name} IS NULL OR ({name} = {value} AND {rest}))"

    def _bound(self, column: Column, value: Any) -> str:
        name = f"c{len(self.values) + 1}"
        self.values[name] = value
        return f"CAST({parameter(self._engine, name)} AS {sql_type(column.type)})"


_TEXTS: Final = ("str", "uuid", "json", "list")


def indexed(shape: EntityShape) -> list[str]:
    """What PostgreSQL's index orders the records by, as SQL: the key as far as its first text, of which the
    beginning."""
    found: list[str] = []
    for key in shape.keys:
        if key.type.kind in _TEXTS:
            return [*found, f"left({quote(key.name)}, {_LONG})"]
        found.append(quote(key.name))
    return found
