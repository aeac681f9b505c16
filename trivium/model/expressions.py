"""SQL expressions that a team writes: parsed, held to an allow-list, rewritten to be exact.

An expression is pure: the same inputs give the same result for ever and everywhere. It sees the columns of
its own record and nothing else; it knows no clock, no chance, no setting, no session zone; its result is
bounded by its inputs; its arithmetic is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from trivium.errors import DeclarationError
from trivium.model.dates import pattern_of
from trivium.model.numbers import PLAIN, Marks, checked_marks

MAX_LENGTH: Final = 4_000
"""Longest expression, in characters."""

_ALLOWED: Final[tuple[type[exp.Expr], ...]] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs, exp.Case, exp.If,
    exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least, exp.Lower, exp.Upper, exp.Trim, exp.Substring,
    exp.Left, exp.Right, exp.Length, exp.Concat, exp.ConcatWs, exp.DPipe, exp.SplitPart, exp.StartsWith,
    exp.EndsWith, exp.Contains, exp.Replace, exp.Pad, exp.RegexpLike, exp.RegexpExtract, exp.RegexpReplace,
)  # fmt: skip

OWN_FUNCTIONS: Final = frozenset({"number", "date_of", "instant_of", "instant_from", "ordinal"})
"""Functions of ours: exact number from text, date and datetime by format, datetime of a count since 1970, place among
equals in the delivery."""

FUNCTION_NAMES: Final = (
    "abs, case, coalesce, concat, concat_ws, contains, ends_with, greatest, if, least, left, length, lower, "
    "lpad, nullif, regexp_extract, regexp_matches, regexp_replace, replace, right, rpad, split_part, "
    "starts_with, substring, trim, upper; number(text), number(text, decimal, thousands), "
    "date_of(text, format), instant_of(text, format), instant_from(number, unit), "
    "ordinal(column, …)"
)

_FORMATS: Final = {
    "date_of": "date_of(sold_on, '%d/%m/%Y') reads 31/12/2026",
    "instant_of": "instant_of(sold_at, '%d/%m/%Y %H:%M:%S') reads 31/12/2026 23:59:00",
}

_UNITS: Final = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
"""Of which `instant_from` counts, in microseconds."""

_MARKED: Final = "marked_number"
"""What `number` with marks becomes; nobody can write it."""

_ARITHMETIC: Final = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs)
_COMPARISON: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between)
_MAX_PAD: Final = 1_000


@dataclass(frozen=True, slots=True)
class Demand:
    """A conversion inside an expression that must succeed, or the record is rejected rather than made null.

    `operand` and `converted` are SQL over the same columns as the expression. `guarded`: the conversion
    stands in a branch, so it only has to succeed where the whole expression came to nothing.
    """

    rule: str
    operand: str
    converted: str
    guarded: bool


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    `columns` are the names it reads, dotted where they are nested, in order of first use. `ordinals` are the
    column lists of its `ordinal(…)` calls; in the rendered SQL each stands as the column `ordinal_name(…)`.
    """

    text: str
    columns: tuple[str, ...]
    ordinals: tuple[tuple[str, ...], ...]
    tree: exp.Expr = field(repr=False, compare=False, hash=False)

    def sql(self, column: Callable[[str], str]) -> str:
        """DuckDB's SQL of it; `column` gives the SQL of a column's name."""
        return _render(self.tree, column)

    def demands(self, column: Callable[[str], str]) -> tuple[Demand, ...]:
        """What must convert for the result to mean anything."""
        return tuple(_demands(self.tree, column))


def ordinal_name(columns: tuple[str, ...]) -> str:
    """The column under which the place among records with equal `columns` is found."""
    return f"ordinal({', '.join(columns)})"


