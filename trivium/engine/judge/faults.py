"""What is wrong with records as such, whatever they state: rows of the same columns as the reasons of a route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trivium.engine.judge.route import RoutePlan


def fault(relation: str, where: str, reason: str, *, key: bool) -> str:
    """The rows of a relation for which a condition holds, with one reason. `key`: their keys can be trusted."""
    trusted = "true" if key else "false"
    return (
        f"SELECT _row, _place, [{reason}] AS reasons, {trusted} AS _key, {trusted} AS _scope, "
        f"NULL::BIGINT AS _at, 0 AS _pos FROM {relation} WHERE {where}"
    )


def twice(field: str) -> str:
    """The reason against an object that has a member twice; `field` is SQL of what it is called."""
    return (
        f"reason('duplicate_member', {field}, NULL, "
        "'a member stands twice in its object; leave one of them and send the record again')"
    )


def all_of(faults: Iterable[str]) -> str | None:
    """All of them as one relation; None where there can be none."""
    return "\nUNION ALL\n".join(faults) or None


def document_faults(routes: Sequence[RoutePlan]) -> Iterator[str]:
    """Members that stand twice at any depth of what is kept as JSON. Only what has a comma is looked into."""
    for route in routes:
        for attribute in route.documents:
            where = " AND ".join(["contains(_document, ',')", *route.where])
            tree = f"""(
    SELECT _row, _place, _label FROM (
        SELECT _row, _place, {attribute.label} AS _label, _document
        FROM (SELECT *, {attribute.document} AS _document FROM {route.relation}) WHERE {where}
    ) AS d, json_tree(d._document) AS t
    GROUP BY _row, _place, _label, t.parent, t.key HAVING count(*) > 1 AND t.key IS NOT NULL
)"""
            yield fault(tree, "true", twice("_label"), key=True)
