"""What a store was made for, compared with what is declared today. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from trivium.engine.law.statements import neutral_type
from trivium.engine.tables import FORMAT
from trivium.model.domain import Domain
from trivium.model.entity import EntityShape
from trivium.model.types import ColumnType


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what the store holds and what is declared."""

    what: str
    allowed: bool
    way_out: str | None = None


_WAY_OUT = "replay into a new store: trivium replay APP --from OLD_STORE --store NEW_STORE"

_DECLARED = {"bigint": "int", "double": "float", "boolean": "bool", "timestamp": "datetime"}


def describe(domain: Domain) -> str:
    """The declared shape of a domain's records, as JSON that is kept in the store."""
    return json.dumps({shape.name: _entity(shape) for shape in domain.shapes}, sort_keys=True)


def law_fingerprint(domain: Domain) -> str:
    """Changes whenever folding the same history could come out differently."""
    law = {
        "policies": {s.name: [s.policy, {g.name: g.policy for g in s.groups}] for s in domain.shapes},
        "required": {s.name: [g.name for g in s.groups if g.required] for s in domain.shapes},
        "precedence": {source.name: source.precedence for source in domain.sources},
    }
    return hashlib.sha256(json.dumps(law, sort_keys=True).encode()).hexdigest()


def changes(kept: str | None, layout: str | None, domain: Domain) -> list[Change]:
    """What would change in a store described by `kept`, of the format `layout` (both None: an empty one)."""
    if layout not in (None, str(FORMAT)):
        return [Change(f"the store has format {layout}, this is for format {FORMAT}", False, _WAY_OUT)]
    if kept is None:
        return [Change(f"create {shape.name}", True) for shape in domain.shapes]
    before: dict[str, Any] = json.loads(kept)
    found: list[Change] = []
    for shape in domain.shapes:
        old = before.get(shape.name)
        if old is None:
            found.append(Change(f"create {shape.name}", True))
        else:
            found += _entity_changes(shape.name, old, _entity(shape))
    for name in sorted(set(before) - {shape.name for shape in domain.shapes}):
        found.append(Change(f"{name} is no longer declared; its tables are kept", True))
    return found


def added_groups(kept: str | None, shape: EntityShape) -> list[str]:
    """The groups of an entity that the store has no columns for yet."""
    old = json.loads(kept).get(shape.name) if kept else None
    return [] if old is None else [g.name for g in shape.groups if g.name not in old["groups"]]


def _entity(shape: EntityShape) -> dict[str, Any]:
    return {
        "key": [[key.name, neutral_type(key.type)] for key in shape.keys],
        "groups": {
            group.name: {
                "required": group.required,
                "columns": {c.name: [neutral_type(c.type), _bounds(c.type), c.nullable] for c in group.columns},
            }
            for group in shape.groups
        },
    }


def _bounds(type_: ColumnType) -> dict[str, Any]:
    names = ("min_length", "max_length", "pattern", "ge", "gt", "le", "lt")
    bounds: dict[str, Any] = {name: str(value) for name in names if (value := getattr(type_, name)) is not None}
    if type_.choices:
        bounds["choices"] = sorted(map(str, type_.choices))
    return bounds


def _entity_changes(name: str, old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    found: list[Change] = []
    if old["key"] != new["key"]:
        found.append(Change(f"{name}: the key changes from {_key(old['key'])} to {_key(new['key'])}", False, _WAY_OUT))
    for group, today in new["groups"].items():
        if group not in old["groups"]:
            found.append(
                Change(f"{name}: add {group}; no rewrite", True)
                if not today["required"]
                else Change(f"{name}: add {group}, required: records without it become incomplete; no rewrite", True)
            )
            continue
        kept = old["groups"][group]
        for column, (type_, bounds, nullable) in today["columns"].items():
            if column not in kept["columns"]:
                found.append(Change(f"{name}.{group}: the facet gains {column}", False, _WAY_OUT))
                continue
            old_type, old_bounds, old_nullable = kept["columns"][column]
            if old_type != type_:
                found.append(Change(f"{name}.{column}: {_kind(old_type)} becomes {_kind(type_)}", False, _WAY_OUT))
            elif old_nullable and not nullable:
                found.append(Change(f"{name}.{column}: null is no longer allowed", False, _WAY_OUT))
            elif old_bounds != bounds:
                found.append(_bounds_change(f"{name}.{column}", old_bounds, bounds))
        for column in set(kept["columns"]) - set(today["columns"]):
            found.append(Change(f"{name}.{group}: the facet loses {column}", False, _WAY_OUT))
    for group in set(old["groups"]) - set(new["groups"]):
        found.append(Change(f"{name}: {group} is no longer declared; its values are kept, not shown", True))
    return found


def _bounds_change(column: str, old: dict[str, Any], new: dict[str, Any]) -> Change:
    if "choices" in old and "choices" in new and set(old["choices"]) <= set(new["choices"]):
        rest_old = {k: v for k, v in old.items() if k != "choices"}
        rest_new = {k: v for k, v in new.items() if k != "choices"}
        if rest_old == rest_new:
            return Change(f"{column}: allows more values", True)
    if set(new) < set(old) and all(old[name] == new[name] for name in new):
        return Change(f"{column}: a bound is lifted", True)
    differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    return Change(f"{column}: {_said(old, differing)} becomes {_said(new, differing)}", False, _WAY_OUT)


def _key(parts: list[list[str]]) -> str:
    return ", ".join(f"{name} ({_kind(type_)})" for name, type_ in parts)


def _kind(neutral: str) -> str:
    """The type as a declaration would call it; a text may be declared in several ways."""
    return _DECLARED.get(neutral, neutral)


def _said(bounds: dict[str, Any], names: Collection[str]) -> str:
    """Those of the bounds that differ, as they are declared."""
    said = [f"{name}={bounds[name]}" for name in sorted(names) if name in bounds and name != "choices"]
    if "choices" in names and "choices" in bounds:
        said.append(f"one of {', '.join(bounds['choices'])}")
    return " and ".join(said) or "no bound"