def parse(text: str, where: str, *, exact: bool, marks: Marks = PLAIN) -> Expression:
    """The expression `text`, or a refusal that names what is wrong with it.

    `exact`: the columns are texts of a source, so that columns used in arithmetic are read as exact numbers;
    otherwise they are the typed columns of an entity. `marks`: how those numbers are written.
    """
    if len(text) > MAX_LENGTH:
        raise DeclarationError(where, "the expression is too long", cure=f"at most {MAX_LENGTH} characters")
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except SqlglotError as error:
        raise DeclarationError(
            where, f"{text!r} does not parse", cure=f"look at {place_of(error)}; {_QUOTING}"
        ) from error
    for node in tree.walk():
        _check(node, text, where)
    for node in list(tree.find_all(exp.Anonymous)):
        _hold_to_format(node, text, where)
    tree = _exact(tree, text, where, wrap=exact, marks=marks)
    return Expression(
        text=text,
        columns=tuple(dict.fromkeys(_dotted(node) for node in tree.find_all(exp.Column))),
        ordinals=tuple(
            dict.fromkeys(
                tuple(_dotted(a) for a in node.expressions)
                for node in tree.find_all(exp.Anonymous)
                if node.name.lower() == "ordinal"
            )
        ),
        tree=tree,
    )


_QUOTING: Final = """a column whose name has spaces or signs stands in double quotes, such as '"Unit Price"'"""


def place_of(error: SqlglotError) -> str:
    """Where a text stops being SQL, for a person; what the parser says of it names its own classes."""
    found = getattr(error, "errors", None) or [{}]
    line, column = found[0].get("line"), found[0].get("col")
    if column is None:
        return "its quotes and brackets: one is not closed"
    return f"character {column}" if line in (None, 1) else f"line {line}, character {column}"


