"""Records of JSON and the items of their lists as relations: a row for each, its members in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trivium.engine.judge.kinds import ARRAY, NULL, OBJECT
from trivium.engine.judge.members import JsonScope
from trivium.engine.judge.plan import CHUNK


@dataclass(frozen=True, slots=True)
class Items:
    """The list that a route reads: its name, the view of its items, their scope.

    `document` is SQL of its JSON text, `kind` of its kind, `label` of what a person calls an item.
    """

    each: str
    view: str
    scope: JsonScope
    document: str
    kind: str
    label: str


def record_rows(
    record: JsonScope, items: Sequence[Items], beside: Sequence[str], ignore: str | None, weights: Sequence[str]
) -> str:
    """The records. `_ok`: sound in themselves, but for members that may be there twice: see `_names`, as of
    `JsonScope.doubted`. `_weight`: the bytes that their items take along. `_ignored`: not told
    by a condition, which DuckDB would read all members once more for."""
    kept = ["_row", "_place", *beside]
    sound = ["_fault IS NULL"]
    sound += [f"coalesce({item.kind} IN ({ARRAY}, {NULL}), true)" for item in items]
    given = [*kept, "_fault", "_names", *record.names, f"{' AND '.join(sound)} AS _ok"]
    given += [f"{' + '.join(weights) or '0'} AS _weight", f"{ignore or 'false'} AS _ignored"]
    document = "_document"
    return f"""
SELECT {", ".join(given)} FROM (
    SELECT *, {record.doubted(document)} AS _names FROM (
        SELECT * REPLACE (CASE
                WHEN _fault IS NOT NULL THEN _fault
                WHEN ascii({document}) = {OBJECT} OR json_type({document}) = 'OBJECT' THEN NULL
                ELSE coalesce(json_fault(json, true), 'object')
            END AS _fault), {", ".join(record.columns(document))}
        FROM (
            SELECT *, {", ".join(record.extraction(document))} FROM (
                SELECT *, CASE
                    WHEN _fault IS NOT NULL THEN NULL
                    WHEN NOT _care THEN json
                    WHEN json_valid(_quick) THEN _quick
                    ELSE marked_carefully(json)
                END AS {document}
                FROM (
                    SELECT *, CASE WHEN _care AND _fault IS NULL THEN marked_quickly(json) END AS _quick FROM (
                        SELECT *, json_fault(json, _care) AS _fault FROM (
                            SELECT {", ".join(kept)}, json, needs_care(json) AS _care
                            FROM {CHUNK}
                        )
                    )
                )
            )
        )
    )
)"""


def item_rows(items: Items, relation: str, outer: Sequence[str]) -> str:
    """The items of the list, each with the columns `outer` of its record. `_ok`, `_names`: as of records."""
    inner, kept = items.scope, ["_row", "_place", *outer]
    given = [*kept, "_pos", "_item_fault", "_names", *inner.names]
    return f"""
SELECT {", ".join(given)}, _item_fault IS NULL AS _ok, false AS _ignored FROM (
    SELECT *, {inner.doubted("_item")} AS _names FROM (
        SELECT *, CASE WHEN ascii(_item::VARCHAR) = {OBJECT} THEN NULL ELSE 'object' END AS _item_fault,
            {", ".join(inner.columns("_item"))}
        FROM (
            SELECT *, {", ".join(inner.extraction("_item"))} FROM (
                SELECT {", ".join(kept)}, unnest(_list) AS _item, generate_subscripts(_list, 1) - 1 AS _pos FROM (
                    SELECT *, CASE WHEN {items.kind} = {ARRAY} THEN from_json({items.document}, '["JSON"]') END AS _list
                    FROM {relation}
                )
            )
        )
    )
)"""


def weight(items: Items, outer: Sequence[str]) -> str:
    """SQL of the bytes that the items of a record take along of it: each has its columns `outer`."""
    bytes_ = " + ".join(f"coalesce(strlen({name}), 0)" for name in outer if name[2] != "t")
    return f"coalesce(json_array_length({items.document}) * ({bytes_ or '0'}), 0)::BIGINT"
