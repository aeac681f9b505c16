"""Entities, facets and their attributes: the shape of a master record."""

from __future__ import annotations

import typing
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, TypeVar

from trivium.errors import DeclarationError
from trivium.model.expressions import Expression, parse
from trivium.model.keywords import checked
from trivium.model.naming import RESERVED, check_name, snake_case
from trivium.model.survivorship import LIFE_POLICIES, POLICIES, LifePolicy, Policy
from trivium.model.types import ColumnType, column_type, split_annotated, split_optional

MAX_COLUMNS: Final = 700
"""Most attribute columns of an entity: with a mark for each group they stay within PostgreSQL's 1,600."""


class _KeyMarker:
    """Says that an attribute is part of the key."""


_T = TypeVar("_T")
Key = Annotated[_T, _KeyMarker()]
"""`Key[str]`: the attribute is part of the record's key; parts count in the order of declaration."""


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """What a `Field(…)` says of its attribute."""

    bounds: dict[str, Any]
    description: str | None
    sensitive: bool
    survivorship: Policy | None
    optional: bool = False


@checked
def Field(  # noqa: N802 - reads as part of the declaration, as in Pydantic
    default: Any = ...,
    *,
    ge: Any = None,
    gt: Any = None,
    le: Any = None,
    lt: Any = None,
    max_digits: int | None = None,
    decimal_places: int | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
    description: str | None = None,
    sensitive: bool = False,
    survivorship: Policy | None = None,
) -> Any:
    """Bounds, description and survivorship of an attribute.

    `Field(None, …)` is an optional attribute, as `= None` is; there are no other defaults.
    `pattern` is a regular expression (RE2) found anywhere in the text: anchor it with ^ and $.
    `sensitive` values are shown only to those who may see them. `survivorship` is the attribute's own
    policy where it differs from its entity's.
    """
    bounds = {
        "ge": ge, "gt": gt, "le": le, "lt": lt, "max_digits": max_digits, "decimal_places": decimal_places,
        "min_length": min_length, "max_length": max_length, "pattern": pattern,
    }  # fmt: skip
    if default is not None and default is not ...:
        raise DeclarationError(
            "Field", f"has the default {default!r}", cure="only None can be one: the attribute is optional"
        )
    return FieldInfo(bounds, description, sensitive, survivorship, default is None)


_NO_FIELD: Final = FieldInfo({}, None, False, None)


