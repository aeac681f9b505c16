"""With which other source a file is compared when it has come, and how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from trivium.errors import DeclarationError
from trivium.model.entity import Column, EntityShape
from trivium.model.expressions import Expression, parse
from trivium.model.files import FilePattern
from trivium.model.keywords import checked

CAPTURE: Final = "file."
"""In `within`, what the file's name gives is written so: an attribute may have the same name."""

_SUMMED: Final = ("int", "decimal")


@checked
@dataclass(frozen=True, slots=True)
class Reconcile:
    """The other source, `within` which of its records a file should tell, and `totals` to sum on both sides.

    `within`: a condition over the entity's attributes and the captures of the file's name, as
    `business_date = file.business_date`; the business date is a date, other captures are texts. Without it, what a file
    asserts bounds it, else it should tell all of them. `totals`: attributes, such as `total.amount`.
    """

    source: str
    within: str | None = None
    totals: str | Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Reconciling:
    """A `Reconcile`, checked as far as its own source goes; `check_reconciling` does the rest."""

    source: str
    within: Expression | None
    totals: tuple[str, ...]

    def totals_of(self, shape: EntityShape) -> list[Column]:
        """The columns of an entity that are summed."""
        columns = [shape.column(path) for path in self.totals]
        return [column for column in columns if column is not None and column.type.kind in _SUMMED]


def reconciling_of(given: Any, pattern: FilePattern | None, where: str) -> Reconciling | None:
    """What a source reconciles; refused where it makes no sense, with the cure."""
    if given is None:
        return None
    declared = Reconcile(given) if isinstance(given, str) else given
    if not isinstance(declared, Reconcile):
        cure = "the name of a source, or Reconcile('oms-events', …)"
        raise DeclarationError(where, f"reconciles={given!r}", cure=cure)
    within = None if declared.within is None else parse(declared.within, f"{where}, within", exact=False)
    captures = pattern.captures if pattern else ()
    for name in within.columns if within else ():
        if name.startswith(CAPTURE) and name.removeprefix(CAPTURE) not in captures:
            cure = f"captures: {', '.join(captures) or 'none'}"
            raise DeclarationError(
                f"{where}, within", f"reads {name!r}, which the file's name does not give", cure=cure
            )
    totals = (declared.totals,) if isinstance(declared.totals, str) else tuple(declared.totals)
    return Reconciling(declared.source, within, totals)


def check_reconciling(
    reconciling: Reconciling, shapes: Sequence[EntityShape], others: Sequence[EntityShape], where: str
) -> None:
    """Raises DeclarationError where what a source states (`shapes`) and what the other one does cannot be compared."""
    names = {shape.name for shape in others}
    shared = [shape for shape in shapes if shape.name in names]
    if not shared:
        told = f"reconciles {reconciling.source!r}, which states none of its entities"
        cure = f"it states {', '.join(sorted(names))}; this one {', '.join(sorted({s.name for s in shapes}))}"
        raise DeclarationError(where, told, cure=cure)
    for path in reconciling.totals:
        if not any(column.path == path or column.name == path for s in shared for column in reconciling.totals_of(s)):
            numbers = [c.path for s in shared for c in (*s.keys, *s.columns) if c.type.kind in _SUMMED]
            cure = f"exact numbers: {', '.join(dict.fromkeys(numbers)) or 'none'}"
            raise DeclarationError(f"{where}, totals", f"sums {path!r}", cure=cure)
    for name in reconciling.within.columns if reconciling.within else ():
        for shape in shared:
            if not name.startswith(CAPTURE) and shape.column(name) is None:
                known = ", ".join(column.path for column in (*shape.keys, *shape.columns))
                told = f"reads {name!r}, which {shape.name} has not"
                raise DeclarationError(f"{where}, within", told, cure=f"{known}; or file.… for what the name gives")