def _bare(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _dotted(node: exp.Expr) -> str:
    return ".".join(part.name for part in node.parts) if isinstance(node, exp.Column) else node.sql("duckdb")


def _check(node: exp.Expr, text: str, where: str) -> None:
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        if name not in OWN_FUNCTIONS:
            raise _refused(f"calls {name}()", text, where)
        arguments = node.expressions
        if name == "ordinal" and not (arguments and all(isinstance(a, exp.Column) for a in arguments)):
            raise DeclarationError(where, f"{text!r}: ordinal takes columns", cure="ordinal(invoice)")
        if name == "number" and not (0 < len(arguments) < 4 and all(map(_is_text, arguments[1:]))):
            cure = "number(price), or number(price, ',', '.') with the marks of 1.234,50"
            raise DeclarationError(
                where, f"{text!r}: number takes a text, and its marks where they are others", cure=cure
            )
        if name in ("date_of", "instant_of") and not (len(arguments) == 2 and _is_text(arguments[1])):
            raise DeclarationError(where, f"{text!r}: {name} takes a text and a format", cure=_FORMATS[name])
        if name == "instant_from" and not (
            len(arguments) == 2 and _is_text(arguments[1]) and arguments[1].name in _UNITS
        ):
            cure = f"instant_from(ts_ms, 'milliseconds'); the units are {', '.join(_UNITS)}"
            raise DeclarationError(where, f"{text!r}: instant_from takes a count since 1970 and its unit", cure=cure)
    elif isinstance(node, exp.Pad):
        width = node.expression
        if not (isinstance(width, exp.Literal) and width.is_int and int(width.name) <= _MAX_PAD):
            raise DeclarationError(where, f"{text!r} pads without bound", cure=f"a literal of at most {_MAX_PAD}")
    elif isinstance(node, exp.Literal) and not node.is_string and "e" in node.name.lower():
        raise DeclarationError(where, f"{text!r}: {node.name} is not exact", cure="write the number out")
    elif not isinstance(node, _ALLOWED):
        if isinstance(node, exp.Alias):
            shown = node.sql("duckdb").replace(" AS ", " ")
            raise DeclarationError(where, f"{text!r} is more than one expression: {shown!r}", cure=_QUOTING)
        if isinstance(node, exp.Func):
            raise _refused(f"calls {node.sql_name().lower()}()", text, where)
        raise _refused(f"holds {node.sql('duckdb')!r}", text, where)
    if isinstance(node, exp.In) and node.args.get("query") is not None:
        raise _refused("reaches outside its record", text, where)


def _hold_to_format(node: exp.Anonymous, text: str, where: str) -> None:
    """Gives a call that reads by a format, as its last argument, the pattern that its text has to match."""
    if node.name.lower() == "number" and len(node.expressions) > 1:
        given = [argument.name for argument in node.expressions[1:]]
        marks = checked_marks(given[0], given[1] if len(given) > 1 else None, f"{where}, {text!r}")
        made = _number(node.expressions[0], marks)
        node.set("this", made.this)
        node.set("expressions", made.expressions)
        return
    if node.name.lower() == "instant_from":
        node.set("expressions", [node.expressions[0], exp.Literal.number(_UNITS[node.expressions[1].name])])
        return
    example = _FORMATS.get(node.name.lower())
    if example is not None:
        pattern = pattern_of(node.expressions[1].name, f"{where}, {text!r}", example)
        node.append("expressions", exp.Literal.string(pattern))


def _refused(what: str, text: str, where: str) -> DeclarationError:
    return DeclarationError(where, f"{text!r} {what}, which is not allowed", cure=f"allowed: {FUNCTION_NAMES}")


def _is_text(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _number(operand: exp.Expr, marks: Marks) -> exp.Anonymous:
    """The call that makes an exact number of a text."""
    if marks == PLAIN:
        return exp.Anonymous(this="number", expressions=[operand.copy()])
    given = [marks.decimal, marks.thousands or "", marks.pattern()]
    return exp.Anonymous(this=_MARKED, expressions=[operand.copy(), *map(exp.Literal.string, given)])


def _exact(tree: exp.Expr, text: str, where: str, *, wrap: bool, marks: Marks) -> exp.Expr:
    """Divisions as multiplications by an exact reciprocal, and text columns in arithmetic as exact numbers."""

    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Div):
            return exp.Mul(this=node.this, expression=_reciprocal(node.expression, text, where))
        return node

    tree = tree.transform(change)
    products = [node for node in tree.find_all(exp.Mul) if isinstance(_bare(node.this), exp.Mul)]
    if any(isinstance(_bare(node.this.this), exp.Mul) for node in products):
        raise DeclarationError(where, f"{text!r} multiplies too much", cure="at most three factors stay exact")
    if not wrap:
        return tree

    def number(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Column) and _used_as_number(node):
            return _number(node, marks)
        return node

    return tree.transform(number)


def _used_as_number(column: exp.Column) -> bool:
    """Whether the column is calculated with, or compared with a number."""
    parent = _real_parent(column)
    if isinstance(parent, _COMPARISON):
        return any(_is_number(child) for child in parent.iter_expressions())
    return isinstance(parent, _ARITHMETIC)


def _is_number(node: exp.Expr) -> bool:
    bare = _bare(node)
    return isinstance(bare, _ARITHMETIC) or (isinstance(bare, exp.Literal) and not bare.is_string)


def _real_parent(node: exp.Expr) -> exp.Expr | None:
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent


def _reciprocal(divisor: exp.Expr, text: str, where: str) -> exp.Expr:
    bare = _bare(divisor)
    if isinstance(bare, exp.Literal) and not bare.is_string:
        value = Decimal(bare.name)
        if value:
            inverse = 1 / value
            if inverse * value == 1 and -inverse.normalize().as_tuple().exponent <= 6:  # type: ignore[operator]
                return exp.Literal.number(format(inverse.normalize(), "f"))
    raise DeclarationError(
        where,
        f"{text!r} divides, and the result may not be exact",
        cure="divide by a literal such as 100 or 4",
    )


def _render(tree: exp.Expr, column: Callable[[str], str]) -> str:
    def change(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Anonymous) and node.name.lower() == "ordinal":
            return exp.Var(this=column(ordinal_name(tuple(_dotted(a) for a in node.expressions))))
        if isinstance(node, exp.Column):
            return exp.Var(this=column(_dotted(node)))
        return node

    return tree.transform(change).sql("duckdb", normalize_functions=False)


def _demands(tree: exp.Expr, column: Callable[[str], str]) -> Iterator[Demand]:
    rules = {
        "number": "number",
        _MARKED: "number",
        "date_of": "date",
        "instant_of": "datetime",
        "instant_from": "datetime",
    }
    for node in tree.find_all(exp.Anonymous):
        name = node.name.lower()
        if name == "ordinal":
            continue
        yield Demand(
            rule=rules[name],
            operand=_render(node.expressions[0], column),
            converted=_render(node, column),
            guarded=node.find_ancestor(exp.Case, exp.If) is not None,
        )