@checked
@dataclass(frozen=True, slots=True)
class Rule:
    """A condition, in SQL over the entity's attributes; only false breaks it, null does not."""

    sql: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entity. `name` is its name in tables, `path` as the outside sees it (`total.amount`)."""

    name: str
    path: str
    type: ColumnType
    nullable: bool
    sensitive: bool = False
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that win or lose together: a facet's members, or one attribute that stands alone."""

    name: str
    columns: tuple[Column, ...]
    policy: Policy | None
    required: bool
    facet: bool


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rule of an entity with the groups it reads."""

    name: str
    expression: Expression
    groups: tuple[str, ...]
    description: str | None


@dataclass(frozen=True, slots=True)
class EntityShape:
    """An entity as declared: a key, groups of attributes in order, a policy, rules."""

    name: str
    where: str
    keys: tuple[Column, ...]
    groups: tuple[Group, ...]
    policy: LifePolicy
    rules: tuple[NamedRule, ...]
    description: str | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """The attribute columns, keys excepted, in order."""
        return tuple(column for group in self.groups for column in group.columns)

    def column(self, path: str) -> Column | None:
        """The column with this path (`total.amount`) or name (`total_amount`)."""
        return next((c for c in (*self.keys, *self.columns) if path in (c.path, c.name)), None)


def _annotations(cls: type) -> dict[str, Any]:
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise DeclarationError(
            f"{cls.__module__}.{cls.__qualname__}",
            f"an annotation cannot be read: {error}",
            cure="import the name in the module that declares the class, at its top level",
        ) from error
    return {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not ClassVar}


def _field(cls: type, name: str, where: str) -> tuple[FieldInfo, bool]:
    """What is assigned to the attribute: its field, and whether it is optional (`= None`)."""
    if name not in cls.__dict__:
        return _NO_FIELD, False
    value = cls.__dict__[name]
    if value is None:
        return _NO_FIELD, True
    if isinstance(value, FieldInfo):
        if value.survivorship is not None and value.survivorship not in POLICIES:
            raise DeclarationError(
                where, f"survivorship {value.survivorship!r} is unknown", cure=f"one of {', '.join(POLICIES)}"
            )
        return value, value.optional
    raise DeclarationError(where, f"has the value {value!r}", cure="assign None (optional) or Field(…)")


class Facet:
    """Attributes that win or lose together, a value object: subclass it with annotated members."""

    members: ClassVar[tuple[Column, ...]] = ()

    def __init_subclass__(cls) -> None:
        where = f"{cls.__module__}.{cls.__qualname__}"
        cls.members = tuple(
            _column(cls, name, hint, f"{where}.{name}") for name, hint in _annotations(cls).items() if name != "members"
        )
        if not cls.members:
            raise DeclarationError(where, "a facet without members", cure="annotate at least one attribute")


def _column(cls: type, name: str, hint: Any, where: str) -> Column:
    check_name(name, where, reserved=RESERVED)
    base, nullable = split_optional(hint)
    field, optional = _field(cls, name, where)
    if optional and not nullable:
        raise DeclarationError(where, "is None but its type does not allow it", cure="annotate it '… | None'")
    return Column(name, name, column_type(base, field.bounds, where), nullable, field.sensitive, field.description)


class Entity:
    """One kind of master record: subclass it with annotated attributes, at least one of them a `Key`.

    `class Order(Entity, survivorship="priority", name="order")`: both words are optional; `latest` and the
    class's name in snake case are the defaults. An attribute `= None` is optional, one without is required:
    until it has been stated, the record is incomplete.
    """

    shape: ClassVar[EntityShape]

    def __init_subclass__(cls, survivorship: LifePolicy = "latest", name: str | None = None) -> None:
        where = f"{cls.__module__}.{cls.__qualname__}"
        if survivorship not in LIFE_POLICIES:
            raise DeclarationError(
                where,
                f"survivorship {survivorship!r} cannot decide life",
                cure=f"one of {', '.join(LIFE_POLICIES)}",
            )
        keys: list[Column] = []
        groups: list[Group] = []
        for attribute, hint in _annotations(cls).items():
            if attribute == "shape":
                continue
            place = f"{where}.{attribute}"
            check_name(attribute, place, reserved=RESERVED)
            base, extras = split_annotated(hint)
            if any(isinstance(extra, _KeyMarker) for extra in extras):
                keys.append(_key(cls, attribute, base, place))
            else:
                groups.append(_group(cls, attribute, hint, place))
        shape_name = check_name(name or snake_case(cls.__name__), where)
        _check_columns(keys, groups, where)
        cls.shape = EntityShape(shape_name, where, tuple(keys), tuple(groups), survivorship, (), (cls.__doc__ or None))
        rules = tuple(
            _rule(cls.shape, attribute, value, f"{where}.{attribute}")
            for attribute, value in cls.__dict__.items()
            if isinstance(value, Rule)
        )
        cls.shape = EntityShape(
            shape_name, where, tuple(keys), tuple(groups), survivorship, rules, (cls.__doc__ or None)
        )


def _key(cls: type, name: str, base: Any, where: str) -> Column:
    if split_optional(base)[1]:
        raise DeclarationError(where, "a key cannot be optional", cure="remove '| None'")
    column = _column(cls, name, base, where)
    if column.type.kind in ("float", "json", "list"):
        raise DeclarationError(where, f"{column.type.kind} cannot be a key", cure="use a text, number, date or UUID")
    if column.sensitive:
        cure = "a key is in addresses, cursors and messages: take another, and keep this one as an attribute"
        raise DeclarationError(where, "a key cannot be sensitive", cure=cure)
    return column


def _group(cls: type, name: str, hint: Any, where: str) -> Group:
    base, nullable = split_optional(hint)
    if isinstance(base, type) and issubclass(base, Facet):
        field, optional = _field(cls, name, where)
        if field.bounds and any(bound is not None for bound in field.bounds.values()):
            raise DeclarationError(where, "a facet has no bounds of its own", cure="put them on its members")
        if nullable and not optional:
            raise DeclarationError(where, "a facet that may be null is optional", cure="assign None")
        columns = tuple(
            Column(
                f"{name}_{member.name}",
                f"{name}.{member.name}",
                member.type,
                member.nullable or nullable,
                member.sensitive or field.sensitive,
                member.description,
            )
            for member in base.members
        )
        return Group(name, columns, field.survivorship, not optional, facet=True)
    column = _column(cls, name, hint, where)
    field, optional = _field(cls, name, where)
    return Group(name, (column,), field.survivorship, not optional, facet=False)


def _check_columns(keys: list[Column], groups: list[Group], where: str) -> None:
    if not keys:
        raise DeclarationError(where, "has no key", cure="annotate an attribute as Key[str], Key[int], Key[date] …")
    names: dict[str, str] = {}
    for column in (*keys, *(column for group in groups for column in group.columns)):
        if column.name in names:
            raise DeclarationError(
                f"{where}.{column.path}",
                f"would share the column {column.name!r} with {names[column.name]}",
                cure="rename one of them",
            )
        names[column.name] = column.path
    if len(names) > MAX_COLUMNS:
        raise DeclarationError(where, f"has {len(names)} columns", cure=f"at most {MAX_COLUMNS}")


def _rule(shape: EntityShape, name: str, rule: Rule, where: str) -> NamedRule:
    expression = parse(rule.sql, where, exact=False)
    groups: list[str] = []
    for path in expression.columns:
        if shape.column(path) is None:
            known = ", ".join(column.path for column in (*shape.keys, *shape.columns))
            raise DeclarationError(where, f"reads {path!r}, which {shape.name} has not", cure=f"columns: {known}")
        groups += [g.name for g in shape.groups if any(path in (c.path, c.name) for c in g.columns)]
    if expression.ordinals:
        raise DeclarationError(where, "ordinal() is for sources", cure="a rule speaks of one record alone")
    return NamedRule(name, expression, tuple(dict.fromkeys(groups)), rule.description)
