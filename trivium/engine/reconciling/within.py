"""The condition under which a file should tell a record, as SQL."""

from __future__ import annotations

from collections.abc import Mapping

from trivium.engine.law.statements import quote, text
from trivium.model.calendar import business_date
from trivium.model.entity import EntityShape
from trivium.model.reconcile import CAPTURE
from trivium.model.source import Source


def within_sql(source: Source, shape: EntityShape, captured: Mapping[str, str]) -> str | None:
    """Over the columns of the entity by their names; None where nothing is declared. `captured`: what the name of the
    file gives."""
    reconciling = source.reconciles
    if reconciling is None or reconciling.within is None:
        return None

    def column(path: str) -> str:
        if path.startswith(CAPTURE):
            name = path.removeprefix(CAPTURE)
            if not is_date(source, path):
                return text(captured.get(name, ""))
            day = business_date(captured.get(name, ""))
            return "NULL::DATE" if day is None else f"DATE '{day}'"
        found = shape.column(path)
        assert found is not None, "the declaration was checked"
        return quote(found.name)

    return reconciling.within.sql(column)


def is_date(source: Source, path: str) -> bool:
    """Whether a capture, by its path, is a date: the business date of the cut-off or of the calendar."""
    name = path.removeprefix(CAPTURE)
    return name in (source.cut_off and source.cut_off.column, source.calendar and source.calendar.date)
