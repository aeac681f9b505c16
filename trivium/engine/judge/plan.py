"""The plan of a source: everything that is run over one chunk of its records, made once for a header."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from trivium.engine.judge.route import RoutePlan
from trivium.engine.law.statements import quote

CHUNK: Final = "chunk"
"""The raw records: `_row` (from 0), `_place`, and either the cells `c0`, `c1` … or the text `json`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That each record is complete for these parts of the key. `plan` gives them, as statements of keys alone."""

    parts: tuple[str, ...]
    plan: RoutePlan


@dataclass(frozen=True)
class Plan:
    """`relation` has the records that are not ignored: `made`, if that is not None, is SQL that makes it of the chunk,
    and `counts` is run when it is made. Where it has a column `_ok`, that says which records are sound in themselves.

    `views` are relations, by name, that are never made by themselves: routes read them in place, and where that is
    `relation`, the one route gives a row for each record. `faults`: rows `_row`, `_place`, `_pos`, `reasons`, `_key`,
    `_scope`, `_at` for records that are bad in themselves, whatever they state; None where there can be none. `checks`
    are those of which neither `relation` nor a route tells; `deep` those that only rows can have of which a route gives
    `_look`, or where `strict` is set, those with `_names`. `unread` are the columns of the header that nothing reads,
    `absent` those that optional attributes would be read from and the header has not. `totals` is as of `totals_sql`.
    """

    relation: str
    routes: tuple[RoutePlan, ...]
    claims: tuple[Claim, ...] = ()
    made: str | None = None
    counts: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()
    faults: str | None = None
    checks: str | None = None
    deep: str | None = None
    strict: bool = False
    unread: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    totals: str | None = None

    @property
    def shown(self) -> str:
        """What everything is read from: `relation` if it is made, else the chunk."""
        return CHUNK if self.made is None else self.relation

    @property
    def stated(self) -> tuple[RoutePlan, ...]:
        """Whatever says something of a record."""
        return (*self.routes, *(claim.plan for claim in self.claims))

    @cached_property
    def statements(self) -> tuple[str, ...]:
        """The statements of `stated`, in its order."""
        return tuple(said.statements() for said in self.stated)

    def failing(self, faults: str) -> str:
        """Rows `_row`, `_ok` for what has some of the faults."""
        return self.over_views(f"SELECT _row, false AS _ok FROM ({faults})")

    @cached_property
    def reasons(self) -> str:
        """Every reason there is: of records in themselves, and `RoutePlan.reasons` of what is stated, by `_nth`, from
        0."""
        found = [f"SELECT {n} AS _nth, * FROM ({said.reasons()})" for n, said in enumerate(self.stated)]
        found += [f"SELECT -1 AS _nth, * FROM ({faults})" for faults in (self.faults, self.checks, self.deep) if faults]
        return " UNION ALL BY NAME ".join(found)

    @cached_property
    def mentions(self) -> dict[str, str]:
        """By entity, the keys of what records state of it that could be read, with `_place`; not those of records that
        are bad in themselves so that no key in them can be trusted."""
        faults = [faults for faults in (self.faults, self.checks, self.deep) if faults]
        doubted = " UNION ALL ".join(f"SELECT _row FROM ({faults}) WHERE NOT _key" for faults in faults)
        trusted = f" AND _row NOT IN ({doubted})" if doubted else ""
        found: dict[str, str] = {}
        for shape in {route.shape.name: route.shape for route in self.routes}.values():
            columns = ", ".join(quote(key.name) for key in shape.keys)
            said = [route.reasons() for route in self.routes if route.shape.name == shape.name]
            read = " UNION ALL ".join(f"SELECT {columns}, _row, _place, _key FROM ({rows})" for rows in said)
            found[shape.name] = self.over_views(
                f"SELECT DISTINCT {columns}, _place FROM ({read}) WHERE _key{trusted} ORDER BY _place, {columns}"
            )
        return found

    def over_views(self, sql: str) -> str:
        """A query that reads views by name."""
        views = ", ".join(f"{name} AS ({view})" for name, view in self.views)
        return f"WITH {views} {sql}" if views else sql
